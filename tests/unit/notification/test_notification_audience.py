"""Who hears of what, and above all who does not."""

import pytest

from events.desk import CommentAdded, TicketAssigned, TicketMoved, TicketOpened
from events.sla import ClockBreached, ClockWarned
from events.vocabulary import Actor, TicketSummary
from services.notification.domain.audience import audience
from services.notification.domain.people import Organisation, may_receive

REQUESTER = Actor(kind="person", name="rita@customer.example", role="requester")
AGENT = Actor(kind="person", name="abe@demo.example", role="agent")
ROUTING = Actor(kind="system", name="routing")
PROMETHEUS = Actor(kind="monitoring", name="prometheus")


@pytest.fixture
def ticket(at):
    def build(**more):
        known = {
            "id": "T-01J9ZK3V7QXA5B6C",
            "number": "INC-000123",
            "kind": "incident",
            "state": "new",
            "subject": "Printer",
            "requester": "rita@customer.example",
            "channel": "email",
            "language": "en",
            "opened_at": at,
        }
        return TicketSummary(**(known | more))

    return build


def told(fact):
    heard = audience(fact)
    return (heard.template, list(heard.addresses) or heard.team) if heard else None


def test_a_new_ticket_is_acknowledged_to_its_requester(ticket):
    fact = TicketOpened(ticket=ticket(), text="x", by=REQUESTER)
    assert told(fact) == ("received", ["rita@customer.example"])


def test_a_program_and_a_monitor_get_no_acknowledgement(ticket):
    assert told(TicketOpened(ticket=ticket(), text="x", by=REQUESTER, acknowledge=False)) is None
    assert told(TicketOpened(ticket=ticket(), text="x", by=PROMETHEUS)) is None


def test_the_assignee_hears_of_his_ticket_unless_he_took_it(ticket):
    mine = ticket(assignee="abe@demo.example", team="network")
    assert told(TicketAssigned(ticket=mine, by=ROUTING)) == ("assigned", ["abe@demo.example"])
    assert told(TicketAssigned(ticket=mine, by=AGENT)) is None
    same = TicketAssigned(ticket=mine, by=ROUTING, before_assignee="abe@demo.example")
    assert told(same) is None


@pytest.mark.parametrize(
    ("priority", "expected"),
    [("P1", "network"), ("P2", "network"), ("P3", None), (None, None)],
)
def test_a_team_hears_only_of_what_is_urgent(ticket, priority, expected):
    given = ticket(team="network", priority=priority)
    heard = told(TicketAssigned(ticket=given, by=ROUTING))
    assert heard == (("team_assigned", expected) if expected else None)
    assert told(TicketAssigned(ticket=given, by=ROUTING, before_team="network")) is None


def test_the_desks_public_words_reach_requester_and_participants_once(ticket):
    given = ticket(
        participants=["RITA@customer.example", "carl@customer.example", "abe@demo.example"]
    )
    fact = CommentAdded(ticket=given, comment_id="C", text="x", public=True, by=AGENT)
    assert told(fact) == ("desk_wrote", ["rita@customer.example", "carl@customer.example"])


def test_the_requesters_words_reach_the_assignee_only(ticket):
    words = {"comment_id": "C", "text": "x", "public": True, "by": REQUESTER}
    assert told(CommentAdded(ticket=ticket(), **words)) is None
    mine = ticket(assignee="abe@demo.example", participants=["carl@customer.example"])
    assert told(CommentAdded(ticket=mine, **words)) == ("requester_wrote", ["abe@demo.example"])


def test_an_agent_who_is_the_requester_speaks_as_requester(ticket):
    own = ticket(requester="abe@demo.example", assignee="bea@demo.example")
    fact = CommentAdded(ticket=own, comment_id="C", text="x", public=True, by=AGENT)
    assert told(fact) == ("requester_wrote", ["bea@demo.example"])


def test_internal_words_reach_nobody_but_another_assignee(ticket):
    words = {"comment_id": "C", "text": "secret", "public": False, "by": AGENT}
    people = {"participants": ["carl@customer.example"]}
    assert told(CommentAdded(ticket=ticket(**people), **words)) is None
    mine = ticket(assignee="abe@demo.example", **people)
    assert told(CommentAdded(ticket=mine, **words)) is None
    hers = ticket(assignee="bea@demo.example", **people)
    assert told(CommentAdded(ticket=hers, **words)) == ("internal_note", ["bea@demo.example"])


@pytest.mark.parametrize(
    ("before", "after", "by", "expected"),
    [
        ("in_progress", "resolved", AGENT, ("resolved", ["rita@customer.example"])),
        ("in_progress", "resolved", REQUESTER, None),
        ("resolved", "in_progress", REQUESTER, ("reopened", ["abe@demo.example"])),
        ("resolved", "in_progress", AGENT, None),
        ("resolved", "closed", ROUTING, None),
        ("in_progress", "on_hold", AGENT, None),
        ("on_hold", "in_progress", REQUESTER, None),
        ("new", "cancelled", AGENT, None),
    ],
)
def test_moves_that_matter_are_told(ticket, before, after, by, expected):
    given = ticket(assignee="abe@demo.example")
    assert told(TicketMoved(ticket=given, before=before, after=after, by=by)) == expected


def test_clocks_ring_at_the_assignee_or_else_at_the_team(ticket, at):
    bell = {"clock": "resolution", "due_at": at}
    mine = ticket(assignee="abe@demo.example", team="network")
    assert told(ClockWarned(ticket=mine, percent=75, **bell)) == (
        "clock_warned",
        ["abe@demo.example"],
    )
    teams = ticket(team="network")
    assert told(ClockBreached(ticket=teams, **bell)) == ("clock_breached", "network")
    assert told(ClockBreached(ticket=ticket(), **bell)) is None


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("rita@customer.example", True),
        ("Help@Demo.example", False),
        ("help+tag@demo.example", False),
        ("help@other.example", True),
        ("reply+abc@demo.example", False),
        ("mailer-daemon@x.example", False),
        ("MAILER-DAEMON@x.example", False),
        ("postmaster@x.example", False),
        ("no-reply@x.example", False),
        ("noreply+17@x.example", False),
        ("do-not-reply@x.example", False),
        ("donotreply@x.example", False),
        ("no_reply-shop@x.example", False),
        ("bounces@x.example", False),
        ("norbert@x.example", True),
        ("root.cause@x.example", True),
        ("abuser@x.example", True),
        ("reply@x.example", True),
    ],
)
def test_programs_and_our_own_mailboxes_get_no_mail(address, may):
    assert may_receive(address, Organisation(name="Demo", mailbox="help@demo.example")) is may
