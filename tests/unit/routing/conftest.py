"""Builders for what opens."""

from datetime import UTC, datetime

import pytest

from events.desk import TicketOpened
from events.vocabulary import Actor, TicketSummary


@pytest.fixture(scope="session")
def opened():
    """Build the fact that a ticket opened."""

    def build(subject="", text="", **more):
        ticket = TicketSummary(
            id="T-01J9ZK3V7QXA5B6C",
            number="INC-000001",
            kind="incident",
            state="new",
            subject=subject,
            requester=more.pop("requester", "ada@demo.example"),
            channel=more.pop("channel", "email"),
            language="en",
            opened_at=datetime(2030, 1, 7, 9, tzinfo=UTC),
            **more,
        )
        by = Actor(kind="person", name="ada@demo.example", role="requester")
        return TicketOpened(ticket=ticket, text=text, by=by)

    return build
