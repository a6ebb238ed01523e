"""Identities and moments: the two inputs that make code untestable when taken from thin air."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

# Crockford's base 32: no I, L, O, U, so that an id survives being read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def now() -> datetime:
    """Return the current moment in UTC."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """Return an unguessable id such as ``T-7K2M9QX4ZB1C0D3E`` (80 random bits)."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(16))
