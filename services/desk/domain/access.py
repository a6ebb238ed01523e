"""Who may see and do what: decided here, and identical in every list, page and answer."""

from __future__ import annotations

from typing import Protocol

from events.vocabulary import Role
from services.desk.domain.ticket import Ticket

STAFF: tuple[Role, ...] = ("agent", "lead", "admin")
READERS: tuple[Role, ...] = (*STAFF, "auditor")
# What a requester reads in the history of his own ticket; the rest is the desk's own business.
REQUESTER_READS = frozenset({"TicketOpened", "CommentAdded", "TicketMoved", "SatisfactionRated"})


class Person(Protocol):
    """What the rules must know of a caller."""

    @property
    def email(self) -> str:
        """The verified mail address."""

    def is_any(self, *roles: str) -> bool:
        """Say whether the person has one of these roles."""


def is_staff(person: Person) -> bool:
    """Say whether a person works tickets."""
    return person.is_any(*STAFF)


def reads_all(person: Person) -> bool:
    """Say whether a person reads every ticket of the organisation, internal words included."""
    return person.is_any(*READERS)


def may_see(person: Person, ticket: Ticket) -> bool:
    """Say whether a person may know of a ticket: staff all, anybody else his own."""
    return reads_all(person) or ticket.summary.requester == person.email


def may_move(person: Person, ticket: Ticket, to: str) -> bool:
    """Say whether a person may make a (legal) move: staff any, the requester a few of his own."""
    if is_staff(person):
        return True
    own = ticket.summary.requester == person.email
    return own and (ticket.summary.state, to) in ticket.life_cycle.requester_moves


def role_of(person: Person) -> Role:
    """Return in which capacity a person acts."""
    for role in ("agent", "lead", "admin", "auditor"):
        if person.is_any(role):
            return role
    return "requester"
