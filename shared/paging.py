"""Cursors: where a list goes on. Opaque to the caller, signed, and good for that list only."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.refusal import Flaw, Invalid
from shared.signing import BadSignature, Signer


class Page(msgspec.Struct, frozen=True):
    """One page of a list; ``next`` is the cursor of the following one, if there may be more."""

    items: list[Any]
    next: str | None = None


class Cursors:
    """Writes and reads the cursors of one list: one tenant, one caller, one set of filters."""

    def __init__(self, signer: Signer, *listing: str) -> None:
        self._signer = signer
        self._listing = list(listing)

    def write(self, position: dict[str, str] | None) -> str | None:
        """Return the cursor for a position, None for the end."""
        if position is None:
            return None
        return self._signer.seal("cursor", msgspec.json.encode([self._listing, position]))

    def read(self, cursor: str | None) -> dict[str, str] | None:
        """Return the position of a cursor; raises ``Invalid`` when it is not of this list."""
        if cursor is None:
            return None
        try:
            listing, position = msgspec.json.decode(
                self._signer.open("cursor", cursor), type=tuple[list[str], dict[str, str]]
            )
        except (BadSignature, msgspec.DecodeError):
            listing, position = [], {}
        if listing != self._listing:
            raise Invalid(
                "The cursor does not belong to this list.",
                Flaw("cursor", "take it from the answer before, with the same filters"),
            )
        return position
