"""INT-13, INT-14: webhooks prove their secret, and what they say becomes alerts."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from events.intake import AlertCleared, AlertFired
from services.intake.actions import alerts
from services.intake.domain.proof import is_proven
from services.intake.domain.records import Hook
from shared.refusal import Invalid, NotFound, NotSignedIn
from shared.story import Story

AT = datetime(2030, 1, 2, 9, 30, tzinfo=UTC)
DATA = Path(__file__).parents[3].parent / "shared/data"
SECRET = "s3cret-of-the-hook"
KEY = "the-key"


@pytest.fixture
def post(memory):
    """Send a body to the webhook of a source with the right secret, unless told otherwise."""
    for source in ("alertmanager", "generic"):
        hook = Hook(tenant="demo", source=source, secret=SECRET, made_at=AT)
        memory.add_hook(f"{KEY}-{source}", hook)

    def send(body, source="generic", *, key=None, headers=None, secret=SECRET, once=None, at=AT):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.lower(): value for name, value in (headers or {}).items()}
        request = alerts.Request(
            source=source,
            key=f"{KEY}-{source}" if key is None else key,
            body=raw,
            header=lambda name: given.get(name.lower()),
            query_secret=secret,
            once=once,
        )
        return alerts.hear(request, story=lambda tenant: Story(tenant, at, "r-1"), hooks=memory)

    return send


@pytest.fixture
def told(post, memory):
    """Send a body and return the facts it led to."""

    def send(body, source="generic", **more):
        before = len(memory.told)
        heard = post(body, source, **more)
        facts = [fact for _, fact in memory.told[before:]]
        assert heard.accepted == len(heard.ids) == len(facts)
        return facts

    return send


def alertmanager(status="firing", **labels):
    """A notification as Alertmanager 0.27 sends it (webhook version 4)."""
    labels = {"alertname": "DiskFull", "severity": "critical", "instance": "db-1:9100", **labels}
    return {
        "version": "4",
        "groupKey": '{}:{alertname="DiskFull"}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "zerodesk",
        "groupLabels": {"alertname": "DiskFull"},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": {"summary": "Disk is full", "description": "5 % left on /var"},
                "startsAt": "2030-01-02T09:00:00.123456789Z",
                "endsAt": "0001-01-01T00:00:00Z"
                if status == "firing"
                else "2030-01-02T09:20:00.5+00:00",
                "generatorURL": "http://prometheus:9090/graph?g0.expr=up",
                "fingerprint": "c0ffee",
            }
        ],
    }


def test_int_14_alertmanager_fires_and_clears_under_one_fingerprint(told):
    (fired,) = told(alertmanager(), "alertmanager")
    (cleared,) = told(alertmanager("resolved"), "alertmanager")
    assert isinstance(fired, AlertFired)
    assert isinstance(cleared, AlertCleared)
    assert fired.fingerprint == cleared.fingerprint
    assert (fired.title, fired.text) == ("Disk is full", "5 % left on /var")
    assert (fired.severity, fired.resource, fired.source) == (
        "critical",
        "db-1:9100",
        "alertmanager",
    )
    assert fired.occurred_at == datetime(2030, 1, 2, 9, 0, 0, 123457, tzinfo=UTC)
    assert cleared.occurred_at == datetime(2030, 1, 2, 9, 20, 0, 500000, tzinfo=UTC)
    assert fired.url == "http://prometheus:9090/graph?g0.expr=up"


def test_int_15_replicas_tell_the_same_alert_and_instances_do_not(told):
    (one,) = told(alertmanager(prometheus_replica="a"), "alertmanager")
    (same,) = told(alertmanager(prometheus_replica="b"), "alertmanager")
    (other,) = told(alertmanager(instance="db-2:9100"), "alertmanager")
    assert one.fingerprint == same.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("critical", "critical"),
        ("high", "high"),
        ("error", "high"),
        ("Warning", "warning"),
        ("info", "info"),
        ("none", "low"),
        ("purple", "warning"),
        ("", "warning"),
    ],
)
def test_int_14_severities_are_normalised(told, word, ours):
    (fact,) = told(alertmanager(severity=word), "alertmanager")
    assert (fact.severity, fact.labels["severity"]) == (ours, word)


def test_int_14_each_alert_of_a_group_is_one_fact(told):
    body = alertmanager()
    body["alerts"] += alertmanager("resolved", instance="db-2")["alerts"]
    assert [type(fact) for fact in told(body, "alertmanager")] == [AlertFired, AlertCleared]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"no json", ""),
        (b"[]", ""),
        (b"{}", "alerts"),
        (b'{"alerts": []}', "alerts"),
        (b'{"alerts": [{"labels": {}}]}', "alerts[0].labels"),
        (b'{"alerts": [{"labels": {"a": 1}}]}', "alerts[0].labels[...]"),
        (b"[" * 100_000, ""),
        (b"\xff\xfe", ""),
    ],
)
def test_int_13_a_notification_that_says_nothing_is_refused_by_field(post, body, field):
    with pytest.raises(Invalid) as no:
        post(body, "alertmanager")
    assert field in {flaw["field"] for flaw in no.value.more["errors"]} | {""}


def test_int_13_json_is_read_by_the_names_that_most_products_use(told):
    (fact,) = told(
        {
            "Subject": "Backup failed",
            "description": "exit 1",
            "priority": "P1",
            "state": "triggered",
            "host": "nas-1",
            "service": "backup",
            "dedup_key": "k-1",
            "url": "https://nas.example/1",
            "labels": {"site": "berlin", "nested": {"a": 1}},
            "timestamp": "2030-01-02T09:29:00Z",
        }
    )
    assert (fact.title, fact.text, fact.severity) == ("Backup failed", "exit 1", "critical")
    assert (fact.resource, fact.service) == ("nas-1", "backup")
    assert (fact.labels, fact.url) == ({"site": "berlin"}, "https://nas.example/1")
    assert fact.occurred_at == AT - timedelta(minutes=1)


@pytest.mark.parametrize(
    "word", ["resolved", "OK", "ok", "closed", "Recovered", "recovery", "cleared", "up"]
)
def test_int_13_words_for_over_clear(told, word):
    (fired,) = told({"title": "t", "id": 7})
    (cleared,) = told({"title": "fine again", "id": 7, "status": word})
    assert isinstance(cleared, AlertCleared)
    assert cleared.fingerprint == fired.fingerprint


@pytest.mark.parametrize("word", ["firing", "problem", "not ok", "", "open"])
def test_int_13_any_other_word_fires(told, word):
    (fact,) = told({"title": "t", "status": word})
    assert isinstance(fact, AlertFired)


def test_int_13_a_list_is_several_alerts_and_one_bad_one_is_named(told, post):
    assert len(told([{"title": "a"}, {"message": "b"}])) == 2
    with pytest.raises(Invalid) as no:
        post([{"title": "a"}, {"x": 1}])
    assert no.value.more["errors"][0]["field"] == "[1].title"


@pytest.mark.parametrize("body", [b"", b"3", b"{}", b'"x"', b"null", b'{"title": "  "}', b"[[]]"])
def test_int_13_a_body_with_nothing_usable_is_refused(post, body):
    with pytest.raises(Invalid):
        post(body)


def test_int_13_too_many_alerts_are_refused(post):
    with pytest.raises(Invalid):
        post([{"title": "a"}] * 501)


def test_int_13_the_same_fingerprint_of_two_sources_are_two_alerts(told):
    body = {"alerts": [{"labels": {}, "annotations": {"summary": "t"}, "fingerprint": "x"}]}
    (one,) = told(body, "alertmanager")
    (other,) = told({"title": "t", "fingerprint": "x"})
    assert one.fingerprint != other.fingerprint


def test_int_13_an_idempotency_key_is_answered_from_memory_for_a_day(post, memory):
    first = post({"title": "a"}, once="k")
    assert post({"title": "a"}, once="k") == first
    assert len(memory.told) == 1
    with pytest.raises(Invalid):
        post({"title": "b"}, once="k")
    post({"title": "a"}, once="k", at=AT + timedelta(hours=25))
    assert len(memory.told) == 2


def test_int_15_repeats_without_a_key_are_told_again(post, memory):
    post({"title": "a"})
    post({"title": "a"})
    assert len(memory.told) == 2


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("generic", "unknown"),
        ("generic", ""),
        ("nagios", f"{KEY}-generic"),
        ("alertmanager", f"{KEY}-generic"),
    ],
)
def test_an_unknown_source_or_key_is_not_found_in_the_same_words(post, source, key):
    with pytest.raises(NotFound) as no:
        post({"title": "a"}, source, key=key)
    assert str(no.value) == str(NotFound())


def basic(word):
    return "Basic " + base64.b64encode(f"user:{word}".encode()).decode()


def signed(body, secret=SECRET):
    return hmac.new(secret.encode(), body, sha256).hexdigest()


BODY = b'{"title": "a"}'
PROOFS = [
    {"Authorization": f"Bearer {SECRET}"},
    {"authorization": f"bearer  {SECRET} "},
    {"Authorization": basic(SECRET)},
    {"X-Hub-Signature-256": f"sha256={signed(BODY)}"},
    {"X-Signature-256": signed(BODY)},
    {"X-Signature": signed(BODY).upper()},
    {"X-Zerodesk-Signature": f"sha256={signed(BODY)}"},
]


@pytest.mark.parametrize("headers", PROOFS, ids=lambda headers: next(iter(headers)))
def test_each_known_proof_opens_without_a_secret_in_the_url(post, headers):
    assert post(BODY, headers=headers, secret="").accepted == 1


NO_PROOFS = [
    {},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer wrong"},
    {"Authorization": basic("")},
    {"Authorization": "Basic %%%"},
    {"Authorization": SECRET},
    {"X-Hub-Signature-256": f"sha256={signed(BODY + b' ')}"},
    {"X-Hub-Signature-256": f"sha256={signed(BODY)[:-1]}"},
    {"X-Hub-Signature-256": ""},
    {"X-Hub-Signature-256": "ä"},
    {"X-Hub-Signature": f"sha1={signed(BODY)}"},
    {"webhook-signature": "v1,"},
]


@pytest.mark.parametrize("headers", NO_PROOFS, ids=str)
def test_nothing_else_does(post, headers):
    for secret in ("", "wrong", SECRET + " ", SECRET[:-1]):
        with pytest.raises(NotSignedIn):
            post(BODY, headers=headers, secret=secret)


@pytest.mark.parametrize("name", ["X-Hub-Signature-256", "X-Signature", "webhook-signature"])
def test_a_wrong_signature_is_refused_even_with_the_right_secret_in_the_url(post, name):
    with pytest.raises(NotSignedIn):
        post(BODY, headers={name: "sha256=" + "0" * 64})


def test_every_signature_must_be_right(post):
    with pytest.raises(NotSignedIn):
        post(BODY, headers={"X-Signature": signed(BODY), "X-Signature-256": signed(b"other")})


@pytest.mark.skipif(not DATA.exists(), reason="the test data lies beside the project")
def test_published_signatures_are_verified_and_expire():
    vectors = json.loads((DATA / "crypto_vectors/vectors.json").read_text())
    standard, github = vectors["standard_webhooks"], vectors["github"]
    headers = {
        "webhook-id": standard["id"],
        "webhook-timestamp": str(standard["timestamp"]),
        "webhook-signature": f"v1a,xyz {standard['signature']}",
    }
    body = standard["body"].encode()
    sent = datetime.fromtimestamp(standard["timestamp"], UTC)
    for late, right in ((0, True), (299, True), (-299, True), (301, False), (-301, False)):
        at = sent + timedelta(seconds=late)
        assert is_proven(standard["secret"], body, headers.get, "", at) is right
    assert not is_proven(standard["secret"], body + b" ", headers.get, "", sent)
    other = {**headers, "webhook-id": "msg_other"}
    assert not is_proven(standard["secret"], body, other.get, "", sent)
    signature = {github["header"]: github["signature"]}
    assert is_proven(github["secret"], github["body"].encode(), signature.get, "", AT)


def test_a_new_hook_has_a_secret_and_keeps_only_the_hash_of_its_key(memory):
    story = Story("demo", AT, "r-1")
    made = alerts.make_hook("generic", story=story, hooks=memory)
    assert made.key not in memory.hooks
    assert memory.hook(made.key).secret == made.secret
    assert len(made.key) >= 32
    assert len(made.secret) >= 43
    with pytest.raises(Invalid):
        alerts.make_hook("nagios", story=story, hooks=memory)
