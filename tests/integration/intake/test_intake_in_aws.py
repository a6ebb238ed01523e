"""Intake's real handlers over pretended stores: mail in the bucket, alerts at the door."""

import base64
import hmac
import json
import subprocess
import sys
from hashlib import sha256

import boto3
import pytest

from events.identity import OrganisationFounded
from events.notification import NotificationSent
from services.intake import consumer, door, trigger
from shared.replyto import reply_address
from shared.signing import Signer

BUCKET = "mails"
TABLE = "intake"
ROUTE = "/hooks/{source}/{key}"
TICKET = "T-0123456789ABCDEF"
LETTER = (
    b"From: Ada <ada@customer.example>\r\nTo: help@demo.example\r\nSubject: Printer\r\n"
    b"Message-ID: <m1@customer.example>\r\n\r\nThe printer is on fire.\r\n"
)


@pytest.fixture
def table(aws):
    return aws.table(TABLE)


@pytest.fixture
def hears(table, sqs_event, context):
    """Deliver facts or message bodies; returns the ids of those that went back to the queue."""

    def deliver(*facts, **more):
        answer = consumer.handler(sqs_event(*facts, **more), context)
        return [failed["itemIdentifier"] for failed in answer["batchItemFailures"]]

    return deliver


@pytest.fixture
def bucket(hears):
    """A bucket that tells of what is put into it, and the organisation that its mail is for."""
    s3 = boto3.client("s3")
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    assert hears(OrganisationFounded(name="Demo", mailbox="Help@demo.example")) == []
    return s3


def notice(key, bucket=BUCKET):
    record = {"s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 1}}}
    return json.dumps({"Records": [record]})


@pytest.fixture
def arrives(bucket, hears):
    """Put raw mails into the bucket and deliver the notices of it together."""

    def put(**mails):
        for receipt_id, raw in mails.items():
            bucket.put_object(Bucket=BUCKET, Key=f"inbox/{receipt_id}", Body=raw)
        return hears(*(notice(f"inbox/{receipt_id}") for receipt_id in mails))

    return put


def told(aws, kind):
    return [data for name, data, _ in aws.facts(TABLE) if name == kind]


def test_int_01_a_mail_delivered_again_and_again_is_told_once(aws, arrives, hears):
    assert arrives(one=LETTER) == []
    assert hears(notice("inbox/one"), notice("inbox/one")) == []
    (message,) = told(aws, "MessageReceived")
    assert (message["sender"], message["subject"]) == ("ada@customer.example", "Printer")
    keys = [(item["pk"]["S"], item["sk"]["S"]) for item in aws.items(TABLE)]
    assert ("RECEIPT#one", "RECEIPT") in keys
    ((_, _, meta),) = [fact for fact in aws.facts(TABLE) if fact[0] == "MessageReceived"]
    assert (meta["tenant"], meta["correlation_id"]) == ("demo", "one")


def test_int_01_a_mail_that_cannot_be_understood_does_not_hold_up_the_others(aws, arrives, bucket):
    assert arrives(poison=b"\x00\xff" * 500, strange=b"", one=LETTER) == []
    assert len(told(aws, "MessageReceived")) == 1
    parked = told(aws, "MailQuarantined")
    assert {item["receipt_id"] for item in parked} == {"poison", "strange"}
    kept = bucket.get_object(Bucket=BUCKET, Key="inbox/poison")["Body"].read()
    assert kept == b"\x00\xff" * 500
    assert "-#QUARANTINE#poison" in {item["pk"]["S"] for item in aws.items(TABLE)}


def test_a_mail_that_is_gone_is_done_with_and_a_bucket_that_fails_is_tried_again(hears, bucket):
    assert hears(notice("inbox/gone")) == []
    assert hears(notice("inbox/x", bucket="no-such-bucket"), notice("inbox/gone")) == ["m-0"]


def test_a_broken_message_goes_back_alone(aws, arrives, hears, bucket):
    bucket.put_object(Bucket=BUCKET, Key="inbox/one", Body=LETTER)
    assert hears("no json", notice("inbox/one")) == ["m-0"]
    assert len(told(aws, "MessageReceived")) == 1


def test_int_02_an_answer_finds_its_ticket_by_token_and_by_the_id_of_our_mail(aws, arrives, hears):
    signer = Signer("a signing key for tests, 32+ letters")
    to = reply_address(
        signer,
        tenant="demo",
        ticket_id=TICKET,
        participant="ada@customer.example",
        mailbox="help@demo.example",
    )
    sent = NotificationSent(
        ticket_id=TICKET,
        recipient="ada@customer.example",
        template="received",
        language="en",
        message_id="s1@email.amazonses.com",
    )
    assert hears(sent, sent) == []
    answer = LETTER.replace(b"m1@", b"m2@") + b"again"
    referring = b"In-Reply-To: <s1@email.amazonses.com>\r\n" + answer
    assert arrives(a=LETTER.replace(b"help@demo.example", to.encode()), b=referring) == []
    threads = {(m["ticket_id"], m["threaded_by"]) for m in told(aws, "MessageReceived")}
    assert threads == {(TICKET, "token"), (TICKET, "reference")}


def test_a_mailbox_is_its_organisations_and_the_last_one_told_counts(aws, arrives, hears):
    assert (
        hears(OrganisationFounded(name="Rival", mailbox="desk@demo.example"), tenant="rival") == []
    )
    arrives(one=LETTER, two=LETTER.replace(b"help@", b"desk@"))
    tenants = {meta["tenant"] for kind, _, meta in aws.facts(TABLE) if kind == "MessageReceived"}
    assert tenants == {"demo", "rival"}


@pytest.fixture
def hook(table, context):
    made = trigger.handler({"tenant": "demo", "hook": {"source": "alertmanager"}}, context)
    assert set(made) == {"source", "key", "secret"}
    return made


@pytest.fixture
def posts(table, request_event, context):
    """Post to a webhook; returns status and body."""

    def send(key, body, *, secret="", source="alertmanager", binary=False, **headers):
        query = f"secret={secret}" if secret else ""
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        event = request_event(
            "POST", ROUTE, body=body, query=query, headers=named, source=source, key=key
        )
        if binary:
            event["body"] = base64.b64encode(event["body"].encode()).decode()
            event["isBase64Encoded"] = True
        answer = door.handler(event, context)
        return answer["statusCode"], json.loads(answer["body"])

    return send


def alert(status="firing"):
    labels = {"alertname": "DiskFull", "severity": "critical", "instance": "db-1"}
    one = {"status": status, "labels": labels, "annotations": {"summary": "Disk is full"}}
    return json.dumps({"version": "4", "status": status, "alerts": [one]})


def test_int_14_an_alert_fires_and_clears_through_the_door(aws, hook, posts):
    status, answer = posts(hook["key"], alert(), secret=hook["secret"])
    assert (status, answer["accepted"], len(answer["ids"])) == (202, 1, 1)
    signature = hmac.new(hook["secret"].encode(), alert("resolved").encode(), sha256).hexdigest()
    status, _ = posts(
        hook["key"], alert("resolved"), binary=True, X_Hub_Signature_256=f"sha256={signature}"
    )
    assert status == 202
    (fired,), (cleared,) = told(aws, "AlertFired"), told(aws, "AlertCleared")
    assert fired["fingerprint"] == cleared["fingerprint"]
    assert (fired["severity"], fired["resource"]) == ("critical", "db-1")
    assert {meta["tenant"] for _, _, meta in aws.facts(TABLE)} == {"demo"}
    assert answer["ids"][0] in {meta["id"] for _, _, meta in aws.facts(TABLE)}


def test_int_13_the_door_says_no_in_the_agreed_words(aws, hook, posts):
    unknown = posts("unknown", alert(), secret=hook["secret"])
    other_source = posts(hook["key"], alert(), secret=hook["secret"], source="generic")
    no_source = posts(hook["key"], alert(), secret=hook["secret"], source="nagios")
    assert unknown == other_source == no_source
    assert unknown[0] == 404
    assert posts(hook["key"], alert())[0] == 401
    assert posts(hook["key"], alert(), secret="wrong")[0] == 401
    forged = {"X_Signature": "0" * 64}
    assert posts(hook["key"], alert(), secret=hook["secret"], **forged)[0] == 401
    status, problem = posts(hook["key"], '{"alerts": 3}', secret=hook["secret"])
    assert (status, problem["errors"][0]["field"]) == (422, "alerts")
    assert posts(hook["key"], "no json", secret=hook["secret"])[0] == 422
    assert posts(hook["key"], "x" * 1_000_001, secret=hook["secret"])[0] == 413
    assert aws.facts(TABLE) == []


def test_int_13_an_idempotency_key_has_one_effect(aws, hook, posts):
    first = posts(hook["key"], alert(), secret=hook["secret"], Idempotency_Key="k")
    again = posts(hook["key"], alert(), secret=hook["secret"], Idempotency_Key="k")
    assert first == again
    assert (
        posts(hook["key"], alert("resolved"), secret=hook["secret"], Idempotency_Key="k")[0] == 422
    )
    assert len(aws.facts(TABLE)) == 1


def test_int_14_a_group_larger_than_one_transaction_is_told_whole(aws, hook, posts):
    alerts = [{"labels": {"alertname": f"a{n}", "instance": "x" * 50}} for n in range(45)]
    body = json.dumps({"status": "firing", "alerts": alerts})
    status, answer = posts(hook["key"], body, secret=hook["secret"], Idempotency_Key="k")
    assert (status, answer["accepted"]) == (202, 45)
    assert len({fact["fingerprint"] for fact in told(aws, "AlertFired")}) == 45


def test_of_a_webhooks_key_only_the_hash_is_kept(aws, hook):
    assert hook["key"] not in json.dumps(aws.items(TABLE))


@pytest.mark.parametrize(
    "event",
    [{}, {"tenant": "demo"}, {"tenant": "", "hook": {"source": "generic"}}, [], None]
    + [
        {"tenant": "a#b", "hook": {"source": "generic"}},
        {"tenant": "demo", "hook": {"source": "x"}},
    ],
    ids=str,
)
def test_the_trigger_refuses_what_is_no_webhook_of_an_organisation(table, context, event):
    assert trigger.handler(event, context)["status"] == 422


def test_the_door_loads_neither_mail_nor_boto3():
    code = (
        "import sys, services.intake.door; print([m for m in sys.modules if m in "
        "('boto3', 'pydantic', 'nh3', 'mailparser_reply', 'services.intake.domain.mail')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
