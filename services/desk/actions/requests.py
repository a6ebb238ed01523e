"""What people ask of the desk over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from msgspec import UNSET

from events.desk import CommentAdded, TicketAssigned, TicketMoved, TicketOpened
from events.fact import Fact
from events.vocabulary import Actor, TicketSummary
from services.desk.actions.once import effective
from services.desk.actions.ports import Tickets
from services.desk.domain import access, moves
from services.desk.domain import ticket as heads
from services.desk.domain.forms import (
    Assignment,
    Comment,
    NewComment,
    NewTicket,
    TicketView,
    view,
)
from services.desk.domain.lifecycle import AWAITING_CALLER, LIFE_CYCLES
from services.desk.domain.records import Once, Saving
from services.desk.domain.ticket import Ticket
from shared.refusal import Conflict, Flaw, Invalid, NotAllowed, NotFound, PreconditionFailed
from shared.story import Story


class Caller(access.Person, Protocol):
    """A signed-in person."""

    @property
    def name(self) -> str:
        """How the person is called."""

    @property
    def language(self) -> str:
        """The language the person reads (BCP 47)."""


class Request:
    """Who asks, in which story, under which conditions."""

    def __init__(
        self,
        caller: Caller,
        story: Story,
        tickets: Tickets,
        *,
        if_match: int | None,
        once: Once | None,
    ) -> None:
        self.caller = caller
        self.story = story
        self.tickets = tickets
        self.once = once
        self._if_match = if_match

    @property
    def actor(self) -> Actor:
        """The caller as facts name him."""
        return Actor(kind="person", name=self.caller.email, role=access.role_of(self.caller))

    def ticket(self, ticket_id: str) -> Ticket:
        """Return a ticket the caller may see, in the version he insists on."""
        found = self.tickets.find(self.story.tenant, ticket_id)
        if found is None or not access.may_see(self.caller, found):
            raise NotFound
        if self._if_match is not None and self._if_match != found.version:
            raise PreconditionFailed("The ticket changed since you looked.", version=found.version)
        return found

    def save(
        self, before: Ticket | None, after: Ticket, *facts: Fact, answer: Any = None
    ) -> Ticket:
        """Save a change with its facts and return the head as it then is."""
        ticket = heads.with_facts(after, len(facts), self.story.at)
        given = answer(ticket) if callable(answer) else answer
        saving = Saving(ticket, facts, before=before, once=self.once, answer=given)
        self.tickets.save(self.story, saving)
        return ticket


def open_ticket(form: NewTicket, request: Request, new_id: Callable[[str], str]) -> TicketView:
    """Open a ticket for the caller, or by staff for somebody else (INT-19, INT-20)."""
    caller, tickets = request.caller, request.tickets
    _only_staff_chooses(form, caller)

    def act() -> TicketView:
        summary = _summary(form, request, new_id("T"))
        after = heads.opened(summary, form.text)
        fact = TicketOpened(ticket=summary, text=form.text, by=request.actor)
        ticket = request.save(None, after, fact, answer=lambda saved: view(saved, form.text))
        return view(ticket, form.text)

    return effective(request.story.tenant, request.once, tickets, TicketView, act)


def comment(ticket_id: str, form: NewComment, request: Request, comment_id: str) -> Comment:
    """Add words. The caller's own lift a hold that waits for him and reopen what was resolved."""

    def act() -> Comment:
        before = request.ticket(ticket_id)
        staff = access.is_staff(request.caller)
        own = before.summary.requester == request.caller.email
        if not staff and (not own or not form.public):
            raise NotAllowed("Only the desk's staff may write this.")
        if form.public and before.life_cycle.is_final(before.summary.state):
            raise Conflict(
                f"The ticket is {before.summary.state}; open a new one.",
                state=before.summary.state,
                legal=[],
            )
        answer = Comment(
            id=comment_id,
            ticket_id=before.summary.id,
            text=form.text,
            public=form.public,
            by=request.actor,
            at=request.story.at,
        )
        after, facts = spoken(before, request.actor, answer, from_caller=own and not staff)
        request.save(before, after, *facts, answer=answer)
        return answer

    return effective(request.story.tenant, request.once, request.tickets, Comment, act)


def spoken(
    before: Ticket, by: Actor, words: Comment, *, from_caller: bool, mail: Any = None
) -> tuple[Ticket, list[Fact]]:
    """Return the head after a comment, and its facts: the caller's words may move the ticket."""
    after = before
    waiting = before.hold_reason == AWAITING_CALLER or before.summary.state == "resolved"
    moves_on = from_caller and words.public and waiting
    if moves_on:
        after = heads.moved(before, "in_progress", at=words.at, reason="", resolution=None)
    if words.public:
        after = heads.answering(after, from_desk=not from_caller)
    facts: list[Fact] = []
    if moves_on:
        facts.append(
            TicketMoved(
                ticket=after.summary,
                before=before.summary.state,
                after="in_progress",
                by=by,
                reason="the caller answered",
            )
        )
    facts.append(
        CommentAdded(
            ticket=after.summary,
            comment_id=words.id,
            text=words.text,
            public=words.public,
            by=by,
            mail=mail,
        )
    )
    return after, facts


def move(ticket_id: str, form: moves.Move, request: Request, comment_id: str) -> TicketView:
    """Move a ticket along its life cycle; an illegal move is refused with the legal ones."""

    def act() -> TicketView:
        before = request.ticket(ticket_id)
        moves.check(before, form)
        if not access.may_move(request.caller, before, form.to):
            raise NotAllowed("Only the desk's staff may move the ticket there.")
        resolution = moves.resolution_of(form)
        reason = form.reason.strip()
        after = heads.moved(
            before, form.to, at=request.story.at, reason=reason, resolution=resolution
        )
        if form.comment.strip():
            after = heads.answering(after, from_desk=access.is_staff(request.caller))
        facts: list[Fact] = [
            TicketMoved(
                ticket=after.summary,
                before=before.summary.state,
                after=form.to,
                by=request.actor,
                reason=reason,
                resolution=resolution,
            )
        ]
        if form.comment.strip():
            facts.append(
                CommentAdded(
                    ticket=after.summary,
                    comment_id=comment_id,
                    text=form.comment,
                    public=True,
                    by=request.actor,
                )
            )
        return _shown(request, before, after, *facts)

    return effective(request.story.tenant, request.once, request.tickets, TicketView, act)


def assign(ticket_id: str, form: Assignment, request: Request) -> TicketView:
    """Give a ticket to a team, a person of the desk, or both."""

    def act() -> TicketView:
        before = request.ticket(ticket_id)
        if not access.is_staff(request.caller):
            raise NotAllowed("Only the desk's staff may assign tickets.")
        summary = before.summary
        if before.life_cycle.is_final(summary.state):
            raise Conflict(f"The ticket is {summary.state}.", state=summary.state, legal=[])
        team = summary.team if form.team is UNSET else form.team
        assignee = summary.assignee if form.assignee is UNSET else form.assignee
        if isinstance(assignee, str):
            assignee = assignee.lower()
        _check_hands(form, assignee, request)
        after = heads.assigned(before, team=team, assignee=assignee)
        if after == before:
            return view(before, _text(request, before))
        fact = TicketAssigned(
            ticket=after.summary,
            by=request.actor,
            before_team=summary.team,
            before_assignee=summary.assignee,
        )
        return _shown(request, before, after, fact)

    return effective(request.story.tenant, request.once, request.tickets, TicketView, act)


def _check_hands(form: Assignment, assignee: object, request: Request) -> None:
    if form.team is UNSET and form.assignee is UNSET:
        raise Invalid("Nothing was given.", Flaw("team", "give a team or an assignee, or both"))
    if form.assignee is UNSET or assignee is None:
        return
    roles = request.tickets.roles(request.story.tenant, str(assignee))
    if not set(roles) & set(access.STAFF):
        raise Invalid(
            "The assignee cannot work tickets.", Flaw("assignee", "is nobody of the desk's staff")
        )


def _shown(request: Request, before: Ticket, after: Ticket, *facts: Fact) -> TicketView:
    text = _text(request, before)
    ticket = request.save(before, after, *facts, answer=lambda saved: view(saved, text))
    return view(ticket, text)


def _text(request: Request, ticket: Ticket) -> str:
    """Return the whole text; only a long one costs another read."""
    if len(ticket.excerpt) < heads.EXCERPT:
        return ticket.excerpt
    found = request.tickets.find_with_text(request.story.tenant, ticket.summary.id)
    return found[1] if found else ticket.excerpt


def _only_staff_chooses(form: NewTicket, caller: Caller) -> None:
    if access.is_staff(caller):
        return
    flaws = []
    if form.requester is not None and form.requester.lower() != caller.email:
        flaws.append(Flaw("requester", "only the desk's staff opens tickets for others"))
    if form.team is not None:
        flaws.append(Flaw("team", "only the desk's staff chooses the team"))
    if flaws:
        raise Invalid("Some fields are not yours to set.", *flaws)


def _summary(form: NewTicket, request: Request, ticket_id: str) -> TicketSummary:
    life_cycle = LIFE_CYCLES.get(form.kind)
    if life_cycle is None:
        flaw = Flaw("kind", f"must be one of {', '.join(LIFE_CYCLES)}")
        raise Invalid("Tickets of this kind cannot be opened.", flaw)
    caller = request.caller
    requester = (form.requester or caller.email).lower()
    own = requester == caller.email
    return TicketSummary(
        id=ticket_id,
        number=request.tickets.next_number(request.story.tenant, life_cycle.prefix),
        kind=form.kind,
        state=life_cycle.initial,
        subject=form.subject.strip(),
        requester=requester,
        requester_name=form.requester_name or (caller.name if own else ""),
        channel=form.channel,
        language=form.language or caller.language,
        opened_at=request.story.at,
        team=form.team,
        impact=form.impact,
        urgency=form.urgency,
        tags=form.tags,
    )
