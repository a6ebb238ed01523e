"""Survey as it is deployed: its real handlers, with moto's DynamoDB."""

import base64
import json
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from events.desk import TicketMoved
from events.envelope import Meta
from events.vocabulary import Actor, TicketSummary
from services.survey import consumer, door
from shared.signing import Signer
from shared.surveylink import survey_grant, survey_token

SIGNER = Signer("a signing key for tests, 32+ letters")
NOW = datetime.now(UTC)
PATH = "/surveys/{token}"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def resolved(**more):
    known = {
        "id": "T-01J9ZK3V7QXA5B6C",
        "number": "INC-000123",
        "kind": "incident",
        "state": "resolved",
        "subject": "Printer",
        "requester": "rita@customer.example",
        "channel": "email",
        "language": "en",
        "opened_at": NOW,
        "team": "network",
        "assignee": "abe@demo.example",
        "resolved_at": NOW,
        "resolution_sequence": 7,
    }
    ticket = TicketSummary(**(known | more))
    by = Actor(kind="person", name="abe@demo.example", role="agent")
    return TicketMoved(ticket=ticket, before="in_progress", after="resolved", by=by)


def token_of(fact, tenant="demo"):
    return survey_token(SIGNER, survey_grant(tenant, fact))


@pytest.fixture
def table(aws):
    return aws.table("survey")


@pytest.fixture
def hear(table, sqs_event, context):
    def deliver(*facts):
        answer = consumer.handler(sqs_event(*facts), context)
        assert answer == {"batchItemFailures": []}

    return deliver


@pytest.fixture
def get(table, request_event, context):
    def ask(token, query="", **headers):
        event = request_event("GET", PATH, token=token, query=query, headers=headers)
        return door.handler(event, context)

    return ask


@pytest.fixture
def post(table, request_event, context):
    def send(token, body=None, query="", **form):
        event = request_event(
            "POST",
            PATH,
            token=token,
            query=query,
            body=urlencode(form) if body is None else body,
            headers=FORM if body is None else None,
        )
        return door.handler(event, context)

    return send


def told(aws, table, kind="SurveyAnswered"):
    return [data for name, data, _ in aws.facts(table) if name == kind]


def test_srv_02_each_resolution_is_offered_once(aws, table, hear):
    first, second = resolved(), resolved(resolution_sequence=12)
    meta = Meta(id="F-1", tenant="demo", at=NOW, correlation_id="c")
    hear((first, meta), (first, meta), second)
    hear((first, meta))
    offers = told(aws, table, "SurveyOffered")
    assert sorted(offer["resolution_sequence"] for offer in offers) == [7, 12]
    assert offers[0]["person"] == "rita@customer.example"
    expires = datetime.fromisoformat(offers[0]["expires_at"])
    assert expires == NOW + timedelta(days=14)
    keys = {
        i["sk"]["S"] for i in aws.items(table) if i["pk"]["S"] == "demo#TICKET#" + first.ticket.id
    }
    assert keys == {"OFFER#00000007", "OFFER#00000012"}


def test_srv_02_an_alert_is_not_offered(aws, table, hear):
    hear(resolved(channel="webhook"))
    assert told(aws, table, "SurveyOffered") == []


def test_srv_01_opening_the_link_stores_nothing(aws, table, hear, get):
    fact = resolved()
    hear(fact)
    before = aws.items(table)
    for score in range(1, 6):
        page = get(token_of(fact), f"score={score}")
        assert page["statusCode"] == 200
        assert page["headers"]["Content-Type"] == "text/html; charset=utf-8"
        assert f'value="{score}" required checked' in page["body"]
        assert "INC-000123" in page["body"]
    assert aws.items(table) == before


@pytest.mark.parametrize(
    "query", ["", "score=9", "score=", "score=%3Cb%3E", "utm=x&score=1&score=0"]
)
def test_a_link_that_a_mail_program_changed_still_opens_the_page(get, query):
    page = get(token_of(resolved()), query)
    assert page["statusCode"] == 200
    assert "checked" not in page["body"]


def test_srv_01_an_answer_counts_and_may_be_changed(aws, table, hear, get, post):
    fact = resolved()
    hear(fact)
    token = token_of(fact)
    answer = post(token, query="score=5", score=2, comment="too <slow>")
    assert answer["statusCode"] == 200
    assert "Thank you" in answer["body"]
    [score] = told(aws, table)
    assert score == {
        "ticket_id": fact.ticket.id,
        "person": "rita@customer.example",
        "score": 2,
        "comment": "too <slow>",
        "team": "network",
        "assignee": "abe@demo.example",
    }
    post(token, score=2, comment="too <slow>")
    assert len(told(aws, table)) == 1
    page = get(token)["body"]
    assert 'value="2" required checked' in page
    assert "too &lt;slow&gt;" in page
    post(token, score=5)
    post(token, score=2, comment="too <slow>")
    assert [one["score"] for one in told(aws, table)] == [2, 5, 2]


def test_an_answer_by_json_gets_json(aws, table, post):
    answer = post(token_of(resolved()), body={"score": 4, "comment": "fine"})
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"score": 4, "comment": "fine"}
    assert [one["score"] for one in told(aws, table)] == [4]


def test_an_answer_that_is_faster_than_its_offer_counts(aws, table, hear, post):
    fact = resolved()
    assert post(token_of(fact), score=5)["statusCode"] == 200
    [score] = told(aws, table)
    assert "team" not in score
    hear(fact)
    assert len(told(aws, table, "SurveyOffered")) == 1


def test_a_form_in_base_64_as_the_gateway_sends_it_is_read(aws, table, request_event, context):
    body = base64.b64encode(urlencode({"score": 3, "comment": "一般"}).encode()).decode()
    event = request_event("POST", PATH, token=token_of(resolved()), body=body, headers=FORM)
    event["isBase64Encoded"] = True
    assert door.handler(event, context)["statusCode"] == 200
    assert told(aws, table)[0]["comment"] == "一般"


BAD = ["x", " ", "%20", "a" * 900, token_of(resolved())[:-2], token_of(resolved()) + "A"]


@pytest.mark.parametrize("token", BAD)
def test_a_wrong_token_opens_nothing(aws, table, get, post, token):
    shown, formed, spoken = get(token), post(token, score=5), post(token, body={"score": 5})
    assert [one["statusCode"] for one in (shown, formed, spoken)] == [404, 404, 404]
    assert "do not know this survey" in shown["body"]
    assert shown["body"] == formed["body"]
    assert spoken["headers"]["Content-Type"] == "application/problem+json"
    assert aws.items(table) == []


def test_an_expired_link_says_so(aws, table, get, post):
    fact = resolved(resolved_at=NOW - timedelta(days=14, seconds=1), language="zh-CN")
    token = token_of(fact)
    shown, formed, spoken = get(token), post(token, score=5), post(token, body={"score": 5})
    assert [one["statusCode"] for one in (shown, formed, spoken)] == [409, 409, 409]
    assert "此调查的评价时间已结束。" in shown["body"]
    assert shown["body"] == formed["body"]
    assert "over" in json.loads(spoken["body"])["detail"]
    assert aws.items(table) == []


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"comment": "kept words"}, "choose one"),
        ({"score": "6", "comment": "kept words"}, "choose one"),
        ({"score": "0", "comment": "kept words"}, "choose one"),
        ({"score": "5", "comment": "kept words" + "x" * 2000}, "too long"),
    ],
)
def test_an_answer_that_cannot_count_is_asked_for_again(aws, table, post, form, words):
    answer = post(token_of(resolved()), **form)
    assert answer["statusCode"] == 422
    assert answer["headers"]["Content-Type"].startswith("text/html")
    assert words in unescape(answer["body"])
    assert "kept words" in answer["body"]
    assert aws.items(table) == []


@pytest.mark.parametrize("body", [{"score": 6}, {"score": 0}, {}, "[]", "", {"score": 5, "x": 1}])
def test_json_that_cannot_count_is_refused(aws, table, post, body):
    answer = post(token_of(resolved()), body=body)
    assert answer["statusCode"] == 422
    assert json.loads(answer["body"])["errors"]
    assert aws.items(table) == []


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_other_media_types_are_refused_politely(post, request_event, context, content_type):
    event = request_event("POST", PATH, token=token_of(resolved()), body="score=5")
    event["headers"] = {"content-type": content_type} if content_type else {}
    assert door.handler(event, context)["statusCode"] == 422


def test_the_page_speaks_the_requesters_language(get):
    chinese = get(token_of(resolved(language="zh-CN")))["body"]
    assert "您对我们的处理满意吗？" in chinese
    assert '<html lang="zh-CN">' in chinese
    lost = get("x", **{"accept-language": "zh-CN,zh;q=0.9"})["body"]
    assert "找不到此调查" in lost


def test_the_pages_headers_forbid_everything_active(get):
    for page in (get(token_of(resolved())), get("x")):
        assert page["headers"]["Content-Security-Policy"].startswith("default-src 'none'")
        assert page["headers"]["Referrer-Policy"] == "no-referrer"
        assert page["headers"]["Cache-Control"] == "no-store"
        assert page["headers"]["X-Content-Type-Options"] == "nosniff"


def test_answers_of_two_organisations_never_meet(aws, table, post):
    for tenant in ("demo", "other"):
        post(token_of(resolved(), tenant), score=4)
    partitions = {i["pk"]["S"].partition("#")[0] for i in aws.items(table)}
    assert partitions == {"demo", "other"}
    metas = [meta["tenant"] for _, _, meta in aws.facts(table)]
    assert sorted(metas) == ["demo", "other"]
