"""Routing's table: the RULE rows and the MATRIX row of a tenant, a ROUTING row per ticket."""

from __future__ import annotations

import msgspec

from services.routing.domain.decision import Decision
from services.routing.domain.priority import MatrixName
from services.routing.domain.rules import Rule
from shared.keys import RowKey, partition, row
from shared.outbox import outgoing
from shared.refusal import Stale
from shared.story import Story
from shared.table import AlreadyDone, Put, Row, Table

RULE = "RULE#"


class DecisionTable:
    """Rules and decisions, kept in DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def settings(self, tenant: str) -> tuple[dict[int, Rule], MatrixName | None]:
        """Return a tenant's own rules by their order, and its own matrix if it chose one."""
        rules: dict[int, Rule] = {}
        matrix: MatrixName | None = None
        for found in self._settings(tenant):
            if found.sk.startswith(RULE):
                rules[int(found.sk.removeprefix(RULE))] = msgspec.json.decode(
                    found.body or "", type=Rule
                )
            else:
                matrix = msgspec.json.decode(found.body or "", type=MatrixName)
        return rules, matrix

    def decided(self, story: Story, decision: Decision) -> None:
        """Save a decision and the fact; raises ``AlreadyDone`` if the ticket has one.

        A ticket opens once, so the decision itself shows that the fact was heard before.
        """
        key = decision_key(story.tenant, decision.ticket_id)
        told = outgoing(story, [decision.told()], subject=decision.ticket_id)
        try:
            self._table.commit(story._replace(cause=None), [Put(key, decision)], told)
        except Stale as lost:
            if self._table.find(key, Decision):
                raise AlreadyDone from lost
            raise

    def _settings(self, tenant: str) -> list[Row]:
        page = self._table.query(partition(tenant, "SETTINGS"))
        rows = page.rows
        while page.position:
            page = self._table.query(partition(tenant, "SETTINGS"), after=page.position)
            rows += page.rows
        return rows


def rule_key(tenant: str, order: int) -> RowKey:
    """Return the key of a tenant's own rule; rules are tried by their order."""
    return row(tenant, "SETTINGS", sk=f"{RULE}{order:06d}")


def matrix_key(tenant: str) -> RowKey:
    """Return the key of a tenant's choice of a matrix."""
    return row(tenant, "SETTINGS", sk="MATRIX")


def decision_key(tenant: str, ticket_id: str) -> RowKey:
    """Return the key of the decision about a ticket."""
    return row(tenant, "TICKET", ticket_id, sk="ROUTING")
