"""Reading header fields (RFC 5322, 2047), however broken they are."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from email.utils import getaddresses
from typing import NamedTuple

from services.intake.domain import charsets

LONGEST = 10_000
LONGEST_LIST = 100_000
LONGEST_ID = 500

_ENCODED_WORD = re.compile(r"=\?([\w.:*-]{1,60})\?([bBqQ])\?([^?]*)\?=")
_ADDRESS = re.compile(r"[^@\s<>()\",:;\\]{1,64}@[^@\s<>()\",:;\\]{1,255}")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")


class Mailbox(NamedTuple):
    """An address and the name shown with it."""

    name: str
    address: str


class Headers:
    """The header fields of one message, in their order; names are told apart by letters only."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields = [(name.lower(), value) for name, value in fields]

    def all(self, name: str) -> list[str]:
        """Return every value of a field, as it was written."""
        return [value for known, value in self.fields if known == name]

    def raw(self, name: str) -> str:
        """Return the first value of a field on one line, empty if there is none."""
        for known, value in self.fields:
            if known == name:
                return " ".join(charsets.from_ascii(value[:LONGEST]).split())
        return ""

    def text(self, name: str) -> str:
        """Return the first value of a field as people read it."""
        for known, value in self.fields:
            if known == name:
                return decoded(value)
        return ""

    def has(self, name: str) -> bool:
        """Say whether a field is there, be it empty."""
        return any(known == name for known, _ in self.fields)

    def mailboxes(self, *names: str) -> list[Mailbox]:
        """Return the addresses in some fields, each once, lower case."""
        return unique(box for name in names for value in self.all(name) for box in mailboxes(value))


def decoded(value: str) -> str:
    """Return a field's text on one line: encoded words and raw 8-bit characters decoded."""
    text = " ".join(charsets.from_ascii(value[:LONGEST]).split())
    return " ".join(charsets.clean(_decode_words(text)).split())


def mailboxes(value: str) -> list[Mailbox]:
    """Return the addresses in one field's value.

    The structure is read before the encoded words are: what a name decodes to is never taken
    for an address.
    """
    line = " ".join(charsets.from_ascii(_cut(value)).split())
    try:
        pairs = getaddresses([line])
    except RecursionError:
        # The standard library descends once per nested comment.
        pairs = []
    found = [
        Mailbox(decoded(name), address.lower())
        for name, spec in pairs
        if (address := spec.strip().rstrip(".")) and _ADDRESS.fullmatch(address)
    ]
    if not found and "@" in line:
        found = [Mailbox("", hit.rstrip(".").lower()) for hit in _ADDRESS.findall(line)]
    return [box for box in found if is_address(box.address)]


def is_address(text: str) -> bool:
    """Say whether a text can be the address of a person."""
    return bool(_ADDRESS.fullmatch(text)) and text.isprintable()


def domain_of(address: str) -> str:
    """Return what stands behind the @."""
    return address.rpartition("@")[2]


def message_ids(value: str) -> list[str]:
    """Return the message ids in a field without their brackets, in their order."""
    text = charsets.clean(charsets.from_ascii(value[:LONGEST_LIST]))
    found = _MESSAGE_ID.findall(text) or [word for word in text.split() if "@" in word]
    return [word[:LONGEST_ID] for word in found]


def unique(boxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Return the boxes without repeated addresses."""
    return list({box.address: box for box in reversed(list(boxes))}.values())[::-1]


def _cut(value: str) -> str:
    return value if len(value) <= LONGEST_LIST else value[:LONGEST_LIST].rpartition(",")[0]


def _decode_words(text: str) -> str:
    return "".join(_pieces(text)) if "=?" in text else text


def _pieces(text: str) -> Iterator[str]:
    charset, pending, end = "", b"", 0
    for word in _ENCODED_WORD.finditer(text):
        gap = text[end : word.start()]
        # Space between encoded words is no part of the text, and programs that cut a
        # character in two continue it in the next word.
        if word[1].lower() != charset or gap.strip():
            yield charsets.decode(pending, charset)
            yield gap if gap.strip() or not charset else ""
            pending = b""
        charset, end = word[1].lower(), word.end()
        pending += _word_bytes(word[2], word[3])
    yield charsets.decode(pending, charset)
    yield text[end:]


def _word_bytes(encoding: str, coded: str) -> bytes:
    raw = coded.encode("ascii", "ignore")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    # One letter too many codes nothing; a decoder refuses it.
    return binascii.a2b_base64(kept[: len(kept) - (len(kept) % 4 == 1)] + b"==")
