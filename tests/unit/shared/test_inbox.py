"""The inbox: each fact to its reaction, and objects of the bucket beside them."""

import json

import pytest

from events.intake import MailQuarantined
from events.sla import TimerFired
from shared.inbox import Inbox, StoredObject, stored_objects
from shared.table import AlreadyDone

FACT = MailQuarantined(receipt_id="r", reason="x")


def s3_event(*keys):
    records = [{"s3": {"bucket": {"name": "b"}, "object": {"key": k, "size": 3}}} for k in keys]
    return json.dumps({"Records": records})


def test_each_fact_reaches_its_reaction(sqs_event, context):
    inbox, heard = Inbox(), []
    inbox.on(MailQuarantined)(lambda fact, meta: heard.append((fact, meta.tenant)))
    assert inbox.handler()(sqs_event(FACT, FACT), context) == {"batchItemFailures": []}
    assert heard == [(FACT, "demo"), (FACT, "demo")]


def test_only_facts_of_the_bus_are_subscribed_to():
    inbox = Inbox()
    inbox.on(MailQuarantined)(lambda fact, meta: None)
    inbox.on(TimerFired, bus=False)(lambda fact, meta: None)
    assert inbox.listens_to == ["MailQuarantined"]


def test_a_fact_has_one_reaction():
    inbox = Inbox()
    inbox.on(MailQuarantined)(lambda fact, meta: None)
    with pytest.raises(ValueError, match="already"):
        inbox.on(MailQuarantined)(lambda fact, meta: None)


def test_what_was_done_before_is_done(sqs_event, context):
    inbox = Inbox()

    @inbox.on(MailQuarantined)
    def react(fact, meta):
        raise AlreadyDone

    assert inbox.handler()(sqs_event(FACT), context) == {"batchItemFailures": []}


def test_a_batch_that_fails_whole_is_reported_not_raised(sqs_event, context):
    inbox = Inbox()
    answer = inbox.handler()(sqs_event("{", "[]", FACT), context)
    assert [f["itemIdentifier"] for f in answer["batchItemFailures"]] == ["m-0", "m-1", "m-2"]


def test_objects_reach_their_reaction(sqs_event, context):
    inbox, seen = Inbox(), []
    inbox.on_object(seen.append)
    test = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"})
    answer = inbox.handler()(sqs_event(s3_event("inbox/a+b", "inbox/%C3%A9"), test), context)
    assert answer == {"batchItemFailures": []}
    assert seen == [StoredObject("b", "inbox/a b", 3), StoredObject("b", "inbox/é", 3)]


def test_a_fact_is_not_taken_for_an_object():
    assert stored_objects('{"detail-type": "x"}') is None
    assert stored_objects("[]") is None
