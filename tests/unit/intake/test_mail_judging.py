"""INT-03, INT-04: programs, absences, bounces and echoes are told from people."""

import pytest

from events.intake import MailBounced, MailQuarantined, MessageReceived
from events.notification import NotificationSent
from services.intake.actions import mail as mails

TICKET = "T-0123456789ABCDEF"
TRACE = "Received: from mx.customer.example by inbound.example with SMTP id 1; Wed, 2 Jan 2030\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"Precedence": "List"},
        {"Precedence": "junk"},
        {"List-Unsubscribe": "<mailto:x@y>"},
        {"List-Id": "<x.y>"},
        {"X-Auto-Response-Suppress": "All"},
        {"X-Loop": "somebody@else.example"},
        {"Return-Path": "<>"},
        {"From": "MAILER-DAEMON@customer.example"},
        {"From": "postmaster@customer.example"},
        {"From": "no-reply@customer.example"},
        {"From": "do.not.reply@customer.example"},
    ],
    ids=str,
)
def test_int_03_what_a_program_sent_is_taken_in_as_automatic(arrives, letter, headers):
    message = arrives(letter(**headers))
    assert isinstance(message, MessageReceived)
    assert message.automatic


@pytest.mark.parametrize(
    "headers",
    [{}, {"Auto-Submitted": "no"}, {"From": "norbert@x.example"}, {"Precedence": "normal"}],
    ids=str,
)
def test_int_03_what_a_person_sent_is_not(arrives, letter, headers):
    assert not arrives(letter(**headers)).automatic


AWAY = [
    {"Auto-Submitted": "auto-replied (vacation)"},
    {"X-Autoreply": "yes"},
    {"Subject": "Automatic reply: Printer", "Auto-Submitted": "auto-generated"},
    {"Subject": "自动回复: 打印机", "X-Auto-Response-Suppress": "All"},
]


@pytest.mark.parametrize("headers", AWAY, ids=str)
def test_int_04_an_absence_that_threads_nowhere_is_parked(arrives, letter, headers):
    fact = arrives(letter(**headers))
    assert fact == MailQuarantined(
        receipt_id="r-0",
        reason="an automatic reply to nothing that is known",
        sender="ada@customer.example",
        subject=fact.subject,
    )


@pytest.mark.parametrize("headers", AWAY, ids=str)
def test_int_04_an_absence_on_a_ticket_is_told_as_automatic(arrives, letter, token, headers):
    message = arrives(letter(To=token(), **headers))
    assert (message.ticket_id, message.automatic) == (TICKET, True)


def test_int_03_our_own_mail_come_back_is_parked(arrives, letter, memory, at):
    for sender in ("help@demo.example", "Desk <HELP@DEMO.EXAMPLE>"):
        assert arrives(letter(From=sender)).reason == "our own mail came back"
    sent = NotificationSent(
        ticket_id=TICKET,
        recipient="ada@customer.example",
        template="received",
        language="en",
        message_id="ours@email.amazonses.com",
    )
    mails.remember_sent(sent, tenant="demo", memory=memory, at=at)
    echo = letter(Message_ID="<ours@email.amazonses.com>", Auto_Submitted="auto-generated")
    assert arrives(echo).reason == "our own mail came back"


def test_int_03_another_organisations_desk_is_a_customer_like_any_other(arrives, letter):
    assert isinstance(arrives(letter(From="help@rival.example")), MessageReceived)


REPORT = """\
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@mx.example>
To: {to}
Subject: Delivery Status Notification (Failure)
Message-ID: <dsn@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
--b
Content-Type: message/rfc822

Reply-To: {reply_to}
From: help@demo.example
To: {recipient}
Message-ID: <{original}>
Subject: [INC-000001] Printer

We are on it.
--b--
"""


def report(**more):
    given = {
        "to": "help@demo.example",
        "recipient": "ada@customer.example",
        "action": "failed",
        "status": "5.1.1",
        "reply_to": "help@demo.example",
        "original": "unknown@x",
    }
    return REPORT.format(**{**given, **more}).replace("\n", "\r\n")


def test_int_04_a_report_of_a_failure_is_a_bounce_and_no_ticket(arrives):
    fact = arrives(report())
    assert isinstance(fact, MailBounced)
    assert (fact.recipient, fact.permanent, fact.status) == ("ada@customer.example", True, "5.1.1")
    assert fact.ticket_id is None


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "4.2.2")])
def test_int_04_a_temporary_failure_is_told_as_such(arrives, action, status):
    assert not arrives(report(action=action, status=status)).permanent


def test_int_04_a_bounce_finds_its_ticket_by_token_or_by_id(arrives, token, memory, at):
    assert arrives(report(to=token())).ticket_id == TICKET
    assert arrives(report(reply_to=token())).ticket_id == TICKET
    sent = NotificationSent(
        ticket_id=TICKET,
        recipient="ada@customer.example",
        template="received",
        language="en",
        message_id="ours@x",
    )
    mails.remember_sent(sent, tenant="demo", memory=memory, at=at)
    assert arrives(report(original="ours@x")).ticket_id == TICKET


def test_int_04_a_forged_bounce_about_somebody_else_finds_no_ticket(arrives, token):
    assert arrives(report(to=token(), recipient="boss@customer.example")).ticket_id is None


def test_int_04_a_report_of_success_is_parked(arrives):
    fact = arrives(report(action="delivered", status="2.0.0"))
    assert isinstance(fact, MailQuarantined)


def test_int_04_a_report_without_sender_is_still_a_bounce(arrives):
    raw = report().replace("From: Mail Delivery Subsystem <mailer-daemon@mx.example>\r\n", "")
    assert isinstance(arrives(raw), MailBounced)


def test_words_about_undelivered_mail_from_a_person_are_a_ticket(arrives, letter):
    message = arrives(letter("Could not be delivered to bob@x.example.", Subject="Undelivered"))
    assert isinstance(message, MessageReceived)


PASS = "Authentication-Results: amazonses.com; "
VERDICTS = [
    ("dmarc=pass header.from=customer.example", True),
    ("spf=fail smtp.mailfrom=x.example; dmarc=pass header.from=customer.example", True),
    ("dkim=pass header.i=@customer.example", True),
    ("dkim=pass header.d=example; spf=none", False),
    ("spf=pass (ok) smtp.mailfrom=bounce@customer.example", True),
    ("spf=pass envelope-from=ada@evil.example", False),
    ("dkim=pass header.i=@evil.example; spf=pass smtp.mailfrom=evil.example", False),
    ("dkim=pass header.d=mail.customer.example", False),
    ("dmarc=fail header.from=customer.example; dkim=pass header.d=customer.example", False),
    ("dmarc=pass header.from=evil.example", False),
    ("dmarc=fail; dmarc=pass header.from=customer.example", False),
    ("spf=fail (dmarc=pass header.from=customer.example)", False),
    ("spf=fail (a; dmarc=pass header.from=customer.example;) smtp.mailfrom=x", False),
    ('spf=fail smtp.mailfrom="; dmarc=pass header.from=customer.example"@evil.example', False),
    ("none", False),
]


@pytest.mark.parametrize(("verdict", "verified"), VERDICTS)
def test_the_receiving_servers_verdict_decides_whether_a_sender_is_verified(
    arrives, letter, verdict, verified
):
    message = arrives(TRACE + PASS + verdict + "\r\n" + letter())
    assert message.mail.verified is verified


def test_a_verdict_that_the_sender_wrote_is_not_believed(arrives, letter):
    forged_verdict = PASS + "dmarc=pass header.from=customer.example\r\n"
    below = TRACE + "Received: from a by b; Wed, 2 Jan 2030\r\n" + forged_verdict
    genuine = TRACE + PASS + "dmarc=fail header.from=customer.example\r\n" + forged_verdict
    for raw in (below + letter(), forged_verdict + letter(), genuine + letter()):
        assert not arrives(raw).mail.verified


def test_two_authors_cannot_be_verified(arrives, letter):
    head = TRACE + PASS + "dmarc=pass header.from=customer.example\r\n"
    two = letter(From="ada@customer.example, eve@evil.example")
    assert not arrives(head + two).mail.verified
    assert not arrives(head + "From: eve@evil.example\r\n" + letter()).mail.verified


def test_what_the_scanner_objects_to_is_parked(arrives, letter):
    fact = arrives(TRACE + "X-SES-Virus-Verdict: FAIL\r\n" + letter())
    assert fact.reason == "the receiving server's scanner says virus"


def test_the_message_says_what_the_sender_said_and_what_came_with_it(arrives, at):
    raw = (
        "From: =?gb2312?B?1cXI/Q==?= <zhang@customer.example>\r\n"
        "To: help@demo.example\r\nCc: Bob <bob@customer.example>\r\n"
        "Subject: =?utf-8?B?5omT5Y2w?= =?utf-8?B?5py65Z2P5LqG?=\r\n"
        "Message-ID: <m@customer.example>\r\nReferences: <a@b> <c@d>\r\n"
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
        "Content-Type: text/html; charset=utf-8\r\n\r\n"
        "<style>p{}</style><p>打印机坏了，请帮忙。</p><script>alert(1)</script>"
        "<ul><li>三楼</li></ul><p>See <a href='https://x.example/y'>this</a></p>\r\n"
        '--x\r\nContent-Type: image/png; name="../../a\u202egnp.png"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--x--\r\n"
    )
    message = arrives(raw)
    assert (message.sender_name, message.subject) == ("张三", "打印机坏了")
    assert message.text == "打印机坏了，请帮忙。\n\n- 三楼\n\nSee this <https://x.example/y>"
    assert message.language == "zh-CN"
    assert message.cc == ["bob@customer.example"]
    assert message.mail.references == ["c@d", "a@b"]
    assert [(a.filename, a.type, a.size) for a in message.attachments] == [
        ("agnp.png", "image/png", 8)
    ]


def test_int_05_a_reply_is_folded_and_a_first_mail_is_not(arrives, letter):
    body = "It works again.\r\n\r\nOn Mon, Jan 1, 2030 at 9:00 AM, Desk wrote:\r\n> Try now.\r\n"
    assert arrives(letter(body, Subject="Re: Printer")).text == "It works again."
    assert "Try now." in arrives(letter(body, Subject="Fwd: Printer")).text


def test_int_05_thanks_at_the_beginning_of_a_sentence_is_no_signature(arrives, letter):
    body = "Hello,\r\nThanks, that worked.\r\nBut now the scanner fails.\r\n"
    assert "scanner fails" in arrives(letter(body, Subject="Re: Printer")).text


def test_a_reply_of_nothing_but_quotes_keeps_its_text(arrives, letter):
    body = "> Did you try it?\r\n> Really?\r\n"
    assert "Really?" in arrives(letter(body, Subject="Re: Printer")).text


def test_long_texts_are_cut_and_say_so(arrives, letter):
    message = arrives(letter("word " * 10_000))
    assert len(message.text) == 20_000
    assert message.truncated
    assert not arrives(letter("word")).truncated


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("The printer is on fire", "en"),
        ("打印机坏了 printer HP LaserJet", "zh-CN"),
        ("プリンターが壊れた", "ja"),
        ("프린터가 고장", "ko"),
        ("Принтер сломался", "ru"),
        ("", "en"),
    ],
)
def test_the_language_is_guessed_from_the_letters(arrives, letter, text, tag):
    headers = {"Content-Type": "text/plain; charset=utf-8", "Subject": "x"}
    assert arrives(letter(text, **headers)).language == tag
