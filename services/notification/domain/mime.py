"""A letter as an Internet message (RFC 5322, 2045-2047, 3834): seven bits, no surprises.

No Message-ID is written: Amazon SES puts its own in place of any other.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from services.notification.domain.letter import Letter, one_line

# What SES takes: no quoted local parts, no address literals, seven bits.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}"
)


class Unmailable(ValueError):
    """No mail can be sent to such an address."""


class Envelope(NamedTuple):
    """How a letter travels."""

    sender_name: str
    sender: str
    recipient: str
    reply_to: str
    # Ids of the messages before it, oldest first, without angle brackets.
    references: list[str]
    date: datetime
    # An answer to a message, as opposed to news about a ticket (RFC 3834, 5).
    reply: bool = False


def deliverable(address: str) -> str:
    """Return an address as it is written in a message; raises ``Unmailable``."""
    local, _, domain = address.rpartition("@")
    try:
        written = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise Unmailable("The domain cannot be written in ASCII.") from error
    if not _ADDRESS.fullmatch(written):
        raise Unmailable("The provider does not take such an address.")
    return written


def message(letter: Letter, envelope: Envelope) -> bytes:
    """Return the message."""
    # Loaded here: a consumer that has nothing to send should not wait for it.
    from email import policy
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText
    from email.utils import format_datetime

    def part(text: str, subtype: str) -> MIMEText:
        # Chosen by length: quoted-printable stays readable, base 64 is shorter for Chinese.
        charset = _quoted() if len(text.encode()) < len(text) * 1.2 else "utf-8"
        return MIMEText(text, subtype, charset)  # type: ignore[arg-type]

    mail = MIMEMultipart("alternative")
    mail["Date"] = format_datetime(envelope.date)
    mail["From"] = f"{_display_name(envelope.sender_name)} <{envelope.sender}>"
    mail["To"] = envelope.recipient
    mail["Reply-To"] = envelope.reply_to
    mail["Subject"] = _phrase(letter.subject, "Subject")
    if envelope.references:
        mail["In-Reply-To"] = f"<{envelope.references[-1]}>"
        mail["References"] = "\n ".join(f"<{one}>" for one in envelope.references)
    mail["Auto-Submitted"] = "auto-replied" if envelope.reply else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = letter.language
    mail.attach(part(letter.text, "plain"))
    mail.attach(part(letter.html, "html"))
    # Headers are folded above where they must be; some readers dislike "Reply-To:" on its own line.
    written = policy.compat32.clone(linesep="\r\n", mangle_from_=False, max_line_length=None)
    return mail.as_bytes(policy=written)


def _phrase(text: str, header: str) -> str:
    """Return text for a header, encoded (RFC 2047) unless it is ASCII.

    What looks encoded already is encoded too: it must arrive as it is, not decoded.
    """
    from email.header import Header

    if text.isascii() and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name=header).encode()


def _display_name(name: str) -> str:
    phrase = _phrase(one_line(name, 60), "From")
    if phrase.startswith("=?"):
        return phrase
    return '"{}"'.format(phrase.replace("\\", "\\\\").replace('"', '\\"'))


def _quoted() -> object:
    from email.charset import QP, Charset

    charset = Charset("utf-8")
    charset.body_encoding = QP
    return charset
