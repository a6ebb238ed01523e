"""The clocks of a ticket: a pure function of its notes and the moment (SLA-06).

Nothing is counted on: each time, everything is worked out anew from the opening. So doubled,
late and reordered facts, and timers that ring early, late, twice or never, change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from events.vocabulary import Clock, ClockName, ClockState
from services.sla.domain.notes import Note
from services.sla.domain.policy import Terms

CLOCKS: tuple[ClockName, ...] = ("first_response", "resolution")
# Per cent of the target at which somebody is warned (SLA-07).
WARNINGS = (50, 75)
BREACH = 100


class Reckoning(NamedTuple):
    """How the clocks stand, which policy they follow, and when to look again."""

    clocks: list[Clock]
    policy: str
    next_deadline: datetime | None


class Step(NamedTuple):
    """A note and the moment it counts from: machines' clocks differ, a history only goes on."""

    at: datetime
    note: Note


class Run(NamedTuple):
    """A stretch in which a clock runs; open at its end while it still does."""

    start: datetime
    end: datetime | None


class Stop(NamedTuple):
    """What stopped a clock for good, unless the ticket is opened again."""

    step: Step
    state: ClockState


class _Reading(NamedTuple):
    clock: Clock
    deadlines: list[datetime]
    terms: Terms


def reckon(opened_at: datetime, notes: list[Note], now: datetime) -> Reckoning | None:
    """Return how the clocks stand at a moment, None before the ticket has a priority."""
    steps = list(_steps(opened_at, notes))
    if not any(step.note.terms for step in steps):
        return None
    readings = [_read(name, opened_at, steps, now) for name in CLOCKS]
    deadlines = [moment for reading in readings for moment in reading.deadlines]
    return Reckoning(
        [reading.clock for reading in readings],
        readings[-1].terms.name,
        min(deadlines, default=None),
    )


def level(clock: Clock) -> int:
    """Return the highest threshold of which people must hear, in per cent; 0 for none.

    A clock that waits or has stopped warns nobody, but a breach is never passed over.
    """
    if clock.state == "breached":
        return BREACH
    return clock.warned if clock.state == "running" else 0


def _steps(opened_at: datetime, notes: list[Note]) -> Iterator[Step]:
    at = opened_at
    for note in sorted(notes, key=lambda n: n.sequence):
        at = max(at, note.at)
        yield Step(at, note)


def _read(name: ClockName, opened_at: datetime, steps: list[Step], now: datetime) -> _Reading:
    stop = _stop(name, steps)
    terms = _terms(steps, stop)
    runs = _runs(opened_at, steps, stop)

    def passes(percent: int) -> datetime:
        return _passes(runs, terms, terms.target(name) * percent / 100)

    def is_past(moment: datetime) -> bool:
        end = runs[-1].end
        return moment <= now if end is None else moment < end

    due = passes(BREACH)
    state: ClockState = "running" if runs[-1].end is None else "paused"
    if is_past(due):
        state = "breached"
    elif stop:
        state = stop.state
    clock = Clock(
        name=name,
        state=state,
        due_at=due,
        warned=max((p for p in WARNINGS if is_past(passes(p))), default=0),
        stopped_at=stop.step.at if stop else None,
    )
    ahead = [passes(p) for p in (*WARNINGS, BREACH)] if state == "running" else []
    return _Reading(clock, [moment for moment in ahead if moment > now], terms)


def _stop(name: ClockName, steps: list[Step]) -> Stop | None:
    """Return what stopped a clock: the first answer, or the end of the work."""
    if name == "first_response":
        answer = next((step for step in steps if step.note.answered), None)
        if answer:
            return Stop(answer, "met")
    end = _end(steps)
    if end is None:
        return None
    # Nobody is left to be answered once the requester or the monitoring ended it.
    met = name == "resolution" and end.note.value != "cancelled"
    return Stop(end, "met" if met else "cancelled")


def _end(steps: list[Step]) -> Step | None:
    """Return the step by which the work was over, None while it goes on."""
    end = None
    for step in steps:
        if step.note.kind == "state":
            end = (end or step) if step.note.ends else None
    return end


def _terms(steps: list[Step], stop: Stop | None) -> Terms:
    """Return the terms of the last priority; one given after a clock stopped cannot judge it."""
    given = [step.note for step in steps if step.note.terms]
    last = stop.step.note.sequence if stop else given[-1].sequence
    chosen = [note for note in given if note.sequence <= last] or given[:1]
    terms = chosen[-1].terms
    assert terms is not None  # noqa: S101  (given holds only notes with terms)
    return terms


def _runs(opened_at: datetime, steps: list[Step], stop: Stop | None) -> list[Run]:
    """Return when a clock ran, from the opening on; the last run is open while it still runs."""
    runs, start = [], opened_at
    running = True
    for step in steps:
        if stop and step.note.sequence >= stop.step.note.sequence:
            break
        if step.note.kind != "state":
            continue
        waits = step.note.pauses or step.note.ends
        if running and waits:
            runs.append(Run(start, step.at))
        elif not running and not waits:
            start = step.at
        running = not waits
    if running:
        runs.append(Run(start, stop.step.at if stop else None))
    return runs


def _passes(runs: list[Run], terms: Terms, target: timedelta) -> datetime:
    """Return when a clock passes a part of its target.

    While it waits or after it stopped: when it would, had it run on.
    """
    hours, left = terms.hours(), target
    for run in runs[:-1]:
        moment = hours.due(run.start, left)
        if run.end is not None:
            if moment < run.end:
                return moment
            left -= hours.elapsed(run.start, run.end)
    return hours.due(runs[-1].start, left)
