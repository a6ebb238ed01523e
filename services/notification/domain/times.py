"""Moments as a reader understands them: on his own clock, with the name of its zone."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from services.notification.domain.words import MONTHS, say


def local(moment: datetime, zone_name: str, language: str) -> str:
    """Return a moment in words; in UTC when there is no such zone."""
    zone, name = _zone(zone_name)
    there = moment.astimezone(zone)
    return say(
        language,
        "moment",
        year=there.year,
        month=MONTHS[language][there.month - 1],
        day=there.day,
        hour=f"{there.hour:02d}",
        minute=f"{there.minute:02d}",
        zone=name,
    )


def _zone(name: str) -> tuple[tzinfo, str]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name), name
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC, "UTC"
