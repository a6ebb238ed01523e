"""Facts published by survey."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from events.fact import Fact, Moment, fact
from events.vocabulary import Address, Key, TicketId

Score = Annotated[int, Meta(ge=1, le=5)]


@fact(owner="survey")
class SurveyOffered(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A requester may rate how a ticket was handled, until the offer expires."""

    ticket_id: TicketId
    person: Address
    expires_at: Moment
    # Which resolution of the ticket the question is about.
    resolution_sequence: int


@fact(owner="survey")
class SurveyAnswered(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A requester rated the handling, or changed the rating; the last one told counts."""

    ticket_id: TicketId
    person: Address
    score: Score
    comment: str = ""
    team: Key | None = None
    assignee: str | None = None
