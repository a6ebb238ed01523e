"""``zerodesk mail``: what people's mail programs do."""

from __future__ import annotations

import smtplib
from email import policy
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from pathlib import Path
from typing import Any, NamedTuple

import click

from infra.cli.failure import Refused, Unreachable
from infra.cli.output import say, show, table, waiting
from infra.cli.program import Topic

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Envelope(NamedTuple):
    """Who an SMTP conversation says a message is from and for (RFC 5321)."""

    sender: str
    recipients: list[str]


@click.group(cls=Topic)
def mail() -> None:
    """Send mail to the desk, and read what it sent."""


@mail.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--to", "recipients", multiple=True, help="Envelope recipient instead of To and Cc.")
@click.option("--from", "sender", help="Envelope sender instead of Return-Path or From.")
def send(files: tuple[Path, ...], recipients: tuple[str, ...], sender: str | None) -> None:
    """Send each FILE (.eml) over SMTP; its bytes go out as they are."""
    from infra.cli.endpoints import here

    host, _, port = here().smtp.rpartition(":")
    results = []
    with waiting("Sending mail") as step, _conversation(host, int(port)) as smtp:
        for number, file in enumerate(files, start=1):
            step(f"Sending mail {number} of {len(files)}")
            raw = file.read_bytes()
            envelope = _envelope(raw, sender, recipients)
            results.append({"file": str(file), **_hand_over(smtp, raw, envelope)})
    bad = [result for result in results if not result["accepted"]]
    if bad and len(files) == 1:
        raise Refused(f"{files[0].name} was not accepted: {bad[0]['answer']}", results=results)
    show(results, _print_results)
    if bad:
        raise click.exceptions.Exit(1)


@mail.command("list")
@click.option("--limit", default=50, show_default=True, help="How many, the latest first.")
def list_mail(limit: int) -> None:
    """List the mails that the platform sent."""
    from infra.cli.api import Api
    from infra.cli.endpoints import here

    answer = Api(here().mail).call("GET")
    items = answer if isinstance(answer, list) else answer.get("items", [])
    shown = sorted(items, key=lambda item: str(item.get("at", "")), reverse=True)[:limit]
    show(shown, _print_mails)


def _conversation(host: str, port: int) -> smtplib.SMTP:
    try:
        return smtplib.SMTP(host, port, timeout=35)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(
            f"No mail server answers at {host}:{port}; start the platform with `zerodesk up`."
        ) from error


def _hand_over(smtp: smtplib.SMTP, raw: bytes, envelope: Envelope) -> dict[str, Any]:
    if not envelope.recipients:
        return {"accepted": False, "answer": "nobody to send it to; give --to", "to": []}
    smtp.ehlo_or_helo_if_needed()
    wanted = (("8bitmime", "BODY=8BITMIME"), ("smtputf8", "SMTPUTF8"))
    options = [word for extension, word in wanted if smtp.has_extn(extension)]
    try:
        missed = smtp.sendmail(envelope.sender, envelope.recipients, raw, mail_options=options)
    except smtplib.SMTPRecipientsRefused as error:
        missed = error.recipients
    except smtplib.SMTPResponseException as error:
        answer = f"{error.smtp_code} {_words(error.smtp_error)}"
        return {"accepted": False, "answer": answer, "to": envelope.recipients}
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"The mail server hung up: {error}") from error
    taken = [address for address in envelope.recipients if address not in missed]
    refusals = [f"{who}: {code} {_words(text)}" for who, (code, text) in missed.items()]
    return {"accepted": bool(taken), "answer": "; ".join(refusals) or "accepted", "to": taken}


def _envelope(raw: bytes, sender: str | None, recipients: tuple[str, ...]) -> Envelope:
    """Return the envelope a mail program would use for a message."""
    # The old policy keeps broken headers as they are instead of failing over them.
    headers = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)

    def addresses(*names: str) -> list[str]:
        values = [str(value) for name in names for value in headers.get_all(name, [])]
        return [address for _, address in getaddresses(values) if "@" in address]

    if sender is None:
        # An empty return path marks an answer of a program that nobody may answer.
        path = str(headers.get("Return-Path", "")).strip()
        given = addresses("Return-Path", "From", "Sender")
        sender = "" if path == "<>" or not given else given[0]
    wanted = list(recipients) or addresses("To", "Cc", "Bcc")
    return Envelope(sender, list(dict.fromkeys(wanted)))


def _words(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text


def _print_results(results: list[dict[str, Any]]) -> None:
    for result in results:
        say(f"{result['file']}: {result['answer']}")


def _print_mails(items: list[dict[str, Any]]) -> None:
    rows = [{**item, "to": _joined(item.get("to"))} for item in items]
    table(rows, {"at": "sent", "to": "to", "subject": "subject"})


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
