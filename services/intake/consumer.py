"""What intake listens to: mail in the bucket, and whose mailboxes and message ids there are."""

from __future__ import annotations

from aws_lambda_powertools.metrics import MetricUnit

from events.desk import TicketOpened
from events.envelope import Meta
from events.identity import OrganisationFounded
from events.notification import NotificationSent
from services.intake import wiring
from services.intake.actions import mail
from services.intake.domain.mime import MOST_BYTES
from services.intake.domain.records import Arrival
from shared.ident import now
from shared.inbox import Inbox, StoredObject
from shared.telemetry import logger, metrics, observed

INBOX = "inbox/"
inbox = Inbox()


@inbox.on_object
def take_in_mail(written: StoredObject) -> None:
    """Take in a raw mail that was put into the bucket."""
    receipt_id = written.key.removeprefix(INBOX)
    logger.append_keys(receipt_id=receipt_id)
    memory = wiring.memory()
    if memory.was_taken_in(receipt_id):
        logger.info("mail was taken in before")
        return
    found = wiring.bucket().read(written.bucket, written.key, MOST_BYTES)
    if found is None:
        logger.warning("mail is gone from the bucket")
        return
    raw, whole = found
    arrival = Arrival(receipt_id, f"s3://{written.bucket}/{written.key}", raw, whole)
    for effect in mail.take_in(arrival, memory=memory, signer=wiring.signer(), at=now()):
        told = ", ".join(type(fact).__name__ for fact in effect.facts)
        reason = effect.quarantined.reason if effect.quarantined else None
        logger.info("mail taken in", tenant=effect.tenant, told=told, reason=reason)
        name = "MailsQuarantined" if reason else "MailsTakenIn"
        metrics.add_metric(name, MetricUnit.Count, 1)


@inbox.on(OrganisationFounded)
def know_mailbox(founded: OrganisationFounded, meta: Meta) -> None:
    """Remember whose a mailbox is."""
    mail.give_home(founded, tenant=meta.tenant, told_at=meta.at, memory=wiring.memory())


@inbox.on(NotificationSent)
def know_sent_mail(sent: NotificationSent, meta: Meta) -> None:
    """Remember which ticket a mail of ours is about."""
    mail.remember_sent(sent, tenant=meta.tenant, memory=wiring.memory(), at=meta.at)


@inbox.on(TicketOpened)
def know_first_mail(opened: TicketOpened, meta: Meta) -> None:
    """Remember which ticket a mail opened."""
    mail.remember_opened(opened, tenant=meta.tenant, memory=wiring.memory(), at=meta.at)


handler = observed(inbox.handler())
