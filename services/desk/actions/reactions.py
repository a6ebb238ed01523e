"""What the desk does about what routing, sla and survey found out."""

from __future__ import annotations

from typing import Any

from events.desk import DueTimesChanged, SatisfactionRated, TicketAssigned, TicketPrioritised
from events.fact import Fact
from events.routing import TicketRouted
from events.sla import ClocksChanged
from events.survey import SurveyAnswered
from events.vocabulary import Actor
from services.desk.actions.ports import Tickets
from services.desk.domain import ticket as heads
from services.desk.domain.records import Saving
from services.desk.domain.ticket import Ticket
from shared.retry import until_fresh
from shared.story import Story

ROUTING = Actor(kind="system", name="routing")


class UnknownTicket(RuntimeError):
    """A fact is about a ticket that is not here (yet); the message comes back later."""


def routed(decision: TicketRouted, *, story: Story, tickets: Tickets) -> Ticket:
    """Take routing's decision over; hands that a person chose meanwhile stay."""

    def act() -> Ticket:
        before = _ticket(decision.ticket_id, story, tickets)
        summary = before.summary
        after = heads.prioritised(
            before,
            impact=decision.impact,
            urgency=decision.urgency,
            priority=decision.priority,
        )
        if decision.tags:
            tags = list(dict.fromkeys((*summary.tags, *decision.tags)))
            after = heads.with_summary(after, tags=tags)
        unassigned = summary.team is None
        if unassigned:
            after = heads.assigned(
                after, team=decision.team, assignee=summary.assignee or decision.assignee
            )
        facts: list[Fact] = [
            TicketPrioritised(
                ticket=after.summary,
                impact=decision.impact,
                urgency=decision.urgency,
                priority=decision.priority,
                by=ROUTING,
                before=summary.priority,
                reason=decision.reason,
            )
        ]
        if unassigned:
            facts.append(
                TicketAssigned(
                    ticket=after.summary,
                    by=ROUTING,
                    before_assignee=summary.assignee,
                    reason=decision.reason,
                )
            )
        return _save(before, after, facts, story, tickets)

    return until_fresh(act)


def clocks_changed(change: ClocksChanged, *, told_at: Any, story: Story, tickets: Tickets) -> None:
    """Show the clocks as they stand; one told earlier than what is shown is dropped."""

    def act() -> None:
        before = _ticket(change.ticket_id, story, tickets)
        if before.clocks_at and told_at <= before.clocks_at:
            return
        after = heads.clocked(before, change.clocks, told_at)
        fact = DueTimesChanged(ticket=after.summary, clocks=change.clocks)
        _save(before, after, [fact], story, tickets)

    until_fresh(act)


def rated(answer: SurveyAnswered, *, story: Story, tickets: Tickets) -> None:
    """Keep with the ticket how happy its requester was."""

    def act() -> None:
        before = _ticket(answer.ticket_id, story, tickets)
        after = heads.with_summary(before, satisfaction=answer.score)
        fact = SatisfactionRated(ticket=after.summary, score=answer.score, comment=answer.comment)
        _save(before, after, [fact], story, tickets)

    until_fresh(act)


def _ticket(ticket_id: str, story: Story, tickets: Tickets) -> Ticket:
    found = tickets.find(story.tenant, ticket_id)
    if found is None:
        raise UnknownTicket(ticket_id)
    return found


def _save(
    before: Ticket, after: Ticket, facts: list[Fact], story: Story, tickets: Tickets
) -> Ticket:
    ticket = heads.with_facts(after, len(facts), story.at)
    tickets.save(story, Saving(ticket, facts, before=before))
    return ticket
