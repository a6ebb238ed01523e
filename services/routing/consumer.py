"""What routing listens to."""

from __future__ import annotations

from events.desk import TicketOpened
from events.envelope import Meta
from services.routing import actions, wiring
from shared.ident import now
from shared.inbox import Inbox
from shared.story import Story
from shared.telemetry import logger, observed

inbox = Inbox()


@inbox.on(TicketOpened)
def route_new_ticket(opened: TicketOpened, meta: Meta) -> None:
    """Give every new ticket a team, a category and a priority."""
    decision = actions.route(opened, story=Story.after(meta, now()), memory=wiring.table())
    logger.info(
        "ticket routed",
        ticket_id=decision.ticket_id,
        team=decision.team,
        priority=decision.priority,
        rule=decision.rule,
    )


handler = observed(inbox.handler())
