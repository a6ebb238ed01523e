"""Mails that others collected: each can be read, and the picked ones say what they are known to."""

import json
from pathlib import Path

import pytest

from services.intake.domain import bounce, folding
from services.intake.domain.mail import NO_SENDER, read

DATA = Path(__file__).parents[3].parent / "shared/data"
RUBY = DATA / "mail_mime_ruby/emails"
CPYTHON = DATA / "mail_mime_cpython"
BOUNCES = DATA / "mail_bounces_flufl"
REPLIES = DATA / "mail_replies"
FLAWS = {None, NO_SENDER, "neither a subject nor text nor files"}

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the test data lies beside the project")


def raw_mails():
    for folder in (RUBY, CPYTHON, BOUNCES / "data", REPLIES / "emails"):
        yield from sorted(p for p in folder.rglob("*") if p.suffix in (".eml", ".txt"))


@pytest.mark.parametrize("path", list(raw_mails()), ids=lambda path: path.name)
def test_every_sample_is_read_and_every_truncation_of_it_too(path):
    raw = path.read_bytes()
    mail = read(raw)
    assert mail.flaw in FLAWS
    assert len(mail.text) <= 20_000
    assert "\x00" not in mail.text + mail.subject
    assert all("\x00" not in a.filename and "/" not in a.filename for a in mail.attachments)
    mail.text.encode()
    mail.subject.encode()
    for cut in (0, 1, len(raw) // 3, len(raw) // 2, len(raw) - 1):
        assert read(raw[:cut]).flaw in FLAWS
        bounce.read_bounce(read(raw[:cut]))


KNOWN = {
    "plain_emails/raw_email.eml": ("jamis@37signals.com", "NOTE: 한국말로 하는 것", "대부분의"),
    "plain_emails/basic_email_lf.eml": ("test@lindsaar.net", "Testing 123", "Plain email"),
    "plain_emails/raw_email_with_partially_quoted_subject.eml": (
        "jamis@37signals.com",
        'Re: Test: "漢字" mid "漢字" tail',
        "대부분의",
    ),
    "multi_charset/japanese_iso_2022.eml": ("raasdnil@gmail.com", "まみむめも", "すみません。"),
    "multi_charset/japanese_shift_jis.eml": ("xxxxxxx@docomo.ne.jp", "test", "今後とも"),
    "multi_charset/ks_c_5601-1987.eml": ("from@example.com", "test", "스티해"),
    "rfc6532/utf8_headers.eml": ("jdöe@mächine.example", "Säying Hello", ""),
    "error_emails/cant_parse_from.eml": (
        "news@insideapple.apple.com",
        "Meet the new MacBook Pro family. Now includes 13-inch.",
        "",
    ),
    "error_emails/bad_subject.eml": (
        "carol@mysurvey.com",
        "MySurvey.com: You have a survey waiting! 91123105",
        "",
    ),
    "attachment_emails/attachment_pdf.eml": (
        "xxxx@xxxx.com",
        "Another PDF with 🎉 Unicode chars in it 🍿",
        "Just attaching another PDF",
    ),
    "mime_emails/raw_email4.eml": ("xxx@xxxx.xxx", "Filth", ""),
    "mime_emails/raw_email_encoded_stack_level_too_deep.eml": (
        "gmail-noreply@google.com",
        "Nicolas Fouché has accepted your invitation to Gmail",
        "",
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_sender_subject_and_text_are_what_they_are_known_to_be(name):
    sender, subject, words = KNOWN[name]
    mail = read((RUBY / name).read_bytes())
    assert (mail.sender.address, mail.subject) == (sender, subject)
    assert words in mail.text


FILES = {
    "attachment_nonascii_filename.eml": [("ciële.txt", "text/plain")],
    "attachment_with_quoted_filename.eml": [("Eelanalüüsi päring.jpg", "image/jpeg")],
    "attachment_message_rfc822.eml": [("ForwardedMessage.eml", "message/rfc822")],
    "attachment_with_base64_encoded_name.eml": [("This is a test.pdf", "application/pdf")],
}


@pytest.mark.parametrize("name", FILES)
def test_attached_files_are_listed_with_their_names(name):
    mail = read((RUBY / "attachment_emails" / name).read_bytes())
    assert [(a.filename, a.type) for a in mail.attachments] == FILES[name]


def test_a_picture_has_the_size_of_its_bytes_not_of_their_coding():
    mail = read((CPYTHON / "msg_07.txt").read_bytes())
    assert [(a.filename, a.type, a.size) for a in mail.attachments] == [
        ("dingusfish.gif", "image/gif", 3512)
    ]


def test_int_04_nine_of_ten_bounces_are_recognised_and_tell_whom_they_did_not_reach():
    expected = json.loads((BOUNCES / "expected.json").read_text())
    bounces = {name: known for name, known in expected.items() if known["is_bounce"]}
    seen = right = in_kind = 0
    for name, known in bounces.items():
        found = bounce.read_bounce(read((BOUNCES / "data" / name).read_bytes()))
        failures = found.failures if found else []
        seen += bool(failures)
        wanted = {address.lower() for address in known["addresses"]}
        right += {failure.recipient for failure in failures} == wanted
        in_kind += bool(failures) and all(f.permanent != known["temporary"] for f in failures)
    assert len(bounces) == 111
    # Counted today: 101 recognised, 97 with exactly their addresses, 99 with the right kind.
    assert seen >= 100
    assert right >= 95
    assert in_kind >= 97


def test_int_04_no_ordinary_mail_is_taken_for_a_bounce():
    reports = {"multipart_report_emails", "mime_emails"}
    for path in RUBY.rglob("*.eml"):
        if path.parent.name not in reports:
            assert bounce.read_bounce(read(path.read_bytes())) is None, path.name


REPORTS = {
    "multi_address_bounce1.eml": (
        {
            "bbbbvhvbbvkjbhfbvbvjhb@gmail.com",
            "bscdbcjhasbcjhbdscbhbsdhcbj@gmail.com",
            "egyfefsdvsfvvhjsd@gmail.com",
            "kfhejkfbsjkjsbhds@gmail.com",
            "qfvhgsvhgsduiohncdhcvhsdfvsfygusd@gmail.com",
        },
        True,
    ),
    "report_422.eml": ({"fraser@oooooooo.com.au"}, False),
    "report_530.eml": ({"edwin@zzzzzzz.com"}, True),
}


@pytest.mark.parametrize("name", REPORTS)
def test_int_04_a_formal_report_tells_recipient_and_whether_for_good(name):
    recipients, permanent = REPORTS[name]
    found = bounce.read_bounce(read((RUBY / "multipart_report_emails" / name).read_bytes()))
    failures = found.failures
    assert {failure.recipient for failure in failures} == recipients
    assert {failure.permanent for failure in failures} == {permanent}


def reply(name):
    return (REPLIES / "emails" / name).read_text()


@pytest.mark.parametrize("path", sorted(REPLIES.rglob("*.txt")), ids=lambda path: path.name)
def test_int_05_folding_leaves_some_of_the_senders_words(path):
    text = path.read_text()
    folded = folding.newest(text)
    assert folded
    assert len(folded) <= len(text)


@pytest.mark.parametrize(
    ("name", "kept", "folded"),
    [
        ("email_1_3.txt", "Oh thanks", "Russell Brown wrote"),
        ("email_gmail.txt", "This is a test for inbox replying", "wrote:"),
        ("email_danish_1.txt", "", "skrev"),
        ("email_swedish_1.txt", "", "skrev"),
        ("outlook.txt", "best way to clear a Riak bucket", "Get Outlook for iOS"),
        ("email_sent_from_iPhone.txt", "Here is another email", "Sent from my iPhone"),
        ("email_bullets.txt", "   - how about bullets", "Give us an example"),
    ],
)
def test_int_05_quoted_history_and_signature_are_folded(name, kept, folded):
    text = reply(name)
    newest = folding.newest(text)
    assert folded in text
    assert folded not in newest
    assert kept in newest
