"""What intake does about mail: each arrival becomes one fact for each organisation it is for."""

from __future__ import annotations

from datetime import datetime

from events.desk import TicketOpened
from events.fact import Fact
from events.identity import OrganisationFounded
from events.intake import MailBounced, MailQuarantined, MessageReceived
from events.notification import NotificationSent
from events.vocabulary import MailReference
from services.intake.actions.ports import MailMemory
from services.intake.domain import bounce, judging, threading
from services.intake.domain.bounce import Bounce
from services.intake.domain.mail import NO_SENDER, read
from services.intake.domain.records import NOBODY, Arrival, Effect, Homes, KnownMail, Quarantined
from services.intake.domain.threading import Place
from services.intake.domain.twins import twin_of
from shared.replyto import is_reply_address
from shared.retry import until_fresh
from shared.signing import Signer

MOST_ADDRESSEES = 50


class Intake:
    """One mail being taken in: what it says, and where to look things up."""

    def __init__(self, arrival: Arrival, memory: MailMemory, signer: Signer, at: datetime) -> None:
        self.arrival = arrival
        self.mail = read(arrival.raw, whole=arrival.whole)
        self.memory = memory
        self.signer = signer
        self.at = at

    def effects(self) -> list[Effect]:
        """Return what the mail means to each organisation it is for; never nothing."""
        sender = self.mail.sender.address
        addresses = threading.addresses_of(self.mail)
        homes = self.memory.homes([*addresses, sender] if sender else addresses)
        places = threading.places_of(self.mail, homes, self.signer)
        if not places:
            return [self._quarantine(NOBODY, "none of its recipients is a mailbox of ours")]
        return [self._effect(place, homes) for place in places]

    def _effect(self, place: Place, homes: Homes) -> Effect:
        mail, tenant = self.mail, place.tenant
        # Bounces may well have no sender; what could not be read can be no bounce.
        told = bounce.read_bounce(mail) if mail.flaw in (None, NO_SENDER) else None
        if mail.flaw and not told:
            return self._quarantine(tenant, mail.flaw)
        if verdict := mail.trace.failed_scan():
            return self._quarantine(tenant, f"the receiving server's scanner says {verdict}")
        originals = told.original_ids if told else []
        ids = [i for i in [*originals, mail.message_id, *mail.references] if i]
        known = self.memory.known(tenant, ids) if ids else {}
        if told:
            return Effect(tenant, self._bounced(place, told, known))
        if self._is_own(tenant, homes, known):
            return self._quarantine(tenant, "our own mail came back")
        sender = mail.sender.address
        thread = threading.by_token(place, sender, self.signer) or threading.by_reference(
            mail.references, sender, known
        )
        if thread is None and judging.is_out_of_office(mail):
            return self._quarantine(tenant, "an automatic reply to nothing that is known")
        twin = twin_of(mail, self.arrival.raw)
        if twin and self.memory.has_twin(tenant, twin):
            # A server that missed our "accepted" sends again: one message, two receipts (INT-01).
            return Effect(tenant, [])
        return Effect(tenant, [self._received(place, thread, homes)], twin=twin)

    def _is_own(self, tenant: str, homes: Homes, known: dict[str, KnownMail]) -> bool:
        sender = self.mail.sender.address
        echo = known.get(self.mail.message_id)
        from_us = homes.mailboxes.get(sender) == tenant or (
            is_reply_address(sender) and tenant in homes.domains.get(sender.rpartition("@")[2], [])
        )
        return from_us or (echo is not None and echo.ours)

    def _received(
        self, place: Place, thread: threading.Thread | None, homes: Homes
    ) -> MessageReceived:
        mail = self.mail
        return MessageReceived(
            mail=self._reference(place),
            sender=mail.sender.address,
            sender_name=mail.sender.name,
            subject=mail.subject,
            text=mail.text,
            to=self._others("to", homes),
            cc=self._others("cc", homes),
            language=mail.language,
            ticket_id=thread.ticket_id if thread else None,
            threaded_by=thread.by if thread else None,
            number_hint=mail.number_hint,
            automatic=judging.is_automatic(mail),
            attachments=mail.attachments,
            truncated=mail.truncated,
        )

    def _others(self, field: str, homes: Homes) -> list[str]:
        """Return the addressees but ourselves; a reply address is a secret of its participant."""
        found = (box.address for box in self.mail.headers.mailboxes(field))
        theirs = [a for a in found if a not in homes.mailboxes and not is_reply_address(a)]
        return theirs[:MOST_ADDRESSEES]

    def _bounced(self, place: Place, told: Bounce, known: dict[str, KnownMail]) -> list[Fact]:
        shown = threading.genuine(told.original_addresses, place.tenant, self.signer)
        proven = place._replace(replies=[*place.replies, *shown])
        ids = [*told.original_ids, *self.mail.references]
        ours = {message_id: mail for message_id, mail in known.items() if mail.ours}
        facts: list[Fact] = []
        for failure in told.failures:
            # The undelivered mail was to this recipient: the token or the id must be his.
            thread = threading.by_token(proven, failure.recipient, self.signer)
            thread = thread or threading.by_reference(ids, failure.recipient, ours)
            facts.append(
                MailBounced(
                    mail=self._reference(place),
                    recipient=failure.recipient,
                    permanent=failure.permanent,
                    status=failure.status,
                    ticket_id=thread.ticket_id if thread else None,
                )
            )
        return facts

    def _reference(self, place: Place) -> MailReference:
        mail = self.mail
        return MailReference(
            receipt_id=self.arrival.receipt_id,
            message_id=mail.message_id,
            references=mail.references,
            mailbox=place.mailbox,
            verified=mail.trace.vouches_for(mail.sender.address, mail.headers),
        )

    def _quarantine(self, tenant: str, reason: str) -> Effect:
        mail, receipt_id = self.mail, self.arrival.receipt_id
        sender, subject = mail.sender.address, mail.subject
        fact = MailQuarantined(receipt_id=receipt_id, reason=reason, sender=sender, subject=subject)
        item = Quarantined(
            receipt_id=receipt_id,
            reason=reason,
            sender=sender,
            subject=subject,
            source=self.arrival.source,
            at=self.at,
        )
        return Effect(tenant, [fact], item)


def take_in(arrival: Arrival, *, memory: MailMemory, signer: Signer, at: datetime) -> list[Effect]:
    """Take in a mail, once (INT-01); returns nothing for one that was taken in before."""
    intake = Intake(arrival, memory, signer, at)

    def act() -> list[Effect]:
        effects = intake.effects()
        return effects if memory.take_in(arrival.receipt_id, effects, at) else []

    return until_fresh(act)


def give_home(
    founded: OrganisationFounded, *, tenant: str, told_at: datetime, memory: MailMemory
) -> None:
    """Remember whose a mailbox is. An old mailbox stays its organisation's: people write to it."""
    mailbox = founded.mailbox.lower()
    until_fresh(lambda: memory.give_home(tenant, mailbox, told_at))


def remember_sent(sent: NotificationSent, *, tenant: str, memory: MailMemory, at: datetime) -> None:
    """Remember the id of a mail of ours, so that the recipient's answer finds its ticket."""
    mail = KnownMail(ticket_id=sent.ticket_id, participants=[sent.recipient.lower()], ours=True)
    until_fresh(lambda: memory.remember(tenant, sent.message_id, mail, at))


def remember_opened(opened: TicketOpened, *, tenant: str, memory: MailMemory, at: datetime) -> None:
    """Remember the id of the mail that opened a ticket: those it was to may answer it, too."""
    if not (opened.mail and opened.mail.message_id):
        return
    message_id, ticket = opened.mail.message_id, opened.ticket
    people = [person.lower() for person in (ticket.requester, *ticket.participants)]
    mail = KnownMail(ticket_id=ticket.id, participants=list(dict.fromkeys(people)), ours=False)
    until_fresh(lambda: memory.remember(tenant, message_id, mail, at))
