"""INT-01: a message that is delivered twice is one message; an id alone proves nothing."""

import pytest

ID = {"Message-ID": "<same@customer.example>"}


def test_int_01_the_same_message_under_another_receipt_is_told_once(arrives, letter, memory):
    assert arrives(letter(**ID)).subject == "Printer"
    again = letter(**ID, Received="from a by b; Tue, 24 Nov 2026 08:00:00 +0000")
    assert arrives(again) == []
    assert len(memory.told) == 1
    assert len(memory.receipts) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"From": "Eve <eve@evil.example>"},
        {"Subject": "Another"},
        {"body": "Other words."},
        {"Message-ID": "<other@customer.example>"},
    ],
)
def test_int_01_another_message_with_the_same_id_is_another_message(arrives, letter, memory, other):
    arrives(letter(**ID))
    arrives(letter(**{**ID, **other}))
    assert len(memory.told) == 2


def test_int_01_without_an_id_every_receipt_is_a_message(arrives, letter, memory):
    for _ in range(2):
        arrives(letter(**{"Message-ID": None}))
    assert len(memory.told) == 2


def test_int_01_the_other_organisation_hears_it_too(arrives, letter, memory):
    arrives(letter(**ID))
    arrives(letter(**ID, To="help@rival.example"))
    assert [tenant for tenant, _ in memory.told] == ["demo", "rival"]
