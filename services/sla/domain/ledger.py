"""What is kept of a ticket, and what people are told when its clocks are looked at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from events.fact import Fact, Moment
from events.sla import ClockBreached, ClocksChanged, ClockWarned
from events.vocabulary import Clock, ClockName, TicketSummary
from services.sla.domain.clocks import BREACH, level, reckon
from services.sla.domain.notes import Note, merged

# Problems and changes have targets of their own kind (feature catalogue 5.6), not these two.
TIMED = frozenset({"incident", "request"})


class Ledger(Struct, frozen=True, omit_defaults=True):
    """The row of a ticket: its notes, and what was last said about its clocks.

    ``ticket`` is the newest summary heard, that of the ``seen``-th fact; ``told`` is the highest
    threshold told per clock, ``timer`` the deadline for which the timer was last set.
    """

    ticket: TicketSummary
    seen: int
    notes: list[Note] = []
    shown: list[Clock] = []
    told: dict[ClockName, int] = {}
    told_at: Moment | None = None
    timer: Moment | None = None


class Look(NamedTuple):
    """What looking at a ledger led to."""

    ledger: Ledger
    facts: list[Fact]


def begin(ticket: TicketSummary, sequence: int) -> Ledger:
    """Return the empty ledger of a ticket just heard of."""
    return Ledger(_lean(ticket), sequence)


def heard(
    ledger: Ledger, ticket: TicketSummary, sequence: int, note: Note | None, *, mentions: bool
) -> Ledger:
    """Return the ledger with what a fact says; an old or doubled fact adds nothing false.

    A fact that only ``mentions`` the ticket as it was before need not be remembered. One that
    changed it must be, even if it changed it to what we know: the change before it may be late.
    """
    notes = merged(ledger.notes, note) if note else ledger.notes
    lean = _lean(ticket)
    if sequence <= ledger.seen or (mentions and lean == ledger.ticket):
        return replace(ledger, notes=notes)
    return replace(ledger, ticket=lean, seen=sequence, notes=notes)


def look(ledger: Ledger, now: datetime) -> Look:
    """Work out the clocks, and what is to be told that was not told before."""
    now_is = reckon(ledger.ticket.opened_at, ledger.notes, now)
    if now_is is None or ledger.ticket.kind not in TIMED:
        return Look(ledger, [])
    facts: list[Fact] = []
    ticket = replace(ledger.ticket, due=now_is.clocks)
    if now_is.clocks != ledger.shown:
        facts.append(ClocksChanged(ticket_id=ticket.id, policy=now_is.policy, clocks=now_is.clocks))
    told = dict(ledger.told)
    for clock in now_is.clocks:
        reached = level(clock)
        if reached > told.get(clock.name, 0) and clock.due_at:
            # Only the highest is told: what came late is one message, not three.
            facts.append(_alarm(ticket, clock, clock.due_at, reached))
            told[clock.name] = reached
    return Look(replace(ledger, shown=now_is.clocks, told=told, timer=now_is.next_deadline), facts)


def telling(ledger: Ledger, now: datetime) -> datetime:
    """Return the moment of what is told now: later than all told before, whoever's clock it is."""
    if ledger.told_at is None:
        return now
    return max(now, ledger.told_at + timedelta(microseconds=1))


def _alarm(ticket: TicketSummary, clock: Clock, due_at: datetime, reached: int) -> Fact:
    if reached == BREACH:
        return ClockBreached(ticket=ticket, clock=clock.name, due_at=due_at)
    return ClockWarned(ticket=ticket, clock=clock.name, percent=reached, due_at=due_at)


def _lean(ticket: TicketSummary) -> TicketSummary:
    """Return a summary without our own clocks, which the desk repeats with some delay."""
    return replace(ticket, due=[])
