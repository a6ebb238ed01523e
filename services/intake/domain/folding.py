"""Folding away what a reply repeats: the quoted history and the signature."""

from __future__ import annotations

import re

# The reply parser's patterns take quadratic time on long lines; no header of a quote is so long.
LONGEST_LINE = 300
_LANGUAGES = ["en", "de", "cs", "da", "es", "fr", "it", "ja", "ko", "nl", "pl", "sv", "zh"]
_DELIMITER = re.compile(r"(--|__|[-_—]{2,}) ?$")


def newest(text: str) -> str:
    """Return what was written this time; the whole text if folding would leave nothing."""
    # So many empty lines say nothing and cost the reply parser quadratic time.
    lines = re.sub(r"\n(?:[ \t]*\n){3,}", "\n\n\n", text).split("\n")
    folded = [line for line in _latest(lines) if not line.lstrip().startswith(">")]
    return "\n".join(folded).strip() or text.strip()


def _latest(lines: list[str]) -> list[str]:
    from mailparser_reply.parser import EmailMessage

    short = [line if len(line) <= LONGEST_LINE else "\x02" for line in lines]
    mail = EmailMessage(
        text="\n".join(short), languages=list(_LANGUAGES), keep_hyphen_lists=True
    ).read()
    reply = mail.replies[0]
    kept = reply.full_body
    if reply.signatures and _signs_off(reply.signatures):
        kept = reply.body
    return _as_written(kept.split("\n"), lines)


def _signs_off(signature: str) -> bool:
    """Say whether this really ends a mail; "Thanks, but it happened again" does not."""
    first = signature.splitlines()[0].strip()
    if len(signature.splitlines()) > 15:
        return False
    return bool(_DELIMITER.match(first)) or first.endswith((",", "，")) or "," not in first[:40]


def _as_written(kept: list[str], lines: list[str]) -> list[str]:
    """Return the kept lines with the indentation and length they had before they were parsed."""
    found = []
    rest = iter(lines)
    for wanted in kept:
        for line in rest:
            if line.strip() == wanted.strip() or (wanted == "\x02" and len(line) > LONGEST_LINE):
                found.append(line.rstrip())
                break
    return found
