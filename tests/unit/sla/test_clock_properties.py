"""Whatever happens to a ticket, and in whatever order it is heard of."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from events.desk import TicketPrioritised
from services.sla import actions
from services.sla.domain.clocks import reckon
from services.sla.domain.policy import DEFAULTS

NEXT = {
    "new": ["in_progress", "on_hold", "resolved", "cancelled"],
    "in_progress": ["on_hold", "resolved", "cancelled"],
    "on_hold": ["in_progress", "resolved", "cancelled"],
    "resolved": ["in_progress", "closed"],
    "closed": [],
    "cancelled": [],
}
REASONS = ["awaiting_caller", "scheduled", "awaiting_vendor"]
MINUTE = timedelta(minutes=1)


@st.composite
def lives(draw):
    """A legal life of a ticket, as a script."""
    script, state = [], "new"
    for _ in range(draw(st.integers(1, 14))):
        wait, who = draw(st.integers(0, 900)), "agent"
        what = draw(st.sampled_from(["prioritise", "move", "move", "comment", "assign"]))
        if what == "prioritise":
            how = draw(st.sampled_from(list(DEFAULTS)))
        elif what == "comment":
            how = draw(st.sampled_from(["public", "internal"]))
            who = draw(st.sampled_from(["agent", "requester", "system"]))
        elif what == "assign":
            how = draw(st.sampled_from(["a@x.example", "b@x.example"]))
        elif NEXT[state]:
            state = how = draw(st.sampled_from(NEXT[state]))
            who = draw(st.sampled_from(["agent", "monitoring"]))
            how += ":" + draw(st.sampled_from(REASONS)) if state == "on_hold" else ""
        else:
            continue
        script.append((wait, what, how, who))
    return script


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_sla_06_order_and_repetition_of_arrival_do_not_matter(tell, fakes, data):
    history = tell(data.draw(lives()))
    arrivals = data.draw(st.permutations(history.facts + history.facts[::2]))
    now = history.at(data.draw(st.integers(0, 20_000)))
    ends = []
    for facts in (history.facts, arrivals):
        memory, timers = fakes()
        for fact, meta in facts:
            actions.hear(fact, meta, now=now, memory=memory, timers=timers)
        rows = memory.rows.values()
        ends.append(
            (
                [(row.value.notes, row.value.shown, row.value.timer) for row in rows],
                [row.value.ticket.assignee for row in rows],
                timers.set,
            )
        )
    assert ends[0] == ends[1]


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_sla_07_each_threshold_is_told_at_most_once_and_no_breach_is_missed(tell, fakes, data):
    history = tell(data.draw(lives()))
    memory, timers = fakes()
    bells = sorted(data.draw(st.lists(st.integers(0, 30_000), max_size=8)))
    for n, (fact, meta) in enumerate(history.facts):
        actions.hear(fact, meta, now=meta.at, memory=memory, timers=timers)
        for minutes in bells:
            late = max(history.at(minutes), meta.at)
            if n + 1 < len(history.facts) and late >= history.facts[n + 1][1].at:
                continue
            actions.ring(history.ticket.id, meta, now=late, memory=memory, timers=timers)
    told = [
        (type(fact).__name__, fact.clock, getattr(fact, "percent", 100))
        for _, fact, _ in memory.told
        if hasattr(fact, "clock")
    ]
    assert len(told) == len(set(told))
    breached = {clock for kind, clock, _ in told if kind == "ClockBreached"}
    for row in memory.rows.values():
        assert {c.name for c in row.value.shown if c.state == "breached"} <= breached


@settings(deadline=None, max_examples=200)
@given(lives(), st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 2000)), max_size=4))
def test_sla_04_pauses_move_the_due_time_by_exactly_their_business_time(
    tell, notes_of, script, holds
):
    """Hold and resume as often as you like: due times differ by the business time held."""
    given = [step for step in script if step[1] == "prioritise"] or [(0, "prioritise", "P3", "")]
    pauses = []
    for work, hold in holds:
        pauses += [(work, "move", "on_hold:awaiting_caller", "agent")]
        pauses += [(hold, "move", "in_progress", "agent")]
    held, plain = tell(given + pauses), tell(given)
    at_end = held.at(sum(step[0] for step in given + pauses))
    with_holds, without = (
        {c.name: c for c in reckon(h.ticket.opened_at, notes_of(h), at_end).clocks}
        for h in (held, plain)
    )
    terms = [n.terms for n in notes_of(held) if n.terms][-1]
    hours = terms.hours()
    moves = [meta.at for fact, meta in held.facts if not isinstance(fact, TicketPrioritised)]
    for name, clock in with_holds.items():
        due = before = without[name].due_at
        waited = timedelta(0)
        for start, end in zip(moves[::2], moves[1::2], strict=True):
            if start <= due:
                waited += hours.elapsed(start, end)
                due = hours.due(before, waited)
        assert clock.due_at == due or hours.elapsed(clock.due_at, due) == timedelta(0)


@settings(deadline=None, max_examples=200)
@given(lives(), st.integers(0, 30_000))
def test_sla_04_a_paused_clock_never_breaches(tell, notes_of, script, minutes):
    history = tell([(0, "prioritise", "P1", ""), *script])
    waits = history.move(sum(s[0] for s in script), "on_hold", "awaiting_caller")
    start = waits.facts[-1][1].at
    at_start, later = (
        {c.name: c for c in reckon(waits.ticket.opened_at, notes_of(waits), now).clocks}
        for now in (start, start + minutes * MINUTE)
    )
    assert at_start == later


@settings(deadline=None, max_examples=200)
@given(lives(), st.integers(0, 30_000))
def test_sla_08_nothing_changes_before_the_next_deadline(tell, notes_of, script, minutes):
    history = tell([(0, "prioritise", "P2", ""), *script])
    now = history.facts[-1][1].at + minutes * MINUTE
    found = reckon(history.ticket.opened_at, notes_of(history), now)
    if found.next_deadline is None:
        later = reckon(history.ticket.opened_at, notes_of(history), now + 90_000 * MINUTE)
        assert later.clocks == found.clocks
        return
    assert found.next_deadline > now
    just_before = found.next_deadline - timedelta(microseconds=1)
    before = reckon(history.ticket.opened_at, notes_of(history), just_before)
    then = reckon(history.ticket.opened_at, notes_of(history), found.next_deadline)
    assert before.clocks == found.clocks
    assert then.clocks != found.clocks
