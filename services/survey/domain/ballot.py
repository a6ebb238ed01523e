"""An offer to rate one resolution, and the answer to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from events.desk import TicketMoved
from events.survey import Score, SurveyAnswered
from shared.refusal import Conflict
from shared.surveylink import SurveyGrant

LONGEST_COMMENT = 2000


class Offer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked, of whom, about whose work."""

    person: str
    number: str
    expires_at: datetime
    team: str | None = None
    assignee: str | None = None

    @classmethod
    def of(cls, grant: SurveyGrant, moved: TicketMoved) -> Offer:
        """Return the offer that a resolution makes."""
        return cls(
            person=grant.person,
            number=moved.ticket.number,
            expires_at=grant.expires_at,
            team=moved.ticket.team,
            assignee=moved.ticket.assignee,
        )


class Ballot(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a requester says: 1 (very unhappy) to 5 (very happy), and why if he likes."""

    score: Score
    comment: Annotated[str, Meta(max_length=LONGEST_COMMENT)] = ""


class Kept(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last ballot for one resolution, and when it was cast."""

    ballot: Ballot
    at: datetime


def check_open(grant: SurveyGrant, at: datetime) -> None:
    """Raise ``Conflict`` when the grant's time is over."""
    if at >= grant.expires_at:
        raise Conflict("The time to answer is over.", expired_at=grant.expires_at)


def answered(grant: SurveyGrant, ballot: Ballot, offer: Offer | None) -> SurveyAnswered:
    """Return the fact that a ballot was cast; without an offer nobody's work is named yet."""
    return SurveyAnswered(
        ticket_id=grant.ticket_id,
        person=grant.person,
        score=ballot.score,
        comment=ballot.comment,
        team=offer.team if offer else None,
        assignee=offer.assignee if offer else None,
    )
