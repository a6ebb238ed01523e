"""One service's DynamoDB table: typed documents, indexes, and the transaction with its facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar, cast

import msgspec
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from shared.keys import RowKey, row
from shared.outbox import FactRow
from shared.refusal import Stale
from shared.story import Story

T = TypeVar("T")
SEEN_FOR = timedelta(days=14)


class _ByList(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "by_list"
        projection = AllProjection()

    list_pk = UnicodeAttribute(hash_key=True)
    list_sk = UnicodeAttribute(range_key=True)


class _ByTeam(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "by_team"
        projection = AllProjection()

    team_pk = UnicodeAttribute(hash_key=True)
    team_sk = UnicodeAttribute(range_key=True)


class _ByRequester(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "by_requester"
        projection = AllProjection()

    requester_pk = UnicodeAttribute(hash_key=True)
    requester_sk = UnicodeAttribute(range_key=True)


class Row(Model):
    """Every row of every table: a document (``body``, JSON) or a fact on its way out."""

    class Meta:
        """Bound to a table by ``Table``."""

        table_name = "unbound"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    gone_at = NumberAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)
    detail = UnicodeAttribute(null=True)
    list_pk = UnicodeAttribute(null=True)
    list_sk = UnicodeAttribute(null=True)
    team_pk = UnicodeAttribute(null=True)
    team_sk = UnicodeAttribute(null=True)
    requester_pk = UnicodeAttribute(null=True)
    requester_sk = UnicodeAttribute(null=True)
    by_list = _ByList()
    by_team = _ByTeam()
    by_requester = _ByRequester()


class AlreadyDone(Exception):
    """The fact being reacted to has had its effect before; there is nothing to do."""


class Held(NamedTuple, Generic[T]):
    """A document and the version it was read in."""

    value: T
    version: int


class Put(NamedTuple):
    """One document to write.

    ``seen`` is the version it was read in: 0 means it must not exist yet, None that whatever is
    there is replaced; ``becomes`` is its next version (default: one more). ``indexes`` are the
    index key attributes it appears under.
    """

    key: RowKey
    value: Any
    seen: int | None = 0
    becomes: int | None = None
    indexes: dict[str, str] | None = None
    gone_at: datetime | None = None


class Drop(NamedTuple):
    """One document to delete."""

    key: RowKey


class Found(NamedTuple):
    """One page of a query: the bodies as JSON with their keys, and where to go on."""

    rows: list[Row]
    position: dict[str, str] | None


class Table:
    """A table whose name is known; opens its connection when first used."""

    def __init__(self, name: str) -> None:
        meta = type("Meta", (), {"table_name": name})
        self._row: type[Row] = cast(type[Row], type("BoundRow", (Row,), {"Meta": meta}))
        self._connection = Connection()

    def find(self, key: RowKey, shape: type[T]) -> Held[T] | None:
        """Return a document, read consistently, or None."""
        try:
            found = self._row.get(*key, consistent_read=True)
        except self._row.DoesNotExist:
            return None
        return Held(msgspec.json.decode(found.body or "null", type=shape), int(found.version or 0))

    def rows(self, keys: Sequence[RowKey]) -> list[Row]:
        """Return the rows of up to 100 keys that exist, in no particular order."""
        return list(self._row.batch_get(keys, consistent_read=True))

    def query(
        self,
        pk: str,
        *,
        begins: str | None = None,
        index: str | None = None,
        descending: bool = False,
        limit: int = 100,
        after: dict[str, str] | None = None,
    ) -> Found:
        """Return one page of a partition, of the table or of one of its indexes.

        ``after`` is the ``position`` of the page before; positions hold plain strings.
        """
        source = getattr(self._row, index) if index else self._row
        range_key = getattr(self._row, f"{index.removeprefix('by_')}_sk" if index else "sk")
        condition = range_key.startswith(begins) if begins else None
        start = {name: {"S": value} for name, value in after.items()} if after else None
        # An index cannot be read consistently.
        consistency: dict[str, Any] = {} if index else {"consistent_read": True}
        result = source.query(
            pk,
            condition,
            scan_index_forward=not descending,
            limit=limit,
            last_evaluated_key=start,
            **consistency,
        )
        found = list(result)
        last = result.last_evaluated_key
        return Found(found, {name: value["S"] for name, value in last.items()} if last else None)

    def count(self, key: RowKey) -> int:
        """Return the next number of a counter; numbers are unique, gaps are possible."""
        counter = self._row(*key)
        counter.update([self._row.version.set((self._row.version | 0) + 1)])
        return int(counter.version or 0)

    def commit(
        self, story: Story, puts: Iterable[Put | Drop] = (), facts: Iterable[FactRow] = ()
    ) -> None:
        """Save documents and the facts about them: all or nothing.

        When the story has a cause, it is remembered with the effect; raises ``AlreadyDone`` if it
        was there before. Raises ``Stale`` if a document changed since it was read.
        """
        puts, facts = list(puts), list(facts)
        seen = story.cause is not None
        if not seen and not facts and len(puts) == 1 and isinstance(puts[0], Put):
            self._save_alone(puts[0])
            return
        try:
            with TransactWrite(connection=self._connection) as write:
                if story.cause is not None:
                    self._remember(write, story.tenant, story.cause, story.at)
                for put in puts:
                    if isinstance(put, Drop):
                        write.delete(self._row(*put.key))
                    else:
                        write.save(self._document(put), condition=self._unchanged(put.seen))
                for fact in facts:
                    write.save(self._fact(fact), condition=self._row.pk.does_not_exist())
        except TransactWriteError as error:
            raise _meaning(error, seen) from error

    def _save_alone(self, put: Put) -> None:
        # What is one write needs no transaction, which would cost twice as much.
        try:
            self._document(put).save(condition=self._unchanged(put.seen))
        except PutError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                raise Stale("It changed meanwhile; look again.") from error
            raise

    def _remember(self, write: TransactWrite, tenant: str, cause: str, at: datetime) -> None:
        gone_at = int((at + SEEN_FOR).timestamp())
        mark = self._row(*row(tenant, "SEEN", cause, sk="SEEN"), gone_at=gone_at)
        write.save(mark, condition=self._row.pk.does_not_exist())

    def _document(self, put: Put) -> Row:
        attributes: dict[str, Any] = {**(put.indexes or {})}
        attributes["body"] = msgspec.json.encode(put.value).decode()
        attributes["version"] = put.becomes or (put.seen or 0) + 1
        document = self._row(*put.key, **attributes)
        if put.gone_at:
            document.gone_at = int(put.gone_at.timestamp())
        return document

    def _unchanged(self, seen: int | None) -> Condition | None:
        if seen is None:
            return None
        return self._row.version == seen if seen else self._row.pk.does_not_exist()

    def _fact(self, fact: FactRow) -> Row:
        kept = self._row(*fact.key, kind=fact.kind, source=fact.source, detail=fact.detail)
        if fact.keep_until:
            kept.gone_at = fact.keep_until
        return kept


def _meaning(error: TransactWriteError, seen: bool) -> Exception:
    """Say what a cancelled transaction means; anything but a lost race stays what it is."""
    codes = [reason.code if reason else None for reason in error.cancellation_reasons]
    if seen and codes and codes[0] == "ConditionalCheckFailed":
        return AlreadyDone()
    if {"ConditionalCheckFailed", "TransactionConflict"}.intersection(codes):
        return Stale("It changed meanwhile; look again.")
    return error
