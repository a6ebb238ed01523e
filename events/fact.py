"""What every fact has in common, and the one list of all facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec

# A moment without a time zone is a bug that waits for summer time; msgspec refuses it.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

PRODUCT = "zerodesk"


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened: past tense, immutable, published by exactly one service.

    Facts only gain optional fields; anything else is a new class published beside the old one.
    """


class Kind(msgspec.Struct, frozen=True):
    """How a fact is called on the bus."""

    name: str
    owner: str
    shape: type[Fact]

    @property
    def source(self) -> str:
        """The EventBridge source, one per owning service."""
        return f"{PRODUCT}.{self.owner}"


KINDS: dict[str, Kind] = {}
F = TypeVar("F", bound=Fact)


def fact(owner: str) -> Callable[[type[F]], type[F]]:
    """Enrol a fact under the service that publishes it; its class name is its detail-type.

    Raises ``ValueError`` when the name is taken: names are unique across the whole platform.
    """

    def enrol(shape: type[F]) -> type[F]:
        name = shape.__name__
        if name in KINDS:
            raise ValueError(f"{name} is already declared by {KINDS[name].owner}")
        KINDS[name] = Kind(name, owner, shape)
        return shape

    return enrol


def kind_of(what: Fact | type[Fact]) -> Kind:
    """Return the bus name of a fact or of a fact class."""
    return KINDS[(what if isinstance(what, type) else type(what)).__name__]
