"""What the page says and shows, and what is read from it."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from string import Formatter
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.desk import TicketMoved
from events.vocabulary import Actor, TicketSummary
from services.survey.domain import page
from services.survey.domain.ballot import LONGEST_COMMENT
from services.survey.domain.reading import read_form, read_json, tidy
from services.survey.domain.words import CATALOGUE, tongue
from shared.refusal import Invalid
from shared.signing import Signer
from shared.surveylink import (
    SurveyGrant,
    read_survey_token,
    survey_grant,
    survey_link,
    survey_token,
)

AT = datetime(2030, 1, 2, 9, 30, tzinfo=UTC)
SIGNER = Signer("a signing key for tests, 32+ letters")
GRANT = SurveyGrant(
    tenant="demo",
    ticket_id="T-01J9ZK3V7QXA5B6C",
    sequence=7,
    person="rita@customer.example",
    expires_at=AT,
    language="en",
)
TOKEN = survey_token(SIGNER, GRANT)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.text = [], {}
        self._inside = None

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data):
        self.text[self._inside] = self.text.get(self._inside, "") + data

    def handle_endtag(self, tag):
        self._inside = None


def tags(html):
    reader = Tags()
    reader.feed(html)
    reader.close()
    return reader


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_i18n_01_the_page_speaks_every_language_completely():
    first, *others = [
        {key: places(text) for key, text in words.items()} for words in CATALOGUE.values()
    ]
    assert all(other == first for other in others)
    assert all(text.strip() for words in CATALOGUE.values() for text in words.values())
    assert tongue("zh-TW,zh;q=0.9,en;q=0.8") == "zh-CN"
    assert tongue("de") == "en"


@pytest.mark.parametrize("language", sorted(CATALOGUE))
def test_a11y_01_every_field_has_a_label_and_the_clicked_face_is_chosen(language):
    seen = tags(page.form(language, TOKEN, score=4, number="INC-000123")).seen
    radios = [attrs for tag, attrs in seen if tag == "input"]
    assert [r["value"] for r in radios] == ["5", "4", "3", "2", "1"]
    assert [r["value"] for r in radios if "checked" in r] == ["4"]
    assert sum(tag == "label" for tag, _ in seen) == 6
    assert ("legend", {}) in seen
    assert ("html", {"lang": language}) in seen
    assert {"for": "comment", "class": "comment"} in [
        attrs for tag, attrs in seen if tag == "label"
    ]
    assert [attrs["action"] for tag, attrs in seen if tag == "form"] == [TOKEN]
    assert sum(tag == "button" for tag, _ in seen) == 1


ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "p", "form", "fieldset"),
    *("legend", "label", "input", "span", "textarea", "button"),
}


@settings(deadline=None)
@given(comment=st.text(max_size=200), number=st.text(max_size=40))
def test_nothing_that_was_typed_becomes_active(comment, number):
    for words in (comment, f"</textarea><script>{comment}", f"\n{comment}"):
        read = tags(page.form("en", TOKEN, comment=words, number=f'"><img src=x>{number}'))
        assert {tag for tag, _ in read.seen} <= ALLOWED
        assert not any(name.startswith("on") for _, attrs in read.seen for name in attrs)


def test_the_page_may_run_load_and_frame_nothing():
    policy = page.headers()["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers()["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers()["X-Robots-Tag"]


def test_the_styles_proof_is_that_of_the_style_in_the_page():
    import base64
    from hashlib import sha256

    style = page.form("en", TOKEN).partition("<style>")[2].partition("</style>")[0]
    proof = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert f"'sha256-{proof}'" in page.headers()["Content-Security-Policy"]


def sent(**fields):
    return urlencode(fields).encode()


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "4.0", "４", "four", "44"])
def test_a_score_outside_one_to_five_is_none(score):
    assert read_form(sent(score=score)).problem == "incomplete"


def test_a_form_is_read_as_browsers_send_it():
    filled = read_form(sent(score=2, comment="  slow\r\nand\x00 rude \r\n"))
    assert filled == (2, "slow\nand rude")
    assert filled.problem is None
    longest = "\r\n".join(["x"] * (LONGEST_COMMENT // 2)) + "x"
    assert read_form(sent(score=2, comment=longest)).problem is None
    assert read_form(sent(score=2, comment=longest + "x")).problem == "too_long"


@pytest.mark.parametrize("raw", [b"score=%ff", b"\xff", b"&".join([b"a=1"] * 50)])
def test_what_is_no_form_is_refused(raw):
    with pytest.raises(Invalid):
        read_form(raw)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"score": 6}', "score"),
        (b'{"score": "4"}', "score"),
        (b'{"score": true}', "score"),
        (b'{"score": null}', "score"),
        (b"{}", "score"),
        (b'{"score": 4, "person": "x"}', "person"),
        (b'{"score": 4, "comment": "' + b"x" * 2001 + b'"}', "comment"),
    ],
)
def test_json_names_the_bad_field(raw, field):
    with pytest.raises(Invalid) as no:
        read_json(raw)
    assert [flaw["field"] for flaw in no.value.more["errors"]] == [field]


@settings(deadline=None)
@given(st.text())
def test_tidying_twice_is_tidying_once(text):
    assert tidy(tidy(text)) == tidy(text)


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_is_sent_is_read_or_refused(raw):
    for read in (read_form, read_json):
        try:
            read(raw)
        except Invalid:
            continue


@settings(deadline=None)
@given(st.text(max_size=400))
def test_a_made_up_token_grants_nothing(word):
    assert read_survey_token(SIGNER, word) is None


@settings(deadline=None)
@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABab01-_= %.+/"))
def test_a_token_with_one_other_letter_grants_nothing(place, letter):
    altered = TOKEN[:place] + letter + TOKEN[place + 1 :]
    assert (read_survey_token(SIGNER, altered) is None) == (altered != TOKEN)


@pytest.mark.parametrize(
    "word", ["", " ", "%20", TOKEN[:-1], TOKEN + "A", TOKEN + " ", TOKEN + "="]
)
def test_a_blank_cut_or_longer_token_grants_nothing(word):
    assert read_survey_token(SIGNER, word) is None


def test_a_token_of_another_deployment_or_purpose_grants_nothing():
    other = Signer("another signing key for tests, 32+")
    assert read_survey_token(SIGNER, survey_token(other, GRANT)) is None
    import msgspec

    assert read_survey_token(SIGNER, SIGNER.seal("cursor", msgspec.json.encode(GRANT))) is None


def moved(by=None, **more):
    known = {
        "id": "T-01J9ZK3V7QXA5B6C",
        "number": "INC-000123",
        "kind": "incident",
        "state": "resolved",
        "subject": "Printer",
        "requester": "rita@customer.example",
        "channel": "email",
        "language": "en",
        "opened_at": AT,
        "resolved_at": AT,
        "resolution_sequence": 7,
    }
    after = more.pop("after", "resolved")
    by = by or Actor(kind="person", name="abe@demo.example", role="agent")
    ticket = TicketSummary(**(known | more))
    return TicketMoved(ticket=ticket, before="in_progress", after=after, by=by)


def test_the_same_fact_gives_everybody_the_same_link():
    import msgspec

    elsewhere = msgspec.json.decode(msgspec.json.encode(moved()), type=TicketMoved)
    tokens = {survey_token(SIGNER, survey_grant("demo", fact)) for fact in (moved(), elsewhere)}
    assert len(tokens) == 1
    grant = read_survey_token(SIGNER, tokens.pop())
    assert grant.expires_at == AT + timedelta(days=14)
    assert survey_link("https://d.example", "t", 4) == "https://d.example/api/surveys/t?score=4"


@pytest.mark.parametrize(
    "fact",
    [
        moved(after="closed"),
        moved(after="cancelled"),
        moved(by=Actor(kind="monitoring", name="prometheus")),
        moved(channel="webhook"),
        moved(requester="no-reply@shop.example"),
        moved(resolved_at=None),
        moved(resolution_sequence=None),
    ],
    ids=["closed", "cancelled", "by a monitor", "an alert", "a program", "no time", "no sequence"],
)
def test_srv_02_who_has_nothing_to_rate_is_not_asked(fact):
    assert survey_grant("demo", fact) is None
