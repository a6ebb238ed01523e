"""Sla's table: a CLOCKS row per ticket, a POLICY row per changed priority, a HOME per tenant."""

from __future__ import annotations

import msgspec

from events.fact import Fact
from events.vocabulary import Priority
from services.sla.domain.ledger import Ledger
from services.sla.domain.policy import DEFAULTS, Home, Policy
from shared.keys import RowKey, row
from shared.outbox import outgoing
from shared.story import Story
from shared.table import Held, Put, Table

ANYWHERE = "UTC"


class ClockTable:
    """Clocks, policies and homes, kept in DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def ledger(self, tenant: str, ticket_id: str) -> Held[Ledger] | None:
        """Return the ledger of a ticket as it is at this moment."""
        return self._table.find(ledger_key(tenant, ticket_id), Ledger)

    def keep(self, story: Story, ledger: Ledger, seen: int, facts: list[Fact]) -> None:
        """Save a ledger read in version ``seen`` with its facts; raises ``Stale``.

        The ledger knows each fact's place in the history, so a doubled one adds nothing: there
        is no need to remember the cause in a row of its own.
        """
        put = Put(ledger_key(story.tenant, ledger.ticket.id), ledger, seen=seen)
        told = outgoing(story, facts, subject=ledger.ticket.id)
        self._table.commit(story._replace(cause=None), [put], told)

    def terms_of(self, tenant: str, priority: Priority) -> tuple[Policy, str]:
        """Return the policy of a priority and the tenant's time zone, in one read."""
        policy, home = policy_key(tenant, priority), home_key(tenant)
        bodies = {found.pk: found.body or "null" for found in self._table.rows([policy, home])}
        known = msgspec.json.decode(bodies.get(policy.pk, "null"), type=Policy | None)
        place = msgspec.json.decode(bodies.get(home.pk, "null"), type=Home | None)
        return known or DEFAULTS[priority], place.zone if place else ANYWHERE

    def policies(self, tenant: str) -> dict[Priority, Policy]:
        """Return the policy of every priority."""
        keys = {policy_key(tenant, priority): priority for priority in DEFAULTS}
        found = {
            keys[RowKey(r.pk, r.sk)]: msgspec.json.decode(r.body or "", type=Policy)
            for r in self._table.rows(list(keys))
        }
        return {**DEFAULTS, **found}

    def replace(self, story: Story, priority: Priority, policy: Policy, seen: int) -> None:
        """Save a policy whose latest version was ``seen``; raises ``Stale``."""
        # The default is version 1 and has no row.
        before = 0 if seen == DEFAULTS[priority].latest.number else seen
        key = policy_key(story.tenant, priority)
        self._table.commit(story, [Put(key, policy, seen=before, becomes=policy.latest.number)])

    def home(self, tenant: str) -> tuple[Home | None, int]:
        """Return what was told last, and the version it was read in."""
        held = self._table.find(home_key(tenant), Home)
        return (held.value, held.version) if held else (None, 0)

    def settle(self, story: Story, home: Home, seen: int) -> None:
        """Save where the tenant is; raises ``Stale``."""
        put = Put(home_key(story.tenant), home, seen=seen)
        self._table.commit(story._replace(cause=None), [put])


def ledger_key(tenant: str, ticket_id: str) -> RowKey:
    """Return the key of a ticket's clocks."""
    return row(tenant, "TICKET", ticket_id, sk="CLOCKS")


def policy_key(tenant: str, priority: str) -> RowKey:
    """Return the key of a changed policy."""
    return row(tenant, "POLICY", priority)


def home_key(tenant: str) -> RowKey:
    """Return the key of what is known of the tenant."""
    return row(tenant, "HOME")
