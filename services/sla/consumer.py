"""What sla listens to: a ticket's history, where organisations are, and its own timers."""

from __future__ import annotations

from events.desk import CommentAdded, TicketAssigned, TicketMoved, TicketPrioritised
from events.envelope import Meta
from events.identity import OrganisationFounded
from events.sla import TimerFired
from services.sla import actions, wiring
from shared.ident import now
from shared.inbox import Inbox
from shared.retry import until_fresh
from shared.telemetry import logger, observed

inbox = Inbox()


@inbox.on(TicketPrioritised)
def start_clocks(fact: TicketPrioritised, meta: Meta) -> None:
    """Start the clocks of a ticket, or give them other targets."""
    _hear(fact, meta)


@inbox.on(TicketMoved)
def move_clocks(fact: TicketMoved, meta: Meta) -> None:
    """Pause, resume or stop the clocks of a ticket."""
    _hear(fact, meta)


@inbox.on(CommentAdded)
def stop_first_response(fact: CommentAdded, meta: Meta) -> None:
    """Stop the first response clock when the desk has answered."""
    _hear(fact, meta)


@inbox.on(TicketAssigned)
def remember_hands(fact: TicketAssigned, meta: Meta) -> None:
    """Remember whom a warning concerns."""
    _hear(fact, meta)


@inbox.on(TimerFired, bus=False)
def look_again(fact: TimerFired, meta: Meta) -> None:
    """Look at the clocks of a ticket at its deadline."""
    until_fresh(
        lambda: actions.ring(
            fact.ticket_id, meta, now=now(), memory=wiring.table(), timers=wiring.timers()
        )
    )


@inbox.on(OrganisationFounded)
def locate(fact: OrganisationFounded, meta: Meta) -> None:
    """Remember in which zone an organisation's business hours are."""
    known = until_fresh(
        lambda: actions.locate(fact.time_zone, meta, now=now(), homes=wiring.table())
    )
    if not known:
        logger.warning("unknown time zone", time_zone=fact.time_zone)


def _hear(fact: actions.DeskFact, meta: Meta) -> None:
    until_fresh(
        lambda: actions.hear(fact, meta, now=now(), memory=wiring.table(), timers=wiring.timers())
    )


handler = observed(inbox.handler())
