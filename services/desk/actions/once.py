"""Requests that are repeated with the same Idempotency-Key have their effect once (INT-19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from services.desk.actions.ports import Tickets
from services.desk.domain.records import Once
from shared.refusal import Flaw, Invalid
from shared.retry import until_fresh

T = TypeVar("T")


def effective(
    tenant: str, once: Once | None, tickets: Tickets, shape: type[T], action: Callable[[], T]
) -> T:
    """Return the answer given before to the same request, else what ``action`` answers.

    The action runs anew when it loses a race. The same key with another request is ``Invalid``.
    """

    def attempt() -> T:
        kept = tickets.recall(tenant, once) if once else None
        if once is None or kept is None:
            return action()
        if kept.fingerprint != once.fingerprint:
            raise Invalid(
                "This Idempotency-Key belongs to another request.",
                Flaw("Idempotency-Key", "take a new one for a new request"),
            )
        return msgspec.json.decode(kept.answer, type=shape)

    return until_fresh(attempt)
