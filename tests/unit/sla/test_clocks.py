"""What starts, pauses, resumes and stops a clock."""

from datetime import timedelta

import pytest

HOUR = 60


def test_sla_01_two_clocks_run_from_the_opening_by_the_policy_of_the_priority(history, clocks_of):
    clocks = clocks_of(history.prioritise(3, "P1"), 5)
    assert {c.state for c in clocks.values()} == {"running"}
    assert clocks["first_response"].due_at == history.at(15)
    assert clocks["resolution"].due_at == history.at(4 * HOUR)


@pytest.mark.parametrize(
    ("priority", "response", "resolution"),
    [
        ("P2", HOUR, 9 * HOUR),
        ("P3", 5 * HOUR, 2 * 24 * HOUR + 9 * HOUR),
        ("P4", 9 * HOUR, 4 * 24 * HOUR + 9 * HOUR),
        ("P5", 24 * HOUR + 9 * HOUR, 11 * 24 * HOUR + 9 * HOUR),
    ],
)
def test_sla_01_default_targets_are_business_hours(
    history, clocks_of, priority, response, resolution
):
    # A day has eight business hours and a lunch break: nine on the wall clock.
    clocks = clocks_of(history.prioritise(0, priority), 0)
    assert clocks["first_response"].due_at == history.at(response)
    assert clocks["resolution"].due_at == history.at(resolution)


def test_without_a_priority_nothing_is_promised(history, notes_of):
    from services.sla.domain.clocks import reckon

    history.comment(1)
    assert reckon(history.ticket.opened_at, notes_of(history), history.at(5)) is None


def test_sla_16_a_public_word_of_the_desk_is_the_first_response(history, clocks_of):
    first = clocks_of(history.prioritise(0, "P1").comment(10), 500)["first_response"]
    assert (first.state, first.stopped_at, first.warned) == ("met", history.at(10), 50)


@pytest.mark.parametrize("who", ["system", "monitoring", "requester"])
def test_sla_16_words_of_programs_and_of_the_requester_are_no_response(
    history, clocks_of, actors, who
):
    history.prioritise(0, "P1").comment(5, by=actors[who])
    assert clocks_of(history, 10)["first_response"].state == "running"


def test_sla_16_internal_words_and_an_assignment_are_no_response(history, clocks_of):
    history.prioritise(0, "P1").comment(5, public=False).assign(6, "grace@demo.example")
    assert clocks_of(history, 10)["first_response"].state == "running"


def test_an_answer_at_the_last_moment_is_in_time_and_a_later_one_is_not(history, clocks_of):
    history.prioritise(0, "P1").comment(15)
    assert clocks_of(history, 99)["first_response"].state == "met"


def test_an_answer_after_the_due_time_leaves_the_clock_breached(history, clocks_of):
    history.prioritise(0, "P1").comment(16)
    first = clocks_of(history, 99)["first_response"]
    assert (first.state, first.stopped_at) == ("breached", history.at(16))


def test_only_the_first_answer_counts(history, clocks_of):
    history.prioritise(0, "P1").comment(5).comment(50)
    assert clocks_of(history, 99)["first_response"].stopped_at == history.at(5)


def test_resolving_stops_both_clocks_because_the_requester_is_told_how(history, clocks_of):
    clocks = clocks_of(history.prioritise(0, "P1").move(10, "resolved"), 9999)
    assert {c.state for c in clocks.values()} == {"met"}
    assert {c.stopped_at for c in clocks.values()} == {history.at(10)}


def test_what_monitoring_resolves_needs_no_answer(history, clocks_of, actors):
    history.prioritise(0, "P1").move(10, "resolved", by=actors["monitoring"])
    clocks = clocks_of(history, 9999)
    assert clocks["first_response"].state == "cancelled"
    assert clocks["resolution"].state == "met"


def test_cancelling_cancels_both_clocks(history, clocks_of):
    clocks = clocks_of(history.prioritise(0, "P1").move(10, "cancelled", "mistake"), 9999)
    assert {c.state for c in clocks.values()} == {"cancelled"}


def test_sla_06_a_closed_ticket_keeps_the_verdict_it_had(history, clocks_of):
    history.prioritise(0, "P1").comment(5).move(10, "resolved").move(9000, "closed")
    resolution = clocks_of(history, 99999)["resolution"]
    assert (resolution.state, resolution.stopped_at) == ("met", history.at(10))


def test_a_reopened_ticket_goes_on_where_it_stopped(history, clocks_of):
    history.prioritise(0, "P1").comment(5).move(60, "resolved").move(1060, "in_progress")
    resolution = clocks_of(history, 1070)["resolution"]
    assert (resolution.state, resolution.due_at) == ("running", history.at(1000 + 4 * HOUR))
    assert resolution.stopped_at is None


def test_an_unanswered_ticket_that_is_reopened_wants_its_answer_again(history, clocks_of, actors):
    history.prioritise(0, "P1").move(5, "resolved", by=actors["monitoring"])
    history.move(100, "in_progress", by=actors["monitoring"])
    first = clocks_of(history, 101)["first_response"]
    assert (first.state, first.due_at) == ("running", history.at(110))


@pytest.mark.parametrize("reason", ["awaiting_caller", "scheduled"])
def test_sla_04_waiting_for_the_caller_pauses_both_clocks(history, clocks_of, reason):
    clocks = clocks_of(history.prioritise(0, "P1").move(10, "on_hold", reason), 9999)
    assert {c.state for c in clocks.values()} == {"paused"}


@pytest.mark.parametrize("reason", ["awaiting_vendor", "awaiting_change", "awaiting_problem"])
def test_sla_04_waiting_for_our_own_side_pauses_nothing(history, clocks_of, reason):
    history.prioritise(0, "P1").move(10, "on_hold", reason)
    assert clocks_of(history, 16)["first_response"].state == "breached"


def test_sla_04_a_changed_hold_reason_counts_from_then_on(history, clocks_of):
    history.prioritise(0, "P1").move(5, "on_hold", "awaiting_vendor")
    history.move(10, "in_progress").move(10, "on_hold", "awaiting_caller").move(40, "in_progress")
    assert clocks_of(history, 41)["first_response"].due_at == history.at(45)


def test_sla_04_after_a_pause_the_due_time_has_moved_by_the_paused_business_time(
    history, clocks_of
):
    # P2: eight business hours. Paused from 10:00 to 14:00: three of them are in the lunch day.
    history.prioritise(0, "P2").comment(5).move(HOUR, "on_hold", "awaiting_caller")
    assert clocks_of(history, 2 * HOUR)["resolution"].due_at == history.at(9 * HOUR)
    history.move(5 * HOUR, "in_progress")
    assert clocks_of(history, 6 * HOUR)["resolution"].due_at == history.at((24 + 3) * HOUR)


def test_sla_05_a_new_priority_counts_from_the_opening(history, clocks_of):
    history.prioritise(0, "P3").comment(5).prioritise(30, "P1")
    assert clocks_of(history, 31)["resolution"].due_at == history.at(4 * HOUR)


def test_sla_05_past_pauses_are_credited_under_the_new_priority(history, clocks_of):
    history.prioritise(0, "P3").comment(5)
    history.move(10, "on_hold", "awaiting_caller").move(40, "in_progress").prioritise(50, "P1")
    assert clocks_of(history, 51)["resolution"].due_at == history.at(4 * HOUR + 30)


def test_sla_05_a_new_priority_does_not_judge_a_clock_that_had_stopped(history, clocks_of):
    history.prioritise(0, "P3").comment(120).prioritise(130, "P1")
    clocks = clocks_of(history, 131)
    assert clocks["first_response"].state == "met"
    assert clocks["resolution"].due_at == history.at(4 * HOUR)


def test_a_machine_whose_clock_is_behind_does_not_turn_time_back(history, clocks_of):
    history.prioritise(0, "P1").move(20, "on_hold", "awaiting_caller").move(19, "in_progress")
    assert clocks_of(history, 21)["resolution"].due_at == history.at(4 * HOUR)


def test_sla_07_the_next_deadline_is_the_next_threshold_or_due_time(history, notes_of):
    from services.sla.domain.clocks import reckon

    history.prioritise(0, "P1")
    expected = [(0, 7.5), (8, 11.25), (12, 15), (15, 120), (130, 180), (200, 240), (240, None)]
    for minutes, deadline in expected:
        found = reckon(history.ticket.opened_at, notes_of(history), history.at(minutes))
        assert found.next_deadline == (deadline and history.at(0) + timedelta(minutes=deadline))


def test_sla_07_a_paused_clock_has_no_deadline(history, notes_of):
    from services.sla.domain.clocks import reckon

    history.prioritise(0, "P1").move(1, "on_hold", "awaiting_caller")
    found = reckon(history.ticket.opened_at, notes_of(history), history.at(2))
    assert found.next_deadline is None
    assert found.policy == "P1, version 1, 24x7"


def test_sla_04_a_pause_at_the_last_moment_holds_the_breach_back(history, clocks_of):
    history.prioritise(0, "P1").move(15, "on_hold", "awaiting_caller")
    assert clocks_of(history, 50)["first_response"].state == "paused"
    history.move(60, "in_progress")
    first = clocks_of(history, 60)["first_response"]
    assert (first.state, first.due_at) == ("breached", history.at(60))
