"""What a call costs, in the units that AWS bills."""

import asyncio
import json

import pytest

from infra.local.host.meter import MARK, Meter, units_of


def item(size=10, **attributes):
    return {"pk": {"S": "x" * size}, **{name: {"S": "k"} for name in attributes}}


def call(target, body, **headers):
    return units_of({"x-amz-target": target, **headers}, "POST", json.dumps(body).encode())


DYNAMO = "DynamoDB_20120810."


@pytest.mark.parametrize(
    ("puts", "units"),
    [
        ([item()], 2),
        ([item(1100)], 4),
        ([item(), item()], 4),
        ([item(list_pk=1, team_pk=1)], 4),
    ],
)
def test_a_transaction_costs_twice_its_kilobytes_and_once_its_indexes(puts, units):
    body = {"TransactItems": [{"Put": {"Item": put}} for put in puts]}
    assert call(DYNAMO + "TransactWriteItems", body)["ddb_wru"] == units


def test_single_calls_have_their_units():
    assert call(DYNAMO + "PutItem", {"Item": item()})["ddb_wru"] == 1
    assert call(DYNAMO + "GetItem", {"Key": {}})["ddb_rru"] == 1
    batch = {"RequestItems": {"t": {"Keys": [{}, {}]}}}
    assert call(DYNAMO + "BatchGetItem", batch)["ddb_rru"] == 2
    assert call("AWSEvents.PutEvents", {"Entries": [{}, {}]}) == {"events_custom": 2}
    assert call("AmazonSQS.SendMessage", {}) == {"sqs_standard": 1}
    mail = {"authorization": "AWS4-HMAC-SHA256 Credential=x/20300101/eu-central-1/ses/aws4"}
    assert units_of(mail, "POST", b"Action=SendRawEmail") == {"ses_out": 1}
    assert call(DYNAMO + "DescribeTable", {}) == {}


def test_only_the_functions_calls_and_the_users_requests_are_counted():
    meter = Meter()

    async def request(path="/", agent="", target="AmazonSQS.SendMessage"):
        async def receive():
            return {"type": "http.request", "body": b"{}", "more_body": False}

        headers = [(b"User-Agent", agent.encode()), (b"X-Amz-Target", target.encode())]
        scope = {"path": path, "method": "POST", "headers": headers}
        await meter.watch(scope, receive)()

    asyncio.run(request(agent="Boto3/1.43 md/x"))
    assert meter.totals() == {}
    asyncio.run(request(agent=f"Boto3/1.43 {MARK}"))
    asyncio.run(request(path="/_aws/execute-api/abc/$default/tickets"))
    meter.invoked("desk-Consumer-1", 12.3)
    assert meter.totals() == {
        "sqs_standard": 3,
        "apigw_http": 1,
        "lambda_request": 1,
        "lambda_ms": 13,
    }
