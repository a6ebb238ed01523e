"""The desk's consumer with a pretended DynamoDB: once, whatever is delivered how often."""

import json

import pytest

from events.envelope import Meta
from events.intake import AlertFired, MessageReceived
from events.routing import TicketRouted
from events.vocabulary import MailReference


@pytest.fixture
def tell(aws, sqs_event, context):
    aws.table("desk")
    from services.desk.consumer import handler

    return lambda *facts: handler(sqs_event(*facts), context)


def mail(at, n=1):
    meta = Meta(id=f"F-{n}", tenant="demo", at=at, correlation_id="c-1")
    message = MessageReceived(
        mail=MailReference(receipt_id=f"r-{n}"),
        sender="ada@demo.example",
        subject=f"Printer {n}",
        text="broken",
    )
    return message, meta


def test_a_message_told_twice_opens_one_ticket(aws, tell, at):
    assert tell(mail(at)) == {"batchItemFailures": []}
    assert tell(mail(at)) == {"batchItemFailures": []}
    assert tell(mail(at), mail(at)) == {"batchItemFailures": []}
    [(kind, data, meta)] = aws.facts("desk")
    assert (kind, data["ticket"]["subject"]) == ("TicketOpened", "Printer 1")
    assert (meta["cause"], meta["correlation_id"], meta["sequence"]) == ("F-1", "c-1", 1)
    assert meta["subject"] == data["ticket"]["id"]


def test_only_the_broken_message_returns_to_the_queue(aws, tell, at):
    answer = tell(mail(at, 1), "not a fact", json.dumps({"detail-type": "x"}), mail(at, 2))
    assert [f["itemIdentifier"] for f in answer["batchItemFailures"]] == ["m-1", "m-2"]
    assert len(aws.facts("desk")) == 2


def test_routing_is_taken_over_once(aws, tell, at):
    tell(mail(at))
    ticket_id = aws.facts("desk")[0][1]["ticket"]["id"]
    decision = TicketRouted(
        ticket_id=ticket_id, team="workplace", impact=3, urgency=3, priority="P5", reason="printer"
    )
    meta = Meta(id="F-9", tenant="demo", at=at, correlation_id="c-1")
    for _ in range(2):
        assert tell((decision, meta)) == {"batchItemFailures": []}
    kinds = sorted(kind for kind, _, _ in aws.facts("desk"))
    assert kinds == ["TicketAssigned", "TicketOpened", "TicketPrioritised"]


def test_a_decision_that_overtakes_its_ticket_comes_back(tell, at):
    decision = TicketRouted(
        ticket_id="T-0000000000000000",
        team="x",
        impact=3,
        urgency=3,
        priority="P5",
        reason="x",
    )
    assert len(tell(decision)["batchItemFailures"]) == 1


def test_alerts_with_one_fingerprint_share_a_ticket(aws, tell, at):
    alert = AlertFired(
        fingerprint="f-1", source="json", title="Disk", severity="high", occurred_at=at
    )
    tell(alert, alert, alert)
    assert sorted(kind for kind, _, _ in aws.facts("desk")) == [
        "AlertRepeated",
        "AlertRepeated",
        "TicketOpened",
    ]


def test_a_published_fact_is_what_was_saved(aws, tell, at, context, monkeypatch):
    import boto3

    monkeypatch.setenv("ZERODESK_BUS", "bus")
    events, sqs = boto3.client("events"), boto3.client("sqs")
    events.create_event_bus(Name="bus")
    url = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = json.dumps({"source": ["zerodesk.desk"]})
    events.put_rule(Name="r", EventBusName="bus", EventPattern=pattern)
    events.put_targets(Rule="r", EventBusName="bus", Targets=[{"Id": "q", "Arn": arn["QueueArn"]}])
    tell(mail(at))
    records = [
        {"eventName": "INSERT", "dynamodb": {"NewImage": image}} for image in aws.items("desk")
    ]
    from services.desk.publisher import handler

    handler({"Records": records}, context)
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    event = json.loads(message["Body"])
    assert event["detail-type"] == "TicketOpened"
    assert event["detail"]["meta"]["tenant"] == "demo"
