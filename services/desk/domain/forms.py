"""What callers send to the desk and what they get back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from events.desk import Resolution
from events.fact import Moment
from events.vocabulary import (
    Actor,
    Address,
    Channel,
    Clock,
    Key,
    Language,
    Level,
    Link,
    Number,
    Priority,
    ProcessKind,
    TicketId,
)
from services.desk.domain.ticket import Ticket

Text = Annotated[str, Meta(max_length=20_000)]
NonBlank = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=r"\S")]


class NewTicket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ticket to open. Only the desk's staff may name another ``requester`` or a ``team``."""

    subject: Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
    text: Text = ""
    kind: ProcessKind = "incident"
    impact: Level = 3
    urgency: Level = 3
    requester: Address | None = None
    requester_name: Annotated[str, Meta(max_length=200)] = ""
    channel: Channel = "api"
    language: Language | None = None
    team: Key | None = None
    tags: Annotated[list[Key], Meta(max_length=20)] = []


class NewComment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words for a ticket; internal ones (``public`` false) are for the desk's staff only."""

    text: NonBlank
    public: bool = True


class Assignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New hands for a ticket; what is left out stays, null takes the person (or team) off."""

    team: Key | UnsetType | None = UNSET
    assignee: Address | UnsetType | None = UNSET


class TicketView(Struct, frozen=True, kw_only=True):
    """A ticket as a caller sees it. In lists ``text`` ends after 500 characters."""

    id: TicketId
    number: Number
    kind: ProcessKind
    state: Key
    subject: str
    text: str
    requester: Address
    requester_name: str
    channel: Channel
    language: Language
    team: Key | None
    assignee: Address | None
    priority: Priority | None
    impact: Level
    urgency: Level
    tags: list[str]
    version: int
    opened_at: Moment
    changed_at: Moment
    resolved_at: Moment | None
    # Due time per clock that has one, and every clock with its state.
    due: dict[str, Moment]
    clocks: list[Clock]
    links: list[Link]
    participants: list[str]
    hold_reason: str | None
    resolution: Resolution | None
    reopen_count: int
    alert_count: int
    satisfaction: int | None
    # The states that may follow.
    next_states: list[str]


class TicketList(Struct, frozen=True):
    """One page of tickets, newest first; ``next_cursor`` leads to the following page, if any.

    A page may be shorter than asked for while there are more.
    """

    items: list[TicketView]
    next_cursor: str | None = None


class Comment(Struct, frozen=True, kw_only=True):
    """A comment as it was added."""

    id: str
    ticket_id: TicketId
    text: str
    public: bool
    by: Actor
    at: Moment


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that happened to a ticket; ``data`` are the fact's own fields."""

    id: str
    sequence: int
    at: datetime
    kind: str
    data: dict[str, Any]


class Timeline(Struct, frozen=True):
    """One page of a ticket's history, oldest first."""

    items: list[Entry]
    next_cursor: str | None = None


def view(ticket: Ticket, text: str | None = None) -> TicketView:
    """Return a ticket as it is shown."""
    s = ticket.summary
    return TicketView(
        id=s.id,
        number=s.number,
        kind=s.kind,
        state=s.state,
        subject=s.subject,
        text=ticket.excerpt if text is None else text,
        requester=s.requester,
        requester_name=s.requester_name,
        channel=s.channel,
        language=s.language,
        team=s.team,
        assignee=s.assignee,
        priority=s.priority,
        impact=s.impact,
        urgency=s.urgency,
        tags=s.tags,
        version=ticket.version,
        opened_at=s.opened_at,
        changed_at=ticket.changed_at,
        resolved_at=s.resolved_at,
        due={clock.name: clock.due_at for clock in s.due if clock.due_at},
        clocks=s.due,
        links=s.links,
        participants=s.participants,
        hold_reason=ticket.hold_reason,
        resolution=ticket.resolution,
        reopen_count=ticket.reopen_count,
        alert_count=ticket.alert_count,
        satisfaction=s.satisfaction,
        next_states=list(ticket.life_cycle.legal(s.state)),
    )
