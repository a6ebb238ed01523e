"""Facts published by intake."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from events.fact import Fact, Moment, fact
from events.vocabulary import Address, Key, Language, MailReference, Severity, TicketId


class Attachment(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that came with a message; its bytes stay in the kept raw message."""

    filename: str
    type: str
    size: int


@fact(owner="intake")
class MessageReceived(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A person's (or an automatic) mail was accepted and understood."""

    mail: MailReference
    sender: Address
    subject: str
    # What the person wrote this time, quoted history folded away.
    text: str
    sender_name: str = ""
    to: list[Address] = []
    cc: list[Address] = []
    language: Language = "en"
    # The ticket that the message continues, proven by reply token or known message id.
    ticket_id: TicketId | None = None
    # Why it was threaded there: token, reference, subject.
    threaded_by: Literal["token", "reference", "subject"] | None = None
    # A ticket number in the subject that the desk may thread by if the sender takes part in it.
    number_hint: str | None = None
    # Sent by a program: no acknowledgement may go out, and it moves nothing.
    automatic: bool = False
    attachments: list[Attachment] = []
    truncated: bool = False


@fact(owner="intake")
class MailBounced(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A mail of ours could not be delivered (RFC 3464)."""

    mail: MailReference
    recipient: Address
    permanent: bool
    status: str = ""
    ticket_id: TicketId | None = None


@fact(owner="intake")
class MailQuarantined(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A mail was parked with its raw source, and why."""

    receipt_id: str
    reason: str
    sender: str = ""
    subject: str = ""


@fact(owner="intake")
class AlertFired(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A monitoring product says that something is wrong (again)."""

    fingerprint: str
    source: Key
    title: str
    severity: Severity
    occurred_at: Moment
    text: str = ""
    resource: str = ""
    service: str = ""
    labels: dict[str, str] = {}
    url: str = ""


@fact(owner="intake")
class AlertCleared(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A monitoring product says that what was wrong is over."""

    fingerprint: str
    source: Key
    title: str
    occurred_at: Moment
    text: str = ""
