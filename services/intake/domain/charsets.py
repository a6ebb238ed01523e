"""Bytes that claim to be text, whatever charset they say they are in."""

from __future__ import annotations

import re

# What a label means in practice: the superset that the mail programs really write.
_MEANT = {
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
}
# Codecs of Python that are no charsets of mail, or slow on hostile input.
_REFUSED = {
    "idna",
    "punycode",
    "undefined",
    "unicode_escape",
    "raw_unicode_escape",
    "unicode-escape",
}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def decode(raw: bytes, declared: str | None = None) -> str:
    """Return the text of some bytes; what fits no charset becomes a replacement character."""
    label = (declared or "").partition("*")[0].strip().strip("\"'").lower()
    for charset in (_MEANT.get(label, label), "utf-8"):
        if charset and (text := _attempt(raw, charset)) is not None:
            return text
    # Undeclared Chinese is GB 2312 in practice; in a western text its byte pairs hardly occur.
    text = _attempt(raw, "gb2312")
    return raw.decode("cp1252", "replace") if text is None else text


def from_ascii(text: str) -> str:
    """Return a string whose non-ASCII bytes were smuggled as surrogates (PEP 383) as text."""
    if text.isascii():
        return text
    return decode(text.encode("utf-8", "surrogateescape"))


def clean(text: str) -> str:
    """Return a text without control characters and with plain line ends."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _attempt(raw: bytes, charset: str) -> str | None:
    if charset in _REFUSED:
        return None
    try:
        return raw.decode(charset)
    except (LookupError, ValueError):
        return None
