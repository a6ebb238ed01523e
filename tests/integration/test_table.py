"""The one transaction every service saves with."""

import msgspec
import pytest

from events.intake import MailQuarantined
from shared.keys import partition, row
from shared.outbox import history, outgoing
from shared.refusal import Stale
from shared.story import Story
from shared.table import AlreadyDone, Drop, Put, Table

KEY = row("demo", "THING", "1")
FACT = MailQuarantined(receipt_id="r", reason="x")


class Thing(msgspec.Struct):
    name: str


@pytest.fixture
def table(aws):
    return Table(aws.table("things"))


@pytest.fixture
def story(at):
    return Story("demo", at, "c-1")


def test_what_is_saved_is_found(table, story):
    table.commit(story, [Put(KEY, Thing("a"))])
    assert table.find(KEY, Thing) == (Thing("a"), 1)
    assert table.find(row("demo", "THING", "2"), Thing) is None


def test_a_lost_race_is_stale_and_saves_nothing(table, story):
    table.commit(story, [Put(KEY, Thing("a"))])
    with pytest.raises(Stale):
        table.commit(story, [Put(KEY, Thing("b"))])
    table.commit(story, [Put(KEY, Thing("b"), seen=1)])
    with pytest.raises(Stale):
        table.commit(
            story, [Put(KEY, Thing("c"), seen=1), Put(row("demo", "THING", "9"), Thing("d"))]
        )
    assert table.find(KEY, Thing) == (Thing("b"), 2)
    assert table.find(row("demo", "THING", "9"), Thing) is None


def test_a_cause_has_its_effect_once(table, story):
    caused = story._replace(cause="F-1")
    table.commit(caused, [Put(KEY, Thing("a"), seen=None)])
    with pytest.raises(AlreadyDone):
        table.commit(caused, [Put(KEY, Thing("b"), seen=None)])
    assert table.find(KEY, Thing).value == Thing("a")


def test_facts_are_saved_with_the_state(aws, table, story):
    table.commit(story, [Put(KEY, Thing("a"))], outgoing(story, [FACT], subject="T-1"))
    [(kind, data, meta)] = aws.facts("things")
    assert (kind, data["reason"]) == ("MailQuarantined", "x")
    assert (meta["tenant"], meta["subject"], meta["correlation_id"]) == ("demo", "T-1", "c-1")


def test_a_history_is_numbered_and_cannot_be_overwritten(aws, table, story):
    pk = partition("demo", "TICKET", "T-1")
    table.commit(story, facts=history(story, [FACT, FACT], pk=pk, subject="T-1", after=0))
    assert [meta["sequence"] for _, _, meta in aws.facts("things")] == [1, 2]
    with pytest.raises(Stale):
        table.commit(story, facts=history(story, [FACT], pk=pk, subject="T-1", after=1))


def test_a_page_goes_on_where_the_one_before_ended(table, story):
    for n in range(5):
        key = row("demo", "THING", str(n))
        indexes = {"list_pk": "demo#LIST", "list_sk": str(n)}
        table.commit(story, [Put(key, Thing(str(n)), indexes=indexes)])
    first = table.query("demo#LIST", index="by_list", descending=True, limit=2)
    second = table.query(
        "demo#LIST", index="by_list", descending=True, limit=9, after=first.position
    )
    names = [msgspec.json.decode(r.body)["name"] for r in (*first.rows, *second.rows)]
    assert names == ["4", "3", "2", "1", "0"]
    assert second.position is None


def test_a_counter_never_gives_a_number_twice(table):
    key = row("demo", "COUNTER", "INC", sk="COUNTER")
    assert [table.count(key) for _ in range(3)] == [1, 2, 3]


def test_a_dropped_document_is_gone(table, story):
    table.commit(story, [Put(KEY, Thing("a"))])
    table.commit(story, [Drop(KEY)])
    assert table.find(KEY, Thing) is None


def test_a_key_without_a_tenant_is_refused():
    for tenant in ("", "a#b"):
        with pytest.raises(ValueError, match="tenant"):
            partition(tenant, "X")
