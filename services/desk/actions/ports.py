"""The memory the desk needs."""

from __future__ import annotations

from typing import Protocol

from events.vocabulary import Role
from services.desk.domain.forms import Timeline
from services.desk.domain.listing import Listing
from services.desk.domain.records import Alert, Once, Remembered, Saving, TicketPage
from services.desk.domain.ticket import Ticket
from shared.story import Story


class Tickets(Protocol):
    """The desk's memory."""

    def find(self, tenant: str, ticket_id: str) -> Ticket | None:
        """Return a ticket's head, or None."""

    def find_with_text(self, tenant: str, ticket_id: str) -> tuple[Ticket, str] | None:
        """Return a ticket's head and its whole text, or None."""

    def id_of(self, tenant: str, number: str) -> str | None:
        """Return the id of the ticket with a number, or None."""

    def page(
        self, tenant: str, listing: Listing, after: dict[str, str] | None, limit: int
    ) -> TicketPage:
        """Return up to ``limit`` heads, newest first, that may match; filters are applied later."""

    def place_after(self, ticket: Ticket, tenant: str, listing: Listing) -> dict[str, str]:
        """Return the position in a list just behind one of its tickets."""

    def history(
        self, tenant: str, ticket_id: str, after: dict[str, str] | None, limit: int
    ) -> tuple[Timeline, dict[str, str] | None]:
        """Return up to ``limit`` facts, oldest first, and the position after them."""

    def next_number(self, tenant: str, prefix: str) -> str:
        """Return the next number of a kind, such as ``INC-000124``; never the same twice."""

    def alert(self, tenant: str, fingerprint: str) -> Alert | None:
        """Return what is known of an alert, or None."""

    def roles(self, tenant: str, email: str) -> list[Role]:
        """Return the roles of a person of the organisation, none for a stranger."""

    def remember_roles(self, story: Story, email: str, roles: list[Role]) -> None:
        """Keep a person's roles."""

    def recall(self, tenant: str, once: Once) -> Remembered | None:
        """Return what a request with this key was answered in the last 24 hours, or None."""

    def save(self, story: Story, saving: Saving) -> None:
        """Save a change; raises ``Stale`` if the ticket changed since ``before`` was read."""
