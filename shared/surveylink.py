"""The link with which one person may rate one resolution of one ticket, without signing in."""

from __future__ import annotations

from datetime import datetime

import msgspec

from shared.signing import BadSignature, Signer

_PURPOSE = "survey"


class SurveyGrant(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What the link proves."""

    tenant: str
    ticket_id: str
    sequence: int
    person: str
    expires_at: datetime
    language: str


def survey_token(signer: Signer, grant: SurveyGrant) -> str:
    """Return the token; the same grant always gives the same token."""
    return signer.seal(_PURPOSE, msgspec.json.encode(grant))


def read_survey_token(signer: Signer, token: str) -> SurveyGrant | None:
    """Return what a token grants, or None if it is not one of ours; expiry is the caller's."""
    try:
        return msgspec.json.decode(signer.open(_PURPOSE, token), type=SurveyGrant)
    except (BadSignature, msgspec.DecodeError):
        return None
