"""Facts published by sla."""

from __future__ import annotations

from events.fact import Fact, Moment, fact
from events.vocabulary import Clock, ClockName, TicketId, TicketSummary


@fact(owner="sla")
class ClocksChanged(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """The clocks of a ticket as they now stand, all of them, and the policy they follow."""

    ticket_id: TicketId
    policy: str
    clocks: list[Clock]


@fact(owner="sla")
class ClockWarned(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A running clock passed a warning threshold (per cent of its target)."""

    ticket: TicketSummary
    clock: ClockName
    percent: int
    due_at: Moment


@fact(owner="sla")
class ClockBreached(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A clock passed its due time unmet."""

    ticket: TicketSummary
    clock: ClockName
    due_at: Moment


@fact(owner="sla")
class TimerFired(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A ticket's timer rang. Travels from the scheduler to sla's own inbox, never over the bus.

    Early, late, doubled and stale ones are harmless: the clocks decide, not the bell.
    """

    ticket_id: TicketId
