"""What routing does about the facts it hears."""

from __future__ import annotations

from typing import Protocol

from events.desk import TicketOpened
from services.routing.domain.decision import Decision, decide
from services.routing.domain.defaults import RULES
from services.routing.domain.priority import DEFAULT, MatrixName
from services.routing.domain.rules import Rule, in_order
from shared.story import Story


class Decisions(Protocol):
    """The memory routing needs."""

    def settings(self, tenant: str) -> tuple[dict[int, Rule], MatrixName | None]:
        """Return a tenant's own rules by their order, and its own matrix if it chose one."""

    def decided(self, story: Story, decision: Decision) -> None:
        """Save a decision and the fact; raises ``AlreadyDone`` if the ticket has one."""


def route(opened: TicketOpened, *, story: Story, memory: Decisions) -> Decision:
    """Give a new ticket a team, a category and a priority."""
    own, matrix = memory.settings(story.tenant)
    decision = decide(opened, in_order(RULES, own), matrix or DEFAULT, story.at)
    memory.decided(story, decision)
    return decision
