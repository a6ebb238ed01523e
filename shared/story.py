"""In which story a piece of work belongs: for whom, when, and because of what."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from events.envelope import Meta


class Story(NamedTuple):
    """What every change must know of its origin.

    ``cause`` is the id of the fact being reacted to: a store that saves it with the effect makes
    the reaction happen once, however often the fact is delivered.
    """

    tenant: str
    at: datetime
    correlation_id: str
    cause: str | None = None

    @classmethod
    def after(cls, meta: Meta, at: datetime) -> Story:
        """Continue the story of a fact at the moment ``at``."""
        return cls(meta.tenant, at, meta.correlation_id, meta.id)
