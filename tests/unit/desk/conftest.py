"""A desk whose memory is a dictionary, with the same rules of versions and causes as the table."""

import itertools
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.desk.actions.requests import Request
from services.desk.domain.forms import Entry, Timeline
from services.desk.domain.records import Remembered, TicketPage
from shared.ident import ALPHABET
from shared.refusal import Stale
from shared.story import Story

AT = datetime(2030, 1, 2, 9, 30, tzinfo=UTC)


class Person:
    """A signed-in person."""

    def __init__(self, email, *roles, language="en"):
        self.email, self.roles, self.language = email, roles, language
        self.name = email.partition("@")[0]

    def is_any(self, *roles):
        return bool(set(roles) & set(self.roles))


ADA = Person("ada@demo.example", "requester")
EVE = Person("eve@demo.example", "requester")
AGENT = Person("agent@demo.example", "agent")


class MemoryTickets:
    """The desk's memory, without DynamoDB."""

    def __init__(self):
        self.heads, self.facts, self.numbers = {}, [], {}
        self.alerts, self.people, self.answers, self.causes = {}, {}, {}, set()
        self.counter = itertools.count(1)

    def find(self, tenant, ticket_id):
        return self.heads.get((tenant, ticket_id))

    def find_with_text(self, tenant, ticket_id):
        head = self.find(tenant, ticket_id)
        if head is None:
            return None
        opening = next(f for f in self.facts if f.ticket.id == ticket_id)
        return head, opening.text

    def id_of(self, tenant, number):
        return self.numbers.get((tenant, number))

    def page(self, tenant, listing, after, limit):
        newest = [t for (owner, _), t in reversed(self.heads.items()) if owner == tenant]
        start = int(after["at"]) if after else 0
        position = {"at": str(start + limit)} if len(newest) > start + limit else None
        return TicketPage(newest[start : start + limit], position)

    def place_after(self, ticket, tenant, listing):
        newest = [t for (owner, _), t in reversed(self.heads.items()) if owner == tenant]
        return {"at": str(newest.index(ticket) + 1)}

    def history(self, tenant, ticket_id, after, limit):
        entries = [
            Entry(
                id=f"F-{n}",
                sequence=n,
                at=AT,
                kind=type(fact).__name__,
                data=msgspec.to_builtins(fact),
            )
            for n, fact in enumerate((f for f in self.facts if f.ticket.id == ticket_id), 1)
        ]
        return Timeline(entries), None

    def next_number(self, tenant, prefix):
        return f"{prefix}-{next(self.counter):06d}"

    def alert(self, tenant, fingerprint):
        return self.alerts.get((tenant, fingerprint))

    def roles(self, tenant, email):
        return self.people.get((tenant, email), [])

    def remember_roles(self, story, email, roles):
        self.people[story.tenant, email] = roles

    def recall(self, tenant, once):
        return self.answers.get((tenant, once.person, once.key))

    def save(self, story, saving):
        ticket = saving.ticket
        key = (story.tenant, ticket.summary.id)
        if (self.heads.get(key) is None) != (saving.before is None):
            raise Stale("no")
        if saving.before and self.heads[key].version != saving.before.version:
            raise Stale("no")
        self.heads[key] = ticket
        self.numbers[story.tenant, ticket.summary.number] = ticket.summary.id
        self.facts += saving.facts
        if saving.alert:
            alert = msgspec.structs.replace(saving.alert, version=saving.alert.version + 1)
            self.alerts[story.tenant, alert.fingerprint] = alert
        if saving.once:
            once = saving.once
            answer = msgspec.Raw(msgspec.json.encode(saving.answer))
            self.answers[story.tenant, once.person, once.key] = Remembered(once.fingerprint, answer)

    def kinds(self):
        return [type(fact).__name__ for fact in self.facts]


class Desk:
    """A desk with a clock that the test turns."""

    def __init__(self):
        self.tickets = MemoryTickets()
        self.tickets.people["demo", AGENT.email] = ["agent"]
        self.at = AT
        self._ids = itertools.count()

    def pass_time(self, **kwargs):
        self.at += timedelta(**kwargs)

    def story(self, tenant="demo", cause=None):
        return Story(tenant, self.at, "c-1", cause)

    def ask(self, person, *, tenant="demo", if_match=None, once=None):
        story = self.story(tenant)
        return Request(person, story, self.tickets, if_match=if_match, once=once)

    def new_id(self, prefix):
        number = next(self._ids)
        letters = "".join(ALPHABET[(number >> shift) & 31] for shift in range(75, -1, -5))
        return f"{prefix}-{letters}"


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def people():
    return {"ada": ADA, "eve": EVE, "agent": AGENT}


@pytest.fixture
def new_desk():
    """Make a desk per example, for property tests."""
    return Desk
