"""Facts published by routing."""

from __future__ import annotations

from events.fact import Fact, fact
from events.vocabulary import Address, Key, Level, Priority, TicketId


@fact(owner="routing")
class TicketRouted(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Routing decided what a ticket is and whose it is, and says why."""

    ticket_id: TicketId
    team: Key
    impact: Level
    urgency: Level
    priority: Priority
    reason: str
    # 0 to 1; rules are certain, learned classification is not.
    confidence: float = 1.0
    rule: str | None = None
    assignee: Address | None = None
    tags: list[str] = []
