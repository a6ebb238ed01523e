"""Mail opens tickets and continues them; strangers never land in somebody's ticket."""

import pytest

from events.intake import MailBounced, MessageReceived
from events.vocabulary import MailReference
from services.desk.actions import conversations, requests
from services.desk.domain.forms import Assignment
from services.desk.domain.moves import Move

MAILBOX = "support@demo.example"


def message(sender="ada@demo.example", text="It is broken", subject="Printer", **more):
    mail = MailReference(
        receipt_id="r-1",
        message_id="m-1@x",
        mailbox=MAILBOX,
        verified=more.pop("verified", False),
    )
    return MessageReceived(mail=mail, sender=sender, subject=subject, text=text, **more)


@pytest.fixture
def receive(desk):
    def act(**more):
        return conversations.receive(
            message(**more), story=desk.story(), tickets=desk.tickets, new_id=desk.new_id
        )

    return act


def state(desk, ticket):
    return desk.tickets.find("demo", ticket.summary.id).summary.state


def close(desk, ticket, people, to="closed"):
    agent = people["agent"]
    form = Move(to="resolved", resolution="done")
    requests.move(ticket.summary.id, form, desk.ask(agent), "C-1")
    if to == "closed":
        requests.move(ticket.summary.id, Move(to="closed"), desk.ask(agent), "C-1")


def test_int_01_a_mail_becomes_a_ticket_of_its_sender(desk, receive):
    ticket = receive(sender="Ada@Demo.example", to=[MAILBOX], cc=["Bob@demo.example"])
    assert ticket.summary.requester == "ada@demo.example"
    assert ticket.summary.number == "INC-000001"
    assert ticket.summary.participants == ["bob@demo.example"]
    [fact] = desk.tickets.facts
    assert fact.acknowledge
    assert fact.mail.message_id == "m-1@x"


def test_int_01_a_mail_without_a_subject_gets_its_first_line(receive):
    assert receive(subject=" ", text="\n\nhelp me\nplease").summary.subject == "help me"
    assert receive(subject="", text="").summary.subject == "(no subject)"


def test_int_02_a_proven_reply_lands_on_its_ticket(desk, receive):
    first = receive()
    again = receive(ticket_id=first.summary.id, threaded_by="token", text="more")
    assert again.summary.id == first.summary.id
    assert desk.tickets.kinds() == ["TicketOpened", "CommentAdded"]


def test_int_02_a_number_in_the_subject_counts_only_for_those_who_take_part(receive):
    first = receive(cc=["bob@demo.example"])
    number = first.summary.number
    assert receive(number_hint=number).summary.id == first.summary.id
    joined = receive(sender="bob@demo.example", number_hint=number)
    assert joined.summary.id == first.summary.id
    foreign = receive(sender="eve@evil.example", number_hint=number)
    assert foreign.summary.id != first.summary.id
    [link] = foreign.summary.links
    assert (link.type, link.number) == ("possible_follow_up_of", number)


def test_int_02_a_number_that_does_not_exist_opens_a_plain_ticket(receive):
    assert receive(number_hint="INC-999999").summary.links == []


def test_int_04_what_a_program_answers_is_noted_and_moves_nothing(desk, receive, people):
    ticket = receive()
    close(desk, ticket, people, to="resolved")
    receive(ticket_id=ticket.summary.id, automatic=True, text="I am on holiday")
    assert state(desk, ticket) == "resolved"
    assert not desk.tickets.facts[-1].public


def test_int_03_a_programs_mail_is_not_acknowledged(desk, receive):
    receive(automatic=True)
    assert not desk.tickets.facts[0].acknowledge


def test_inc_03_the_callers_mail_reopens_what_was_resolved(desk, receive, people):
    ticket = receive()
    close(desk, ticket, people, to="resolved")
    receive(ticket_id=ticket.summary.id, text="no, it is not")
    assert state(desk, ticket) == "in_progress"


def test_inc_03_mail_to_a_closed_ticket_opens_a_linked_one(desk, receive, people):
    ticket = receive()
    requests.assign(ticket.summary.id, Assignment(team="network"), desk.ask(people["agent"]))
    close(desk, ticket, people)
    follow_up = receive(ticket_id=ticket.summary.id, text="again")
    assert follow_up.summary.id != ticket.summary.id
    assert follow_up.summary.links[0].type == "follow_up_of"
    assert follow_up.summary.team == "network"


def test_an_agents_unverified_mail_reaches_nobody_outside(desk, receive):
    ticket = receive()
    mail = {"sender": "agent@demo.example", "ticket_id": ticket.summary.id, "threaded_by": "token"}
    receive(**mail, text="I am surely the agent")
    assert not desk.tickets.facts[-1].public
    receive(**mail, verified=True, text="Try again now")
    assert desk.tickets.facts[-1].public
    assert desk.tickets.facts[-1].by.role == "agent"


def test_int_04_a_bounce_is_noted_on_its_ticket(desk, receive):
    ticket = receive()
    bounced = MailBounced(
        mail=MailReference(receipt_id="r-2"),
        recipient="ada@demo.example",
        permanent=True,
        status="5.1.1",
        ticket_id=ticket.summary.id,
    )
    story = desk.story()
    conversations.bounce(bounced, story=story, tickets=desk.tickets, new_id=desk.new_id)
    note = desk.tickets.facts[-1]
    assert "5.1.1" in note.text
    assert not note.public
    assert state(desk, ticket) == "new"


def test_another_tenants_ticket_cannot_be_continued(desk, receive):
    ticket = receive()
    foreign = conversations.receive(
        message(ticket_id=ticket.summary.id),
        story=desk.story(tenant="other"),
        tickets=desk.tickets,
        new_id=desk.new_id,
    )
    assert foreign.summary.id != ticket.summary.id
