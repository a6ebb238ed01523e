"""The desk's table.

``TICKET#<id>``: one HEAD and one FACT# row per fact, never changed, kept for ever.
``NUMBER#<number>``, ``COUNTER#<prefix>``, ``ALERT#<fingerprint>``, ``PERSON#<address>`` and
``ONCE#<person>#<key>`` (24 hours) stand beside them. Heads appear under three indexes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec

from events.envelope import Detail, Meta
from events.vocabulary import Role
from services.desk.domain.forms import Entry, Timeline
from services.desk.domain.listing import Listing
from services.desk.domain.records import Alert, Once, Remembered, Saving, TicketPage
from services.desk.domain.ticket import Ticket
from shared.keys import RowKey, partition, row
from shared.outbox import PREFIX, fact_key, history
from shared.story import Story
from shared.table import Put, Row, Table

REMEMBER = timedelta(hours=24)


class _OpeningText(msgspec.Struct):
    text: str = ""


class TicketTable:
    """The tickets, kept in DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, tenant: str, ticket_id: str) -> Ticket | None:
        """Return a ticket's head, or None."""
        held = self._table.find(_head(tenant, ticket_id), Ticket)
        return held.value if held else None

    def find_with_text(self, tenant: str, ticket_id: str) -> tuple[Ticket, str] | None:
        """Return a ticket's head and its whole text in one call, or None."""
        head = _head(tenant, ticket_id)
        found = {r.sk: r for r in self._table.rows([head, RowKey(head.pk, fact_key(1))])}
        if head.sk not in found:
            return None
        ticket = _ticket(found[head.sk])
        detail = msgspec.json.decode(found[fact_key(1)].detail or "", type=Detail)
        return ticket, msgspec.json.decode(detail.data, type=_OpeningText).text

    def id_of(self, tenant: str, number: str) -> str | None:
        """Return the id of the ticket with a number, or None."""
        held = self._table.find(row(tenant, "NUMBER", number), str)
        return held.value if held else None

    def page(
        self, tenant: str, listing: Listing, after: dict[str, str] | None, limit: int
    ) -> TicketPage:
        """Return up to ``limit`` heads, newest first, from the narrowest index that serves."""
        index, pk = _index_for(tenant, listing)
        found = self._table.query(pk, index=index, descending=True, limit=limit, after=after)
        return TicketPage([_ticket(r) for r in found.rows], found.position)

    def place_after(self, ticket: Ticket, tenant: str, listing: Listing) -> dict[str, str]:
        """Return the position in a list just behind one of its tickets."""
        index, pk = _index_for(tenant, listing)
        name = index.removeprefix("by_")
        head = _head(tenant, ticket.summary.id)
        place = {f"{name}_pk": pk, f"{name}_sk": _order(ticket)}
        return {"pk": head.pk, "sk": head.sk, **place}

    def history(
        self, tenant: str, ticket_id: str, after: dict[str, str] | None, limit: int
    ) -> tuple[Timeline, dict[str, str] | None]:
        """Return up to ``limit`` facts, oldest first, and the position after them."""
        pk = _head(tenant, ticket_id).pk
        found = self._table.query(pk, begins=PREFIX, limit=limit, after=after)
        return Timeline([_entry(r) for r in found.rows]), found.position

    def next_number(self, tenant: str, prefix: str) -> str:
        """Return the next number of a kind; never the same twice, gaps are possible."""
        return f"{prefix}-{self._table.count(row(tenant, 'COUNTER', prefix)):06d}"

    def alert(self, tenant: str, fingerprint: str) -> Alert | None:
        """Return what is known of an alert, or None."""
        held = self._table.find(row(tenant, "ALERT", fingerprint), Alert)
        return msgspec.structs.replace(held.value, version=held.version) if held else None

    def roles(self, tenant: str, email: str) -> list[Role]:
        """Return the roles of a person of the organisation, none for a stranger."""
        held = self._table.find(row(tenant, "PERSON", email), list[Role])
        return held.value if held else []

    def remember_roles(self, story: Story, email: str, roles: list[Role]) -> None:
        """Keep a person's roles."""
        self._table.commit(story, [Put(row(story.tenant, "PERSON", email), roles, seen=None)])

    def recall(self, tenant: str, once: Once) -> Remembered | None:
        """Return what a request with this key was answered in the last 24 hours, or None."""
        held = self._table.find(_once(tenant, once), Remembered)
        return held.value if held else None

    def save(self, story: Story, saving: Saving) -> None:
        """Save head, facts and what belongs to them in one transaction."""
        seen = saving.before.version if saving.before else 0
        ticket_id = saving.ticket.summary.id
        pk = _head(story.tenant, ticket_id).pk
        facts = history(story, saving.facts, pk=pk, subject=ticket_id, after=seen)
        self._table.commit(story, _puts(story, saving, seen), facts)


def _puts(story: Story, saving: Saving, seen: int) -> Iterable[Put]:
    ticket, tenant = saving.ticket, story.tenant
    summary = ticket.summary
    indexes = _indexes(tenant, ticket)
    yield Put(_head(tenant, summary.id), ticket, seen, ticket.version, indexes)
    if saving.before is None:
        yield Put(row(tenant, "NUMBER", summary.number), summary.id)
    if saving.alert is not None:
        alert = saving.alert
        yield Put(row(tenant, "ALERT", alert.fingerprint), alert, seen=alert.version)
    if saving.once is not None:
        answer = msgspec.Raw(msgspec.json.encode(saving.answer))
        kept = Remembered(saving.once.fingerprint, answer)
        yield Put(_once(tenant, saving.once), kept, gone_at=story.at + REMEMBER)


def _indexes(tenant: str, ticket: Ticket) -> dict[str, str]:
    summary, order = ticket.summary, _order(ticket)
    places = {
        "list_pk": partition(tenant, "LIST"),
        "list_sk": order,
        "requester_pk": partition(tenant, "REQUESTER", summary.requester),
        "requester_sk": order,
    }
    if summary.team:
        places |= {"team_pk": partition(tenant, "TEAM", summary.team), "team_sk": order}
    return places


def _index_for(tenant: str, listing: Listing) -> tuple[str, str]:
    if len(listing.requester) == 1:
        return "by_requester", partition(tenant, "REQUESTER", listing.requester[0].lower())
    if len(listing.team) == 1:
        return "by_team", partition(tenant, "TEAM", listing.team[0])
    return "by_list", partition(tenant, "LIST")


def _order(ticket: Ticket) -> str:
    # Fixed width keeps text order equal to time order; the id tells equal moments apart.
    return f"{ticket.summary.opened_at:%Y-%m-%dT%H:%M:%S.%fZ}#{ticket.summary.id}"


def _head(tenant: str, ticket_id: str) -> RowKey:
    return row(tenant, "TICKET", ticket_id)


def _once(tenant: str, once: Once) -> RowKey:
    # Hashed: a key is the caller's text and may be long or hold anything.
    return row(tenant, "ONCE", once.person, sha256(once.key.encode()).hexdigest())


def _ticket(found: Row) -> Ticket:
    return msgspec.json.decode(found.body or "", type=Ticket)


def _entry(found: Row) -> Entry:
    detail = msgspec.json.decode(found.detail or "", type=Detail)
    meta: Meta = detail.meta
    data: dict[str, Any] = msgspec.json.decode(detail.data)
    data.pop("ticket", None)
    return Entry(
        id=meta.id, sequence=meta.sequence or 0, at=meta.at, kind=found.kind or "", data=data
    )
