"""What survey does with a resolution and with an answer."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from events.desk import TicketMoved
from events.envelope import Meta
from events.survey import SurveyAnswered, SurveyOffered
from services.survey.domain.ballot import Ballot, Kept, Offer, answered, check_open
from shared.refusal import NotFound
from shared.retry import until_fresh
from shared.signing import Signer
from shared.story import Story
from shared.surveylink import SurveyGrant, read_survey_token, survey_grant


class Record(Protocol):
    """What survey keeps."""

    def offer(self, grant: SurveyGrant) -> Offer | None:
        """Return what was offered, None if that is not known (yet)."""

    def kept(self, grant: SurveyGrant) -> tuple[Kept, int] | None:
        """Return the last answer and the version it was read in."""

    def make_offer(
        self, story: Story, grant: SurveyGrant, offer: Offer, fact: SurveyOffered
    ) -> None:
        """Save an offer and tell, once per cause."""

    def keep(
        self, story: Story, grant: SurveyGrant, answer: Kept, seen: int, fact: SurveyAnswered
    ) -> None:
        """Save an answer over the one read as ``seen`` and tell; raises ``Stale``."""


class Asked(NamedTuple):
    """What is known of a question: about which ticket, and the answer it has."""

    number: str
    score: int | None
    comment: str


def make_offer(moved: TicketMoved, meta: Meta, at: datetime, record: Record) -> None:
    """Offer the requester to rate a resolution, if there is a person to ask."""
    grant = survey_grant(meta.tenant, moved)
    if grant is None:
        return
    fact = SurveyOffered(
        ticket_id=grant.ticket_id,
        person=grant.person,
        expires_at=grant.expires_at,
        resolution_sequence=grant.sequence,
    )
    record.make_offer(Story.after(meta, at), grant, Offer.of(grant, moved), fact)


def granted(token: str, signer: Signer) -> SurveyGrant:
    """Return what a token grants; raises ``NotFound`` for one that is not ours."""
    grant = read_survey_token(signer, token)
    if grant is None:
        raise NotFound
    return grant


def look(grant: SurveyGrant, record: Record) -> Asked:
    """Return what the page needs to know; keeps nothing."""
    offer, before = record.offer(grant), record.kept(grant)
    ballot = before[0].ballot if before else None
    return Asked(
        number=offer.number if offer else "",
        score=ballot.score if ballot else None,
        comment=ballot.comment if ballot else "",
    )


def cast(grant: SurveyGrant, ballot: Ballot, story: Story, record: Record) -> None:
    """Keep an answer; the last one counts, the same one again changes nothing.

    A genuine token is enough: the offer's own fact may still be on its way. Raises ``Conflict``
    when its time is over.
    """
    check_open(grant, story.at)
    offer = record.offer(grant)

    def save() -> None:
        before = record.kept(grant)
        if before and before[0].ballot == ballot:
            return
        answer = Kept(ballot=ballot, at=story.at)
        seen = before[1] if before else 0
        record.keep(story, grant, answer, seen, answered(grant, ballot, offer))

    until_fresh(save)
