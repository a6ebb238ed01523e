"""INC-01, INC-02: only legal moves, and nothing enters a state without what it demands."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.desk.actions import requests
from services.desk.domain.forms import Assignment, NewComment, NewTicket
from services.desk.domain.lifecycle import HOLD_REASONS, INCIDENT
from services.desk.domain.moves import Move, ResolutionForm
from shared.refusal import Conflict, Invalid, NotAllowed, NotFound

FIXED = ResolutionForm(code="user_guidance_given", notes="showed how")


def open_one(desk, person, **form):
    form = {"subject": "VPN is down", "text": "since nine", **form}
    return requests.open_ticket(NewTicket(**form), desk.ask(person), desk.new_id)


def go(desk, ticket, to, person, **form):
    return requests.move(ticket.id, Move(to=to, **form), desk.ask(person), "C-1")


@pytest.fixture
def worked(desk, people):
    """A ticket that has a team and is in progress."""
    ticket = open_one(desk, people["ada"])
    requests.assign(ticket.id, Assignment(team="network"), desk.ask(people["agent"]))
    return go(desk, ticket, "in_progress", people["agent"])


def test_inc_01_an_illegal_move_is_refused_with_the_legal_ones(desk, people):
    ticket = open_one(desk, people["ada"])
    with pytest.raises(Conflict) as refusal:
        go(desk, ticket, "closed", people["agent"])
    assert refusal.value.more["legal"] == ["in_progress", "on_hold", "resolved", "cancelled"]
    assert desk.tickets.kinds() == ["TicketOpened"]


def test_inc_01_nothing_follows_a_closed_ticket(desk, people, worked):
    go(desk, worked, "resolved", people["agent"], resolution=FIXED)
    go(desk, worked, "closed", people["ada"])
    for to in INCIDENT.states:
        with pytest.raises(Conflict) as refusal:
            go(desk, worked, to, people["agent"], reason="x")
        assert refusal.value.more["legal"] == []


def test_inc_01_work_needs_a_team(desk, people):
    ticket = open_one(desk, people["ada"])
    with pytest.raises(Invalid) as refusal:
        go(desk, ticket, "in_progress", people["agent"])
    assert refusal.value.more["errors"][0]["field"] == "team"


@pytest.mark.parametrize("reason", ["", "lunch"])
def test_inc_01_a_hold_needs_one_of_the_hold_reasons(desk, people, worked, reason):
    with pytest.raises(Invalid) as refusal:
        go(desk, worked, "on_hold", people["agent"], reason=reason)
    assert refusal.value.more["errors"][0]["field"] == "reason"


@pytest.mark.parametrize("reason", HOLD_REASONS[1:])
def test_inc_01_the_other_holds_need_no_question(desk, people, worked, reason):
    held = go(desk, worked, "on_hold", people["agent"], reason=reason)
    assert (held.state, held.hold_reason) == ("on_hold", reason)


def test_inc_01_awaiting_the_caller_needs_words_for_him(desk, people, worked):
    with pytest.raises(Invalid) as refusal:
        go(desk, worked, "on_hold", people["agent"], reason="awaiting_caller")
    assert refusal.value.more["errors"][0]["field"] == "comment"
    held = go(
        desk, worked, "on_hold", people["agent"], reason="awaiting_caller", comment="Which room?"
    )
    assert held.state == "on_hold"
    assert desk.tickets.kinds()[-2:] == ["TicketMoved", "CommentAdded"]


def test_inc_01_a_question_asked_before_counts(desk, people, worked):
    requests.comment(worked.id, NewComment(text="Which room?"), desk.ask(people["agent"]), "C-1")
    held = go(desk, worked, "on_hold", people["agent"], reason="awaiting_caller")
    assert held.state == "on_hold"


def test_inc_01_the_callers_answer_lifts_the_hold(desk, people, worked):
    go(desk, worked, "on_hold", people["agent"], reason="awaiting_caller", comment="Which room?")
    requests.comment(worked.id, NewComment(text="Room 7"), desk.ask(people["ada"]), "C-2")
    head = desk.tickets.find("demo", worked.id)
    assert (head.summary.state, head.hold_reason) == ("in_progress", None)


def test_inc_01_an_agents_words_do_not_lift_the_hold(desk, people, worked):
    go(desk, worked, "on_hold", people["agent"], reason="awaiting_caller", comment="Which room?")
    requests.comment(worked.id, NewComment(text="Hello?"), desk.ask(people["agent"]), "C-2")
    assert desk.tickets.find("demo", worked.id).summary.state == "on_hold"


@pytest.mark.parametrize(
    ("resolution", "fields"),
    [
        (None, {"resolution"}),
        (ResolutionForm(code="magic", notes=" "), {"resolution.code", "resolution.notes"}),
        ("", {"resolution.notes"}),
    ],
)
def test_inc_02_resolving_needs_code_and_notes(desk, people, worked, resolution, fields):
    with pytest.raises(Invalid) as refusal:
        go(desk, worked, "resolved", people["agent"], resolution=resolution)
    assert {e["field"] for e in refusal.value.more["errors"]} == fields


def test_inc_02_plain_words_are_notes(desk, people, worked):
    done = go(desk, worked, "resolved", people["agent"], resolution="restarted it")
    assert (done.resolution.code, done.resolution.notes) == ("unspecified", "restarted it")
    assert done.resolved_at == desk.at


def test_cancelling_needs_a_reason(desk, people):
    ticket = open_one(desk, people["ada"])
    with pytest.raises(Invalid):
        go(desk, ticket, "cancelled", people["agent"])
    assert go(desk, ticket, "cancelled", people["ada"], reason="works again").state == "cancelled"


def test_inc_03_the_requester_reopens_what_was_resolved(desk, people, worked):
    go(desk, worked, "resolved", people["agent"], resolution=FIXED)
    again = go(desk, worked, "in_progress", people["ada"])
    assert (again.reopen_count, again.resolution, again.resolved_at) == (1, None, None)


def test_inc_03_words_on_a_resolved_ticket_reopen_it(desk, people, worked):
    go(desk, worked, "resolved", people["agent"], resolution=FIXED)
    requests.comment(worked.id, NewComment(text="still broken"), desk.ask(people["ada"]), "C-2")
    assert desk.tickets.find("demo", worked.id).summary.state == "in_progress"


def test_inc_03_a_closed_ticket_takes_no_more_words_for_the_caller(desk, people, worked):
    go(desk, worked, "resolved", people["agent"], resolution=FIXED)
    go(desk, worked, "closed", people["agent"])
    with pytest.raises(Conflict):
        requests.comment(worked.id, NewComment(text="hm"), desk.ask(people["ada"]), "C-2")
    internal = NewComment(text="for the record", public=False)
    requests.comment(worked.id, internal, desk.ask(people["agent"]), "C-3")


def test_a_requester_may_not_do_the_desks_work(desk, people, worked):
    ada = people["ada"]
    with pytest.raises(NotAllowed):
        go(desk, worked, "resolved", ada, resolution=FIXED)
    with pytest.raises(NotAllowed):
        requests.assign(worked.id, Assignment(team="x"), desk.ask(ada))
    with pytest.raises(NotAllowed):
        requests.comment(worked.id, NewComment(text="x", public=False), desk.ask(ada), "C-2")


def test_a_stranger_cannot_tell_a_foreign_ticket_from_a_missing_one(desk, people, worked):
    words = set()
    for ticket_id, person, tenant in (
        (worked.id, people["eve"], "demo"),
        (worked.id, people["agent"], "other"),
        ("T-0000000000000000", people["eve"], "demo"),
    ):
        with pytest.raises(NotFound) as refusal:
            desk.ask(person, tenant=tenant).ticket(ticket_id)
        words.add((str(refusal.value), str(refusal.value.more)))
    assert len(words) == 1


ACTS = st.tuples(
    st.sampled_from(["ada", "agent", "eve"]),
    st.sampled_from([*INCIDENT.states, "nonsense"]),
    st.sampled_from(["", "awaiting_caller", "awaiting_vendor", "because"]),
    st.sampled_from([None, "done", FIXED]),
    st.sampled_from(["", "words"]),
)


@given(acts=st.lists(ACTS, max_size=25))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_series_of_moves_leaves_the_life_cycle(new_desk, people, acts):

    desk = new_desk()
    ticket = open_one(desk, people["ada"])
    requests.assign(ticket.id, Assignment(team="network"), desk.ask(people["agent"]))
    for who, to, reason, resolution, comment in acts:
        before = desk.tickets.find("demo", ticket.id)
        facts = len(desk.tickets.facts)
        try:
            go(
                desk,
                ticket,
                to,
                people[who],
                reason=reason,
                resolution=resolution,
                comment=comment,
            )
        except (Conflict, Invalid, NotAllowed, NotFound):
            assert desk.tickets.find("demo", ticket.id) == before
            assert len(desk.tickets.facts) == facts
            continue
        after = desk.tickets.find("demo", ticket.id)
        assert to in INCIDENT.legal(before.summary.state)
        assert after.version == len(desk.tickets.facts)
        assert (after.summary.state == "resolved") == (after.summary.resolved_at is not None) or (
            after.summary.state == "closed"
        )
        if after.summary.state == "resolved":
            moved = desk.tickets.facts[after.summary.resolution_sequence - 1]
            assert moved.after == "resolved"
