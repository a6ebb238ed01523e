"""What survey listens to."""

from __future__ import annotations

from events.desk import TicketMoved
from events.envelope import Meta
from services.survey import actions, wiring
from shared.ident import now
from shared.inbox import Inbox
from shared.telemetry import observed

inbox = Inbox()


@inbox.on(TicketMoved)
def make_offer(moved: TicketMoved, meta: Meta) -> None:
    """Offer the requester of a resolved ticket to rate how it was handled."""
    actions.make_offer(moved, meta, now(), wiring.record())


handler = observed(inbox.handler())
