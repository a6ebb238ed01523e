"""INT-02: only a genuine token, or the id of a known mail, of somebody who takes part threads."""

import pytest

from events.desk import TicketOpened
from events.intake import MailQuarantined, MessageReceived
from events.notification import NotificationSent
from events.vocabulary import Actor, MailReference, TicketSummary
from services.intake.actions import mail as mails

TICKET = "T-0123456789ABCDEF"
OTHER_TICKET = "T-FEDCBA9876543210"


@pytest.fixture
def sent(memory, at):
    """Have notification say that it sent a mail."""

    def tell(message_id, recipient="ada@customer.example", ticket_id=TICKET, tenant="demo"):
        fact = NotificationSent(
            ticket_id=ticket_id,
            recipient=recipient,
            template="received",
            language="en",
            message_id=message_id,
        )
        mails.remember_sent(fact, tenant=tenant, memory=memory, at=at)

    return tell


def test_int_02_a_genuine_token_threads_to_its_ticket(arrives, letter, token):
    message = arrives(letter(To=token()))
    assert (message.ticket_id, message.threaded_by) == (TICKET, "token")


@pytest.mark.parametrize("field", ["Cc", "Delivered-To", "X-Original-To"])
def test_int_02_a_token_counts_wherever_it_stands(arrives, letter, token, field):
    message = arrives(letter(**{field: f"Help <{token().upper()}>"}))
    assert message.threaded_by == "token"


def test_int_02_a_folded_and_named_reply_address_is_found(arrives, letter, token):
    to = f'"Doe, Jane" <jane@x.example>,\r\n =?utf-8?q?Help=2C_desk?= <{token()}>'
    assert arrives(letter(To=to)).threaded_by == "token"


def test_int_02_the_reply_address_itself_is_no_addressee_that_others_may_see(
    arrives, letter, token
):
    message = arrives(letter(To=f"{token()}, bob@customer.example", Cc="help@demo.example"))
    assert (message.to, message.cc) == (["bob@customer.example"], [])


def forged(address):
    local, _, domain = address.partition("@")
    word = local.removeprefix("reply+")
    middle = "b" if word[30] != "b" else "c"
    return {
        "truncated": f"reply+{word[:-1]}@{domain}",
        "half": f"reply+{word[:24]}@{domain}",
        "empty": f"reply+@{domain}",
        "extended": f"reply+{word}a@{domain}",
        "doubled": f"reply+{word}{word}@{domain}",
        "one letter changed": f"reply+{word[:30]}{middle}{word[31:]}@{domain}",
        "no plus": f"reply{word}@{domain}",
        "blank proof": f"reply+{word[:22]}{'a' * 26}@{domain}",
    }


@pytest.mark.parametrize("how", forged("reply+" + "a" * 48 + "@demo.example"))
def test_int_02_a_spoilt_token_opens_a_new_ticket_or_is_parked(arrives, letter, token, how):
    fact = arrives(letter(To=forged(token())[how]))
    assert isinstance(fact, MailQuarantined) or fact.ticket_id is None


def test_int_02_the_mac_of_another_ticket_does_not_fit(arrives, letter, token):
    mine = token().partition("@")[0]
    other = token(ticket_id=OTHER_TICKET).partition("@")[0]
    for mixed in (other[:22] + mine[22:], mine[:22] + other[22:], other[:30] + mine[30:]):
        assert arrives(letter(To=f"{mixed}@demo.example")).ticket_id is None


def test_int_02_a_token_given_to_somebody_else_opens_a_new_ticket(arrives, letter, token):
    stolen = token(participant="bob@customer.example")
    message = arrives(letter(To=stolen))
    assert (message.ticket_id, message.threaded_by) == (None, None)


def test_int_02_a_token_of_another_organisation_is_worth_nothing(arrives, letter, token):
    foreign = token(tenant="rival").partition("@")[0]
    assert arrives(letter(To=f"{foreign}@demo.example")).ticket_id is None


def test_int_02_organisations_that_share_a_domain_are_told_apart_by_the_token(
    arrives, letter, token, memory, at
):
    memory.give_home("guest", "guest@demo.example", at)
    arrives(letter(To=token(tenant="guest", mailbox="guest@demo.example")))
    assert [(tenant, fact.threaded_by) for tenant, fact in memory.told] == [("guest", "token")]


def test_int_02_an_answer_to_a_mail_of_ours_threads_by_reference(arrives, letter, sent):
    sent("s1@email.amazonses.com")
    message = arrives(letter(In_Reply_To="<s1@email.amazonses.com>"))
    assert (message.ticket_id, message.threaded_by) == (TICKET, "reference")
    message = arrives(letter(References="<x@y>\r\n <s1@email.amazonses.com>\r\n <z@y>"))
    assert message.threaded_by == "reference"


def test_int_02_a_stranger_who_knows_a_message_id_opens_a_new_ticket(arrives, letter, sent):
    sent("s1@email.amazonses.com")
    message = arrives(letter(In_Reply_To="<s1@email.amazonses.com>", From="eve@evil.example"))
    assert message.ticket_id is None


def test_int_02_message_ids_are_known_within_their_organisation_only(arrives, letter, sent):
    sent("s1@email.amazonses.com", tenant="rival")
    assert arrives(letter(In_Reply_To="<s1@email.amazonses.com>")).ticket_id is None


def test_int_02_the_nearest_reference_wins(arrives, letter, sent):
    sent("old@x")
    sent("new@x", ticket_id=OTHER_TICKET)
    message = arrives(letter(References="<old@x> <new@x>"))
    assert message.ticket_id == OTHER_TICKET


def opened(at, message_id, participants, ticket_id=TICKET):
    summary = TicketSummary(
        id=ticket_id,
        number="INC-000001",
        kind="incident",
        state="new",
        subject="Printer",
        requester="ada@customer.example",
        channel="email",
        language="en",
        opened_at=at,
        participants=participants,
    )
    return TicketOpened(
        ticket=summary,
        text="x",
        by=Actor(kind="person", name="ada@customer.example"),
        mail=MailReference(receipt_id="r", message_id=message_id),
    )


def test_int_02_a_colleague_in_copy_may_answer_the_first_mail(arrives, letter, memory, at):
    fact = opened(at, "first@customer.example", ["Bob@customer.example"])
    mails.remember_opened(fact, tenant="demo", memory=memory, at=at)
    answer = letter(From="bob@customer.example", In_Reply_To="<first@customer.example>")
    assert arrives(answer).ticket_id == TICKET


def test_int_02_a_message_id_cannot_be_taken_over_by_sending_it_again(
    arrives, letter, memory, at, sent
):
    sent("s1@x")
    fact = opened(at, "s1@x", ["ada@customer.example"], ticket_id=OTHER_TICKET)
    mails.remember_opened(fact, tenant="demo", memory=memory, at=at)
    assert arrives(letter(In_Reply_To="<s1@x>")).ticket_id == TICKET


def test_int_02_a_number_in_the_subject_is_a_hint_only(arrives, letter):
    message = arrives(letter(Subject="Re: [inc-000123] Printer"))
    assert (message.ticket_id, message.number_hint) == (None, "INC-000123")
    assert arrives(letter(Subject="INC-000123 [INC-1] [XYZ-000001]")).number_hint is None


def test_int_01_mail_for_two_organisations_reaches_both(arrives, letter, memory):
    arrives(letter(To="help@demo.example, help@rival.example"))
    assert [tenant for tenant, _ in memory.told] == ["demo", "rival"]


def test_int_01_what_the_receiving_server_says_counts_more_than_to(arrives, letter, memory):
    raw = (
        "Received: from mx.evil.example by in.example with SMTP id 1\r\n"
        " for help@rival.example; Wed, 2 Jan 2030 09:00:00 +0000\r\n"
        "Received: from a by b for <help@demo.example>; Wed, 2 Jan 2030 08:00:00 +0000\r\n"
        "Delivered-To: help@demo.example\r\n" + letter()
    )
    arrives(raw)
    assert [tenant for tenant, _ in memory.told] == ["rival"]


def test_int_01_mail_for_nobody_we_know_is_parked_under_no_organisation(arrives, letter, memory):
    fact = arrives(letter(To="info@elsewhere.example"))
    assert isinstance(fact, MailQuarantined)
    ((tenant, item),) = memory.quarantine
    assert tenant == "-"
    assert item.source == "s3://bucket/inbox/r-0"


def test_int_01_one_receipt_has_one_effect_and_the_same_id_from_elsewhere_is_another_mail(
    arrives, letter, memory
):
    assert isinstance(arrives(letter(), "r-1"), MessageReceived)
    assert arrives(letter(), "r-1") == []
    # A stranger may have sent the id before: that must not swallow the real mail.
    assert isinstance(arrives(letter(From="eve@evil.example"), "r-2"), MessageReceived)
    assert len(memory.told) == 2
