"""What intake keeps."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from events.fact import Fact, Moment

# Stands for the organisation of a mail that is for nobody we know; no tenant can be called so.
NOBODY = "-"


class Receipt(Struct, frozen=True, kw_only=True):
    """An arrived mail that had its effect; it never has a second one."""

    at: Moment
    tenants: list[str]
    outcome: str


class Quarantined(Struct, frozen=True, kw_only=True):
    """A mail that waits for a person's look, and where its raw source lies."""

    receipt_id: str
    reason: str
    sender: str
    subject: str
    source: str
    at: Moment


class KnownMail(Struct, frozen=True, kw_only=True):
    """A message id that belongs to a ticket, and who may refer to it."""

    ticket_id: str
    participants: list[str]
    # Sent by us; seen as an incoming message's own id it is an echo.
    ours: bool


class Home(Struct, frozen=True, kw_only=True):
    """Whose a mailbox is, and when we were told."""

    tenant: str
    told_at: Moment


class Residents(Struct, frozen=True):
    """Whose reply addresses a mail domain has."""

    tenants: list[str]


class Hook(Struct, frozen=True, kw_only=True):
    """A webhook: whose, from which product, and the secret its requests must prove."""

    tenant: str
    source: str
    secret: str
    made_at: Moment


class Answered(Struct, frozen=True, kw_only=True):
    """What was answered to a request with an idempotency key, and until when that holds."""

    body_hash: str
    ids: list[str]
    until: Moment


class Homes(NamedTuple):
    """Whose some addresses are: tenant by mailbox, tenants by domain."""

    mailboxes: dict[str, str]
    domains: dict[str, list[str]]


class Arrival(NamedTuple):
    """A raw mail from the bucket; ``whole`` is false if only its beginning was read."""

    receipt_id: str
    source: str
    raw: bytes
    whole: bool


class Effect(NamedTuple):
    """What a mail means to one organisation: facts, or a reason to quarantine it."""

    tenant: str
    facts: list[Fact]
    quarantined: Quarantined | None = None
    # What another delivery of the same message would have, too (see ``twin_of``).
    twin: str | None = None
