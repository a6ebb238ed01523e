"""Business time: when a desk is open, exact on the days on which the clocks are changed.

A moment is in business hours when the wall clock of the calendar's zone says so. An hour that a
zone repeats in autumn counts twice, one that it skips in spring does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import NamedTuple

MIDNIGHT = 24 * 60
DAY = timedelta(days=1)
NOTHING = timedelta(0)
# No zone is further from UTC than this.
FURTHEST = timedelta(hours=16)


class Hours(NamedTuple):
    """An interval of a day, in minutes after its midnight: from the first, before the last."""

    start: int
    end: int


# A little before the last day there is, which a zone's offset must not push over the edge.
LAST_DAY = date.max - timedelta(days=4)


class Span(NamedTuple):
    """A stretch of time, in UTC."""

    start: datetime
    end: datetime


class Calendar(NamedTuple):
    """The hours of each weekday (Monday first) on the wall clock of a zone, and days off."""

    zone: str
    week: tuple[tuple[Hours, ...], ...]
    holidays: frozenset[date] = frozenset()

    @property
    def never_closes(self) -> bool:
        """Say whether every moment is business time."""
        return not self.holidays and all(day == ALL_DAY for day in self.week)

    def due(self, start: datetime, duration: timedelta) -> datetime:
        """Return the earliest moment by which ``duration`` of business time has passed.

        Raises ``ValueError`` for a calendar that never opens.
        """
        start = start.astimezone(UTC)
        if duration <= NOTHING or self.never_closes:
            return start + max(duration, NOTHING)
        if not any(self.week):
            raise ValueError("the calendar never opens")
        left = duration
        for span in self._open(start):
            length = span.end - span.start
            if left <= length:
                return span.start + left
            left -= length
        raise OverflowError("the calendar ends before the time is up")

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Return how much business time passes between two moments; none if they are reversed."""
        # Two moments of one zone would be subtracted by their wall clocks.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return NOTHING
        if self.never_closes:
            return end - start
        total = NOTHING
        for span in self._open(start):
            if span.start >= end:
                break
            total += min(span.end, end) - span.start
        return total

    def _open(self, start: datetime) -> Iterator[Span]:
        """Return the open hours from a moment on, in order."""
        zone, waiting = zone_of(self.zone), []
        day = start.astimezone(zone).date() - DAY
        while any(self.week) and day < LAST_DAY:
            waiting += self._open_on(day, zone)
            waiting.sort()
            day += DAY
            # A clock set back over midnight lets a day return after the next one has begun.
            settled = _earliest(day, zone)
            while waiting and waiting[0].start < settled:
                span = waiting.pop(0)
                if span.end > start:
                    yield Span(max(span.start, start), span.end)

    def _open_on(self, day: date, zone: tzinfo) -> list[Span]:
        if day in self.holidays:
            return []
        first, last = _around(day)
        before, after = _offset(first, zone), _offset(last, zone)
        if before == after:
            return [_span(day, hours, before) for hours in self.week[day.weekday()]]
        change = _change(first, last, zone)
        spans = []
        for hours in self.week[day.weekday()]:
            early, late = _span(day, hours, before), _span(day, hours, after)
            spans.append(Span(early.start, min(early.end, change)))
            spans.append(Span(max(late.start, change), late.end))
        return [span for span in spans if span.start < span.end]


ALL_DAY = (Hours(0, MIDNIGHT),)
OFFICE = (Hours(9 * 60, 12 * 60), Hours(13 * 60, 18 * 60))
ROUND_THE_CLOCK = Calendar("UTC", (ALL_DAY,) * 7)


def business(zone: str) -> Calendar:
    """Return the calendar ``business``: Monday to Friday, 9 to 12 and 13 to 18 (8 hours)."""
    return Calendar(zone, (OFFICE,) * 5 + ((),) * 2)


def is_zone(name: str) -> bool:
    """Say whether a name is one of the IANA time zones."""
    try:
        zone_of(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def zone_of(name: str) -> tzinfo:
    """Return a time zone; loaded here because most functions never need one."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _span(day: date, hours: Hours, offset: timedelta) -> Span:
    midnight = datetime.combine(day, time(), UTC) - offset
    return Span(midnight + timedelta(minutes=hours.start), midnight + timedelta(minutes=hours.end))


def _earliest(day: date, zone: tzinfo) -> datetime:
    """Return a moment before which the wall clock cannot have shown the day."""
    first, last = _around(day)
    return datetime.combine(day, time(), UTC) - max(_offset(first, zone), _offset(last, zone))


def _around(day: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time(), UTC)
    return midnight - FURTHEST, midnight + DAY + FURTHEST


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or NOTHING


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the first second with the later offset."""
    offset = _offset(before, zone)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if _offset(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after
