"""Which tickets a list shows."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from events.vocabulary import Priority, ProcessKind
from services.desk.domain.ticket import Ticket


class Listing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The filters of a list, all of which must hold; within one, any value may.

    ``q`` finds its words in number, subject, requester and the beginning of the text.
    """

    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    cursor: str | None = None
    state: list[str] = []
    team: list[str] = []
    assignee: list[str] = []
    requester: list[str] = []
    kind: list[ProcessKind] = []
    priority: list[Priority] = []
    q: Annotated[str, Meta(max_length=200)] = ""


def matches(ticket: Ticket, listing: Listing) -> bool:
    """Say whether a ticket belongs in a list."""
    summary = ticket.summary
    wanted: tuple[tuple[object, object], ...] = (
        (summary.state, listing.state),
        (summary.team, listing.team),
        (summary.assignee, [a.lower() for a in listing.assignee]),
        (summary.requester, [a.lower() for a in listing.requester]),
        (summary.kind, listing.kind),
        (summary.priority, listing.priority),
    )
    chosen = all(not values or value in values for value, values in wanted)  # type: ignore[operator]
    return chosen and _mentions(ticket, listing.q)


def _mentions(ticket: Ticket, words: str) -> bool:
    summary = ticket.summary
    text = " ".join((summary.number, summary.subject, summary.requester, ticket.excerpt)).lower()
    return all(word in text for word in words.lower().split())
