"""What sla tells, and the timer it leaves behind."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from events.envelope import Meta
from services.sla import actions
from services.sla.domain.policy import DEFAULTS, PolicyForm
from shared.refusal import Invalid, NotFound, PreconditionFailed, Stale
from shared.retry import until_fresh
from shared.story import Story

ID = "T-01J9ZK3V7QXA5B6C"
KEY = ("demo", ID)


@pytest.fixture
def hear(memory, timers):
    """Hear the facts of a history, each some minutes after the opening or when it was told."""

    def listen(history, *, after=0, minutes=None):
        for fact, meta in history.facts[after:]:
            now = meta.at if minutes is None else history.at(minutes)
            actions.hear(fact, meta, now=now, memory=memory, timers=timers)

    return listen


@pytest.fixture
def ring(memory, timers):
    def bell(history, minutes, tenant="demo", ticket_id=ID):
        meta = Meta(id="F-9", tenant=tenant, at=history.at(minutes), correlation_id="story-1")
        actions.ring(ticket_id, meta, now=history.at(minutes), memory=memory, timers=timers)

    return bell


def alarms(memory):
    return [
        (kind, fact.clock, getattr(fact, "percent", 100))
        for kind, fact, _ in memory.told
        if kind != "ClocksChanged"
    ]


def test_clocks_that_start_are_told_with_the_policy_they_follow(history, hear, memory, timers):
    hear(history.prioritise(0, "P1"))
    [(kind, fact, story)] = memory.told
    assert (kind, fact.policy) == ("ClocksChanged", "P1, version 1, 24x7")
    assert story.cause == "F-2"
    assert timers.set == {KEY: history.at(7.5)}


def test_sla_07_thresholds_and_the_breach_are_told_once_each(history, hear, ring, memory, timers):
    hear(history.prioritise(0, "P1"))
    for minutes in (7.5, 7.5, 11.25, 11.3, 15, 15, 16):
        ring(history, minutes)
    assert alarms(memory) == [
        ("ClockWarned", "first_response", 50),
        ("ClockWarned", "first_response", 75),
        ("ClockBreached", "first_response", 100),
    ]
    assert timers.set == {KEY: history.at(120)}


def test_sla_05_a_clock_breached_at_once_gives_one_message_and_not_a_storm(
    history, hear, ring, memory
):
    hear(history.prioritise(0, "P1"), minutes=9000)
    assert alarms(memory) == [
        ("ClockBreached", "first_response", 100),
        ("ClockBreached", "resolution", 100),
    ]
    ring(history, 9001)
    assert len(memory.told) == 3


def test_two_thresholds_passed_in_one_go_give_the_higher_warning(history, hear, memory):
    hear(history.prioritise(0, "P1"), minutes=12)
    assert alarms(memory) == [("ClockWarned", "first_response", 75)]


def test_sla_07_a_warning_names_whoever_has_the_ticket_now(history, hear, ring, memory):
    history.prioritise(0, "P1").assign(1, "grace@demo.example").assign(2, "linus@demo.example")
    hear(history)
    ring(history, 8)
    warned = next(fact for kind, fact, _ in memory.told if kind == "ClockWarned")
    assert warned.ticket.assignee == "linus@demo.example"
    assert [clock.name for clock in warned.ticket.due] == ["first_response", "resolution"]


def test_an_old_fact_does_not_bring_back_an_old_assignee(history, hear, memory):
    history.prioritise(0, "P1").assign(1, "grace@demo.example").assign(2, "linus@demo.example")
    history.facts.reverse()
    hear(history)
    assert memory.rows[KEY].value.ticket.assignee == "linus@demo.example"


def test_clocks_that_stand_as_they_were_told_are_not_told_again(history, hear, memory):
    history.prioritise(0, "P1").move(1, "in_progress").assign(2, "grace@demo.example")
    hear(history.comment(3, public=False))
    assert memory.kinds() == ["ClocksChanged"]


def test_a_doubled_fact_is_not_even_saved(history, hear, memory, timers):
    hear(history.prioritise(0, "P1"))
    row, calls = memory.rows[KEY], timers.calls
    hear(history)
    assert (memory.rows[KEY], timers.calls) == (row, calls)


def test_sla_08_a_closed_ticket_leaves_no_timer_behind(history, hear, memory, timers):
    hear(history.prioritise(0, "P1").move(5, "resolved").move(10, "closed"))
    assert timers.set == {}
    assert memory.rows[KEY].value.timer is None


def test_sla_08_a_pause_takes_the_timer_away_and_resuming_sets_it_again(history, hear, timers):
    hear(history.prioritise(0, "P1").move(5, "on_hold", "awaiting_caller"))
    assert timers.set == {}
    hear(history.move(65, "in_progress"), after=2)
    assert timers.set == {KEY: history.at(67.5)}


def test_sla_08_early_stale_and_unknown_timers_do_nothing(history, hear, ring, memory, timers):
    hear(history.prioritise(0, "P1"))
    told = list(memory.told)
    ring(history, 1)
    ring(history, 2, tenant="neighbour")
    ring(history, 2, ticket_id="T-0000000000000000")
    assert memory.told == told
    assert timers.set == {KEY: history.at(7.5)}


def test_sla_08_a_timer_set_by_a_slower_rival_is_put_right(history, hear, memory, timers):
    """Two at once: one notes a pause, the other, who has not seen it, sets the timer again."""
    hear(history.prioritise(0, "P1"))
    history.move(5, "on_hold", "awaiting_caller")

    def rival():
        fact, meta = history.facts[1]
        actions.hear(fact, meta, now=meta.at, memory=memory, timers=timers)

    memory.meanwhile = rival
    meta = replace(history.facts[0][1], id="F-9")
    until_fresh(lambda: actions.ring(ID, meta, now=history.at(5), memory=memory, timers=timers))
    assert timers.set == {}


def test_a_timer_is_set_before_the_row_is_saved(history, memory, timers):
    fact, meta = history.prioritise(0, "P1").facts[0]

    def crash():
        raise RuntimeError

    memory.meanwhile = crash
    with pytest.raises(RuntimeError):
        actions.hear(fact, meta, now=meta.at, memory=memory, timers=timers)
    assert timers.set == {KEY: history.at(7.5)}
    assert memory.rows == {}


def test_what_is_told_later_has_a_later_moment_whoevers_clock_it_is(history, hear, memory):
    hear(history.prioritise(3, "P1"))
    hear(history.comment(3), after=1, minutes=2)
    moments = [story.at for _, _, story in memory.told]
    assert moments == [history.at(3), history.at(3) + timedelta(microseconds=1)]


def test_a_fact_without_a_place_in_the_history_is_a_poison_message(history, memory, timers):
    fact, meta = history.prioritise(0, "P1").facts[0]
    meta = Meta(id="F-1", tenant="demo", at=meta.at, correlation_id="c")
    with pytest.raises(ValueError, match="place in the history"):
        actions.hear(fact, meta, now=meta.at, memory=memory, timers=timers)


def test_problems_and_changes_have_targets_of_their_own_kind(history, hear, memory, timers):
    history.ticket = replace(history.ticket, kind="problem")
    hear(history.prioritise(0, "P1"))
    assert (memory.told, timers.set) == ([], {})


def test_sla_13_a_policy_changed_later_leaves_the_past_as_it_was(history, hear, memory):
    story = Story("demo", history.at(20), "c-1")
    form = PolicyForm(
        first_response=timedelta(minutes=1), resolution=timedelta(minutes=2), calendar="24x7"
    )
    hear(history.prioritise(0, "P1"))
    actions.change_policy("P1", form, if_match=1, story=story, policies=memory)
    history.assign(30, "grace@demo.example").prioritise(40, "P3")
    hear(history, after=1)
    assert memory.told[-1][1].policy == "P3, version 1, business hours in UTC"
    hear(history.prioritise(50, "P1"), after=3)
    changed = [fact for kind, fact, _ in memory.told if kind == "ClocksChanged"][-1]
    assert changed.policy == "P1, version 2, 24x7"


def test_sla_13_a_late_fact_gets_the_policy_of_its_own_time(history, hear, memory):
    story = Story("demo", history.at(20), "c-1")
    form = PolicyForm(
        first_response=timedelta(minutes=1), resolution=timedelta(minutes=2), calendar="24x7"
    )
    actions.change_policy("P1", form, if_match=None, story=story, policies=memory)
    hear(history.prioritise(19, "P1"), minutes=60)
    assert memory.told[0][1].policy == "P1, version 1, 24x7"


def test_a_priority_there_is_not_and_an_old_version_are_refused(memory, at):
    form = PolicyForm(
        first_response=timedelta(minutes=1), resolution=timedelta(minutes=2), calendar="24x7"
    )
    story = Story("demo", at, "c-1")
    with pytest.raises(NotFound):
        actions.change_policy("P9", form, if_match=None, story=story, policies=memory)
    with pytest.raises(PreconditionFailed):
        actions.change_policy("P1", form, if_match=7, story=story, policies=memory)


@pytest.mark.parametrize("bad", [timedelta(0), timedelta(seconds=-1), timedelta(days=366)])
def test_unusable_targets_are_named(memory, at, bad):
    form = PolicyForm(first_response=bad, resolution=bad, calendar="24x7")
    with pytest.raises(Invalid) as refused:
        actions.change_policy(
            "P1", form, if_match=None, story=Story("demo", at, "c"), policies=memory
        )
    fields = [flaw["field"] for flaw in refused.value.more["errors"]]
    assert fields == ["first_response", "resolution"]


def test_every_priority_has_a_policy(memory):
    shown = actions.list_policies("demo", memory)
    assert [p.priority for p in shown] == list(DEFAULTS)
    assert {p.version for p in shown} == {1}


def test_the_last_zone_told_counts_and_an_unknown_one_does_not(memory, at):
    def locate(zone, minutes):
        meta = Meta(id="F", tenant="demo", at=at + timedelta(minutes=minutes), correlation_id="c")
        return actions.locate(zone, meta, now=at, homes=memory)

    assert locate("Europe/Berlin", 5)
    assert locate("Asia/Tokyo", 1)
    assert not locate("Mars/Olympus", 9)
    assert memory.homes["demo"][0].zone == "Europe/Berlin"


def test_a_lost_race_is_told_to_whoever_can_look_again(history, hear, memory, timers):
    hear(history.prioritise(0, "P1"))
    history.comment(1)

    def rival():
        fact, meta = history.facts[1]
        actions.hear(fact, meta, now=meta.at, memory=memory, timers=timers)

    memory.meanwhile = rival
    meta = replace(history.facts[0][1], id="F-9")
    with pytest.raises(Stale):
        actions.ring(ID, meta, now=history.at(1), memory=memory, timers=timers)


def test_sla_13_a_policy_remembers_its_last_versions(memory, at):
    for n in range(1, 31):
        form = PolicyForm(
            first_response=timedelta(minutes=n), resolution=timedelta(days=1), calendar="24x7"
        )
        story = Story("demo", at + timedelta(minutes=n), "c")
        actions.change_policy("P1", form, if_match=None, story=story, policies=memory)
    policy = memory.changed[("demo", "P1")]
    assert [policy.latest.number, len(policy.versions)] == [31, 20]
    assert policy.in_force(at + timedelta(minutes=25, seconds=30)).number == 26
    assert policy.in_force(at).number == 12


def test_a_change_back_that_overtakes_the_change_is_the_last_word(history, hear, memory):
    history.prioritise(0, "P1").assign(1, "grace@demo.example")
    history.assign(2, "linus@demo.example").assign(3, "grace@demo.example")
    history.facts[2], history.facts[3] = history.facts[3], history.facts[2]
    hear(history)
    assert memory.rows[KEY].value.ticket.assignee == "grace@demo.example"
