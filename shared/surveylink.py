"""The link with which one person may rate one resolution of one ticket, without signing in.

Survey, which asks, and notification, which sends the question, learn of a resolution from the
same fact and come to the same link by themselves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from events.desk import TicketMoved
from shared.machine import is_machine
from shared.signing import BadSignature, Signer

OPEN_FOR = timedelta(days=14)

_PURPOSE = "survey"


class SurveyGrant(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What the link proves."""

    tenant: str
    ticket_id: str
    sequence: int
    person: str
    expires_at: datetime
    language: str


def survey_grant(tenant: str, moved: TicketMoved) -> SurveyGrant | None:
    """Return what a move allows its requester to rate; None when nobody is to be asked.

    A machine is not asked, whether it opened the ticket or closed it.
    """
    ticket = moved.ticket
    if moved.after != "resolved" or moved.by.kind == "monitoring" or ticket.channel == "webhook":
        return None
    if ticket.resolved_at is None or ticket.resolution_sequence is None:
        return None
    if is_machine(ticket.requester):
        return None
    return SurveyGrant(
        tenant=tenant,
        ticket_id=ticket.id,
        sequence=ticket.resolution_sequence,
        person=ticket.requester,
        expires_at=ticket.resolved_at.astimezone(UTC) + OPEN_FOR,
        language=ticket.language,
    )


def survey_token(signer: Signer, grant: SurveyGrant) -> str:
    """Return the token; the same grant always gives the same token."""
    return signer.seal(_PURPOSE, msgspec.json.encode(grant))


def survey_link(public_url: str, token: str, score: int) -> str:
    """Return the address of the page where the score is chosen already."""
    return f"{public_url}/api/surveys/{token}?score={score}"


def read_survey_token(signer: Signer, token: str) -> SurveyGrant | None:
    """Return what a token grants, or None if it is not one of ours; expiry is the caller's."""
    try:
        return msgspec.json.decode(signer.open(_PURPOSE, token), type=SurveyGrant)
    except (BadSignature, msgspec.DecodeError):
        return None
