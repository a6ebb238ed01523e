"""Shared by all suites: an AWS that cannot be reached, and builders for what arrives."""

import json
import os
from datetime import UTC, datetime

import pytest
from hypothesis import settings

# A busy machine must not fail a property; examples are what we want of it, not milliseconds.
settings.register_profile("zerodesk", deadline=None)
settings.load_profile("zerodesk")

os.environ.update(
    AWS_DEFAULT_REGION="eu-central-1",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    POWERTOOLS_SERVICE_NAME="test",
    POWERTOOLS_METRICS_DISABLED="true",
    POWERTOOLS_DEV="false",
)
os.environ.pop("AWS_ENDPOINT_URL", None)

SIGNING_KEY = "a signing key for tests, 32+ letters"
AT = datetime(2030, 1, 2, 9, 30, tzinfo=UTC)
INDEXES = ("list", "team", "requester")


class Context:
    """The part of a Lambda context that our code reads."""

    function_name = "test"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:test"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self):
        return 10_000


@pytest.fixture
def context():
    return Context()


@pytest.fixture
def at():
    return AT


def claims(email="ada@demo.example", tenant="demo", roles=("requester",), **more):
    """The claims of an access token as the pre-token function makes them."""
    return {
        "sub": email,
        "email": email,
        "tenant": tenant,
        "roles": " ".join(roles),
        "name": more.pop("name", email.partition("@")[0].title()),
        "locale": more.pop("locale", "en"),
        **more,
    }


@pytest.fixture
def as_person():
    """Build the claims of a signed-in person."""
    return claims


@pytest.fixture
def request_event():
    """Build an HTTP API event in payload format 2.0, the one that all our doors get.

    ``who`` are the claims of the verified token (None: nobody is signed in), ``body`` is sent as
    JSON unless it is text already.
    """

    def build(method, resource, *, body=None, who=None, headers=None, query="", **path):
        event = {
            "version": "2.0",
            "routeKey": f"{method} {resource}",
            "rawPath": resource.format(**path),
            "rawQueryString": query,
            "headers": {"content-type": "application/json", **(headers or {})},
            "isBase64Encoded": False,
            "requestContext": {
                "http": {"method": method, "path": resource.format(**path)},
                "requestId": "r-1",
            },
        }
        if path:
            event["pathParameters"] = path
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        if who:
            event["requestContext"]["authorizer"] = {"jwt": {"claims": who}}
        return event

    return build


def sqs_record(body, message_id):
    return {
        "messageId": message_id,
        "receiptHandle": "h",
        "body": body,
        "attributes": {},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:inbox",
        "awsRegion": "eu-central-1",
    }


@pytest.fixture
def sqs_event():
    """Build the SQS event in which facts reach a consumer; tuples are (fact, Meta)."""
    from events.envelope import Meta, as_bus_event, seal
    from events.fact import kind_of
    from shared.ident import new_id

    def build(*facts, tenant="demo", at=AT):
        records = []
        for item in facts:
            if isinstance(item, str):
                records.append(sqs_record(item, f"m-{len(records)}"))
                continue
            fact, meta = item if isinstance(item, tuple) else (item, None)
            meta = meta or Meta(id=new_id("F"), tenant=tenant, at=at, correlation_id="story-1")
            kind = kind_of(fact)
            body = as_bus_event(kind.name, kind.source, seal(fact, meta))
            records.append(sqs_record(body, f"m-{len(records)}"))
        return {"Records": records}

    return build


@pytest.fixture
def aws(monkeypatch):
    """A pretended AWS (moto), and a maker of tables with the one schema all of ours have."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        client = boto3.client("dynamodb")

        class Aws:
            """Makes tables and reads what is in them."""

            def table(self, name):
                names = ["pk", "sk", *(f"{i}_{part}" for i in INDEXES for part in ("pk", "sk"))]
                client.create_table(
                    TableName=name,
                    BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[
                        {"AttributeName": n, "AttributeType": "S"} for n in names
                    ],
                    KeySchema=_keys("pk", "sk"),
                    GlobalSecondaryIndexes=[
                        {
                            "IndexName": f"by_{i}",
                            "KeySchema": _keys(f"{i}_pk", f"{i}_sk"),
                            "Projection": {"ProjectionType": "ALL"},
                        }
                        for i in INDEXES
                    ],
                )
                monkeypatch.setenv("ZERODESK_TABLE", name)
                return name

            def items(self, name):
                return client.scan(TableName=name)["Items"]

            def facts(self, name):
                """Return (kind, data, meta) of every fact row, oldest first."""
                rows = [i for i in self.items(name) if i["sk"]["S"].startswith("FACT#")]
                found = [(i["kind"]["S"], json.loads(i["detail"]["S"])) for i in rows]
                found.sort(key=lambda f: (f[1]["meta"]["at"], f[1]["meta"].get("sequence", 0)))
                return [(kind, detail["data"], detail["meta"]) for kind, detail in found]

        monkeypatch.setenv("ZERODESK_SIGNING_KEY", SIGNING_KEY)
        monkeypatch.setenv("ZERODESK_PUBLIC_URL", "https://desk.example")
        yield Aws()
        _forget_wirings()


def _keys(hash_key, range_key):
    return [
        {"AttributeName": hash_key, "KeyType": "HASH"},
        {"AttributeName": range_key, "KeyType": "RANGE"},
    ]


def _forget_wirings():
    """Empty the caches of every wiring, so that the next test gets its own pretended AWS."""
    import sys

    for name, module in list(sys.modules.items()):
        if name.startswith("services.") and name.endswith(".wiring"):
            for part in vars(module).values():
                if hasattr(part, "cache_clear"):
                    part.cache_clear()
