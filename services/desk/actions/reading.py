"""Looking at tickets: what a caller may not know of is not there, in every list and page alike."""

from __future__ import annotations

from typing import Annotated

import msgspec

from services.desk.actions.ports import Tickets
from services.desk.domain import access
from services.desk.domain.forms import Entry, TicketList, TicketView, Timeline, view
from services.desk.domain.listing import Listing, matches
from services.desk.domain.records import TicketPage
from services.desk.domain.ticket import Ticket
from shared.paging import Cursors
from shared.refusal import NotFound
from shared.signing import Signer

# Filters are applied to what an index yields; this many rows are looked at for one page.
MOST_LOOKED_AT = 1000
PAGE = 100


class TimelineQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of a history to show."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = PAGE
    cursor: str | None = None


def show(ticket_id: str, *, person: access.Person, tenant: str, tickets: Tickets) -> TicketView:
    """Return a ticket with its whole text; a stranger cannot tell it from a missing one."""
    found = tickets.find_with_text(tenant, ticket_id)
    if found is None or not access.may_see(person, found[0]):
        raise NotFound
    return view(*found)


def listed(
    listing: Listing, *, person: access.Person, tenant: str, tickets: Tickets, signer: Signer
) -> TicketList:
    """Return one page of the tickets that a caller may see and that match, newest first."""
    if not access.reads_all(person):
        # A requester's list is his own tickets, whatever else he asks for.
        others = [a for a in listing.requester if a.lower() != person.email]
        if others:
            return TicketList([])
        listing = msgspec.structs.replace(listing, requester=[person.email])
    cursors = _cursors(signer, tenant, person, listing)
    position = cursors.read(listing.cursor)
    kept: list[Ticket] = []
    looked_at = 0
    while True:
        page = tickets.page(tenant, listing, position, PAGE)
        for ticket in page.tickets:
            if access.may_see(person, ticket) and matches(ticket, listing):
                kept.append(ticket)
                if len(kept) == listing.limit:
                    position = _after(page, ticket, tenant, listing, tickets)
                    return _answer(kept, cursors.write(position))
        looked_at += len(page.tickets)
        position = page.position
        if position is None or looked_at >= MOST_LOOKED_AT:
            return _answer(kept, cursors.write(position))


def timeline(
    ticket_id: str,
    query: TimelineQuery,
    *,
    person: access.Person,
    tenant: str,
    tickets: Tickets,
    signer: Signer,
) -> Timeline:
    """Return a ticket's history; a requester reads only what was meant for him."""
    ticket = tickets.find(tenant, ticket_id)
    if ticket is None or not access.may_see(person, ticket):
        raise NotFound
    cursors = Cursors(signer, tenant, person.email, "timeline", ticket_id)
    page, position = tickets.history(tenant, ticket_id, cursors.read(query.cursor), query.limit)
    shown = [entry for entry in page.items if access.reads_all(person) or _for_requester(entry)]
    return Timeline(shown, cursors.write(position))


def _for_requester(entry: Entry) -> bool:
    return entry.kind in access.REQUESTER_READS and entry.data.get("public", True)


def _after(
    page: TicketPage, last: Ticket, tenant: str, listing: Listing, tickets: Tickets
) -> dict[str, str] | None:
    at_the_end = page.position is None and page.tickets[-1] is last
    return None if at_the_end else tickets.place_after(last, tenant, listing)


def _answer(kept: list[Ticket], cursor: str | None) -> TicketList:
    return TicketList([view(ticket) for ticket in kept], cursor)


def _cursors(signer: Signer, tenant: str, person: access.Person, listing: Listing) -> Cursors:
    filters = msgspec.structs.replace(listing, cursor=None, limit=25)
    return Cursors(signer, tenant, person.email, msgspec.json.encode(filters).decode())
