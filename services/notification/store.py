"""Keeps people, threads and the send ledger in notification's own table."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from events.fact import Fact
from events.notification import NotificationFailed, NotificationSent
from services.notification.domain.ledger import (
    REMEMBERED_FOR,
    BeingSent,
    Claim,
    Entry,
    Sending,
)
from services.notification.domain.people import NOBODY_KNOWN, Contact, Organisation, Person
from services.notification.domain.thread import Thread
from shared.keys import RowKey, partition, row
from shared.outbox import outgoing
from shared.refusal import Stale
from shared.retry import until_fresh
from shared.story import Story
from shared.table import Drop, Put, Table

# An organisation is read for every mail and changes once a year.
FRESH_FOR = 60.0
THREAD_KEPT_FOR = timedelta(days=400)


class TableMemory:
    """What notification remembers. None of it needs a memory of causes: saying a thing twice
    changes nothing, and the ledger itself knows what was sent."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.monotonic) -> None:
        self._table = table
        self._clock = clock
        self._organisations: dict[str, tuple[float, Organisation]] = {}

    def organisation(self, tenant: str) -> Organisation | None:
        """Return an organisation if identity told of it; at most a minute old."""
        read_at, known = self._organisations.get(tenant, (0.0, None))
        if known and self._clock() - read_at < FRESH_FOR:
            return known
        held = self._table.find(_organisation(tenant), Organisation)
        if held is None:
            return None
        self._organisations[tenant] = (self._clock(), held.value)
        return held.value

    def contact(self, tenant: str, address: str) -> Contact:
        """Return what is known of an address."""
        held = self._table.find(_contact(tenant, address), Contact)
        return held.value if held else NOBODY_KNOWN

    def members(self, tenant: str, team: str) -> list[str]:
        """Return the addresses of a team's members."""
        found: list[str] = []
        after = None
        while True:
            page = self._table.query(partition(tenant, "TEAM", team), after=after)
            found += [row.sk for row in page.rows]
            after = page.position
            if after is None:
                return found

    def know_organisation(self, story: Story, organisation: Organisation) -> None:
        """Keep an organisation unless something later was told of it."""

        def save() -> None:
            held = self._table.find(_organisation(story.tenant), Organisation)
            if held and _newer(held.value.told_at, organisation.told_at):
                return
            put = Put(_organisation(story.tenant), organisation, held.version if held else 0)
            self._table.commit(_uncaused(story), [put])

        until_fresh(save)
        self._organisations.pop(story.tenant, None)

    def know_person(self, story: Story, person: Person) -> None:
        """Keep a person and his teams unless something later was told of him."""
        tenant, key = story.tenant, _contact(story.tenant, person.email)

        def save() -> None:
            held = self._table.find(key, Contact)
            known = held.value if held else NOBODY_KNOWN
            if known.person and _newer(known.person.told_at, person.told_at):
                return
            before = set(known.person.teams) if known.person else set()
            left = [Drop(_member(tenant, t, person.email)) for t in before.difference(person.teams)]
            joined = [
                Put(_member(tenant, team, person.email), {}, seen=None)
                for team in person.teams
                if team not in before
            ]
            contact = Contact(person=person, undeliverable_until=known.undeliverable_until)
            put = Put(key, contact, held.version if held else 0)
            self._table.commit(_uncaused(story), [put, *left, *joined])

        until_fresh(save)

    def avoid(self, story: Story, address: str, until: datetime) -> None:
        """Keep that an address takes no mail."""
        key = _contact(story.tenant, address)

        def save() -> None:
            held = self._table.find(key, Contact)
            known = held.value if held else NOBODY_KNOWN
            if _newer(known.undeliverable_until, until):
                return
            put = Put(
                key,
                Contact(person=known.person, undeliverable_until=until),
                held.version if held else 0,
                # Of a stranger nothing else is known: the row goes when the mark has no meaning.
                gone_at=None if known.person else until,
            )
            self._table.commit(_uncaused(story), [put])

        until_fresh(save)

    def thread(self, tenant: str, ticket_id: str) -> Thread:
        """Return the known messages of a ticket."""
        held = self._table.find(_thread(tenant, ticket_id), Thread)
        return held.value if held else Thread()

    def extend(self, story: Story, ticket_id: str, message_id: str, *, first: bool) -> Thread:
        """Add a message to a ticket's thread and return the thread."""
        key = _thread(story.tenant, ticket_id)

        def save() -> Thread:
            held = self._table.find(key, Thread)
            before = held.value if held else Thread()
            after = before.begun_by(message_id) if first else before.with_message(message_id)
            if after != before:
                gone_at = story.at + THREAD_KEPT_FOR
                put = Put(key, after, held.version if held else 0, gone_at=gone_at)
                self._table.commit(_uncaused(story), [put])
            return after

        return until_fresh(save)

    def claim(self, sending: Sending, at: datetime, until: datetime) -> Claim | None:
        """Claim a mail; None when it was dealt with. Raises ``BeingSent``."""
        try:
            return self._claim(sending, at, until, 0)
        except Stale:
            held = self._table.find(_ledger(sending), Entry)
        if held is None or (held.value.state == "claimed" and held.value.until > at):
            raise BeingSent(f"{sending.template} to somebody is being sent")
        if held.value.state != "claimed":
            return None
        try:
            return self._claim(sending, at, until, held.version)
        except Stale as faster:
            raise BeingSent(f"{sending.template} to somebody is being sent") from faster

    def release(self, claim: Claim, at: datetime) -> None:
        """Give a claim back: the mail was surely not sent."""
        self._mark(Story(claim.sending.tenant, at, ""), claim, Entry("claimed", at))

    def sent(self, story: Story, claim: Claim, fact: NotificationSent) -> None:
        """Mark a mail as sent, and tell."""
        self._mark(story, claim, Entry("sent", story.at, fact.message_id), fact)

    def failed(self, story: Story, claim: Claim, fact: NotificationFailed) -> None:
        """Mark a mail as one that cannot be sent, and tell."""
        self._mark(story, claim, Entry("failed", story.at), fact)

    def _claim(self, sending: Sending, at: datetime, until: datetime, seen: int) -> Claim:
        entry = Entry("claimed", until)
        put = Put(_ledger(sending), entry, seen, gone_at=at + REMEMBERED_FOR)
        self._table.commit(Story(sending.tenant, at, ""), [put])
        return Claim(sending, seen + 1)

    def _mark(self, story: Story, claim: Claim, entry: Entry, *facts: Fact) -> None:
        gone_at = story.at + REMEMBERED_FOR
        put = Put(_ledger(claim.sending), entry, claim.version, gone_at=gone_at)
        subject = getattr(facts[0], "ticket_id", None) if facts else None
        self._table.commit(_uncaused(story), [put], outgoing(story, facts, subject=subject))


def _uncaused(story: Story) -> Story:
    """Return a story whose cause is not remembered as done: one fact has several effects here."""
    return story._replace(cause=None)


def _newer(known: datetime | None, told: datetime | None) -> bool:
    return known is not None and told is not None and known >= told


def _organisation(tenant: str) -> RowKey:
    return row(tenant, "ORGANISATION")


def _contact(tenant: str, address: str) -> RowKey:
    return row(tenant, "CONTACT", address)


def _member(tenant: str, team: str, address: str) -> RowKey:
    return row(tenant, "TEAM", team, sk=address)


def _thread(tenant: str, ticket_id: str) -> RowKey:
    return row(tenant, "TICKET", ticket_id, sk="THREAD")


def _ledger(sending: Sending) -> RowKey:
    mail = f"{sending.template}#{sending.recipient}"
    return row(sending.tenant, "SEND", sending.fact_id, sk=mail)
