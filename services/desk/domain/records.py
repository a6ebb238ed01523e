"""What is kept beside tickets, and what one change saves together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from events.fact import Fact, Moment
from services.desk.domain.ticket import Ticket


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Which ticket an alert's fingerprint led to, and when it was last told to be over."""

    fingerprint: str
    ticket_id: str
    version: int
    cleared_at: Moment | None = None


class Once(NamedTuple):
    """A request that must have its effect once: who sent it under which key, and what it was."""

    person: str
    key: str
    fingerprint: str


class Remembered(msgspec.Struct, frozen=True):
    """What a request with an idempotency key was, and what it was answered."""

    fingerprint: str
    answer: msgspec.Raw


class Saving(NamedTuple):
    """Everything of one change, saved together or not at all.

    ``before`` is the head the change was decided on (None: the ticket is new).
    """

    ticket: Ticket
    facts: Sequence[Fact]
    before: Ticket | None = None
    alert: Alert | None = None
    once: Once | None = None
    answer: object = None


class TicketPage(NamedTuple):
    """One page of heads and the position after it."""

    tickets: list[Ticket]
    position: dict[str, str] | None
