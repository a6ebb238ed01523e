"""What the desk does about mail: a reply continues its ticket, anything else opens one."""

from __future__ import annotations

from collections.abc import Callable

from events.desk import CommentAdded, TicketOpened
from events.identity import PersonInvited
from events.intake import MailBounced, MessageReceived
from events.vocabulary import Actor, Link, Role, TicketSummary
from services.desk.actions.ports import Tickets
from services.desk.actions.requests import spoken
from services.desk.domain import access
from services.desk.domain import ticket as heads
from services.desk.domain.forms import Comment
from services.desk.domain.lifecycle import LIFE_CYCLES
from services.desk.domain.records import Saving
from services.desk.domain.ticket import Ticket
from shared.replyto import is_reply_address
from shared.retry import until_fresh
from shared.story import Story

NewId = Callable[[str], str]
SYSTEM = Actor(kind="system", name="intake")


def receive(message: MessageReceived, *, story: Story, tickets: Tickets, new_id: NewId) -> Ticket:
    """Open or continue a ticket with a mail, once, and return its head (INT-01, INT-02)."""

    def act() -> Ticket:
        known, proven = _referred(message, story, tickets)
        if known is None:
            return _open(message, story, tickets, new_id)
        if not proven:
            return _open(message, story, tickets, new_id, _link("possible_follow_up_of", known))
        if known.life_cycle.is_final(known.summary.state):
            if message.automatic:
                return _note(known, message, story, tickets, new_id)
            return _open(message, story, tickets, new_id, _link("follow_up_of", known), known)
        if message.automatic:
            return _note(known, message, story, tickets, new_id)
        return _continue(known, message, story, tickets, new_id)

    return until_fresh(act)


def bounce(bounced: MailBounced, *, story: Story, tickets: Tickets, new_id: NewId) -> Ticket | None:
    """Note on its ticket that a mail of ours did not arrive; the state stays (INT-04)."""
    if bounced.ticket_id is None:
        return None

    def act() -> Ticket | None:
        before = tickets.find(story.tenant, bounced.ticket_id or "")
        if before is None:
            return None
        how = "for good" if bounced.permanent else "for now"
        text = f"A mail to {bounced.recipient} could not be delivered {how} ({bounced.status})."
        fact = CommentAdded(
            ticket=before.summary,
            comment_id=new_id("C"),
            text=text,
            public=False,
            by=SYSTEM,
            mail=bounced.mail,
        )
        ticket = heads.with_facts(before, 1, story.at)
        tickets.save(story, Saving(ticket, [fact], before=before))
        return ticket

    return until_fresh(act)


def know_person(invited: PersonInvited, *, story: Story, tickets: Tickets) -> None:
    """Remember who works tickets."""
    tickets.remember_roles(story, invited.email.lower(), list(invited.roles))


def _referred(
    message: MessageReceived, story: Story, tickets: Tickets
) -> tuple[Ticket | None, bool]:
    """Return the ticket a mail refers to, and whether its sender may continue it."""
    if message.ticket_id:
        ticket = tickets.find(story.tenant, message.ticket_id)
        return ticket, ticket is not None
    if message.number_hint:
        ticket_id = tickets.id_of(story.tenant, message.number_hint)
        ticket = tickets.find(story.tenant, ticket_id) if ticket_id else None
        return ticket, ticket is not None and ticket.involves(message.sender.lower())
    return None, False


def _open(
    message: MessageReceived,
    story: Story,
    tickets: Tickets,
    new_id: NewId,
    link: Link | None = None,
    earlier: Ticket | None = None,
) -> Ticket:
    life_cycle = LIFE_CYCLES["incident"]
    sender = message.sender.lower()
    before = earlier.summary if earlier else None
    summary = TicketSummary(
        id=new_id("T"),
        number=tickets.next_number(story.tenant, life_cycle.prefix),
        kind="incident",
        state=life_cycle.initial,
        subject=message.subject.strip() or _first_line(message.text),
        requester=before.requester if before else sender,
        requester_name=before.requester_name if before else message.sender_name,
        channel="email",
        language=message.language,
        opened_at=story.at,
        team=before.team if before else None,
        links=[link] if link else [],
    )
    after = heads.joined(heads.opened(summary, message.text), *_others(message))
    fact = TicketOpened(
        ticket=after.summary,
        text=message.text,
        by=Actor(kind="person", name=sender, role="requester"),
        mail=message.mail,
        acknowledge=not message.automatic,
    )
    ticket = heads.with_facts(after, 1, story.at)
    tickets.save(story, Saving(ticket, [fact]))
    return ticket


def _continue(
    before: Ticket, message: MessageReceived, story: Story, tickets: Tickets, new_id: NewId
) -> Ticket:
    sender = message.sender.lower()
    role = _role(sender, story, tickets)
    from_staff = role in access.STAFF and sender != before.summary.requester
    words = Comment(
        id=new_id("C"),
        ticket_id=before.summary.id,
        text=message.text,
        # Anybody can write an agent's address into From: what is not vouched for goes to no one.
        public=not from_staff or (message.mail.verified and message.threaded_by == "token"),
        by=Actor(kind="person", name=sender, role=role if from_staff else "requester"),
        at=story.at,
    )
    base = heads.joined(before, *_others(message))
    after, facts = spoken(base, words.by, words, from_caller=not from_staff, mail=message.mail)
    ticket = heads.with_facts(after, len(facts), story.at)
    tickets.save(story, Saving(ticket, facts, before=before))
    return ticket


def _note(
    before: Ticket, message: MessageReceived, story: Story, tickets: Tickets, new_id: NewId
) -> Ticket:
    """Attach what a program sent: readable by the desk, it moves nothing and tells no one."""
    fact = CommentAdded(
        ticket=before.summary,
        comment_id=new_id("C"),
        text=message.text,
        public=False,
        by=Actor(kind="system", name=message.sender.lower()),
        mail=message.mail,
    )
    ticket = heads.with_facts(before, 1, story.at)
    tickets.save(story, Saving(ticket, [fact], before=before))
    return ticket


def _role(address: str, story: Story, tickets: Tickets) -> Role:
    roles = tickets.roles(story.tenant, address)
    return next((role for role in access.STAFF if role in roles), "requester")


def _others(message: MessageReceived) -> list[str]:
    """Return the people a mail was also written to: everybody but our own addresses."""
    ours = message.mail.mailbox.lower()
    everybody = [a.lower() for a in (message.sender, *message.to, *message.cc)]
    return [a for a in everybody if a != ours and not is_reply_address(a)]


def _link(kind: str, ticket: Ticket) -> Link:
    return Link(type=kind, ticket_id=ticket.summary.id, number=ticket.summary.number)  # type: ignore[arg-type]


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line[:120] or "(no subject)"
