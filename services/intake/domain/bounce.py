"""Mails that say that a mail did not arrive: RFC 3464 reports, and what came before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from typing import NamedTuple

from services.intake.domain import mime
from services.intake.domain.headers import Headers, is_address, mailboxes, message_ids
from services.intake.domain.mail import Mail

MOST_RECIPIENTS = 20
_SYSTEM = re.compile(
    r"(mailer-?daemon|mdaemon|postmaster|mail(er)?[-_. ]?(delivery|administrator)[-_.\w]*"
    r"|postoffice|mdelivery|bounces?([-+].*)?)@",
    re.IGNORECASE,
)
_SYSTEM_NAME = re.compile(r"mail(er)?[ -]?(delivery|daemon)|internet mail delivery", re.IGNORECASE)
_TOLD = re.compile(
    r"undeliver|returned? (mail|message|to sender)|returning message|failure notice|bounced"
    r"|deliver(y|ed)?[\w ]{0,30}(fail|status|error|problem|delay|notif|warning)"
    r"|(fail|error|problem|unable|not able|could ?n[o']t|cannot|can't|impossible|warning"
    r"|unsuccess)[\w ,']{0,60}(deliver|sent|send)"
    r"|(not|n't) (yet )?be(en)? (\w+ )?(delivered|sent)|message (was )?delayed"
    r"|user (is )?unknown|unknown (user|address|recipient|local)|no such (user|address|mailbox)"
    r"|(mailbox|quota|disk)[\w ']{0,20}(full|exceed|unavailable)|over quota|nondeliverable"
    r"|non-?delivery|(been|was) (\w+ )?(returned|rejected|postponed)|failed permanently"
    r"|不能投递|无法投递|投递失败|退信|无法送达|邮件发送失败",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"delayed|postponed|not yet been|still (being retried|trying)"
    r"|will (keep|continue|be re)[\w ]{0,20}try"
    r"|warning: could not send|temporar",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(r"given up|permanent|not going to try again|fatal error", re.IGNORECASE)
_BELOW = re.compile(
    r"(not reach|not delivered|not receive|not be delivered|unable to deliver|fail)[^\n]{0,80}"
    r"(recipient|address)[^\n]{0,20}:",
    re.IGNORECASE,
)
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_FAILED = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}\b(?!\.)")
_ORIGINAL = re.compile(
    r"^[ \t>*#-]*((this is |below (this line )?is |the following is )?(a |the )?"
    r"(copy of )?(the |your )?"
    r"(original|returned|unsent|undelivered|message) (message|mail|headers?|text)\b"
    r"|this is a copy of|below this line|message (header|text|follows)|received: from)",
    re.IGNORECASE | re.MULTILINE,
)
_IN_TEXT = re.compile(r"[^@\s<>()\",:;\\\[\]'=]{1,64}@[^@\s<>()\",:;\\\[\]'=]{1,255}")


class Failure(NamedTuple):
    """One address that was not reached."""

    recipient: str
    permanent: bool
    status: str


class Bounce(NamedTuple):
    """What a report says, and what it shows of the mail that it is about."""

    failures: list[Failure]
    original_ids: list[str]
    original_addresses: list[str]


def is_report(mail: Mail) -> bool:
    """Say whether a mail is a formal report about another one (RFC 6522), be it of success."""
    return mail.root.get_content_type() == "multipart/report"


def read_bounce(mail: Mail) -> Bounce | None:
    """Return what a mail says about undelivered ones, None if it says no such thing."""
    failures = list(_reported(mail))
    if not failures and not any(_statements(mail)):
        failures = list(_told(mail))
    if not failures:
        return None
    originals = list(_originals(mail.root))
    ids = [i for fields in originals for i in message_ids(fields.raw("message-id"))]
    addresses = [
        box.address
        for fields in originals
        for box in fields.mailboxes("reply-to", "from", "return-path", "sender")
    ]
    unique = {failure.recipient: failure for failure in reversed(failures)}
    return Bounce(list(unique.values())[::-1][:MOST_RECIPIENTS], ids, addresses)


def _reported(mail: Mail) -> Iterator[Failure]:
    for fields in _statements(mail):
        action = fields.raw("action").lower()
        status = _STATUS.search(fields.raw("status"))
        code = status[0] if status else ""
        good = action in ("delivered", "relayed", "expanded") or code.startswith("2")
        if not good:
            yield Failure(_final_recipient(fields), _for_good(code, action == "delayed"), code)


def _statements(mail: Mail) -> Iterator[Headers]:
    """Yield what a formal report states about each recipient."""
    for report in mime.parts_of_type(mail.root, "message/delivery-status"):
        for block in mime.inner(report):
            fields = mime.header_fields(block)
            if _final_recipient(fields):
                yield fields


def _final_recipient(fields: Headers) -> str:
    for name in ("original-recipient", "final-recipient"):
        value = fields.raw(name).rpartition(";")[2]
        if found := mailboxes(value):
            return found[0].address
    return ""


def _for_good(code: str, delayed: bool) -> bool:
    return code.startswith("5") if code else not delayed


def _told(mail: Mail) -> Iterator[Failure]:
    """Read the free words of servers that know no reports."""
    if not _from_system(mail):
        return
    subject = mail.subject
    told = _before_original(_all_text(mail))
    listed = mail.headers.mailboxes("x-failed-recipients")
    if not (listed or _TOLD.search(subject) or _TOLD.search(told)):
        return
    code = _FAILED.search(told)
    delayed = bool(_LATER.search(subject) or _LATER.search(told)) and not _GIVEN_UP.search(told)
    permanent = _for_good(code[0] if code and not _GIVEN_UP.search(told) else "", delayed)
    for address in [box.address for box in listed] or _failed_addresses(mail, told):
        yield Failure(address, permanent, code[0] if code else "")


def _from_system(mail: Mail) -> bool:
    boxes = [mail.sender, *mail.headers.mailboxes("sender", "reply-to")]
    returns = mail.headers.all("return-path")
    return (
        is_report(mail)
        or any(_SYSTEM.match(box.address) or _SYSTEM_NAME.search(box.name) for box in boxes)
        or bool(_SYSTEM_NAME.search(mail.headers.text("from")))
        or any(value.strip() == "<>" for value in returns)
        or mail.headers.has("x-failed-recipients")
    )


def _all_text(mail: Mail) -> str:
    parts = [p for p in mail.root.walk() if p.get_content_maintype() == "text"]
    return "\n".join(mime.leaf_text(part) for part in parts[:5])[: mime.MOST_LETTERS]


def _before_original(text: str) -> str:
    start = _ORIGINAL.search(text)
    return text[: start.start()] if start and start.start() > 20 else text


def _failed_addresses(mail: Mail, told: str) -> list[str]:
    """Return the addresses a free text names, but those that sent it or were sent it."""
    known = {box.address for box in mail.headers.mailboxes("from", "to", "cc", "reply-to")}
    told = told[:20_000]
    below = _BELOW.search(told)
    hits = (_IN_TEXT.findall(told[below.end() :]) if below else []) or _IN_TEXT.findall(told)
    found = (hit.partition("...")[0].strip(".,;:<>*").lower() for hit in hits)
    plausible = [a for a in found if is_address(a) and a not in known and not _SYSTEM.match(a)]
    return list(dict.fromkeys(plausible))[:MOST_RECIPIENTS]


def _originals(root: Message) -> Iterator[Headers]:
    for part in mime.parts_of_type(root, "message/rfc822"):
        yield from (mime.header_fields(message) for message in mime.inner(part)[:1])
    for part in mime.parts_of_type(root, "text/rfc822-headers"):
        lines = (line.partition(":") for line in mime.leaf_text(part).splitlines())
        yield Headers((name.strip(), value.strip()) for name, colon, value in lines if colon)
