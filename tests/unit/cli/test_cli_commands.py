"""Mail, alerts, tokens, logs, people; and how every command fails."""

import json
import subprocess
import sys
import threading
import time

import pytest

from infra.cli import logs

LETTER = (
    b"From: Ada <ada@customer.example>\r\nTo: Help <help@demo.example>, other@demo.example\r\n"
    b"Cc: third@demo.example\r\nSubject: =?utf-8?q?f=C3=BCr?= you\r\n\r\n"
    b"\xff\xfe raw bytes\r\n.\r\n..two dots\r\nbare\nfeed\r\n"
)


@pytest.fixture
def letter(tmp_path):
    def write(raw=LETTER, name="a.eml"):
        (tmp_path / name).write_bytes(raw)
        return str(tmp_path / name)

    return write


def test_a_token_is_printed_alone(zerodesk):
    assert zerodesk("token").stdout == "token of ada@demo.example\n"
    done = zerodesk("token", "--as", "rita@demo.example", "--json")
    assert json.loads(done.stdout) == {
        "email": "rita@demo.example",
        "token": "token of rita@demo.example",
        "expires_in": 3600,
    }


def test_nobody_signs_in_without_a_password(zerodesk, monkeypatch):
    done = zerodesk("token", "--as", "new@demo.example")
    assert done.exit_code == 2
    assert "rita@demo.example" in done.stderr
    monkeypatch.setenv("ZERODESK_PASSWORD", "wrong")
    done = zerodesk("token", "--as", "new@demo.example")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "zerodesk: new@demo.example cannot sign in: Incorrect password.\n"
    monkeypatch.setenv("ZERODESK_PASSWORD", "n")
    assert zerodesk("token", "--as", "new@demo.example").exit_code == 0


def test_the_users_own_aws_settings_do_not_matter(zerodesk, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert zerodesk("token").exit_code == 0


def test_mail_goes_out_byte_for_byte(zerodesk, endpoints, letterbox, letter):
    endpoints(smtp=letterbox.address)
    done = zerodesk("mail", "send", letter(), letter(b"Subject: b\r\n\r\n", "b.eml"),
                    "--to", "help@demo.example", "--from", "x@y.example", "--json")  # fmt: skip
    assert done.exit_code == 0
    assert [result["accepted"] for result in json.loads(done.stdout)] == [True, True]
    (sender, recipients, raw), second = letterbox.letters
    assert (sender, recipients) == ("x@y.example", ["help@demo.example"])
    assert raw == LETTER
    assert second[2] == b"Subject: b\r\n\r\n"


def test_the_envelope_comes_from_the_headers(zerodesk, endpoints, letterbox, letter):
    endpoints(smtp=letterbox.address)
    assert zerodesk("mail", "send", letter()).exit_code == 0
    zerodesk("mail", "send", letter(b"Return-Path: <>\r\n" + LETTER))
    zerodesk("mail", "send", letter(b"Return-Path: <bounce@list.example>\r\n" + LETTER))
    everybody = ["help@demo.example", "other@demo.example", "third@demo.example"]
    assert [box[:2] for box in letterbox.letters] == [
        ("ada@customer.example", everybody),
        ("<>", everybody),
        ("bounce@list.example", everybody),
    ]


def test_a_mail_that_is_not_accepted_is_a_refusal(zerodesk, endpoints, letterbox, letter):
    endpoints(smtp=letterbox.address)
    done = zerodesk("mail", "send", letter(), "--to", "x@elsewhere.example")
    assert done.exit_code == 1
    assert done.stderr.endswith("550 5.1.1 nobody of that name here\n")
    done = zerodesk("mail", "send", letter(b"Subject: x\r\n\r\n"))
    assert (done.exit_code, letterbox.letters) == (1, [])
    both = zerodesk("mail", "send", letter(b"", "no.eml"), letter(), "--json")
    assert both.exit_code == 1
    assert [result["accepted"] for result in json.loads(both.stdout)] == [False, True]


def test_what_went_out_is_listed_the_latest_first(zerodesk, platform):
    sent = [
        {"at": f"2030-01-0{day}T00:00:00Z", "to": ["ada@customer.example"], "subject": f"S{day}"}
        for day in (1, 2, 3)
    ]
    platform.on("GET", "/mail.json", sent)
    done = zerodesk("mail", "list", "--limit", "2", "--json")
    assert [mail["subject"] for mail in json.loads(done.stdout)] == ["S3", "S2"]
    assert "ada@customer.example" in zerodesk("mail", "list").stdout


def test_an_alert_reaches_its_webhook_byte_for_byte(zerodesk, platform, letter):
    platform.on("POST", "/api/hooks/alertmanager/key", {"accepted": 1}, 202)
    payload = b'{"alerts":  [ ] }'
    done = zerodesk("alert", "send", letter(payload, "a.json"), "--json")
    assert json.loads(done.stdout) == {"source": "alertmanager", "answer": {"accepted": 1}}
    [asked] = platform.asked
    assert (asked.raw, asked.query) == (payload, {"secret": ["s"]})


def test_an_unknown_webhook_is_wrong_usage(zerodesk, letter):
    done = zerodesk("alert", "send", letter(b"{}"), "--source", "nagios")
    assert done.exit_code == 2
    assert "alertmanager" in done.stderr


STACKS = b"""<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<DescribeStacksResult><Stacks><member><StackName>zerodesk</StackName><Outputs><member>
<OutputKey>Invite</OutputKey><OutputValue>invite-fn</OutputValue></member></Outputs></member>
</Stacks></DescribeStacksResult></DescribeStacksResponse>"""
INVOKE = "/2015-03-31/functions/invite-fn/invocations"


def test_int_02_a_person_is_invited_into_the_demo_organisation(zerodesk, platform):
    platform.on("POST", "DescribeStacks", STACKS)
    known = {"email": "new@demo.example", "name": "New", "roles": ["agent"]}
    platform.on("POST", INVOKE, {"tenant": "demo", "person": known})
    done = zerodesk("person", "invite", "new@demo.example", "--name", "New", "--role", "agent",
                    "--password", "-", stdin="Correct-horse-1\n")  # fmt: skip
    assert done.stdout == "new@demo.example belongs to demo as agent.\n"
    assert platform.asked[-1].body == {
        "tenant": "demo",
        "person": {**known, "password": "Correct-horse-1"},
    }


def test_a_refused_invitation_says_why(zerodesk, platform):
    platform.on("POST", "DescribeStacks", STACKS)
    problem = {"title": "Conflict", "status": 409, "detail": "It belongs to another."}
    platform.on("POST", INVOKE, problem)
    done = zerodesk("organisation", "found", "acme", "--name", "Acme", "--mailbox", "a@b.example")
    assert (done.exit_code, done.stderr) == (1, "zerodesk: It belongs to another.\n")


@pytest.fixture
def log(endpoints, tmp_path):
    opened = {"level": "INFO", "message": "opened", "service": "desk", "tenant": "demo"}
    at = "2030-01-02T09:30:00.266+00:00"
    (tmp_path / "log").write_text(
        f"plain words\n{at} zerodesk-desk-door {json.dumps(opened)}\n"
        f"{at} zerodesk-sla-door   two words\n{at} zerodesk-pre-token 4 ms r-1\n"
    )
    return tmp_path / "log"


def test_logs_are_lines_for_people_or_json_lines(zerodesk, log):
    assert "09:30:00  zerodesk-desk-door  INFO  opened  tenant=demo" in zerodesk("logs").stdout
    records = [json.loads(line) for line in zerodesk("logs", "--json").stdout.splitlines()]
    assert [record["message"] for record in records] == [
        "plain words", "opened", "two words", "4 ms r-1"
    ]  # fmt: skip
    assert [record.get("service") for record in records] == [None, "desk", "sla", "identity"]
    of_sla = zerodesk("logs", "--service", "sla").stdout
    assert of_sla == "09:30:00  zerodesk-sla-door  two words\n"
    assert len(zerodesk("logs", "--lines", "1").stdout.splitlines()) == 1


def test_a_log_is_followed_beyond_its_replacement(log, capsys):
    follower = threading.Thread(
        target=logs.read, args=(log,), kwargs={"follow": True, "service": "desk"}, daemon=True
    )
    follower.start()
    printed = ""
    for word, write in (("appended", log.open("a").write), ("anew", log.write_text)):
        deadline = time.monotonic() + 5
        time.sleep(0.1)
        write(f"2030-01-02T09:30:00.266+00:00 zerodesk-desk-door {word}\n")
        getattr(getattr(write, "__self__", None), "close", lambda: None)()
        while word not in printed and time.monotonic() < deadline:
            time.sleep(0.05)
            printed += capsys.readouterr().out
        assert word in printed


COMMANDS_THAT_NEED_IT = [
    ("token",),
    ("ticket", "list"),
    ("ticket", "new", "x"),
    ("mail", "list"),
    ("mail", "send", __file__),
    ("alert", "send", __file__),
    ("person", "invite", "a@b.example", "--name", "A", "--role", "agent"),
    ("organisation", "found", "a", "--name", "A", "--mailbox", "a@b.example"),
    ("sla", "show"),
    ("logs",),
]


@pytest.mark.parametrize("args", COMMANDS_THAT_NEED_IT, ids=" ".join)
def test_a_platform_that_never_started_is_exit_code_3(zerodesk, monkeypatch, args):
    monkeypatch.setenv("ZERODESK_HOME", "/nowhere")
    done = zerodesk(*args)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "zerodesk: The platform is not running; start it with `zerodesk up`.\n"


@pytest.mark.parametrize("args", COMMANDS_THAT_NEED_IT, ids=" ".join)
def test_a_platform_that_died_is_exit_code_3(zerodesk, endpoints, args):
    dead = "http://127.0.0.1:1"
    endpoints(web=dead, api=f"{dead}/api", aws=dead, mail=f"{dead}/mail.json", smtp="127.0.0.1:1",
              hooks={"alertmanager": f"{dead}/hook"})  # fmt: skip
    done = zerodesk(*args)
    assert (done.exit_code, done.stdout) == (3, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_proxy_with_nobody_behind_it_is_exit_code_3(zerodesk, platform):
    platform.on("GET", "/api/tickets", b"<html>bad gateway", 502)
    assert zerodesk("ticket", "list").exit_code == 3


def test_a_fault_of_ours_is_one_sentence(zerodesk, platform):
    platform.on("GET", "/api/tickets", {"unexpected": 1})
    done = zerodesk("ticket", "list")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert "ZERODESK_DEBUG=1" in done.stderr


def test_addresses_that_cannot_be_read_are_one_sentence(zerodesk, endpoints):
    endpoints().write_text("{")
    done = zerodesk("token")
    assert done.exit_code == 3
    assert "run `zerodesk up`" in done.stderr


@pytest.mark.parametrize(
    "args", [("tickets",), ("ticket", "show"), ("ticket", "list", "--limit", "0"), ("up", "--port")]
)
def test_wrong_usage_is_exit_code_2(zerodesk, args):
    done = zerodesk(*args)
    assert (done.exit_code, done.stdout) == (2, "")


def test_the_command_line_starts_without_what_a_command_does_not_need():
    code = (
        "import sys; from infra.cli.program import cli; cli.get_command(None, 'ticket');"
        "print([m for m in ('boto3', 'botocore', 'rich', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
