"""Life cycles as data: states, legal moves, and what entering a state demands (INC-01, INC-02).

Source: ITIL incident management practice; the table is feature catalogue 5.2.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from events.vocabulary import ProcessKind

EntryRule = Literal[
    "team", "hold_reason", "reason", "resolution", "public_comment_when_awaiting_caller"
]

AWAITING_CALLER = "awaiting_caller"
HOLD_REASONS = (
    AWAITING_CALLER,
    "awaiting_vendor",
    "awaiting_change",
    "awaiting_problem",
    "scheduled",
)
RESOLUTION_CODES = (
    "fixed_by_configuration",
    "fixed_by_workaround",
    "fixed_by_change",
    "fixed_by_vendor",
    "user_guidance_given",
    "access_restored",
    "hardware_replaced",
    "no_fault_found",
    "duplicate",
    "not_resolvable",
    "cleared_by_monitoring",
    "unspecified",
)


class State(msgspec.Struct, frozen=True):
    """One state: where it may lead, and what must be given to enter it."""

    next: tuple[str, ...]
    demands: tuple[EntryRule, ...] = ()
    # Work is over: no clock runs, no words for the caller are added.
    final: bool = False


class LifeCycle(msgspec.Struct, frozen=True):
    """The states of one kind of ticket; ``prefix`` begins its numbers."""

    prefix: str
    initial: str
    states: dict[str, State]
    # (from, to) that a requester may do to his own ticket.
    requester_moves: frozenset[tuple[str, str]]

    def legal(self, state: str) -> tuple[str, ...]:
        """Return the states that may follow, in the order they are offered."""
        return self.states[state].next

    def is_final(self, state: str) -> bool:
        """Say whether nothing follows a state."""
        return self.states[state].final


INCIDENT = LifeCycle(
    prefix="INC",
    initial="new",
    states={
        "new": State(("in_progress", "on_hold", "resolved", "cancelled")),
        "in_progress": State(("on_hold", "resolved", "cancelled"), ("team",)),
        "on_hold": State(
            ("in_progress", "resolved", "cancelled"),
            ("hold_reason", "public_comment_when_awaiting_caller"),
        ),
        "resolved": State(("in_progress", "closed"), ("resolution",)),
        "closed": State((), final=True),
        "cancelled": State((), ("reason",), final=True),
    },
    requester_moves=frozenset(
        {("resolved", "in_progress"), ("resolved", "closed"), ("new", "cancelled")}
    ),
)

# The processes that are open for business; the others join with their own life cycles.
LIFE_CYCLES: dict[ProcessKind, LifeCycle] = {"incident": INCIDENT}
