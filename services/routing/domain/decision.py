"""What routing decided about a ticket, and why: kept so that it can be explained."""

from __future__ import annotations

from msgspec import Struct

from events.desk import TicketOpened
from events.fact import Moment
from events.routing import TicketRouted
from events.vocabulary import Key, Level, Priority
from services.routing.domain.priority import MatrixName, priority_of
from services.routing.domain.rules import Asked, Rule, choose


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose a ticket is and how soon; ``found`` are the words and facts that decided."""

    ticket_id: str
    team: Key
    category: Key
    impact: Level
    urgency: Level
    priority: Priority
    matrix: MatrixName
    reason: str
    at: Moment
    tags: tuple[Key, ...] = ()
    rule: str | None = None
    found: tuple[str, ...] = ()

    def told(self) -> TicketRouted:
        """Return the fact; the category is the first of the tags."""
        return TicketRouted(
            ticket_id=self.ticket_id,
            team=self.team,
            impact=self.impact,
            urgency=self.urgency,
            priority=self.priority,
            reason=self.reason,
            rule=self.rule,
            tags=[self.category, *self.tags],
        )


def decide(opened: TicketOpened, rules: list[Rule], matrix: MatrixName, at: Moment) -> Decision:
    """Decide about a new ticket. A team that its opener named stays."""
    ticket = opened.ticket
    match = choose(Asked(ticket, opened.text), rules)
    team, reason = match.team, match.reason
    if ticket.team is not None and ticket.team != match.team:
        team = ticket.team
        reason = f"{opened.by.name} chose the team {team}; else: {reason}"
    return Decision(
        ticket_id=ticket.id,
        team=team,
        category=match.category,
        impact=ticket.impact,
        urgency=ticket.urgency,
        priority=priority_of(ticket.impact, ticket.urgency, matrix),
        matrix=matrix,
        reason=reason,
        at=at,
        tags=match.tags,
        rule=match.rule,
        found=match.found,
    )
