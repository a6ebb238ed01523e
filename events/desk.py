"""Facts published by desk. Together they are a ticket's history."""

from __future__ import annotations

from msgspec import Struct

from events.fact import Fact, fact
from events.vocabulary import Actor, Clock, Key, Level, MailReference, Priority, TicketSummary


class Resolution(Struct, frozen=True, kw_only=True):
    """How an incident ended (feature catalogue 5.2)."""

    code: Key
    notes: str


@fact(owner="desk")
class TicketOpened(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody's or some machine's words became a ticket."""

    ticket: TicketSummary
    text: str
    by: Actor
    mail: MailReference | None = None
    # False when the sender is a program: answering it could start a loop.
    acknowledge: bool = True


@fact(owner="desk")
class CommentAdded(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Words were added to a ticket; internal ones (``public`` false) are for agents only."""

    ticket: TicketSummary
    comment_id: str
    text: str
    public: bool
    by: Actor
    mail: MailReference | None = None


@fact(owner="desk")
class TicketMoved(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A ticket changed its state along a legal move."""

    ticket: TicketSummary
    before: Key
    after: Key
    by: Actor
    reason: str = ""
    resolution: Resolution | None = None


@fact(owner="desk")
class TicketAssigned(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A ticket got a team, an assignee, or both."""

    ticket: TicketSummary
    by: Actor
    before_team: Key | None = None
    before_assignee: str | None = None
    reason: str = ""


@fact(owner="desk")
class TicketPrioritised(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Impact and urgency, and with them the priority, of a ticket were set."""

    ticket: TicketSummary
    impact: Level
    urgency: Level
    priority: Priority
    by: Actor
    before: Priority | None = None
    reason: str = ""


@fact(owner="desk")
class DueTimesChanged(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """The service-level clocks of a ticket stand differently than before."""

    ticket: TicketSummary
    clocks: list[Clock]


@fact(owner="desk")
class AlertRepeated(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """The alert behind a ticket fired again while the ticket was open."""

    ticket: TicketSummary
    fingerprint: str
    count: int


@fact(owner="desk")
class SatisfactionRated(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """The requester said how happy he was with the handling (1 to 5)."""

    ticket: TicketSummary
    score: int
    comment: str = ""
