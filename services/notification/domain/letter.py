"""A letter: what one reader is told, as blocks that become plain text and HTML alike."""

from __future__ import annotations

import re
import unicodedata
from html import escape
from typing import NamedTuple, TypeAlias

LONGEST_SUBJECT = 120

_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
# Marks that turn the reading direction: they can make a line look like another one.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])
_STYLE = "font-family:sans-serif;font-size:16px;line-height:1.5;max-width:40em;margin:0 auto"
_QUOTE = "border-left:3px solid #999;margin:0;padding:0 0 0 1em"


class Words(NamedTuple):
    """A paragraph of ours."""

    text: str


class Quote(NamedTuple):
    """Somebody else's words."""

    text: str


class Facts(NamedTuple):
    """What a thing is: names and values."""

    pairs: list[tuple[str, str]]


class Links(NamedTuple):
    """Where to go: labels and addresses, all of them one call to action."""

    pairs: list[tuple[str, str]]


Block: TypeAlias = Words | Quote | Facts | Links


class Letter(NamedTuple):
    """What a mail says; who gets it and how it travels is the envelope's matter."""

    subject: str
    language: str
    blocks: list[Block]

    @property
    def text(self) -> str:
        """The letter as plain text."""
        return "\n\n".join(_as_text(block) for block in self.blocks) + "\n"

    @property
    def html(self) -> str:
        """The letter as HTML: whatever came from outside is shown, nothing of it is obeyed."""
        body = "\n".join(_as_html(block) for block in self.blocks)
        return (
            f'<!doctype html>\n<html lang="{escape(self.language)}">\n<head><meta charset="utf-8">'
            f"<title>{escape(self.subject)}</title></head>\n"
            f'<body style="{_STYLE}">\n{body}\n</body>\n</html>\n'
        )


def one_line(text: str, most: int) -> str:
    """Return text fit for a header or a greeting: one line, no control characters, cut to size."""
    visible = "".join(
        " " if unicodedata.category(letter) in _FORBIDDEN else letter for letter in text
    )
    line = " ".join(visible.translate(_TURNING).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "\u2026"


def clean(text: str) -> str:
    """Return text fit for a body: lines end in LF, no other control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        letter
        for letter in lines
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")
    ).strip()


def subject_line(number: str, subject: str) -> str:
    """Return ``[INC-000123] short subject``; a number that is there already is not repeated."""
    tag = f"[{number}]"
    rest = re.sub(rf"\s*{re.escape(tag)}\s*", " ", subject)
    return f"{tag} {one_line(rest, LONGEST_SUBJECT)}".rstrip()


def _as_text(block: Block) -> str:
    match block:
        case Words(text):
            return text
        case Quote(text):
            return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
        case Facts(pairs):
            return "\n".join(f"{name}: {value}" for name, value in pairs)
        case Links(pairs):
            return "\n".join(f"{label}: {address}" for label, address in pairs)


def _as_html(block: Block) -> str:
    match block:
        case Words(text):
            return f"<p>{_lines(text)}</p>"
        case Quote(text):
            return f'<blockquote style="{_QUOTE}">{_lines(text)}</blockquote>'
        case Facts(pairs):
            rows = (f"{escape(name)}: <b>{_lines(value)}</b>" for name, value in pairs)
            return f"<p>{'<br>'.join(rows)}</p>"
        case Links(pairs):
            links = (f'<a href="{escape(address)}">{escape(label)}</a>' for label, address in pairs)
            return f"<p>{'<br>'.join(links)}</p>"


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
