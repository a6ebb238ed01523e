"""How SES's answers are understood."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from services.notification import mailbox
from services.notification.domain.ledger import NotTaken, Refused
from services.notification.mailbox import SesMailbox, message_id_host


@pytest.fixture
def ses():
    return boto3.client("ses", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def stub(ses, monkeypatch):
    monkeypatch.setattr(mailbox.time, "sleep", lambda _: None)
    with Stubber(ses) as stubber:
        yield stubber


def send(ses, region="eu-central-1"):
    return SesMailbox(ses, region).send("help@demo.example", "rita@customer.example", b"x")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0107-abc-000000", "0107-abc-000000@eu-central-1.amazonses.com"),
        ("uuid@email.amazonses.com", "uuid@email.amazonses.com"),
    ],
)
def test_the_message_id_is_what_the_recipient_sees(ses, stub, given, expected):
    wanted = {
        "Source": "help@demo.example",
        "Destinations": ["rita@customer.example"],
        "RawMessage": {"Data": b"x"},
    }
    stub.add_response("send_raw_email", {"MessageId": given}, wanted)
    assert send(ses) == expected


def test_the_oldest_region_has_a_name_of_its_own():
    assert message_id_host("us-east-1") == "email.amazonses.com"
    assert message_id_host("cn-north-1") == "cn-north-1.amazonses.com"


@pytest.mark.parametrize("code", ["MessageRejected", "InvalidParameterValue"])
def test_some_refusals_are_for_good(ses, stub, code):
    stub.add_client_error("send_raw_email", code, "no", 400)
    with pytest.raises(Refused, match=f"{code}: no"):
        send(ses)


def test_a_little_throttling_is_waited_out(ses, stub):
    stub.add_client_error("send_raw_email", "Throttling", "Maximum sending rate exceeded.", 400)
    stub.add_response("send_raw_email", {"MessageId": "a"})
    assert send(ses) == "a@eu-central-1.amazonses.com"


@pytest.mark.parametrize(
    ("code", "times"),
    [("Throttling", 4), ("AccountSendingPausedException", 1), ("AccessDenied", 1)],
)
def test_what_was_surely_not_sent_may_be_tried_again_at_once(ses, stub, code, times):
    for _ in range(times):
        stub.add_client_error("send_raw_email", code, "no", 400)
    with pytest.raises(NotTaken):
        send(ses)


def test_after_a_failure_inside_ses_nobody_knows(ses, stub):
    stub.add_client_error("send_raw_email", "InternalFailure", "oops", 500)
    with pytest.raises(ClientError):
        send(ses)
