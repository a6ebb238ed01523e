"""A mail as intake understands it. Reading one never fails; what is wrong with it is a flaw."""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple

from events.intake import Attachment
from services.intake.domain import folding, language, mime
from services.intake.domain.headers import LONGEST_ID, Headers, Mailbox, message_ids
from services.intake.domain.trace import MOST_RECIPIENTS, Trace

MOST_TEXT = 20_000
LONGEST_SUBJECT = 250
MOST_REFERENCES = 20
HEAD_BYTES = 256_000
NO_SENDER = "no sender that could be answered"

_NUMBER = re.compile(r"\[#?((?:INC|REQ|PRB|CHG)-\d{6,12})\]", re.IGNORECASE)
_REPLY = re.compile(r"\s*(re|aw|antw|sv|回复|答复|回覆)\s*[:：]", re.IGNORECASE)


class Mail(NamedTuple):
    """One message. ``flaw`` says why it cannot be taken in, and is None if it can."""

    headers: Headers
    root: Message
    sender: Mailbox
    subject: str = ""
    text: str = ""
    truncated: bool = False
    attachments: list[Attachment] = []
    flaw: str | None = None

    @property
    def trace(self) -> Trace:
        """What the receiving server wrote."""
        return Trace(self.headers)

    @property
    def message_id(self) -> str:
        """The message's own id without brackets, empty if it has none."""
        return next(iter(message_ids(self.headers.raw("message-id"))), "")[:LONGEST_ID]

    @property
    def references(self) -> list[str]:
        """The ids of the messages it answers, the nearest first."""
        nearest = message_ids(" ".join(self.headers.all("in-reply-to")))
        older = message_ids(" ".join(self.headers.all("references")))[::-1]
        return list(dict.fromkeys([*nearest, *older]))[:MOST_REFERENCES]

    @property
    def addressees(self) -> list[str]:
        """Whom the sender addressed: To, then Cc."""
        return [box.address for box in self.headers.mailboxes("to", "cc")][: 2 * MOST_RECIPIENTS]

    @property
    def number_hint(self) -> str | None:
        """The ticket number in the subject, which proves nothing."""
        found = _NUMBER.search(self.subject)
        return found[1].upper() if found else None

    @property
    def language(self) -> str:
        """The language it seems to be written in."""
        return language.guess(self.text or self.subject)


def read(raw: bytes, *, whole: bool = True) -> Mail:
    """Return a mail as far as it can be understood.

    ``whole`` is false when ``raw`` is only the beginning of a message that is too large.
    """
    if not whole:
        return _head_only(raw, f"larger than {mime.MOST_BYTES // 1_000_000} MB")
    try:
        return _read(raw)
    except mime.TooComplex as error:
        return _head_only(raw, str(error))
    except Exception as error:  # (a mail must never stop the mailbox, whatever is in it)
        return _head_only(raw, f"cannot be read ({type(error).__name__})")


def _read(raw: bytes) -> Mail:
    root = mime.parse(raw)
    headers = mime.header_fields(root)
    sender = _sender(headers)
    subject = headers.text("subject")[:LONGEST_SUBJECT]
    full = mime.text_of(root)
    text = full[:MOST_TEXT]
    if _is_reply(headers, subject):
        text = folding.newest(text)
    # Folding cut the end away: then nothing that the sender wrote is missing.
    truncated = len(full) > MOST_TEXT and full[:MOST_TEXT].rstrip().endswith(text.rstrip()[-40:])
    attachments = mime.attachments_of(root)
    flaw = None
    if not sender.address:
        flaw = NO_SENDER
    elif not (text or subject or attachments):
        flaw = "neither a subject nor text nor files"
    return Mail(headers, root, sender, subject, text, truncated, attachments, flaw)


def _head_only(raw: bytes, flaw: str) -> Mail:
    """Return what the header says of a mail that cannot be taken apart, if even that is legible."""
    try:
        root = BytesHeaderParser().parsebytes(raw[:HEAD_BYTES])
        headers = Headers(mime.header_fields(root).fields[: mime.MOST_FIELDS])
        subject = headers.text("subject")[:LONGEST_SUBJECT]
        return Mail(headers, root, _sender(headers), subject, flaw=flaw)
    except Exception:  # (the last resort of the same promise)
        return Mail(Headers([]), Message(), Mailbox("", ""), flaw=flaw)


def _sender(headers: Headers) -> Mailbox:
    boxes = headers.mailboxes("from") or headers.mailboxes("sender") or [Mailbox("", "")]
    return Mailbox(boxes[0].name[:200], boxes[0].address)


def _is_reply(headers: Headers, subject: str) -> bool:
    answers = headers.has("in-reply-to") or headers.has("references")
    return answers or bool(_REPLY.match(subject))
