"""``zerodesk doctor``: looks at everything the platform needs, and says how to mend it."""

from __future__ import annotations

import shutil
import smtplib
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click

from infra.cli.endpoints import Endpoints, here, home
from infra.cli.failure import NOT_RUNNING, REFUSED, Failure, Unreachable
from infra.cli.output import plain, show, waiting
from infra.cli.program import Command

ENOUGH_DISK = 1_000_000_000
OLDEST_PYTHON = (3, 11)
UP = "zerodesk up"


class Finding(NamedTuple):
    """One thing that was looked at; ``problem`` is empty when it is well."""

    name: str
    problem: str = ""
    remedy: str = ""


@click.command(cls=Command)
def doctor() -> None:
    """Check this machine and the platform on it; each trouble comes with its remedy."""
    with waiting("Looking") as step:
        findings = list(_look(step))
    show([_told(finding) for finding in findings], _print)
    troubled = [finding for finding in findings if finding.problem]
    if any(finding.remedy == UP for finding in troubled):
        raise click.exceptions.Exit(NOT_RUNNING)
    if troubled:
        raise click.exceptions.Exit(REFUSED)


def _look(step: Callable[[str], None]) -> Iterator[Finding]:
    yield _python()
    yield _disk()
    try:
        places = here()
    except Unreachable as error:
        yield _default_port()
        yield Finding("platform", error.message, UP)
        return
    for name, check in CHECKS.items():
        step(f"Looking at {name}")
        try:
            problem, remedy = check(places) or ("", "")
        except Failure as error:
            problem, remedy = (
                error.message,
                UP if isinstance(error, Unreachable) else "zerodesk logs",
            )
        except Exception as error:
            problem, remedy = f"{type(error).__name__}: {error}", "zerodesk logs"
        yield Finding(name, problem, remedy)


Trouble = tuple[str, str] | None


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Finding(
            "Python", f"this is {version}", "install Python 3.11 or newer, make clean up"
        )
    return Finding("Python")


def _disk() -> Finding:
    place = home() if home().exists() else Path.cwd()
    free = shutil.disk_usage(place).free
    if free < ENOUGH_DISK:
        return Finding("disk", f"{free // 1_000_000} MB are free", "free at least 1 GB")
    return Finding("disk")


def _default_port() -> Finding:
    from infra.local.launcher import PORT
    from infra.local.places import is_free

    if is_free(PORT):
        return Finding("ports")
    return Finding("ports", f"port {PORT} is in use", "choose another one: zerodesk up --port 8081")


def _ports(places: Endpoints) -> Trouble:
    doors = {"web": places.web, "aws": places.aws, "smtp": f"smtp://{places.smtp}"}
    for name, url in doors.items():
        address = urlsplit(url)
        try:
            socket.create_connection((address.hostname, address.port or 80), timeout=3).close()
        except OSError:
            return f"nobody listens at {address.netloc} ({name})", UP
    return None


def _emulator(places: Endpoints) -> Trouble:
    from infra.cli.api import Api

    Api(places.aws).call("GET", "/_ministack/ready")
    return None


def _dead_letters(places: Endpoints) -> Trouble:
    from infra.local.aws import client

    sqs = client("sqs", places.aws)
    urls = sqs.list_queues().get("QueueUrls", [])
    names = ["QueueArn", "RedrivePolicy", "ApproximateNumberOfMessages"]
    queues = [_attributes(sqs, url, names) for url in urls]
    # A dead-letter queue is called so, or others name it in their redrive policy.
    policies = " ".join(queue.get("RedrivePolicy", "") for queue in queues)
    found = []
    for queue in queues:
        arn, count = queue["QueueArn"], int(queue.get("ApproximateNumberOfMessages", 0))
        if count and ("DeadLetters" in arn or arn in policies):
            found.append(f"{arn.rpartition(':')[2]} {count}")
    if not found:
        return None
    return f"given up messages: {', '.join(found)}", "read why in `zerodesk logs`"


def _attributes(sqs: Any, url: str, names: list[str]) -> dict[str, str]:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
    attributes: dict[str, str] = answer["Attributes"]
    return attributes


def _mailboxes(places: Endpoints) -> Trouble:
    host, _, port = places.smtp.rpartition(":")
    wanted = [places.mailbox, *([places.neighbour.mailbox] if places.neighbour else [])]
    try:
        with smtplib.SMTP(host, int(port), timeout=5) as smtp:
            smtp.ehlo()
            smtp.mail("doctor@zerodesk.example")
            for mailbox in filter(None, wanted):
                code, text = smtp.rcpt(mailbox)
                if code >= 300:
                    reason = text.decode(errors="replace")
                    return f"{mailbox} takes no mail ({code} {reason})", "zerodesk up --fresh"
            smtp.rset()
    except (OSError, smtplib.SMTPException) as error:
        return f"the mail server does not answer ({error})", UP
    return None


def _identities(places: Endpoints) -> Trouble:
    from infra.local.aws import client

    ses = client("ses", places.aws)
    known = ses.list_identities().get("Identities", [])
    answer = ses.get_identity_verification_attributes(Identities=known)
    states = answer.get("VerificationAttributes", {})
    good = {name for name in known if states.get(name, {}).get("VerificationStatus") == "Success"}
    domain = places.mailbox.rpartition("@")[2]
    if domain in good or places.mailbox in good:
        return None
    return f"SES may not send as {domain}", "restart with `zerodesk down` and `zerodesk up`"


def _signing_key(places: Endpoints) -> Trouble:
    from infra.local.aws import client

    pages = client("lambda", places.aws).get_paginator("list_functions").paginate()
    functions = [function for page in pages for function in page["Functions"]]
    settings = [f.get("Environment", {}).get("Variables", {}) for f in functions]
    keys = {s["ZERODESK_SIGNING_KEY"] for s in settings if "ZERODESK_SIGNING_KEY" in s}
    if len(keys) == 1 and all(len(key) >= 32 and not key.startswith("{{") for key in keys):
        return None
    found = "no function has one" if not keys else "the functions disagree, or it is too short"
    return found, "zerodesk up --fresh"


def _sign_in(places: Endpoints) -> Trouble:
    from infra.cli.api import Api
    from infra.cli.signin import access_token, who

    token = access_token(places, who(places, None))["AccessToken"]
    me = Api(places.api, token).call("GET", "/me")
    if me.get("tenant") != places.tenant:
        return f"the first agent belongs to {me.get('tenant')}", "zerodesk up --fresh"
    return None


CHECKS: dict[str, Callable[[Endpoints], Trouble]] = {
    "ports": _ports,
    "emulator": _emulator,
    "dead letters": _dead_letters,
    "mailboxes": _mailboxes,
    "SES identities": _identities,
    "signing key": _signing_key,
    "sign-in": _sign_in,
}


def _told(finding: Finding) -> dict[str, Any]:
    return {"ok": not finding.problem, **finding._asdict()}


def _print(findings: list[dict[str, Any]]) -> None:
    for finding in findings:
        if finding["ok"]:
            click.echo(f"ok       {finding['name']}")
        else:
            click.echo(plain(f"trouble  {finding['name']}: {finding['problem']}"))
            click.echo(plain(f"         remedy: {finding['remedy']}"))
