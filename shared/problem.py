"""Problem documents (RFC 9457): the one shape of every error answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec

from shared.refusal import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    Stale,
    TooLarge,
)

MEDIA_TYPE = "application/problem+json"
HEADERS: dict[str, str] = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
STATUS: dict[type[Refusal], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The members every problem document has; some have more (``errors``, ``legal``)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def of(no: Refusal) -> tuple[int, str]:
    """Return status and document of a refusal."""
    status = next(STATUS[kind] for kind in type(no).__mro__ if kind in STATUS)
    return int(status), _document(status, str(no), no.more)


def bare(code: int) -> str:
    """Return the document of a refusal that has no more to say than its status."""
    status = HTTPStatus(code)
    return _document(status, status.description or status.phrase, {})


def _document(status: HTTPStatus, detail: str, more: dict[str, Any]) -> str:
    known = Problem(title=status.phrase, status=int(status), detail=detail)
    return msgspec.json.encode({**msgspec.structs.asdict(known), **more}).decode()
