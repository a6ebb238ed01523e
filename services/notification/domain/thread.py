"""Which messages belong to a ticket, so that a mail program shows them as one conversation."""

from __future__ import annotations

import re

from msgspec import Struct

# Enough for a mail program to find the thread, few enough for one small row and one header.
REMEMBERED = 6

_ID = re.compile(r"[!-;=?-~]{1,200}@[!-;=?-~]{1,200}")


class Thread(Struct, frozen=True, omit_defaults=True):
    """The message that began it and the latest ones, ids without angle brackets."""

    first: str | None = None
    latest: list[str] = []

    def begun_by(self, message_id: str) -> Thread:
        """Return the thread with the message that opened the ticket."""
        bare = _bare(message_id)
        return Thread(bare, self.latest) if bare and bare != self.first else self

    def with_message(self, message_id: str) -> Thread:
        """Return the thread with one more message; what it knows already changes nothing."""
        bare = _bare(message_id)
        if not bare or bare in self.references:
            return self
        return Thread(self.first, [*self.latest, bare][-REMEMBERED:])

    @property
    def references(self) -> list[str]:
        """All ids that are remembered, oldest first."""
        return [*([self.first] if self.first else []), *self.latest]


def _bare(message_id: str) -> str | None:
    """Return a message id without its brackets, None if it cannot stand in a header."""
    bare = message_id.strip().removeprefix("<").removesuffix(">")
    return bare if _ID.fullmatch(bare) else None
