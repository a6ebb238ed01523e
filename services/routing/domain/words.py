"""Finding words in a ticket: English as whole words whatever their ending, Chinese as it stands.

Takes time in proportion to the text, and only its beginning is looked at: who reports a fault
says what it is about early, and nobody can keep routing busy with a long mail.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST_SUBJECT = 300
LONGEST_TEXT = 4_000

# One class of letters and nothing after it: there is nothing to go back to.
_WORD = re.compile(r"[a-z0-9\u00df-\u024f]+")
_APOSTROPHES = str.maketrans("", "", "'\u2019")
_HAN = re.compile(r"[\u3400-\u9fff]")
_DOUBLED = ("bb", "dd", "gg", "mm", "nn", "pp", "rr", "tt")
_SHORTEST_STEM = 3
# Words are strangers' input: a warm function must not remember all it ever saw.
REMEMBERED = 4_096


class Words:
    """The words of a subject and of the beginning of a text."""

    def __init__(self, subject: str, text: str = "") -> None:
        parts = _plain(subject[:LONGEST_SUBJECT]), _plain(text[:LONGEST_TEXT])
        self._plain = "\n".join(parts)
        # The line between them keeps a phrase from beginning in one and ending in the other.
        self._stems = "|".join(map(_stems, parts))

    def hold(self, phrase: str) -> bool:
        """Say whether a word or phrase occurs: Chinese anywhere, else as whole words."""
        if is_han(phrase):
            return _plain(phrase) in self._plain
        return _phrase(phrase) in self._stems

    def found(self, phrases: tuple[str, ...]) -> list[str]:
        """Return those of the phrases that occur, in their order."""
        return [phrase for phrase in phrases if self.hold(phrase)]


def is_han(phrase: str) -> bool:
    """Say whether a phrase is written in Chinese, which puts no spaces between words."""
    return bool(_HAN.search(phrase))


@lru_cache(maxsize=REMEMBERED)
def stem(word: str) -> str:
    """Return a word without its English ending, so that ``printers`` and ``printing`` agree."""
    word = _singular(word)
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= _SHORTEST_STEM and _has_vowel(root):
            return (root[:-1] if root.endswith(_DOUBLED) else root).removesuffix("e")
    word = word.removesuffix("e") if len(word) > _SHORTEST_STEM else word
    # One battery, two batteries.
    return word.removesuffix("y") + "i" if word.endswith("y") else word


@lru_cache(maxsize=REMEMBERED)
def _phrase(phrase: str) -> str:
    return _stems(_plain(phrase))


def _stems(plain: str) -> str:
    """Return the stems of a text, each between spaces, so that phrases are whole words."""
    return f" {' '.join(stem(word) for word in _WORD.findall(plain))} "


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)


def _singular(word: str) -> str:
    if len(word) <= _SHORTEST_STEM or word.endswith(("ss", "us", "is")):
        return word
    return word.removesuffix("s")


def _has_vowel(root: str) -> bool:
    return any(letter in "aeiouy" for letter in root)
