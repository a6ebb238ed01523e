"""Who hears of what (NTF-01, NTF-03), quietly: never about one's own action, one mail each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from events.desk import CommentAdded, TicketAssigned, TicketMoved, TicketOpened
from events.sla import ClockBreached, ClockWarned
from events.vocabulary import Actor

Template = Literal[
    "received",
    "desk_wrote",
    "requester_wrote",
    "internal_note",
    "resolved",
    "reopened",
    "assigned",
    "team_assigned",
    "clock_warned",
    "clock_breached",
]
TicketFact: TypeAlias = (
    TicketOpened | TicketAssigned | CommentAdded | TicketMoved | ClockWarned | ClockBreached
)

_STAFF = ("agent", "lead", "admin")
_ENDED = ("resolved", "closed", "cancelled")
_URGENT = ("P1", "P2")


class Audience(NamedTuple):
    """One template and whom it goes to: addresses, and a team's members as they then are."""

    template: Template
    addresses: tuple[str, ...] = ()
    team: str | None = None


def audience(fact: TicketFact) -> Audience | None:
    """Return who is to hear of a fact, None when nobody is."""
    match fact:
        case TicketOpened():
            return _of_opening(fact)
        case TicketAssigned():
            return _of_assignment(fact)
        case CommentAdded():
            return _of_comment(fact)
        case TicketMoved():
            return _of_move(fact)
        case ClockWarned():
            return _of_clock("clock_warned", fact)
        case ClockBreached():
            return _of_clock("clock_breached", fact)


def actor_of(fact: TicketFact) -> Actor | None:
    """Return who did it; a clock is nobody's doing."""
    return None if isinstance(fact, ClockWarned | ClockBreached) else fact.by


def _of_opening(fact: TicketOpened) -> Audience | None:
    if not fact.acknowledge or fact.by.kind == "monitoring":
        return None
    return Audience("received", _distinct([fact.ticket.requester]))


def _of_assignment(fact: TicketAssigned) -> Audience | None:
    ticket = fact.ticket
    if ticket.assignee:
        if ticket.assignee == fact.before_assignee:
            return None
        return _but_for(fact.by, Audience("assigned", _distinct([ticket.assignee])))
    handed_over = ticket.team != fact.before_team or fact.before_assignee is not None
    if ticket.team and handed_over and ticket.priority in _URGENT:
        return Audience("team_assigned", team=ticket.team)
    return None


def _of_comment(fact: CommentAdded) -> Audience | None:
    ticket = fact.ticket
    if fact.by.kind == "monitoring":
        return None
    assignee = [ticket.assignee] if ticket.assignee else []
    if not fact.public:
        return _but_for(fact.by, Audience("internal_note", _distinct(assignee)))
    if _for_the_desk(fact.by, ticket.requester):
        told = _distinct([ticket.requester, *ticket.participants])
        return _but_for(fact.by, Audience("desk_wrote", told))
    return _but_for(fact.by, Audience("requester_wrote", _distinct(assignee)))


def _of_move(fact: TicketMoved) -> Audience | None:
    ticket = fact.ticket
    if fact.after == "resolved":
        return _but_for(fact.by, Audience("resolved", _distinct([ticket.requester])))
    if fact.before in _ENDED and fact.after not in _ENDED and ticket.assignee:
        return _but_for(fact.by, Audience("reopened", _distinct([ticket.assignee])))
    # A question to the requester is a comment, and told as one.
    return None


def _of_clock(template: Template, fact: ClockWarned | ClockBreached) -> Audience | None:
    if fact.ticket.assignee:
        return Audience(template, _distinct([fact.ticket.assignee]))
    return Audience(template, team=fact.ticket.team) if fact.ticket.team else None


def _for_the_desk(by: Actor, requester: str) -> bool:
    """Say whether words are the desk's; an agent speaks as requester on a ticket of his own."""
    if by.kind != "person":
        return True
    return by.role in _STAFF and by.name.lower() != requester.lower()


def _distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address.lower() for address in addresses))


def _but_for(by: Actor, told: Audience) -> Audience | None:
    if by.kind != "person":
        return told if told.addresses else None
    rest = tuple(address for address in told.addresses if address != by.name.lower())
    return told._replace(addresses=rest) if rest else None
