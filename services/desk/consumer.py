"""What the desk listens to."""

from __future__ import annotations

from events.envelope import Meta
from events.identity import PersonInvited
from events.intake import AlertCleared, AlertFired, MailBounced, MessageReceived
from events.routing import TicketRouted
from events.sla import ClocksChanged
from events.survey import SurveyAnswered
from services.desk import wiring
from services.desk.actions import alerts, conversations, reactions
from services.desk.domain.ticket import Ticket
from shared.ident import new_id, now
from shared.inbox import Inbox
from shared.story import Story
from shared.telemetry import logger, observed

inbox = Inbox()


@inbox.on(MessageReceived)
def receive_message(message: MessageReceived, meta: Meta) -> None:
    """Open or continue a ticket with a mail."""
    story = Story.after(meta, now())
    _note(conversations.receive(message, story=story, tickets=wiring.tickets(), new_id=new_id))


@inbox.on(MailBounced)
def note_bounce(bounced: MailBounced, meta: Meta) -> None:
    """Note on its ticket that a mail of ours came back."""
    story = Story.after(meta, now())
    conversations.bounce(bounced, story=story, tickets=wiring.tickets(), new_id=new_id)


@inbox.on(AlertFired)
def open_for_alert(alert: AlertFired, meta: Meta) -> None:
    """Open a ticket for an alert or count it on the open one."""
    story = Story.after(meta, now())._replace(at=meta.at)
    _note(alerts.fired(alert, story=story, tickets=wiring.tickets(), new_id=new_id))


@inbox.on(AlertCleared)
def resolve_for_alert(alert: AlertCleared, meta: Meta) -> None:
    """Resolve the ticket of an alert that is over."""
    story = Story.after(meta, now())._replace(at=meta.at)
    _note(alerts.cleared(alert, story=story, tickets=wiring.tickets()))


@inbox.on(TicketRouted)
def take_over_routing(decision: TicketRouted, meta: Meta) -> None:
    """Set the priority and the hands that routing decided on."""
    _note(reactions.routed(decision, story=Story.after(meta, now()), tickets=wiring.tickets()))


@inbox.on(ClocksChanged)
def show_clocks(change: ClocksChanged, meta: Meta) -> None:
    """Show the due times with the ticket."""
    story = Story.after(meta, now())
    reactions.clocks_changed(change, told_at=meta.at, story=story, tickets=wiring.tickets())


@inbox.on(SurveyAnswered)
def keep_rating(answer: SurveyAnswered, meta: Meta) -> None:
    """Keep the requester's rating with the ticket."""
    reactions.rated(answer, story=Story.after(meta, now()), tickets=wiring.tickets())


@inbox.on(PersonInvited)
def know_person(invited: PersonInvited, meta: Meta) -> None:
    """Remember who works tickets."""
    story = Story.after(meta, now())
    conversations.know_person(invited, story=story, tickets=wiring.tickets())


def _note(ticket: Ticket | None) -> None:
    if ticket:
        logger.info("ticket changed", number=ticket.summary.number, version=ticket.version)


handler = observed(inbox.handler())
