"""Whatever bytes arrive: a mail is taken in or parked, a webhook is heard or refused."""

import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.envelope import Meta, open_detail, seal
from events.fact import kind_of
from services.intake.domain import bounce
from services.intake.domain.alerts import fact_of
from services.intake.domain.mail import read
from services.intake.domain.products import READERS
from shared.refusal import Refusal

FEW = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = st.sampled_from(
    [
        "From",
        "To",
        "Cc",
        "Subject",
        "Message-ID",
        "References",
        "In-Reply-To",
        "Content-Type",
        "Auto-Submitted",
        "Return-Path",
        "Content-Transfer-Encoding",
        "Content-Disposition",
        "Delivered-To",
        "Received",
        "Authentication-Results",
        "X-Failed-Recipients",
    ]
)
PIECES = st.sampled_from(
    [
        b"help@demo.example",
        b"<a@b>",
        b"=?utf-8?B?",
        b"=?gb2312?Q?=",
        b"?=",
        b"multipart/mixed; boundary=b",
        b"multipart/report; boundary=b",
        b"message/delivery-status",
        b"message/rfc822",
        b"text/html; charset=",
        b"text/plain; charset*=utf-8''x",
        b"filename*0*=x''%ff; filename*2=",
        b"base64",
        b"x-uuencode",
        b"quoted-printable",
        b'"',
        b"(",
        b"\r\n--b\r\n",
        b"\r\n\r\n",
        b"\n ",
        b"\x00",
        b"\xff\xfe",
        "退信".encode(),
        b"mailer-daemon@x.example",
        b"undeliverable",
        b"<blockquote>",
        b"On x wrote:",
    ]
)
VALUES = st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=6).map(b" ".join)
FIELDS = st.lists(st.tuples(NAMES.map(str.encode), VALUES), max_size=8)


def survives_the_bus(fact, at):
    meta = Meta(id="F-1", tenant="demo", at=at, correlation_id="c")
    name = kind_of(fact).name
    assert open_detail(name, seal(fact, meta)) == (fact, meta)


def is_taken_in(arrives, memory, raw, at):
    known = len(memory.told)
    # Each example is the first of its kind: a repeated message rightly tells nothing.
    memory.twins.clear()
    arrives(raw)
    facts = [fact for _, fact in memory.told[known:]]
    assert facts
    for fact in facts:
        survives_the_bus(fact, at)


@FEW
@given(raw=st.binary(max_size=400))
def test_int_01_any_bytes_have_an_effect_that_survives_the_bus(arrives, memory, at, raw):
    is_taken_in(arrives, memory, raw, at)


@FEW
@given(fields=FIELDS, body=VALUES)
def test_int_01_so_have_any_header_fields(arrives, memory, at, fields, body):
    head = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
    is_taken_in(arrives, memory, b"To: help@demo.example\r\n" + head + b"\r\n" + body, at)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=8)
            | st.sampled_from(
                [
                    "title",
                    "text",
                    "status",
                    "severity",
                    "labels",
                    "id",
                    "timestamp",
                    "alerts",
                    "annotations",
                    "fingerprint",
                    "startsAt",
                    "endsAt",
                    "alertname",
                    "summary",
                    "url",
                    "resource",
                    "generatorURL",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
ALERTS = st.lists(
    st.fixed_dictionaries(
        {"labels": st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4)},
        optional={
            "annotations": st.dictionaries(
                st.sampled_from(["summary", "description", "runbook_url"]), st.text(max_size=30)
            ),
            "status": st.text(max_size=8),
            "startsAt": st.text(max_size=30),
            "fingerprint": st.text(max_size=8),
        },
    ),
    max_size=4,
)


def is_heard_or_refused(source, body, at):
    try:
        said = READERS[source](body)
    except Refusal:
        return
    for one in said:
        survives_the_bus(fact_of(one, source, at), at)


@FEW
@given(body=st.binary(max_size=200), source=st.sampled_from(sorted(READERS)))
def test_int_13_any_bytes_are_heard_or_refused(at, body, source):
    is_heard_or_refused(source, body, at)


@FEW
@given(told=JSON, source=st.sampled_from(sorted(READERS)))
def test_int_13_any_json_is_heard_or_refused(at, told, source):
    is_heard_or_refused(source, msgspec.json.encode(told), at)


@FEW
@given(told=ALERTS)
def test_int_14_any_alerts_of_alertmanager_are_heard_or_refused(at, told):
    is_heard_or_refused("alertmanager", msgspec.json.encode({"alerts": told}), at)


HEAD = b"From: a@x.example\r\nTo: help@demo.example\r\nSubject: Re: x\r\n"
DEEP = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(600)
)
HTML = HEAD + b"Content-Type: text/html\r\n\r\n"
BOMBS = {
    "600 levels": HEAD + DEEP + b"\r\nx",
    "300 messages in messages": HEAD + b"Content-Type: message/rfc822\r\n\r\nSubject: n\r\n" * 300,
    "20000 parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\nx\r\n" * 20_000,
    "40 MB of line ends": HEAD + b"\r\n" + b"\n" * 39_000_000,
    "more than 40 MB": HEAD + b"\r\n" + b"x" * 40_000_001,
    "a million header fields": HEAD + b"X: y\r\n" * 1_000_000,
    "a header field of 1 MB": HEAD + b"X: " + b"a" * 1_000_000 + b"\r\n\r\nx",
    "50000 recipients": HEAD + b"Cc: " + b"u@x.example, " * 50_000 + b"\r\n\r\nx",
    "20000 references": HEAD + b"References: " + b"<1@x.example> " * 20_000 + b"\r\n\r\nx",
    "comments": b"From: " + b"(" * 900 + b"a@b.c" + b")" * 900 + b"\r\n\r\nx",
    "brackets": b"From: " + b"(" * 90_000 + b"a@b.c\r\n\r\nx",
    "quotes": b'From: "' + b'\\"' * 45_000 + b"a@b.c\r\n\r\nx",
    "half encoded words": HEAD + b"Subject: " + b"=?a?q?" * 16_000 + b"\r\n\r\nx",
    "deep HTML": HTML + b"<div>" * 100_000,
    "deep quotes": HTML + b"<blockquote>a" * 30_000,
    "angle brackets": HTML + b"<" * 300_000,
    "empty lines": HEAD + b"\r\nx" + b"\r\n" * 9_000 + b"x",
    "On On On": HEAD + b"\r\n" + (b"On " * 90 + b"\r\n") * 80,
    "one long line": HEAD + b"\r\n" + b"On a wrote" * 2_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_mail_takes_long_to_read(name):
    began = time.perf_counter()
    bounce.read_bounce(read(BOMBS[name]))
    # Measured: at most half a second each; the bound leaves room for a busy machine.
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    "name", ["600 levels", "300 messages in messages", "20000 parts", "more than 40 MB"]
)
def test_a_mail_beyond_the_limits_is_parked_with_sender_and_subject(arrives, memory, name):
    fact = arrives(BOMBS[name])
    assert (fact.sender, fact.subject) == ("a@x.example", "Re: x")
    assert memory.quarantine[0][0] == "demo"
