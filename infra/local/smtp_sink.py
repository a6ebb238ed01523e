"""Mail out: keeps what the emulator's SES sends, for people and checks to read."""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

_logger = logging.getLogger(__name__)


class Outbox:
    """The mails that went out, oldest first; they survive restarts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._mails = [mail for file in sorted(folder.glob("*.json")) if (mail := _read(file))]
        numbers = [int(file.stem) for file in folder.glob("*.eml") if file.stem.isdigit()]
        self._next = max(numbers, default=0) + 1

    def keep(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Keep one mail. The envelope is written last, so a half-kept mail is none."""
        number = f"{self._next:08d}"
        self._next += 1
        envelope = {
            "id": number,
            "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
            "envelope": {"from": sender, "to": recipients},
        }
        (self._folder / f"{number}.eml").write_bytes(raw)
        fresh = self._folder / f"{number}.new"
        fresh.write_text(json.dumps(envelope), encoding="utf-8")
        fresh.rename(fresh.with_suffix(".json"))
        self._mails.append(envelope | understood(raw))

    def mails(self, *, to: str = "", after: str = "") -> Iterator[dict[str, Any]]:
        """Yield the mails to an address (all without one) that came after the mail with an id."""
        wanted = to.strip().lower()
        for mail in self._mails:
            reached = [address.lower() for address in mail["envelope"]["to"]]
            if mail["id"] > after and (not wanted or wanted in reached):
                yield mail

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail over SMTP (an aiosmtpd handler)."""
        try:
            self.keep(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content)
        except OSError:
            _logger.exception("sent mail could not be kept")
            return "451 4.3.0 Not kept"
        return "250 2.0.0 OK"


def understood(raw: bytes) -> dict[str, Any]:
    """Return the readable parts of a mail; of a broken one those that can be read."""
    message: EmailMessage = message_from_bytes(raw, policy=policy.default)
    headers: dict[str, str] = {}
    for name in message:
        headers.setdefault(name, _header(message, name))
    named = {name.lower(): value for name, value in headers.items()}
    return {
        "from": named.get("from", ""),
        "to": named.get("to", ""),
        "subject": named.get("subject", ""),
        "headers": headers,
        "text": _body(message, "plain"),
        "html": _body(message, "html"),
        "raw": raw.decode("utf-8", "replace"),
    }


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message[name])
    except Exception:
        # The library's parsers stumble over some broken fields in many ways.
        return ""


def _body(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""
    except Exception:
        return ""


def _read(file: Path) -> dict[str, Any] | None:
    try:
        envelope = json.loads(file.read_text(encoding="utf-8"))
        known: dict[str, Any] = envelope | understood(file.with_suffix(".eml").read_bytes())
    except (OSError, ValueError):
        return None
    return known
