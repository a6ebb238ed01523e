"""What a mail says, in every language, and that nothing in it can come alive."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from string import Formatter
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.desk import CommentAdded, Resolution, TicketAssigned, TicketMoved, TicketOpened
from events.sla import ClockBreached, ClockWarned
from events.vocabulary import Actor, Clock, TicketSummary
from services.notification.domain.audience import Template
from services.notification.domain.compose import Reader, Surroundings, compose
from services.notification.domain.letter import Letter, clean, one_line, subject_line
from services.notification.domain.mime import Envelope, Unmailable, deliverable, message
from services.notification.domain.thread import REMEMBERED, Thread
from services.notification.domain.times import local
from services.notification.domain.words import CATALOGUE, CHINESE, ENGLISH, tongue

AT = datetime(2030, 1, 2, 9, 30, tzinfo=UTC)
AGENT = Actor(kind="person", name="abe@demo.example", role="agent")
AROUND = Surroundings(
    "演示公司",
    "王工",
    "https://9/tickets/7",
    {s: f"https://9/s?score={s}" for s in range(5, 0, -1)},
)


def ticket(**more):
    known = {
        "id": "T-01J9ZK3V7QXA5B6C",
        "number": "INC-000123",
        "kind": "incident",
        "state": "new",
        "subject": "打印机坏了",
        "requester": "rita@customer.example",
        "requester_name": "李娜",
        "channel": "email",
        "language": "zh-CN",
        "opened_at": AT,
        "team": "network",
        "priority": "P1",
        "due": [
            Clock(name="first_response", state="running", due_at=AT),
            Clock(name="resolution", state="running", due_at=AT),
        ],
    }
    return TicketSummary(**(known | more))


def fact_for(template, given=None, text="文字"):
    given = given or ticket()
    words = {"comment_id": "C", "text": text, "public": True, "by": AGENT}
    moved = {"before": "new", "after": "resolved", "by": AGENT, "reason": text}
    done = Resolution(code="solved", notes=text)
    return {
        "received": TicketOpened(ticket=given, text=text, by=AGENT),
        "desk_wrote": CommentAdded(ticket=given, **words),
        "requester_wrote": CommentAdded(ticket=given, **words),
        "internal_note": CommentAdded(ticket=given, **words),
        "resolved": TicketMoved(ticket=given, resolution=done, **moved),
        "reopened": TicketMoved(ticket=given, **moved),
        "assigned": TicketAssigned(ticket=given, by=AGENT),
        "team_assigned": TicketAssigned(ticket=given, by=AGENT),
        "clock_warned": ClockWarned(ticket=given, clock="resolution", percent=75, due_at=AT),
        "clock_breached": ClockBreached(ticket=given, clock="first_response", due_at=AT),
    }[template]


def envelope(**more):
    known = {
        "sender_name": "Demo",
        "sender": "help@demo.example",
        "recipient": "rita@customer.example",
        "reply_to": "reply+abc@demo.example",
        "references": ["a@x", "b@x"],
        "date": AT,
    }
    return Envelope(**(known | more))


def parsed(raw):
    return message_from_bytes(raw, policy=policy.default)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def tags(html):
    reader = Tags()
    reader.feed(html)
    return reader.seen


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_i18n_01_every_sentence_exists_in_every_language_with_the_same_places():
    english = {key: places(text) for key, text in CATALOGUE[ENGLISH].items()}
    chinese = {key: places(text) for key, text in CATALOGUE[CHINESE].items()}
    assert english == chinese
    assert all(text.strip() for words in CATALOGUE.values() for text in words.values())


@pytest.mark.parametrize("template", get_args(Template))
def test_i18n_01_no_mail_mixes_languages(template):
    reader = Reader("李娜", CHINESE, "UTC")
    letter = compose(template, fact_for(template), reader, AROUND)
    ours = re.sub(r"https://\S+|INC-\d+|\bP1\b|UTC|network|<?rita@\S+|> .*", "", letter.text)
    assert not re.search("[A-Za-z]", ours)
    english = compose(
        template,
        fact_for(template, ticket(subject="Printer", requester_name="Rita"), "Words"),
        Reader("Rita", ENGLISH, "UTC"),
        AROUND._replace(organisation="Demo", author="Abe"),
    )
    assert english.text.isascii()
    assert english.subject == "[INC-000123] Printer"


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
@pytest.mark.parametrize("template", get_args(Template))
def test_a_mail_calls_for_one_action_at_most(template, language):
    letter = compose(template, fact_for(template), Reader("", language, "UTC"), AROUND)
    targets = {attrs["href"].partition("?")[0] for tag, attrs in tags(letter.html) if tag == "a"}
    assert len(targets) <= 1
    assert ("a" in [tag for tag, _ in tags(letter.html)]) == (
        template not in ("received", "desk_wrote")
    )


def test_the_acknowledgement_promises_only_what_is_known():
    reader = Reader("Rita", ENGLISH, "Asia/Shanghai")
    promised = compose("received", fact_for("received"), reader, AROUND).text
    assert "You will hear from us by 2 January 2030, 17:30 (Asia/Shanghai)." in promised
    unknown = compose("received", fact_for("received", ticket(due=[])), reader, AROUND).text
    assert "INC-000123" in unknown
    assert " by " not in unknown


def test_srv_01_a_resolution_carries_notes_and_five_scores():
    letter = compose("resolved", fact_for("resolved"), Reader("", ENGLISH, "UTC"), AROUND)
    assert "> 文字" in letter.text
    assert re.findall(r"score=(\d)", letter.text) == ["5", "4", "3", "2", "1"]
    silent = compose(
        "resolved", fact_for("resolved"), Reader("", ENGLISH, "UTC"), AROUND._replace(survey={})
    )
    assert "How happy" not in silent.text


@pytest.mark.parametrize(
    ("zone", "language", "expected"),
    [
        ("Europe/Berlin", ENGLISH, "2 July 2030, 00:30 (Europe/Berlin)"),
        ("Asia/Shanghai", CHINESE, "2030年7月2日 06:30（Asia/Shanghai）"),
        ("Mars/Olympus", ENGLISH, "1 July 2030, 22:30 (UTC)"),
        ("../../etc/passwd", ENGLISH, "1 July 2030, 22:30 (UTC)"),
        ("", ENGLISH, "1 July 2030, 22:30 (UTC)"),
    ],
)
def test_moments_are_told_on_the_readers_clock(zone, language, expected):
    assert local(datetime(2030, 7, 1, 22, 30, tzinfo=UTC), zone, language) == expected


def test_a_reader_gets_his_own_language_or_else_the_tickets():
    assert tongue("zh-CN", "en") == CHINESE
    assert tongue(None, "zh-TW") == CHINESE
    assert tongue("de", "zh-CN") == ENGLISH
    assert tongue(None, "") == ENGLISH


def test_a_number_stands_in_a_subject_once():
    assert subject_line("INC-000123", "Re: [INC-000123] Printer") == "[INC-000123] Re: Printer"
    assert subject_line("INC-000123", "") == "[INC-000123]"
    assert len(subject_line("INC-000123", "x" * 9000)) < 140


HEADERS = {
    *("Content-Type", "MIME-Version", "Date", "From", "To", "Reply-To", "Subject"),
    *("In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress"),
    "Content-Language",
}
ANYTHING = st.text(max_size=300) | st.sampled_from(
    [
        "x\r\nBcc: victim@x.example",
        "x\nBcc: victim@x.example\n\nbody",
        "=?utf-8?q?a=0D=0ABcc:_v@x.example?=",
        '"quoted" \\ <a@b>, c@d',
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{number} {0} %s",
        "\u202egnp.exe",
        "\u2028\u2029\x85\x0b\x0c",
        "From the beginning\n.\nFrom here",
        "é" * 200,
        "漢" * 300,
    ]
)


@settings(deadline=None)
@given(subject=ANYTHING, name=ANYTHING, text=ANYTHING, language=st.sampled_from([*CATALOGUE]))
def test_no_text_breaks_out_of_a_header_or_becomes_active_html(subject, name, text, language):
    given = ticket(subject=subject, requester_name=name)
    around = AROUND._replace(organisation=name, author=name)
    letter = compose(
        "desk_wrote", fact_for("desk_wrote", given, text), Reader(name, language, "UTC"), around
    )
    raw = message(letter, envelope(sender_name=name))
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    mail = parsed(raw)
    assert set(mail.keys()) == HEADERS
    assert len(mail.keys()) == len(HEADERS)
    assert not mail.defects
    assert mail["To"] == "rita@customer.example"
    assert [a.addr_spec for a in mail["From"].addresses] == ["help@demo.example"]
    assert mail["Subject"] == subject_line("INC-000123", subject)
    plain, html = mail.iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == letter.text
    assert html.get_content().replace("\r\n", "\n") == letter.html
    assert {tag for tag, _ in tags(letter.html)} <= {
        *("html", "head", "meta", "title", "body", "p", "br", "blockquote", "b", "a")
    }
    for _, attributes in tags(letter.html):
        assert set(attributes) <= {"lang", "charset", "style", "href"}


@settings(deadline=None)
@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(text):
    assert clean(clean(text)) == clean(text)
    assert one_line(one_line(text, 50), 50) == one_line(text, 50)
    assert not re.search(r"[\x00-\x1f\x7f]", one_line(text, 50))


def test_ntf_06_an_answer_and_news_are_marked_as_automatic():
    letter = Letter("[INC-000123] x", ENGLISH, [])
    news, answer = (
        parsed(message(letter, envelope())),
        parsed(message(letter, envelope(reply=True))),
    )
    assert news["Auto-Submitted"] == "auto-generated"
    assert answer["Auto-Submitted"] == "auto-replied"
    assert news["X-Auto-Response-Suppress"] == "All"
    assert news["Content-Language"] == "en"
    assert news["In-Reply-To"] == "<b@x>"
    assert news["References"].split() == ["<a@x>", "<b@x>"]
    assert news["Reply-To"] == "reply+abc@demo.example"
    assert news.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "address",
    ["a,b@x.example", "a<b@x.example", '"a"@x.example', "李@x.example", "a@[10.0.0.1]", "a@x..y"],
)
def test_an_address_that_ses_does_not_take_is_named_before_it_is_tried(address):
    with pytest.raises(Unmailable):
        deliverable(address)


def test_a_foreign_domain_is_written_in_ascii():
    assert deliverable("a@bücher.example") == "a@xn--bcher-kva.example"


def test_a_thread_stays_small_and_knows_its_beginning():
    thread = Thread().with_message("early@x").begun_by("<first@x>")
    for n in range(20):
        thread = thread.with_message(f"<m{n}@x>")
    assert thread.references[0] == "first@x"
    assert thread.references[-1] == "m19@x"
    assert len(thread.references) == REMEMBERED + 1
    assert thread.with_message("m19@x") is thread


@pytest.mark.parametrize("bad", ["", "<>", "a@b\r\nBcc: c@d", "no at", "ü@x", "<a@b> <c@d>"])
def test_what_is_no_message_id_is_forgotten(bad):
    assert Thread().with_message(bad).begun_by(bad) == Thread()
