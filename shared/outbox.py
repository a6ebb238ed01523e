"""Facts as rows: saved in the transaction that changes the state, published by the stream."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from events.envelope import Meta, seal
from events.fact import Fact, kind_of
from shared.ident import new_id
from shared.keys import RowKey, row
from shared.story import Story

# Every fact row's sort key begins so; the stream's filter and the history query rely on it.
PREFIX = "FACT#"
KEEP = timedelta(days=14)


class FactRow(NamedTuple):
    """A sealed fact and where it is kept; ``keep_until`` None means for ever."""

    key: RowKey
    kind: str
    source: str
    detail: str
    keep_until: int | None


def outgoing(story: Story, facts: Iterable[Fact], *, subject: str | None = None) -> list[FactRow]:
    """Return the rows of facts that only pass through: gone two weeks after they were told."""
    rows = []
    for fact in facts:
        meta = _meta(story, subject=subject)
        key = row(story.tenant, "OUT", meta.id, sk=f"{PREFIX}{0:08d}")
        rows.append(_row(key, fact, meta, int((story.at + KEEP).timestamp())))
    return rows


def history(
    story: Story, facts: Iterable[Fact], *, pk: str, subject: str, after: int
) -> list[FactRow]:
    """Return the rows of facts that are the history of ``subject``: numbered, kept for ever.

    ``after`` is how many facts the subject has already; ``pk`` is its partition.
    """
    rows = []
    for sequence, fact in enumerate(facts, start=after + 1):
        meta = _meta(story, subject=subject, sequence=sequence)
        rows.append(_row(RowKey(pk, fact_key(sequence)), fact, meta, None))
    return rows


def fact_key(sequence: int) -> str:
    """Return the sort key of the n-th fact of a history."""
    return f"{PREFIX}{sequence:08d}"


def _meta(story: Story, *, subject: str | None, sequence: int | None = None) -> Meta:
    return Meta(
        id=new_id("F"),
        tenant=story.tenant,
        at=story.at,
        correlation_id=story.correlation_id,
        cause=story.cause,
        subject=subject,
        sequence=sequence,
    )


def _row(key: RowKey, fact: Fact, meta: Meta, keep_until: int | None) -> FactRow:
    kind = kind_of(fact)
    return FactRow(key, kind.name, kind.source, seal(fact, meta), keep_until)
