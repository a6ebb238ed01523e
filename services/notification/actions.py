"""What notification does with what it hears."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from events.desk import CommentAdded, TicketMoved, TicketOpened
from events.envelope import Meta
from events.identity import OrganisationFounded, PersonInvited
from events.intake import MailBounced
from events.notification import NotificationFailed, NotificationSent
from services.notification.domain.audience import (
    Audience,
    Template,
    TicketFact,
    actor_of,
    audience,
)
from services.notification.domain.compose import Reader, Surroundings, compose
from services.notification.domain.ledger import (
    LEASE,
    NEWS_FOR,
    Claim,
    NotTaken,
    Refused,
    Sending,
)
from services.notification.domain.letter import Letter
from services.notification.domain.mime import Envelope, Unmailable, deliverable, message
from services.notification.domain.people import (
    UNDELIVERABLE_FOR,
    Contact,
    Organisation,
    Person,
    may_receive,
)
from services.notification.domain.thread import Thread
from services.notification.domain.words import tongue
from shared.replyto import reply_address
from shared.signing import Signer
from shared.story import Story
from shared.surveylink import survey_grant, survey_link, survey_token

SCORES = (5, 4, 3, 2, 1)


class Memory(Protocol):
    """What notification remembers."""

    def organisation(self, tenant: str) -> Organisation | None:
        """Return an organisation if identity told of it."""

    def contact(self, tenant: str, address: str) -> Contact:
        """Return what is known of an address."""

    def members(self, tenant: str, team: str) -> list[str]:
        """Return the addresses of a team's members."""

    def know_organisation(self, story: Story, organisation: Organisation) -> None:
        """Keep an organisation unless something later was told of it."""

    def know_person(self, story: Story, person: Person) -> None:
        """Keep a person and his teams unless something later was told of him."""

    def avoid(self, story: Story, address: str, until: datetime) -> None:
        """Keep that an address takes no mail."""

    def thread(self, tenant: str, ticket_id: str) -> Thread:
        """Return the known messages of a ticket."""

    def extend(self, story: Story, ticket_id: str, message_id: str, *, first: bool) -> Thread:
        """Add a message to a ticket's thread and return the thread."""

    def claim(self, sending: Sending, at: datetime, until: datetime) -> Claim | None:
        """Claim a mail; None when it was dealt with. Raises ``BeingSent``."""

    def release(self, claim: Claim, at: datetime) -> None:
        """Give a claim back: the mail was surely not sent."""

    def sent(self, story: Story, claim: Claim, fact: NotificationSent) -> None:
        """Mark a mail as sent, and tell."""

    def failed(self, story: Story, claim: Claim, fact: NotificationFailed) -> None:
        """Mark a mail as one that cannot be sent, and tell."""


class Mailbox(Protocol):
    """Where mails are handed over."""

    def send(self, sender: str, recipient: str, raw: bytes) -> str:
        """Hand a message over and return its Message-ID as the recipient sees it.

        Raises ``Refused`` when trying again is useless and ``NotTaken`` when it was surely not
        sent; after any other error it may or may not have been.
        """


class Post(NamedTuple):
    """All that is needed to tell people something."""

    memory: Memory
    mailbox: Mailbox
    signer: Signer
    public_url: str
    # The sender of an organisation that identity has not told us of yet.
    default_mailbox: str


class _Case(NamedTuple):
    """One fact on its way to its readers."""

    fact: TicketFact
    story: Story
    fact_id: str
    template: Template
    organisation: Organisation
    thread: Thread


def know_organisation(founded: OrganisationFounded, meta: Meta, at: datetime, post: Post) -> None:
    """Remember in whose name mails go out."""
    post.memory.know_organisation(Story.after(meta, at), Organisation.of(founded, meta.at))


def know_person(invited: PersonInvited, meta: Meta, at: datetime, post: Post) -> None:
    """Remember a person's name, language, clock and teams."""
    post.memory.know_person(Story.after(meta, at), Person.of(invited, meta.at))


def avoid(bounced: MailBounced, meta: Meta, at: datetime, post: Post) -> None:
    """Remember that an address takes no mail; one that is only full or slow is tried again."""
    if bounced.permanent:
        until = meta.at + UNDELIVERABLE_FOR
        post.memory.avoid(Story.after(meta, at), bounced.recipient.lower(), until)


def tell(fact: TicketFact, meta: Meta, at: datetime, post: Post) -> None:
    """Tell everybody who must hear of a fact, each once, however often the fact arrives.

    Readers are independent: when one cannot be told now, the others are, and the error is raised
    in the end so that the fact comes back for that one.
    """
    if meta.at < at - NEWS_FOR:
        return
    story = Story.after(meta, at)
    thread = _follow(fact, story, post.memory)
    told = audience(fact)
    if told is None:
        return
    organisation = post.memory.organisation(meta.tenant) or Organisation(
        name=meta.tenant, mailbox=post.default_mailbox
    )
    thread = thread or post.memory.thread(meta.tenant, fact.ticket.id)
    case = _Case(fact, story, meta.id, told.template, organisation, thread)
    problems: list[Exception] = []
    for address in _recipients(told, case, post.memory):
        try:
            _tell_one(address, case, post)
        except Exception as problem:
            problems.append(problem)
    if problems:
        raise ExceptionGroup(f"{len(problems)} mails must be tried again", problems)


def _follow(fact: TicketFact, story: Story, memory: Memory) -> Thread | None:
    """Remember the message that a fact came with, so that our mails answer it."""
    if isinstance(fact, TicketOpened | CommentAdded) and fact.mail and fact.mail.message_id:
        first = isinstance(fact, TicketOpened)
        return memory.extend(story, fact.ticket.id, fact.mail.message_id, first=first)
    return None


def _recipients(told: Audience, case: _Case, memory: Memory) -> list[str]:
    members = memory.members(case.story.tenant, told.team) if told.team else []
    actor = actor_of(case.fact)
    himself = actor.name.lower() if actor and actor.kind == "person" else None
    own_ack = told.template == "received"
    return [
        address
        for address in (*told.addresses, *members)
        if (address != himself or own_ack) and may_receive(address, case.organisation)
    ]


def _tell_one(address: str, case: _Case, post: Post) -> None:
    tenant, ticket = case.story.tenant, case.fact.ticket
    contact = post.memory.contact(tenant, address)
    if not contact.reachable(case.story.at):
        return
    sending = Sending(tenant, case.fact_id, case.template, address)
    claim = post.memory.claim(sending, case.story.at, case.story.at + LEASE)
    if claim is None:
        return
    letter = _letter(address, contact, case, post)
    try:
        message_id = _send(letter, address, case, post)
    except (Refused, Unmailable) as no:
        failure = NotificationFailed(
            ticket_id=ticket.id, recipient=address, template=case.template, reason=str(no)
        )
        post.memory.failed(case.story, claim, failure)
        return
    except NotTaken:
        post.memory.release(claim, case.story.at)
        raise
    success = NotificationSent(
        ticket_id=ticket.id,
        recipient=address,
        template=case.template,
        language=letter.language,
        message_id=message_id,
    )
    post.memory.sent(case.story, claim, success)
    if not case.thread.references:
        # Nothing came by mail: what we say first is what later mails refer to.
        post.memory.extend(case.story, ticket.id, message_id, first=False)


def _send(letter: Letter, address: str, case: _Case, post: Post) -> str:
    sender = case.organisation.mailbox
    recipient = deliverable(address)
    envelope = Envelope(
        sender_name=case.organisation.name,
        sender=sender,
        recipient=recipient,
        reply_to=reply_address(
            post.signer,
            tenant=case.story.tenant,
            ticket_id=case.fact.ticket.id,
            participant=address,
            mailbox=sender,
        ),
        references=case.thread.references,
        date=case.story.at,
        reply=case.template == "received",
    )
    return post.mailbox.send(sender, recipient, message(letter, envelope))


def _letter(address: str, contact: Contact, case: _Case, post: Post) -> Letter:
    ticket, person = case.fact.ticket, contact.person
    stranger = ticket.requester_name if address == ticket.requester.lower() else ""
    reader = Reader(
        name=person.name if person else stranger,
        language=tongue(person.language if person else None, ticket.language),
        time_zone=person.time_zone if person else case.organisation.time_zone,
    )
    around = Surroundings(
        organisation=case.organisation.name,
        author=_author(case, post.memory),
        ticket_page=f"{post.public_url}/tickets/{ticket.id}" if post.public_url else "",
        survey=_survey(case, post),
    )
    return compose(case.template, case.fact, reader, around)


def _author(case: _Case, memory: Memory) -> str:
    """Return how the writer of a comment is called; the desk's unknown ones by the desk's name."""
    fact, ticket = case.fact, case.fact.ticket
    if not isinstance(fact, CommentAdded) or fact.by.kind != "person":
        return case.organisation.name
    who = fact.by.name.lower()
    if person := memory.contact(case.story.tenant, who).person:
        return person.name
    if who == ticket.requester.lower():
        return ticket.requester_name or who
    return case.organisation.name if case.template == "desk_wrote" else who


def _survey(case: _Case, post: Post) -> dict[int, str]:
    """Return the survey page for each score; survey offers the same on the same fact."""
    if not isinstance(case.fact, TicketMoved) or not post.public_url:
        return {}
    grant = survey_grant(case.story.tenant, case.fact)
    if grant is None:
        return {}
    token = survey_token(post.signer, grant)
    return {score: survey_link(post.public_url, token, score) for score in SCORES}
