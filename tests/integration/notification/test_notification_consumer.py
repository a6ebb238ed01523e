"""Notification as it is deployed: its real handler, with moto's DynamoDB and SES."""

import base64
import json
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy

import boto3
import pytest

from events.desk import CommentAdded, Resolution, TicketAssigned, TicketMoved, TicketOpened
from events.envelope import Meta
from events.identity import OrganisationFounded, PersonInvited
from events.intake import MailBounced
from events.sla import ClockBreached, ClockWarned
from events.vocabulary import Actor, MailReference, TicketSummary
from services.notification import consumer, wiring
from services.notification.domain.ledger import BeingSent, Sending
from services.notification.domain.words import CATALOGUE, say
from shared.story import Story

RITA = Actor(kind="person", name="rita@customer.example", role="requester")
AGENT = Actor(kind="person", name="abe@demo.example", role="agent")
NOW = datetime.now(UTC)


def ticket(**more):
    known = {
        "id": "T-01J9ZK3V7QXA5B6C",
        "number": "INC-000123",
        "kind": "incident",
        "state": "new",
        "subject": "Printer",
        "requester": "rita@customer.example",
        "channel": "email",
        "language": "en",
        "opened_at": NOW,
    }
    return TicketSummary(**(known | more))


def meta(n=1, at=NOW, tenant="demo"):
    return Meta(id=f"F-{n:016d}", tenant=tenant, at=at, correlation_id="story-1")


def opened(**more):
    mail = MailReference(receipt_id="r", message_id="<q1@customer.example>")
    return TicketOpened(ticket=ticket(**more), text="x", by=RITA, mail=mail)


FOUNDED = OrganisationFounded(name="Demo", mailbox="help@demo.example")


@pytest.fixture
def table(aws, monkeypatch):
    monkeypatch.setenv("ZERODESK_MAIL_DOMAIN", "demo.example")
    boto3.client("ses").verify_domain_identity(Domain="demo.example")
    return aws.table("notification")


@pytest.fixture
def hear(table, sqs_event, context):
    def deliver(*facts, failures=0):
        answer = consumer.handler(sqs_event(*facts), context)
        assert len(answer["batchItemFailures"]) == failures

    return deliver


def outbox():
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    sent = ses_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].sent_messages
    raw = [one.raw_data for one in sent]
    raw = [r if ":" in r.split("\n")[0] else base64.b64decode(r).decode() for r in raw]
    return [message_from_string(r, policy=policy.default) for r in raw]


def recipients():
    return [mail["To"] for mail in outbox()]


SITUATIONS = {
    "received": lambda t: opened(**t),
    "desk_wrote": lambda t: CommentAdded(
        ticket=ticket(**t), comment_id="C", text="x", public=True, by=AGENT
    ),
    "requester_wrote": lambda t: CommentAdded(
        ticket=ticket(**t), comment_id="C", text="x", public=True, by=RITA
    ),
    "internal_note": lambda t: CommentAdded(
        ticket=ticket(**t), comment_id="C", text="x", public=False, by=AGENT
    ),
    "resolved": lambda t: TicketMoved(
        ticket=ticket(**t, resolved_at=NOW, resolution_sequence=3),
        before="in_progress",
        after="resolved",
        by=AGENT,
        resolution=Resolution(code="solved", notes="restarted"),
    ),
    "reopened": lambda t: TicketMoved(
        ticket=ticket(**t), before="resolved", after="in_progress", by=RITA
    ),
    "assigned": lambda t: TicketAssigned(ticket=ticket(**t), by=AGENT),
    "team_assigned": lambda t: TicketAssigned(
        ticket=ticket(**(t | {"assignee": None, "priority": "P1"})), by=AGENT
    ),
    "clock_warned": lambda t: ClockWarned(
        ticket=ticket(**t), clock="resolution", percent=50, due_at=NOW
    ),
    "clock_breached": lambda t: ClockBreached(ticket=ticket(**t), clock="resolution", due_at=NOW),
}


@pytest.mark.parametrize("language", sorted(CATALOGUE))
@pytest.mark.parametrize("template", SITUATIONS)
def test_i18n_01_every_template_goes_out_in_every_language(aws, table, hear, template, language):
    bea = PersonInvited(
        email="bea@demo.example", name="B", roles=["agent"], language=language, teams=["network"]
    )
    who = {"language": language, "assignee": "bea@demo.example", "team": "network"}
    hear((FOUNDED, meta(1)), (bea, meta(2)), (SITUATIONS[template](who), meta(3)))
    [mail] = outbox()
    assert mail["Content-Language"] == language
    assert mail["Subject"] == "[INC-000123] Printer"
    facts = {kind: data for kind, data, _ in aws.facts(table)}
    assert facts["NotificationSent"]["template"] == template
    assert facts["NotificationSent"]["language"] == language
    assert facts["NotificationSent"]["recipient"] == mail["To"]
    expected = say(language, template, number="\0", author="\0", clock="\0", percent="\0", due="\0")
    body = mail.get_body(("plain",)).get_content()
    assert all(piece.strip() in body for piece in expected.split("\0"))


def test_one_fact_in_a_batch_ten_times_is_one_mail(aws, table, hear):
    hear((FOUNDED, meta(1)), *[(opened(), meta(2))] * 10)
    hear((opened(), meta(2)))
    assert recipients() == ["rita@customer.example"]
    [(kind, data, told)] = aws.facts(table)
    assert kind == "NotificationSent"
    assert (told["cause"], told["subject"]) == (meta(2).id, "T-01J9ZK3V7QXA5B6C")
    assert data["message_id"].endswith("@eu-central-1.amazonses.com")


def test_facts_in_any_order_thread(hear):
    words = CommentAdded(
        ticket=ticket(),
        comment_id="C",
        text="more",
        public=True,
        by=AGENT,
        mail=MailReference(receipt_id="r2", message_id="q2@customer.example"),
    )
    hear((words, meta(3)), (opened(), meta(2)), (FOUNDED, meta(1)))
    hear((words, meta(4)))
    assert outbox()[-1]["References"].split() == ["<q1@customer.example>", "<q2@customer.example>"]


def test_a_crash_between_send_and_mark_delays_the_mail_and_may_double_it(
    aws, table, hear, monkeypatch
):
    post = wiring.post()
    with monkeypatch.context() as broken:
        broken.setattr(post.memory, "sent", lambda *_: 1 / 0)
        hear((FOUNDED, meta(1)), (opened(), meta(2)), failures=1)
    assert len(outbox()) == 1
    hear((opened(), meta(2)), failures=1)
    assert len(outbox()) == 1
    monkeypatch.setattr(consumer, "now", lambda: datetime.now(UTC) + timedelta(seconds=50))
    hear((opened(), meta(2)))
    hear((opened(), meta(2)))
    assert len(outbox()) == 2
    assert [kind for kind, _, _ in aws.facts(table)] == ["NotificationSent"]


def test_a_crash_before_sending_loses_nothing(hear, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(type(wiring.post().mailbox), "send", lambda *_: 1 / 0)
        hear((opened(), meta(2)), failures=1)
    monkeypatch.setattr(consumer, "now", lambda: datetime.now(UTC) + timedelta(seconds=50))
    hear((opened(), meta(2)))
    assert recipients() == ["rita@customer.example"]


def test_ntf_07_what_ses_rejects_is_told_once_and_does_not_come_back(aws, table, hear):
    stranger = OrganisationFounded(name="X", mailbox="help@unverified.example")
    hear((stranger, meta(1)), (opened(), meta(2)))
    hear((opened(), meta(2)))
    [(kind, data, _)] = aws.facts(table)
    assert kind == "NotificationFailed"
    assert "MessageRejected" in data["reason"]


def test_a_permanent_bounce_silences_an_address_for_one_tenant_only(hear):
    bounced = MailBounced(
        mail=MailReference(receipt_id="r"), recipient="Rita@customer.example", permanent=True
    )
    hear((FOUNDED, meta(1)), (bounced, meta(2)), (opened(), meta(3)))
    assert recipients() == []
    hear((opened(), meta(4, tenant="other")))
    assert recipients() == ["rita@customer.example"]


def test_the_latest_word_about_a_person_counts_and_moves_him_between_teams(hear):
    def bea(teams, language):
        return PersonInvited(
            email="bea@demo.example", name="B", roles=["agent"], teams=teams, language=language
        )

    late, early = NOW, NOW - timedelta(hours=1)
    hear((bea(["network"], "zh-CN"), meta(1, late)), (bea(["mail"], "en"), meta(2, early)))
    memory = wiring.post().memory
    assert memory.members("demo", "network") == ["bea@demo.example"]
    assert memory.members("demo", "mail") == []
    hear((bea(["mail", "web"], "zh-CN"), meta(3, NOW + timedelta(seconds=1))))
    assert memory.members("demo", "network") == []
    assert memory.members("demo", "mail") == memory.members("demo", "web") == ["bea@demo.example"]
    assert memory.contact("demo", "bea@demo.example").person.language == "zh-CN"
    assert memory.members("other", "mail") == []


def test_an_organisation_is_read_once_a_minute(aws, table):
    from services.notification.domain.people import Organisation
    from services.notification.store import FRESH_FOR, TableMemory
    from shared.table import Table

    times = iter([0.0, 1.0, FRESH_FOR, FRESH_FOR + 2])
    reader, writer = TableMemory(Table(table), lambda: next(times)), TableMemory(Table(table))
    story = Story("demo", NOW, "c")
    writer.know_organisation(story, Organisation(name="A", mailbox="a@x", told_at=NOW))
    assert reader.organisation("demo").name == "A"
    later = NOW + timedelta(seconds=1)
    writer.know_organisation(story, Organisation(name="B", mailbox="a@x", told_at=later))
    writer.know_organisation(story, Organisation(name="old", mailbox="a@x", told_at=NOW))
    assert reader.organisation("demo").name == "A"
    assert reader.organisation("demo").name == "B"


def test_two_who_find_the_same_expired_claim_do_not_both_get_it(table):
    memory = wiring.post().memory
    sending = Sending("demo", "F-1", "received", "rita@customer.example")
    assert memory.claim(sending, NOW, NOW + timedelta(seconds=45))
    with pytest.raises(BeingSent):
        memory.claim(sending, NOW + timedelta(seconds=44), NOW + timedelta(seconds=90))
    after = NOW + timedelta(seconds=46)
    assert memory.claim(sending, after, after + timedelta(seconds=45))
    with pytest.raises(BeingSent):
        memory.claim(sending, after, after + timedelta(seconds=45))


def test_the_rows_of_the_ledger_and_of_threads_go_by_themselves(aws, table, hear):
    hear((FOUNDED, meta(1)), (opened(), meta(2)))
    keyed = {item["sk"]["S"].partition("#")[0]: item for item in aws.items(table)}
    for row in ("received", "THREAD", "FACT"):
        assert int(keyed[row]["gone_at"]["N"]) > NOW.timestamp()
    assert len(json.dumps(keyed["THREAD"])) < 400
    assert all(item["pk"]["S"].startswith("demo#") for item in aws.items(table))
