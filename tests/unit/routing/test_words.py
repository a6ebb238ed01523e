"""Finding words: whole words and their endings in English, substrings in Chinese."""

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.words import LONGEST_TEXT, Words, stem


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("printer", "Both PRINTERS are jammed."),
        ("print", "printing stopped"),
        ("install", "installed, then installing again"),
        ("battery", "two batteries"),
        ("vpn", "the VPN."),
        ("vpn", "VPN连接失败"),
        ("wi-fi", "no Wi-Fi / WI FI here"),
        ("cant log in", "I can't log in"),
        ("cant log in", "I can\u2019t log in"),
        ("access request", "access\n  request"),
        ("vpn", "\uff36\uff30\uff2e is down"),
        ("密码", "我忘记密码了"),
        ("SIM卡", "我的sim卡丢了"),
    ],
)
def test_rte_02_a_word_is_found_in_its_forms(phrase, text):
    assert Words("", text).hold(phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("sap", "asap please"),
        ("print", "sprint planning"),
        ("access request", "access to the request"),
        ("access request", "access"),
        ("sim", "similar"),
        ("密码", "密 码"),
        ("log in", "blog in"),
    ],
)
def test_rte_02_a_part_of_a_word_or_phrase_is_not_the_word(phrase, text):
    assert not Words("", text).hold(phrase)


def test_a_phrase_does_not_begin_in_the_subject_and_end_in_the_text():
    assert not Words("access", "request").hold("access request")
    assert Words("access", "request").found(("access", "no", "request")) == ["access", "request"]


def test_only_the_beginning_of_a_text_is_looked_at():
    far = "x" * LONGEST_TEXT
    assert Words("", f"vpn {far}").hold("vpn")
    assert not Words("", f"{far} vpn").hold("vpn")


@pytest.mark.parametrize("piece", ["a", "a ", "'", "aing", "密", "\ufdfa", "-_", "\x00"])
def test_a_megabyte_of_anything_takes_no_time(piece):
    text = piece * (1_000_000 // len(piece))
    started = time.perf_counter()
    Words(text, text).found(("vpn", "no such phrase", "密码"))
    assert time.perf_counter() - started < 1


@given(st.text(), st.text())
def test_any_text_can_be_looked_at(subject, text):
    Words(subject, text).found(("vpn", "密码"))


@given(st.text(string.ascii_lowercase, min_size=4, max_size=12))
def test_a_plural_is_its_singular(word):
    assert word.endswith(("s", "u", "i")) or stem(word + "s") == stem(word)


@given(st.text(string.ascii_letters + " -'", max_size=40))
def test_every_phrase_with_letters_is_found_in_itself(phrase):
    assert Words("", f"So: {phrase}.").hold(phrase)
