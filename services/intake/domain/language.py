"""Which language a text is in, as far as its letters tell."""

from __future__ import annotations

import re

_SAMPLE = 2000
# Kana before Han: Japanese is written with both.
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7a3]"),
    "zh-CN": re.compile("[\u4e00-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
}
_LETTER = re.compile(r"[^\W\d_]")


def guess(text: str) -> str:
    """Return a language tag; what is written in Latin letters is called English."""
    sample = text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    for language, script in _SCRIPTS.items():
        # One ideogram says more than a Latin letter.
        if len(script.findall(sample)) * 6 > letters > 0:
            return language
    return "en"
