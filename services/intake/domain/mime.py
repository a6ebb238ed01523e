"""Taking a raw message apart (RFC 2045 ff.) in bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesFeedParser
from email.policy import Compat32
from typing import Any, TypeVar, cast

from events.intake import Attachment
from services.intake.domain import charsets, html
from services.intake.domain.headers import Headers, decoded

MOST_BYTES = 40_000_000
MOST_PARTS = 500
DEEPEST = 50
# The parser compares every line with the boundaries of every level around it.
MOST_COMPARISONS = 4_000_000
MOST_FIELDS = 10_000
MOST_LETTERS = 100_000
MOST_ATTACHMENTS = 100
_CHUNK = 1 << 16

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
T = TypeVar("T")


class TooComplex(ValueError):
    """A message that would take too long to take apart; the text says what is too much."""


class _Tolerant(Compat32):
    """Header values are text at once, also where raw 8-bit characters stand in them."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return charsets.from_ascii(str(value))


class Part(Message):
    """One part of a message, which knows how deep it lies."""

    depth = 0
    lines = 0

    def attach(self, payload: Any) -> None:
        """Add an inner part; raises ``TooComplex`` beyond the limits."""
        payload.depth, payload.lines = self.depth + 1, self.lines
        if payload.depth > DEEPEST or payload.depth * self.lines > MOST_COMPARISONS:
            raise TooComplex(f"parts lie {payload.depth} deep")
        super().attach(payload)


def parse(raw: bytes) -> Part:
    """Return a message's tree of parts; raises ``TooComplex`` for more than the limits."""
    if len(raw) > MOST_BYTES:
        raise TooComplex(f"more than {MOST_BYTES // 1_000_000} MB")
    lines = raw.count(b"\n") + raw.count(b"\r")
    if lines > MOST_COMPARISONS // 2:
        raise TooComplex("too many lines")
    made = 0

    def new_part(**policy: Any) -> Part:
        nonlocal made
        made += 1
        # The parser makes one to try how the class is called.
        if made > MOST_PARTS + 1:
            raise TooComplex(f"more than {MOST_PARTS} parts")
        part = Part(**policy)
        part.lines = lines
        return part

    parser = BytesFeedParser(_factory=new_part, policy=_Tolerant())
    for start in range(0, len(raw), _CHUNK):
        parser.feed(raw[start : start + _CHUNK])
    root = cast(Part, parser.close())
    if len(root) > MOST_FIELDS:
        raise TooComplex(f"more than {MOST_FIELDS} header fields")
    return root


def header_fields(part: Message) -> Headers:
    """Return the header fields of a part; bytes beyond ASCII are surrogates (PEP 383)."""
    return Headers((name, str(value)) for name, value in part.raw_items())


def text_of(root: Message) -> str:
    """Return the words of a message: its plain text, else what its HTML says."""
    text = "\n\n".join(piece for piece in _pieces(root) if piece)
    return charsets.clean(text)[:MOST_LETTERS].strip()


def attachments_of(root: Message) -> list[Attachment]:
    """Return what came with the words, named safely; the bytes stay in the raw message."""
    return [_attachment(part) for part in _files(root)][:MOST_ATTACHMENTS]


def parts_of_type(root: Message, *types: str) -> list[Message]:
    """Return all parts of some content types, however deep."""
    return [part for part in root.walk() if part.get_content_type() in types]


def inner(part: Message) -> list[Message]:
    """Return the parts or messages directly inside."""
    payload: Any = part.get_payload() if part.is_multipart() else []
    return list(payload)


def leaf_text(part: Message) -> str:
    """Return the text of one text part in its charset."""
    raw = attempt(lambda: part.get_payload(decode=True), None)
    if not isinstance(raw, bytes):
        return ""
    charset = attempt(lambda: part.get_param("charset"), None)
    return charsets.decode(raw[: MOST_LETTERS * 10], charset if isinstance(charset, str) else None)


def attempt(read: Any, otherwise: T) -> T:
    """Return what ``read`` finds; the e-mail package fails on some malformed parameters."""
    try:
        found: T = read()
    except (ValueError, LookupError, TypeError, AttributeError):
        return otherwise
    return found


def _pieces(part: Message) -> Iterator[str]:
    kind = part.get_content_type()
    if _is_file(part):
        return
    if not part.is_multipart():
        yield _words(part, kind)
    elif kind == "multipart/alternative":
        yield _best(part)
    elif kind == "multipart/report":
        yield from (piece for child in inner(part)[:1] for piece in _pieces(child))
    elif part.get_content_maintype() == "multipart":
        for child in inner(part):
            yield from _pieces(child)


def _best(part: Message) -> str:
    readings = [(child, "\n\n".join(filter(None, _pieces(child))).strip()) for child in inner(part)]
    spoken = [(child, text) for child, text in readings if text]
    for child, text in spoken:
        if child.get_content_type() == "text/plain":
            return text
    return spoken[-1][1] if spoken else ""


def _words(part: Message, kind: str) -> str:
    if kind == "text/html":
        return html.to_text(leaf_text(part))
    # A multipart without a single boundary is what its sender typed: text.
    return leaf_text(part) if kind == "text/plain" or kind.startswith("multipart/") else ""


def _files(part: Message) -> Iterator[Message]:
    if _is_file(part):
        yield part
    elif part.is_multipart():
        for child in inner(part):
            yield from _files(child)


def _is_file(part: Message) -> bool:
    kind = part.get_content_type()
    if kind.startswith("multipart/"):
        return False
    if kind not in ("text/plain", "text/html"):
        return True
    named = bool(attempt(part.get_filename, None))
    return named or attempt(part.get_content_disposition, None) == "attachment"


def _attachment(part: Message) -> Attachment:
    kind = part.get_content_type()
    name = _safe_name(str(attempt(part.get_filename, "") or ""))
    if not name and kind == "message/rfc822" and inner(part):
        name = _safe_name(header_fields(inner(part)[0]).text("subject")) + ".eml"
    return Attachment(
        filename=name or "unnamed",
        type=kind if _TYPE.fullmatch(kind) else "application/octet-stream",
        size=_size(part),
    )


def _safe_name(name: str) -> str:
    shown = _HIDDEN.sub("", charsets.clean(decoded(name)))
    return re.split(r"[/\\]", shown)[-1].strip(" .")[:200]


def _size(part: Message) -> int:
    """Return the size in bytes, computed from the coded form: decoding would double the memory."""
    if part.is_multipart():
        return sum(_size(child) for child in inner(part))
    coded: Any = attempt(part.get_payload, "")
    if not isinstance(coded, str):
        return 0
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding != "base64":
        return len(coded)
    letters = len(coded) - sum(coded.count(blank) for blank in "\r\n\t ")
    return letters * 3 // 4 - coded[-4:].count("=")
