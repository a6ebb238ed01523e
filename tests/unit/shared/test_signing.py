"""Tokens: only ours, only for their purpose, only as written."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ident import ALPHABET
from shared.paging import Cursors
from shared.refusal import Invalid
from shared.replyto import is_reply_address, read_reply, reply_address
from shared.signing import BadSignature, Signer

SIGNER = Signer("a signing key for tests, 32+ letters")
OTHER = Signer("another signing key for tests, 32+ letters")
TICKETS = st.text(ALPHABET, min_size=16, max_size=16).map(lambda letters: f"T-{letters}")
ADA = "ada@demo.example"
MAILBOX = "support@demo.example"


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="32"):
        Signer("short")


@given(st.binary(max_size=200))
def test_what_was_sealed_opens(payload):
    assert SIGNER.open("p", SIGNER.seal("p", payload)) == payload


@given(st.binary(max_size=80), st.data())
def test_a_changed_word_does_not_open(payload, data):
    word = SIGNER.seal("p", payload)
    at = data.draw(st.integers(0, len(word)))
    letter = data.draw(st.sampled_from([*string.ascii_letters, *string.digits, "-", "_", " ", "="]))
    for changed in (word[:at] + letter + word[at:], word[:at] + word[at + 1 :], word[:-1], ""):
        if changed != word:
            with pytest.raises(BadSignature):
                SIGNER.open("p", changed)


@given(st.text(max_size=60))
def test_words_of_others_do_not_open(word):
    with pytest.raises(BadSignature):
        SIGNER.open("p", word)


def test_a_word_is_good_for_its_purpose_and_key_only():
    word = SIGNER.seal("survey", b"x")
    for signer, purpose in ((SIGNER, "cursor"), (OTHER, "survey")):
        with pytest.raises(BadSignature):
            signer.open(purpose, word)


def test_parts_cannot_be_shifted_into_each_other():
    assert SIGNER.mac("p", b"ab", b"c") != SIGNER.mac("p", b"a", b"bc")


@given(TICKETS)
def test_int_02_a_reply_address_proves_ticket_and_participant(ticket_id):
    address = reply_address(
        SIGNER, tenant="demo", ticket_id=ticket_id, participant=ADA, mailbox=MAILBOX
    )
    local, _, domain = address.partition("@")
    assert (len(local) <= 64, domain) == (True, "demo.example")
    for spelling in (address, address.upper()):
        reply = read_reply(SIGNER, tenant="demo", address=spelling)
        assert reply.ticket_id == ticket_id
        assert reply.is_from("ADA@demo.example ", "demo", SIGNER)
        assert not reply.is_from("eve@demo.example", "demo", SIGNER)
    assert read_reply(SIGNER, tenant="other", address=address) is None
    assert read_reply(OTHER, tenant="demo", address=address) is None


@given(TICKETS, st.integers(0, 47), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_int_02_a_forged_reply_address_proves_nothing(ticket_id, at, letter):
    address = reply_address(
        SIGNER, tenant="demo", ticket_id=ticket_id, participant=ADA, mailbox=MAILBOX
    )
    token = address.removeprefix("reply+").partition("@")[0]
    forged = token[:at] + letter + token[at + 1 :]
    for word in (forged, token[:-1], token + "a", "", token[:24]):
        if word != token:
            found = read_reply(SIGNER, tenant="demo", address=f"reply+{word}@demo.example")
            assert found is None


def test_a_reply_address_is_told_by_its_form():
    assert is_reply_address("Reply+x@demo.example")
    assert not is_reply_address(MAILBOX)


def test_a_cursor_leads_back_to_its_place_in_its_own_list():
    mine, foreign = Cursors(SIGNER, "demo", "ada"), Cursors(SIGNER, "demo", "eve")
    cursor = mine.write({"pk": "a", "sk": "b"})
    assert mine.read(cursor) == {"pk": "a", "sk": "b"}
    assert (mine.read(None), mine.write(None)) == (None, None)
    for bad in (cursor + "x", "", "!"):
        with pytest.raises(Invalid):
            mine.read(bad)
    with pytest.raises(Invalid):
        foreign.read(cursor)
