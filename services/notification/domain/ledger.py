"""The send ledger: SES takes the same mail twice without a word, so we remember what was sent.

A mail is claimed, sent, and marked sent together with the fact that says so. Who finds a claim
whose time is not up waits; a claim whose time is up belongs to somebody who died between claim
and mark, and is sent again: the reader gets that one mail twice rather than not at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from msgspec import Struct

# Longer than a function may run (30 s), shorter than a message stays hidden (60 s).
LEASE = timedelta(seconds=45)
# A fact that comes later than this is news to nobody; the ledger remembers longer than that.
NEWS_FOR = timedelta(days=14)
REMEMBERED_FOR = timedelta(days=30)


class Sending(NamedTuple):
    """One mail: what it is about, in which words, to whom."""

    tenant: str
    fact_id: str
    template: str
    recipient: str


class Entry(Struct, frozen=True, omit_defaults=True):
    """How far a mail got; ``until`` is when its claim ends."""

    state: Literal["claimed", "sent", "failed"]
    until: datetime
    message_id: str = ""


class Claim(NamedTuple):
    """The right to send one mail now; ``version`` is the ledger row that gives it."""

    sending: Sending
    version: int


class BeingSent(Exception):
    """Somebody else is sending this mail right now, or died trying; come back later."""


class Refused(Exception):
    """The provider will never take this mail; the message says why."""


class NotTaken(Exception):
    """The provider did not take the mail this time, and surely did not send it."""
