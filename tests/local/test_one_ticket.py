"""One ticket's life for real: SMTP in, facts through the emulator, mail out, survey answered.

The emulator runs with AUTH on: every function has its role's rights and no others.
"""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from pathlib import Path

import pytest

pytestmark = pytest.mark.local
DATA = Path(__file__).parents[3] / "shared" / "data"
EML = DATA / "mail_mime_ruby" / "emails" / "plain_emails" / "basic_email_lf.eml"
PATIENCE = 30


def http(method, url, *, token=None, body=None, headers=None):
    """Return (status, answer, headers); JSON is decoded, problem documents are answers too."""
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=raw, method=method, headers=headers or {})
    if body is not None and not (headers or {}).get("Content-Type"):
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        answer = urllib.request.urlopen(request, timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        text = answer.read().decode()
        json_like = "json" in (answer.headers.get("Content-Type") or "")
        return answer.status, json.loads(text) if json_like and text else text, answer.headers


def eventually(what, patience=PATIENCE):
    """Return the first truthy thing that ``what`` returns; the last false one fails the test."""
    until = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < until, f"waited {patience} s in vain"
        time.sleep(0.05)
    return found


class Desk:
    """The running platform as its users see it."""

    def __init__(self, platform, sign_in, smtp_send):
        self.at, self._sign_in, self.send = platform, sign_in, smtp_send

    def token(self, role):
        person = next(p for p in self.at["people"] if p["role"] == role)
        return self._sign_in(person["email"])

    def __call__(self, method, path, role="agent", **kwargs):
        return http(method, self.at["api"] + path, token=self.token(role), **kwargs)

    def tickets(self, **filters):
        query = urllib.parse.urlencode(filters)
        status, page, _ = self("GET", f"/tickets?{query}")
        assert status == 200, page
        return page["items"]

    def ticket(self, ticket_id):
        return self("GET", f"/tickets/{ticket_id}")[1]

    def timeline(self, ticket_id):
        return self("GET", f"/tickets/{ticket_id}/timeline")[1]["items"]

    def mails(self, to, number=""):
        _, sent, _ = http("GET", self.at["mail"])
        return [m for m in sent if to in m["to"] and number in m["subject"]]


@pytest.fixture(scope="module")
def desk(platform, sign_in, smtp_send):
    return Desk(platform, sign_in, smtp_send)


def header(mail, name):
    return next((v for k, v in mail["headers"].items() if k.lower() == name.lower()), "")


def test_a_mail_becomes_a_ticket_that_is_routed_answered_resolved_and_rated(desk):
    raw = EML.read_bytes()
    original = message_from_bytes(raw, policy=policy.default)
    sender = parseaddr(original["From"])[1]
    desk.send(raw, sender=sender, to=[desk.at["mailbox"]])

    # Opened, routed and prioritised, with the clocks of its priority.
    [ticket] = eventually(lambda: desk.tickets(requester=sender))
    assert ticket["subject"] == original["Subject"]
    assert re.fullmatch(r"INC-\d{6}", ticket["number"])

    def routed():
        shown = desk.ticket(ticket["id"])
        return shown if shown["team"] and shown["due"].get("resolution") else None

    shown = eventually(routed)
    assert (shown["team"], shown["priority"], shown["channel"]) == ("service-desk", "P5", "email")
    assert shown["due"]["first_response"] < shown["due"]["resolution"]

    # Acknowledged by mail, in the requester's thread.
    [receipt] = eventually(lambda: desk.mails(sender, ticket["number"]))
    assert header(receipt, "Auto-Submitted") != ""
    if original["Message-ID"]:
        assert original["Message-ID"].strip("<>") in header(receipt, "References")

    # A reply to that mail, sent to its Reply-To as a mail program does, lands on the ticket.
    reply = EmailMessage()
    reply["From"], reply["To"] = sender, header(receipt, "Reply-To")
    reply["Subject"] = f"Re: {receipt['subject']}"
    reply["Message-ID"] = make_msgid(domain="example.net")
    reply["In-Reply-To"] = header(receipt, "Message-ID")
    reply.set_content("It is the printer on the second floor.")
    desk.send(reply.as_bytes(), sender=sender, to=[parseaddr(header(receipt, "Reply-To"))[1]])
    words = eventually(
        lambda: [e for e in desk.timeline(ticket["id"]) if e["kind"] == "CommentAdded"]
    )
    assert words[0]["data"]["text"].strip() == "It is the printer on the second floor."
    assert len(desk.tickets(requester=sender)) == 1

    # The agent answers and resolves with a real signed token.
    agent = next(p for p in desk.at["people"] if p["role"] == "agent")
    path = f"/tickets/{ticket['id']}"
    status, taken, _ = desk("POST", f"{path}/assignment", body={"assignee": agent["email"]})
    assert (status, taken["assignee"]) == (200, agent["email"])
    assert desk("POST", f"{path}/moves", body={"to": "in_progress"})[0] == 200
    body = {"text": "Please try again now.", "public": True}
    assert desk("POST", f"{path}/comments", body=body)[0] == 201
    eventually(lambda: len(desk.mails(sender, ticket["number"])) >= 2)
    resolution = {"code": "fixed_by_configuration", "notes": "Queue restarted."}
    status, done, _ = desk(
        "POST", f"{path}/moves", body={"to": "resolved", "resolution": resolution}
    )
    assert (status, done["state"]) == (200, "resolved")

    # The mail that says so has the survey; opening it stores nothing, posting it does.
    resolved = eventually(
        lambda: [m for m in desk.mails(sender, ticket["number"]) if "/surveys/" in m["text"]]
    )[0]
    assert "Queue restarted." in resolved["text"]
    link = next(u for u in re.findall(r"https?://\S+/surveys/\S+", resolved["text"]) if "=5" in u)
    status, page, headers = http("GET", link)
    assert status == 200
    assert "<form" in page
    assert "default-src" in headers["Content-Security-Policy"]
    time.sleep(1)
    assert desk.ticket(ticket["id"])["satisfaction"] is None
    form = urllib.parse.urlencode({"score": 5, "comment": "quick"}).encode()
    posted = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, _ = http("POST", link.partition("?")[0], body=form, headers=posted)
    assert status == 200
    eventually(lambda: desk.ticket(ticket["id"])["satisfaction"] == 5)

    # The history is whole and numbered without a gap; the requester reads no internal entry.
    history = desk.timeline(ticket["id"])
    assert [e["sequence"] for e in history] == list(range(1, len(history) + 1))
    kinds = {e["kind"] for e in history}
    assert kinds >= {
        "TicketOpened",
        "TicketPrioritised",
        "TicketAssigned",
        "DueTimesChanged",
        "CommentAdded",
        "TicketMoved",
        "SatisfactionRated",
    }
    clocks = {c["name"]: c["state"] for c in desk.ticket(ticket["id"])["clocks"]}
    assert clocks == {"first_response": "met", "resolution": "met"}


def alertmanager(status, fingerprint="0123456789abcdef"):
    alert = {
        "status": status,
        "labels": {
            "alertname": "DiskFull",
            "severity": "critical",
            "instance": "db-1:9100",
            "job": "node",
        },
        "annotations": {"summary": "Disk of db-1 is full", "description": "97 % used"},
        "startsAt": "2026-11-24T08:00:00Z",
        "endsAt": "2026-11-24T08:30:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph?g0.expr=x",
        "fingerprint": fingerprint,
    }
    return {
        "version": "4",
        "groupKey": '{}:{alertname="DiskFull"}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "zerodesk",
        "groupLabels": {"alertname": "DiskFull"},
        "commonLabels": alert["labels"],
        "commonAnnotations": alert["annotations"],
        "externalURL": "http://alertmanager.example",
        "alerts": [alert],
    }


def test_int_15_an_alert_fires_again_and_clears_on_one_ticket(desk):
    hook = desk.at["hooks"]["alertmanager"]
    assert http("POST", hook, body=alertmanager("firing"))[0] == 202
    [ticket] = eventually(lambda: desk.tickets(q="disk of db-1"))
    assert http("POST", hook, body=alertmanager("firing"))[0] == 202
    eventually(lambda: desk.ticket(ticket["id"])["alert_count"] == 2)
    assert http("POST", hook, body=alertmanager("resolved"))[0] == 202
    eventually(lambda: desk.ticket(ticket["id"])["state"] == "resolved")
    assert len(desk.tickets(q="disk of db-1")) == 1
    assert eventually(lambda: desk.ticket(ticket["id"])["priority"]) == "P2"


def test_a_generic_alert_becomes_a_ticket(desk):
    hook = desk.at["hooks"]["generic"]
    alert = {"title": "Backup failed on nas-7", "severity": "high", "resource": "nas-7"}
    assert http("POST", hook, body=alert)[0] == 202
    eventually(lambda: desk.tickets(q="backup failed on nas-7"))


def test_hooks_open_for_the_right_key_and_secret_only(desk):
    hook = desk.at["hooks"]["generic"]
    path, _, secret = hook.partition("?")
    assert http("POST", path[:-3] + "xyz?" + secret, body={"title": "x"})[0] == 404
    assert http("POST", f"{path}?secret=wrong", body={"title": "x"})[0] == 401
    signed = {"X-Hub-Signature-256": "sha256=" + "0" * 64}
    assert http("POST", hook, body={"title": "x"}, headers=signed)[0] == 401
    assert http("POST", hook, body=b"not json")[0] == 422


def test_sla_08_a_shortened_clock_warns_and_breaches_by_timer(desk):
    status, before, _ = desk("GET", "/sla/policies", "admin")
    assert status == 200, before
    policy_path = "/sla/policies/P1"
    short = {"first_response": "PT20S", "resolution": "PT40S", "calendar": "24x7"}
    status, answer, _ = desk("PUT", policy_path, "admin", body=short)
    assert status == 200, answer
    try:
        form = {"subject": "Everything is down", "impact": 1, "urgency": 1}
        _, ticket, _ = desk("POST", "/tickets", body=form)
        agent = next(p for p in desk.at["people"] if p["role"] == "agent")
        path = f"/tickets/{ticket['id']}"
        eventually(lambda: desk.ticket(ticket["id"])["priority"] == "P1")
        desk("POST", f"{path}/assignment", body={"assignee": agent["email"]})

        def state(clock):
            return {c["name"]: c["state"] for c in desk.ticket(ticket["id"])["clocks"]}.get(clock)

        eventually(lambda: state("first_response") == "breached", 60)
        eventually(lambda: state("resolution") == "breached", 60)
        mails = eventually(
            lambda: len(found := desk.mails(agent["email"], ticket["number"])) >= 3 and found
        )
        assert len({m["subject"] + m["text"] for m in mails}) == len(mails)
    finally:
        restored = {"first_response": "PT15M", "resolution": "PT4H", "calendar": "24x7"}
        assert desk("PUT", policy_path, "admin", body=restored)[0] == 200


def test_an_undelivered_bounce_answers_nobody(desk):
    bounce = (DATA / "mail_bounces_flufl" / "data" / "dsn_01.txt").read_bytes()
    before = len(http("GET", desk.at["mail"])[1])
    desk.send(bounce, sender="", to=[desk.at["mailbox"]])
    time.sleep(2)
    assert len(http("GET", desk.at["mail"])[1]) == before


def test_a_wrong_token_is_turned_away(desk):
    for token in ("nonsense", desk.token("agent")[:-4] + "AAAA"):
        assert http("GET", desk.at["api"] + "/tickets", token=token)[0] == 401
    assert http("GET", desk.at["api"] + "/tickets")[0] == 401


def test_ten_01_the_neighbour_sees_nothing_of_ours(desk, sign_in):
    _, ticket, _ = desk("POST", "/tickets", body={"subject": "Ours alone"})
    person = next(p for p in desk.at["neighbour"]["people"] if p["role"] in ("agent", "admin"))
    token = sign_in(person["email"])
    url = desk.at["api"] + "/tickets"
    foreign = http("GET", f"{url}/{ticket['id']}", token=token)
    missing = http("GET", f"{url}/T-0000000000000000", token=token)
    assert (foreign[0], foreign[1]) == (missing[0], missing[1]) == (404, missing[1])
    assert http("GET", url, token=token)[1]["items"] == []


def test_the_api_describes_itself(desk):
    status, description, _ = http("GET", desk.at["api"] + "/openapi.json")
    assert (status, description["openapi"][:3]) == (200, "3.1")
    assert "/tickets/{ticket_id}/moves" in description["paths"]
    assert http("GET", desk.at["web"])[0] == 200
    assert desk("GET", "/me")[1]["email"]
