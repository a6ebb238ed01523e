"""How a fact travels: the JSON that lies in an EventBridge ``detail``."""

from __future__ import annotations

import msgspec

from events.fact import KINDS, Fact, Moment

# PutEvents takes entries up to 1 MB; the bound leaves room and keeps a fact a fact, not a file.
LARGEST = 240_000


class Meta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who said it, for which organisation, when, and in which story it belongs.

    ``correlation_id`` is the same for everything that follows from one arrival; ``cause`` is the
    id of the fact that led to this one. ``subject`` and ``sequence`` say which thing the fact is
    about and the how-manieth fact of it this is (from 1): readers that keep state order by them.
    """

    id: str
    tenant: str
    at: Moment
    correlation_id: str
    cause: str | None = None
    subject: str | None = None
    sequence: int | None = None


class Detail(msgspec.Struct, frozen=True):
    """The body of a bus event: what happened, and about it."""

    meta: Meta
    data: msgspec.Raw


class BusEvent(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    """The part of an EventBridge event that we read."""

    detail_type: str
    source: str
    detail: Detail


class UnknownFact(ValueError):
    """An event whose detail-type no service has declared."""


def seal(fact: Fact, meta: Meta) -> str:
    """Return a fact as the ``Detail`` string of a PutEvents entry.

    Raises ``ValueError`` for a fact that would not fit on the bus.
    """
    detail = msgspec.json.encode({"meta": meta, "data": fact})
    if len(detail) > LARGEST:
        raise ValueError(f"{type(fact).__name__} has {len(detail)} bytes, {LARGEST} are allowed")
    return detail.decode()


def open_detail(kind: str, detail: str | bytes) -> tuple[Fact, Meta]:
    """Read a sealed detail back; unknown fields are ignored.

    Raises ``msgspec.ValidationError`` for wrong fields and ``UnknownFact`` for a foreign kind.
    """
    return _shaped(kind, msgspec.json.decode(detail, type=Detail))


def unseal(body: str | bytes) -> tuple[Fact, Meta]:
    """Read a fact back from a whole bus event; errors as for ``open_detail``."""
    event = msgspec.json.decode(body, type=BusEvent)
    return _shaped(event.detail_type, event.detail)


def as_bus_event(kind: str, source: str, detail: str) -> str:
    """Return the bus event that EventBridge would make of a sealed detail.

    For messages that reach an inbox without the bus, such as a timer's.
    """
    event = BusEvent(kind, source, msgspec.json.decode(detail, type=Detail))
    return msgspec.json.encode(event).decode()


def _shaped(kind: str, detail: Detail) -> tuple[Fact, Meta]:
    if kind not in KINDS:
        raise UnknownFact(kind)
    return msgspec.json.decode(detail.data, type=KINDS[kind].shape), detail.meta
