"""``zerodesk doctor`` against services that answer over real sockets."""

import json

import pytest

KEY = "a signing key for tests, 32+ letters"
SES = "http://ses.amazonaws.com/doc/2010-12-01/"


def ses(action, content):
    result = f"<{action}Result>{content}</{action}Result>"
    return f'<{action}Response xmlns="{SES}">{result}</{action}Response>'.encode()


@pytest.fixture
def healthy(platform, endpoints, letterbox):
    """A platform with nothing wrong; returns how to break it."""
    endpoints(smtp=letterbox.address)
    base = platform.url
    queues = {
        "inbox": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn:x:dead"})},
        "dead": {},
    }

    def prepare(*, dead=0, domain="demo.example", keys=(KEY, KEY), tenant="demo"):
        platform.answers.clear()
        platform.on("GET", "/_ministack/ready", {})
        urls = [f"{base}/{name}" for name in queues]
        platform.on("POST", "AmazonSQS.ListQueues", {"QueueUrls": urls})
        for name, more in queues.items():
            waiting = str(dead if name == "dead" else 7)
            attributes = {"QueueArn": f"arn:x:{name}", "ApproximateNumberOfMessages": waiting}
            answer = {"Attributes": {**attributes, **more}}
            platform.on("POST", "AmazonSQS.GetQueueAttributes", answer)
        names = f"<Identities><member>{domain}</member></Identities>"
        platform.on("POST", "ListIdentities", ses("ListIdentities", names))
        state = (
            f"<VerificationAttributes><entry><key>{domain}</key><value>"
            "<VerificationStatus>Success</VerificationStatus></value></entry>"
            "</VerificationAttributes>"
        )
        action = "GetIdentityVerificationAttributes"
        platform.on("POST", action, ses(action, state))
        functions = [
            {"FunctionName": f"f{n}", "Environment": {"Variables": {"ZERODESK_SIGNING_KEY": key}}}
            for n, key in enumerate(keys)
        ]
        platform.on("GET", "/2015-03-31/functions", {"Functions": functions})
        platform.on("GET", "/2015-03-31/functions/", {"Functions": functions})
        platform.on("GET", "/api/me", {"tenant": tenant})

    prepare()
    return prepare


def troubles(done):
    return {line["name"]: line for line in json.loads(done.stdout) if not line["ok"]}


def test_a_healthy_platform_has_no_trouble(zerodesk, healthy):
    done = zerodesk("doctor", "--json")
    assert troubles(done) == {}
    assert done.exit_code == 0
    names = {line["name"] for line in json.loads(done.stdout)}
    assert {"Python", "disk", "ports", "emulator", "dead letters", "mailboxes"} <= names
    assert {"SES identities", "signing key", "sign-in"} <= names


@pytest.mark.parametrize(
    ("broken", "name", "words"),
    [
        ({"dead": 2}, "dead letters", "dead 2"),
        ({"domain": "elsewhere.example"}, "SES identities", "demo.example"),
        ({"keys": (KEY, KEY + "!")}, "signing key", "disagree"),
        ({"keys": ("{{resolve:secretsmanager:x}}" + KEY,)}, "signing key", "too short"),
        ({"keys": ()}, "signing key", "no function"),
        ({"tenant": "other"}, "sign-in", "other"),
    ],
)
def test_each_trouble_comes_with_its_remedy(zerodesk, healthy, broken, name, words):
    healthy(**broken)
    done = zerodesk("doctor", "--json")
    assert done.exit_code == 1
    [trouble] = troubles(done).values()
    assert trouble["name"] == name
    assert words in trouble["problem"]
    assert trouble["remedy"]


def test_a_mailbox_that_takes_no_mail_is_found(zerodesk, healthy, endpoints, letterbox):
    endpoints(smtp=letterbox.address, mailbox="help@elsewhere.example")
    found = troubles(zerodesk("doctor", "--json"))
    assert "550" in found["mailboxes"]["problem"]


def test_a_dead_platform_is_told_to_be_started(zerodesk, endpoints):
    dead = "http://127.0.0.1:1"
    endpoints(web=dead, api=f"{dead}/api", aws=dead)
    done = zerodesk("doctor")
    assert done.exit_code == 3
    assert "remedy: zerodesk up" in done.stdout
    assert "Traceback" not in done.output


def test_a_platform_that_never_started_is_told_to_be_started(zerodesk, monkeypatch):
    monkeypatch.setenv("ZERODESK_HOME", "/nowhere")
    done = zerodesk("doctor")
    assert done.exit_code == 3
    assert "ok       Python" in done.stdout
