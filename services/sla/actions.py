"""What sla does about the facts it hears, and how its policies are changed."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from events.desk import CommentAdded, TicketAssigned, TicketMoved, TicketPrioritised
from events.envelope import Meta
from events.fact import Fact
from events.vocabulary import Priority
from services.sla.domain import ledger as ledgers
from services.sla.domain.calendar import is_zone
from services.sla.domain.ledger import Ledger
from services.sla.domain.notes import note
from services.sla.domain.policy import (
    PRIORITIES,
    Home,
    Policy,
    PolicyForm,
    PolicyView,
    Terms,
    agree,
)
from shared.refusal import NotFound, PreconditionFailed
from shared.story import Story

DeskFact = TicketPrioritised | TicketMoved | TicketAssigned | CommentAdded


class Version(Protocol):
    """Something read, and the version it was read in (0: it is not there)."""

    @property
    def version(self) -> int:
        """The version."""


class HeldLedger(Version, Protocol):
    """A ledger as it was read."""

    @property
    def value(self) -> Ledger:
        """The ledger."""


class Ledgers(Protocol):
    """The memory of tickets' clocks."""

    def ledger(self, tenant: str, ticket_id: str) -> HeldLedger | None:
        """Return the ledger of a ticket as it is at this moment."""

    def keep(self, story: Story, ledger: Ledger, seen: int, facts: list[Fact]) -> None:
        """Save a ledger read in version ``seen`` with its facts; raises ``Stale``."""

    def terms_of(self, tenant: str, priority: Priority) -> tuple[Policy, str]:
        """Return the policy of a priority and the tenant's time zone."""


class Timers(Protocol):
    """One timer per ticket."""

    def ring_at(self, story: Story, ticket_id: str, at: datetime, *, moves: bool) -> None:
        """Let ``TimerFired`` arrive at a moment, instead of the moment set before.

        ``moves`` says that one is probably set.
        """

    def silence(self, tenant: str, ticket_id: str) -> None:
        """Take the ticket's timer away, if there is one."""


class Policies(Protocol):
    """The memory of policies."""

    def policies(self, tenant: str) -> dict[Priority, Policy]:
        """Return the policy of every priority."""

    def replace(self, story: Story, priority: Priority, policy: Policy, seen: int) -> None:
        """Save a policy whose latest version was ``seen``; raises ``Stale``."""


class Homes(Protocol):
    """The memory of where organisations are."""

    def home(self, tenant: str) -> tuple[Home | None, int]:
        """Return what was told last, and the version it was read in."""

    def settle(self, story: Story, home: Home, seen: int) -> None:
        """Save where the tenant is; raises ``Stale``."""


def hear(fact: DeskFact, meta: Meta, *, now: datetime, memory: Ledgers, timers: Timers) -> None:
    """Take a fact about a ticket into account. Raises ``Stale`` when somebody else just did."""
    if meta.sequence is None:
        raise ValueError(f"{type(fact).__name__} {meta.id} does not say its place in the history")
    held = memory.ledger(meta.tenant, fact.ticket.id)
    before = held.value if held else ledgers.begin(fact.ticket, meta.sequence)
    terms = _terms(fact, meta, memory)
    noted = note(fact, meta.sequence, meta.at, terms)
    mentions = isinstance(fact, CommentAdded)
    after = ledgers.heard(before, fact.ticket, meta.sequence, noted, mentions=mentions)
    if held and after == before:
        return
    _look(after, held, meta, now, memory, timers, sets_timer=after.notes != before.notes)


def ring(ticket_id: str, meta: Meta, *, now: datetime, memory: Ledgers, timers: Timers) -> None:
    """Look at a ticket's clocks because its timer rang. Raises ``Stale`` like ``hear``."""
    held = memory.ledger(meta.tenant, ticket_id)
    if held:
        _look(held.value, held, meta, now, memory, timers, sets_timer=True)


def _look(
    ledger: Ledger,
    held: HeldLedger | None,
    meta: Meta,
    now: datetime,
    memory: Ledgers,
    timers: Timers,
    *,
    sets_timer: bool,
) -> None:
    """Tell what is new, set the timer, save.

    The timer comes before the row: a timer too many is harmless, one too few is not. Whoever has
    touched the timer then saves the row even if it reads the same, so that of two at once the
    slower one notices, looks again and leaves the timer as it must be.
    """
    after, facts = ledgers.look(ledger, now)
    story = Story.after(meta, ledgers.telling(ledger, now))
    if sets_timer or after.timer != ledger.timer:
        if after.timer:
            timers.ring_at(story, after.ticket.id, after.timer, moves=bool(ledger.timer))
        elif ledger.timer or after.shown:
            timers.silence(meta.tenant, after.ticket.id)
    if facts:
        after = replace(after, told_at=story.at)
    memory.keep(story, after, held.version if held else 0, facts)


def _terms(fact: DeskFact, meta: Meta, memory: Ledgers) -> Terms | None:
    if not isinstance(fact, TicketPrioritised):
        return None
    policy, zone = memory.terms_of(meta.tenant, fact.priority)
    return agree(fact.priority, policy, zone, meta.at)


def locate(zone: str, meta: Meta, *, now: datetime, homes: Homes) -> bool:
    """Remember where an organisation is; the last one told counts.

    Returns False for a zone nobody knows: the clocks then stay where they were.
    """
    if not is_zone(zone):
        return False
    before, seen = homes.home(meta.tenant)
    if before is None or before.told_at < meta.at:
        homes.settle(Story.after(meta, now), Home(zone, meta.at), seen)
    return True


def list_policies(tenant: str, policies: Policies) -> list[PolicyView]:
    """Return the targets of every priority."""
    return [policy.view(priority) for priority, policy in policies.policies(tenant).items()]


def change_policy(
    priority: str, form: PolicyForm, *, if_match: int | None, story: Story, policies: Policies
) -> PolicyView:
    """Give a priority other targets, for tickets that get it from now on.

    Raises ``NotFound`` for a priority there is not, ``Invalid`` for unusable targets and
    ``PreconditionFailed`` when the caller looked at another version.
    """
    form.check()
    for known in PRIORITIES:
        if known == priority:
            before = policies.policies(story.tenant)[known]
            if if_match is not None and if_match != before.latest.number:
                raise PreconditionFailed("The policy changed since you looked at it.")
            after = before.changed(form, story.at)
            policies.replace(story, known, after, before.latest.number)
            return after.view(known)
    raise NotFound
