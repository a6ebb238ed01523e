"""What the stream carries is published whole, in calls that the bus accepts."""

import pytest

from shared.stream import MOST_BYTES, MOST_ENTRIES, NotPublished, chunks, publisher


def record(n=1, event="INSERT", **image):
    image = {"kind": {"S": "K"}, "source": {"S": "s"}, "detail": {"S": str(n)}, **image}
    return {"eventName": event, "dynamodb": {"NewImage": image}}


class Bus:
    """Counts calls and refuses what it is told to refuse."""

    def __init__(self, failing=()):
        self.calls, self.failing = [], failing

    def put_events(self, *, Entries):
        self.calls.append(Entries)
        failed = [e for e in Entries if e["Detail"] in self.failing]
        answers = [{"ErrorCode": "Throttled"} if e in failed else {} for e in Entries]
        return {"FailedEntryCount": len(failed), "Entries": answers}


def test_every_fact_is_published_in_order():
    bus = Bus()
    publisher(lambda: "bus", lambda: bus)({"Records": [record(n) for n in range(25)]}, None)
    assert [len(call) for call in bus.calls] == [10, 10, 5]
    told = [e["Detail"] for call in bus.calls for e in call]
    assert told == [str(n) for n in range(25)]
    assert bus.calls[0][0] == {
        "EventBusName": "bus",
        "Source": "s",
        "DetailType": "K",
        "Detail": "0",
    }


def test_what_is_no_new_fact_is_not_published():
    bus = Bus()
    others = [
        record(event="MODIFY"),
        record(event="REMOVE"),
        {"eventName": "INSERT", "dynamodb": {"NewImage": {"pk": {"S": "x"}}}},
        {"eventName": "REMOVE", "dynamodb": {}},
    ]
    publisher(lambda: "bus", lambda: bus)({"Records": others}, None)
    assert bus.calls == []


def test_one_refused_entry_fails_the_batch():
    bus = Bus(failing={"3"})
    with pytest.raises(NotPublished, match="Throttled"):
        publisher(lambda: "bus", lambda: bus)({"Records": [record(n) for n in range(5)]}, None)


def test_no_call_is_larger_than_the_bus_takes():
    entries = [{"Detail": "x" * size} for size in (200_000, 60_000, 100, 240_000, 10)]
    sizes = [[len(e["Detail"]) for e in chunk] for chunk in chunks(entries)]
    assert sizes == [[200_000], [60_000, 100], [240_000, 10]]
    assert all(sum(s) <= MOST_BYTES and len(s) <= MOST_ENTRIES for s in sizes)
