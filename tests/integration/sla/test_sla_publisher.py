"""What sla saved reaches the bus."""

import json

import boto3

from events.envelope import Meta, seal
from events.sla import ClocksChanged

ID = "T-01J9ZK3V7QXA5B6C"


def test_a_saved_fact_is_published_under_slas_name(aws, monkeypatch, context, at):
    from services.sla.publisher import handler

    events, queues = boto3.client("events"), boto3.client("sqs")
    url = queues.create_queue(QueueName="heard")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    events.create_event_bus(Name="bus")
    pattern = json.dumps({"source": ["zerodesk.sla"], "detail-type": ["ClocksChanged"]})
    events.put_rule(Name="rule", EventBusName="bus", EventPattern=pattern)
    target = {"Id": "queue", "Arn": arn["QueueArn"]}
    events.put_targets(Rule="rule", EventBusName="bus", Targets=[target])
    monkeypatch.setenv("ZERODESK_BUS", "bus")
    fact = ClocksChanged(ticket_id=ID, policy="P1", clocks=[])
    meta = Meta(id="F-1", tenant="demo", at=at, correlation_id="c")
    image = {"kind": "ClocksChanged", "source": "zerodesk.sla", "detail": seal(fact, meta)}
    record = {
        "eventName": "INSERT",
        "dynamodb": {"NewImage": {name: {"S": value} for name, value in image.items()}},
    }
    handler({"Records": [record]}, context)
    [message] = queues.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["detail"]["data"]["ticket_id"] == ID
