"""Business time against independent vectors and against counting minutes one by one."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.domain.calendar import (
    ALL_DAY,
    MIDNIGHT,
    ROUND_THE_CLOCK,
    Calendar,
    Hours,
    business,
    is_zone,
)

MINUTE = timedelta(minutes=1)
BERLIN = business("Europe/Berlin")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def is_open(calendar, moment):
    wall = moment.astimezone(ZoneInfo(calendar.zone))
    minute = wall.hour * 60 + wall.minute
    hours = () if wall.date() in calendar.holidays else calendar.week[wall.weekday()]
    return any(h.start <= minute < h.end for h in hours)


def counted(calendar, start, end):
    """The slow truth: look at every minute."""
    minutes = int((end - start) / MINUTE)
    return sum(is_open(calendar, start + n * MINUTE) for n in range(minutes)) * MINUTE


# Zones whose clocks change by half an hour, at midnight, one minute after it, or not at all; one
# that left out a whole day, and the ends of the world.
ODD_ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
    "Asia/Kathmandu",
    "America/Havana",
]
CHANGES = [
    utc(2030, 3, 31),
    utc(2030, 10, 27),
    utc(2009, 3, 8),
    utc(2009, 11, 1),
    utc(2011, 12, 30),
    utc(2017, 10, 15),
    utc(2018, 2, 18),
    utc(2024, 4, 26),
    utc(2024, 10, 31),
    utc(2024, 4, 6),
    utc(2024, 10, 5),
    utc(2028, 2, 29),
]


@st.composite
def days(draw):
    edges = sorted(draw(st.sets(st.integers(0, MIDNIGHT), min_size=0, max_size=6)))
    return tuple(Hours(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))


calendars = st.builds(
    Calendar,
    st.sampled_from(ODD_ZONES),
    st.tuples(*[st.one_of(st.just(ALL_DAY), days())] * 7),
    st.sets(st.sampled_from([c.date() for c in CHANGES]), max_size=2).map(frozenset),
)
moments = st.builds(
    lambda change, minutes: change + minutes * MINUTE,
    st.sampled_from(CHANGES),
    st.integers(-3 * MIDNIGHT, 3 * MIDNIGHT),
)


@settings(deadline=None, max_examples=150)
@given(calendars, moments, st.integers(0, 3 * MIDNIGHT))
def test_sla_02_elapsed_is_what_counting_minutes_gives(calendar, start, minutes):
    end = start + minutes * MINUTE
    assert calendar.elapsed(start, end) == counted(calendar, start, end)


@settings(deadline=None, max_examples=150)
@given(calendars, moments, st.integers(1, 2 * MIDNIGHT))
def test_sla_02_due_is_the_earliest_moment_by_which_the_time_is_up(calendar, start, minutes):
    if not any(calendar.week):
        with pytest.raises(ValueError, match="never opens"):
            calendar.due(start, minutes * MINUTE)
        return
    due = calendar.due(start, minutes * MINUTE)
    assert calendar.elapsed(start, due) == minutes * MINUTE
    assert calendar.elapsed(start, due - timedelta(seconds=1)) < minutes * MINUTE


@settings(deadline=None, max_examples=100)
@given(calendars, moments, st.integers(0, MIDNIGHT), st.integers(0, MIDNIGHT))
def test_sla_02_elapsed_adds_up(calendar, start, first, second):
    middle = start + first * MINUTE
    end = middle + second * MINUTE
    whole = calendar.elapsed(start, end)
    assert whole == calendar.elapsed(start, middle) + calendar.elapsed(middle, end)
    assert calendar.elapsed(end, start) == timedelta(0) or start == end


# Computed with zendesk/biz (see LICENSE.biz beside them) and checked there by counting minutes.
FOLDER = Path(__file__).parent / "business_hours"
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def minutes_of(clock):
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def third_party_calendars():
    written = json.loads((FOLDER / "calendars.json").read_text())
    return {
        name: Calendar(
            c["tz"],
            tuple(
                tuple(
                    Hours(minutes_of(a), minutes_of(b)) for a, b in c["hours"].get(day, {}).items()
                )
                for day in NAMES
            ),
            frozenset(date.fromisoformat(day) for day in c["holidays"]),
        )
        for name, c in written.items()
    }


def test_sla_02_agrees_with_every_vector_of_another_implementation():
    calendars = third_party_calendars()
    lines = (FOLDER / "vectors.jsonl").read_text().splitlines()
    wrong = [v for v in map(json.loads, lines) if not agrees(calendars[v["calendar"]], v)]
    assert len(lines) == 460
    assert wrong == []


def agrees(calendar, vector):
    at = {k: datetime.fromisoformat(vector[k]) for k in ("start", "end", "at") if k in vector}
    if vector["kind"] == "after":
        due = calendar.due(at["start"], vector["business_minutes"] * MINUTE)
        # What is up at closing time is due then; the other one says when the desk opens again.
        allowed = {vector["expect"], vector.get("also_accept")}
        return due.strftime("%Y-%m-%dT%H:%M:%SZ") in allowed
    if vector["kind"] == "within":
        return calendar.elapsed(at["start"], at["end"]) == vector["expect_minutes"] * MINUTE
    second = timedelta(seconds=1)
    return (calendar.elapsed(at["at"], at["at"] + second) > timedelta(0)) == vector["expect"]


def test_sla_02_a_lunch_break_and_a_weekend_are_left_out():
    friday = utc(2030, 1, 4, 16, 30)  # 17:30 in Berlin
    assert BERLIN.due(friday, timedelta(hours=4)) == utc(2030, 1, 7, 12, 30)
    assert BERLIN.elapsed(friday, utc(2030, 1, 7, 12, 30)) == timedelta(hours=4)


def test_sla_02_time_that_is_up_at_closing_time_is_due_then_and_not_next_morning():
    assert BERLIN.due(utc(2030, 1, 7, 8), timedelta(hours=8)) == utc(2030, 1, 7, 17)


def test_sla_02_the_night_of_the_clock_change_has_its_real_length():
    night = Calendar("Europe/Berlin", (ALL_DAY,) * 7, frozenset({date(1999, 1, 1)}))
    assert night.elapsed(utc(2030, 3, 30, 23), utc(2030, 3, 31, 22)) == timedelta(hours=23)
    assert night.elapsed(utc(2030, 10, 26, 22), utc(2030, 10, 27, 23)) == timedelta(hours=25)


def test_sla_02_round_the_clock_needs_no_calendar():
    start = utc(2030, 3, 30, 23, 15)
    assert ROUND_THE_CLOCK.due(start, timedelta(hours=4)) == utc(2030, 3, 31, 3, 15)
    assert ROUND_THE_CLOCK.elapsed(start, utc(2030, 3, 31)) == timedelta(minutes=45)
    assert ROUND_THE_CLOCK.elapsed(start, start) == timedelta(0)


def test_moments_may_be_given_on_the_wall_clock_of_a_zone():
    berlin = ZoneInfo("Europe/Berlin")
    start, end = datetime(2030, 3, 31, 0, tzinfo=berlin), datetime(2030, 4, 1, 0, tzinfo=berlin)
    assert ROUND_THE_CLOCK.elapsed(start, end) == timedelta(hours=23)
    assert ROUND_THE_CLOCK.due(start, timedelta(hours=23)) == end


def test_a_year_of_business_time_is_reckoned_with():
    due = BERLIN.due(utc(2030, 1, 1), timedelta(days=365))
    assert BERLIN.elapsed(utc(2030, 1, 1), due) == timedelta(days=365)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "", "Europe", "/etc/localtime"])
def test_an_unknown_zone_is_told(name):
    assert not is_zone(name)


def test_a_known_zone_is_told():
    assert is_zone("Asia/Shanghai")
    assert is_zone("UTC")


def test_no_time_is_due_at_once():
    saturday = utc(2030, 1, 5, 12)
    assert BERLIN.due(saturday, timedelta(0)) == saturday


def test_a_calendar_does_not_go_on_for_ever():
    with pytest.raises(OverflowError):
        BERLIN.due(utc(9999, 12, 1), timedelta(days=365))
