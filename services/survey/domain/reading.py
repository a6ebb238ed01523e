"""Reads what a requester sends, from the page's form or as JSON."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple
from urllib.parse import parse_qs

import msgspec

from services.survey.domain.ballot import LONGEST_COMMENT, Ballot
from shared.forms import read_body
from shared.refusal import Flaw, Invalid

# The form has two fields; a hundred are not a slip of the finger.
_MOST_FIELDS = 10


class Filled(NamedTuple):
    """The page's form as it was sent, good or not; shown again if it is not."""

    score: int | None
    comment: str

    @property
    def problem(self) -> str | None:
        """The key of the sentence that says what is wrong, None if nothing is."""
        if self.score is None:
            return "incomplete"
        return "too_long" if len(self.comment) > LONGEST_COMMENT else None


def read_form(raw: bytes) -> Filled:
    """Return a form; raises ``Invalid`` for bytes that are none."""
    try:
        fields = parse_qs(
            raw.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise Invalid("The form cannot be read.", Flaw("", "not a form in UTF-8")) from error
    return Filled(read_score(fields.get("score", [""])[-1]), tidy(fields.get("comment", [""])[-1]))


def read_json(raw: bytes) -> Ballot:
    """Return a ballot; raises ``Invalid`` naming every bad field."""
    ballot = read_body(raw, Ballot)
    return msgspec.structs.replace(ballot, comment=tidy(ballot.comment))


def read_score(word: str) -> int | None:
    """Return a score from 1 to 5, None for anything else."""
    return int(word) if word in ("1", "2", "3", "4", "5") else None


def tidy(comment: str) -> str:
    """Return a comment with LF line ends, without control characters and outer blanks.

    Browsers send line ends as CRLF and count them as one character.
    """
    lines = comment.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        letter for letter in lines if letter in "\n\t" or unicodedata.category(letter) != "Cc"
    ).strip()
