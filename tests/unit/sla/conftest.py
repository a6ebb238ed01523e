"""Builders for a ticket's history, and fakes for sla's ports."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from events.desk import CommentAdded, TicketAssigned, TicketMoved, TicketPrioritised
from events.envelope import Meta
from events.vocabulary import Actor, TicketSummary
from services.sla.domain.policy import DEFAULTS, agree
from shared.refusal import Stale
from shared.table import Held

# A Monday at nine in UTC: business hours begin.
MONDAY = datetime(2030, 1, 7, 9, tzinfo=UTC)
TICKET = TicketSummary(
    id="T-01J9ZK3V7QXA5B6C",
    number="INC-000001",
    kind="incident",
    state="new",
    subject="Printer on fire",
    requester="ada@demo.example",
    channel="email",
    language="en",
    opened_at=MONDAY,
)
AGENT = Actor(kind="person", name="grace@demo.example", role="agent")
REQUESTER = Actor(kind="person", name="ada@demo.example", role="requester")
SYSTEM = Actor(kind="system", name="routing")
MONITORING = Actor(kind="monitoring", name="prometheus")
ACTORS = {"system": SYSTEM, "monitoring": MONITORING, "requester": REQUESTER, "agent": AGENT}


class History:
    """Tells a ticket's life as the desk does: (fact, meta), numbered from 1."""

    def __init__(self, ticket=TICKET, tenant="demo"):
        self.ticket, self.tenant = ticket, tenant
        self.facts = []

    def at(self, minutes):
        return self.ticket.opened_at + timedelta(minutes=minutes)

    def _tell(self, minutes, build):
        n = len(self.facts) + 2  # the first fact is TicketOpened, which sla does not hear
        meta = Meta(
            id=f"F-{n}",
            tenant=self.tenant,
            at=self.at(minutes),
            correlation_id="story-1",
            subject=self.ticket.id,
            sequence=n,
        )
        self.facts.append((build(self.ticket), meta))
        return self

    def prioritise(self, minutes, priority):
        self.ticket = replace(self.ticket, priority=priority)
        return self._tell(
            minutes,
            lambda t: TicketPrioritised(
                ticket=t, impact=1, urgency=1, priority=priority, by=SYSTEM
            ),
        )

    def move(self, minutes, after, reason="", by=AGENT):
        before = self.ticket.state
        self.ticket = replace(self.ticket, state=after)
        return self._tell(
            minutes,
            lambda t: TicketMoved(ticket=t, before=before, after=after, by=by, reason=reason),
        )

    def comment(self, minutes, by=AGENT, public=True):
        return self._tell(
            minutes,
            lambda t: CommentAdded(ticket=t, comment_id="C-1", text="Hello", public=public, by=by),
        )

    def assign(self, minutes, assignee):
        self.ticket = replace(self.ticket, assignee=assignee)
        return self._tell(minutes, lambda t: TicketAssigned(ticket=t, by=SYSTEM))


@pytest.fixture
def history():
    return History()


class FakeMemory:
    """Ledgers, policies and homes in dictionaries, with versions like the table's."""

    def __init__(self):
        self.rows, self.told, self.changed, self.homes = {}, [], {}, {}
        self.zone = "UTC"
        self.meanwhile = None

    def ledger(self, tenant, ticket_id):
        return self.rows.get((tenant, ticket_id))

    def keep(self, story, ledger, seen, facts):
        if self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            act()
        key = (story.tenant, ledger.ticket.id)
        if (self.rows[key].version if key in self.rows else 0) != seen:
            raise Stale("changed")
        self.rows[key] = Held(ledger, seen + 1)
        self.told += [(type(fact).__name__, fact, story) for fact in facts]

    def terms_of(self, tenant, priority):
        return self.changed.get((tenant, priority), DEFAULTS[priority]), self.zone

    def policies(self, tenant):
        return {p: self.changed.get((tenant, p), DEFAULTS[p]) for p in DEFAULTS}

    def replace(self, story, priority, policy, seen):
        self.changed[(story.tenant, priority)] = policy

    def home(self, tenant):
        return self.homes.get(tenant, (None, 0))

    def settle(self, story, home, seen):
        self.homes[story.tenant] = (home, seen + 1)

    def clocks(self, tenant="demo", ticket_id=TICKET.id):
        return {clock.name: clock for clock in self.rows[(tenant, ticket_id)].value.shown}

    def kinds(self):
        return [kind for kind, _, _ in self.told]


class FakeTimers:
    """The moment each ticket's timer is set to."""

    def __init__(self):
        self.set, self.calls = {}, 0

    def ring_at(self, story, ticket_id, at, *, moves):
        self.calls += 1
        self.set[(story.tenant, ticket_id)] = at

    def silence(self, tenant, ticket_id):
        self.calls += 1
        self.set.pop((tenant, ticket_id), None)


@pytest.fixture
def memory():
    return FakeMemory()


@pytest.fixture
def timers():
    return FakeTimers()


@pytest.fixture
def terms():
    """Return the default terms of a priority."""

    def build(priority, zone="UTC"):
        return agree(priority, DEFAULTS[priority], zone, MONDAY)

    return build


@pytest.fixture(scope="session")
def tell():
    """Tell a life written down as (minutes since the step before, what, how, by whom)."""

    def told(script):
        history, minutes = History(), 0
        for wait, what, how, who in script:
            minutes += wait
            if what == "prioritise":
                history.prioritise(minutes, how)
            elif what == "comment":
                history.comment(minutes, by=ACTORS[who], public=how == "public")
            elif what == "assign":
                history.assign(minutes, how)
            else:
                after, _, reason = how.partition(":")
                history.move(minutes, after, reason, by=ACTORS[who])
        return history

    return told


@pytest.fixture(scope="session")
def notes_of():
    """Return what is noted of a history."""
    from services.sla.domain.notes import merged, note

    def read(history, zone="UTC"):
        notes = []
        for fact, meta in history.facts:
            priority = getattr(fact, "priority", None)
            given = agree(priority, DEFAULTS[priority], zone, meta.at) if priority else None
            noted = note(fact, meta.sequence, meta.at, given)
            notes = merged(notes, noted) if noted else notes
        return notes

    return read


@pytest.fixture
def clocks_of(notes_of):
    """Return the clocks of a history, by name, as they stand some minutes after its opening."""
    from services.sla.domain.clocks import reckon

    def read(history, minutes):
        now = history.at(minutes)
        found = reckon(history.ticket.opened_at, notes_of(history), now)
        return {clock.name: clock for clock in found.clocks}

    return read


@pytest.fixture
def actors():
    """The people and programs that act."""
    return ACTORS


@pytest.fixture(scope="session")
def fakes():
    """Make a fresh memory with timers, as often as a property needs them."""
    return lambda: (FakeMemory(), FakeTimers())
