"""What notification listens to."""

from __future__ import annotations

from events.desk import CommentAdded, TicketAssigned, TicketMoved, TicketOpened
from events.envelope import Meta
from events.identity import OrganisationFounded, PersonInvited
from events.intake import MailBounced
from events.sla import ClockBreached, ClockWarned
from services.notification import actions, wiring
from shared.ident import now
from shared.inbox import Inbox
from shared.telemetry import observed

inbox = Inbox()


@inbox.on(OrganisationFounded)
def know_organisation(founded: OrganisationFounded, meta: Meta) -> None:
    """Learn in whose name mails go out."""
    actions.know_organisation(founded, meta, now(), wiring.post())


@inbox.on(PersonInvited)
def know_person(invited: PersonInvited, meta: Meta) -> None:
    """Learn how to speak to a person, and with whom he works."""
    actions.know_person(invited, meta, now(), wiring.post())


@inbox.on(MailBounced)
def avoid(bounced: MailBounced, meta: Meta) -> None:
    """Send no more mail to where none arrives."""
    actions.avoid(bounced, meta, now(), wiring.post())


@inbox.on(TicketOpened)
def acknowledge(opened: TicketOpened, meta: Meta) -> None:
    """Tell the requester the number."""
    actions.tell(opened, meta, now(), wiring.post())


@inbox.on(TicketAssigned)
def hand_over(assigned: TicketAssigned, meta: Meta) -> None:
    """Tell the new assignee, or a team of something urgent."""
    actions.tell(assigned, meta, now(), wiring.post())


@inbox.on(CommentAdded)
def pass_on(comment: CommentAdded, meta: Meta) -> None:
    """Bring words to those they are meant for."""
    actions.tell(comment, meta, now(), wiring.post())


@inbox.on(TicketMoved)
def report(moved: TicketMoved, meta: Meta) -> None:
    """Tell the requester that it is solved, the assignee that it is not."""
    actions.tell(moved, meta, now(), wiring.post())


@inbox.on(ClockWarned)
def warn(warned: ClockWarned, meta: Meta) -> None:
    """Tell those who can still keep a promise."""
    actions.tell(warned, meta, now(), wiring.post())


@inbox.on(ClockBreached)
def alarm(breached: ClockBreached, meta: Meta) -> None:
    """Tell those who must make good for a broken promise."""
    actions.tell(breached, meta, now(), wiring.post())


handler = observed(inbox.handler())
