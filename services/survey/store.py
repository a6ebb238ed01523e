"""Keeps offers and answers in survey's own table."""

from __future__ import annotations

from datetime import timedelta

from events.survey import SurveyAnswered, SurveyOffered
from services.survey.domain.ballot import Kept, Offer
from shared.keys import RowKey, row
from shared.outbox import outgoing
from shared.story import Story
from shared.surveylink import SurveyGrant
from shared.table import Put, Table

# An offer is only looked at until it expires; the answer stays.
KEPT_AFTER_EXPIRY = timedelta(days=30)


class TableRecord:
    """What survey keeps: per ticket one offer and at most one answer for each resolution."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def offer(self, grant: SurveyGrant) -> Offer | None:
        """Return what was offered, None if that is not known (yet)."""
        held = self._table.find(_key(grant, "OFFER"), Offer)
        return held.value if held else None

    def kept(self, grant: SurveyGrant) -> tuple[Kept, int] | None:
        """Return the last answer and the version it was read in."""
        held = self._table.find(_key(grant, "ANSWER"), Kept)
        return (held.value, held.version) if held else None

    def make_offer(
        self, story: Story, grant: SurveyGrant, offer: Offer, fact: SurveyOffered
    ) -> None:
        """Save an offer and tell, once per cause."""
        gone_at = grant.expires_at + KEPT_AFTER_EXPIRY
        put = Put(_key(grant, "OFFER"), offer, seen=None, gone_at=gone_at)
        self._table.commit(story, [put], outgoing(story, [fact], subject=grant.ticket_id))

    def keep(
        self, story: Story, grant: SurveyGrant, answer: Kept, seen: int, fact: SurveyAnswered
    ) -> None:
        """Save an answer over the one read as ``seen`` and tell; raises ``Stale``."""
        put = Put(_key(grant, "ANSWER"), answer, seen)
        self._table.commit(story, [put], outgoing(story, [fact], subject=grant.ticket_id))


def _key(grant: SurveyGrant, what: str) -> RowKey:
    return row(grant.tenant, "TICKET", grant.ticket_id, sk=f"{what}#{grant.sequence:08d}")
