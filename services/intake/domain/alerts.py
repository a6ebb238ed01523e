"""What monitoring products say, in our words (feature catalogue 5.11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from events.intake import AlertCleared, AlertFired
from events.vocabulary import Severity

MOST_ALERTS = 500
MOST_LABELS = 64
LONGEST_TITLE = 250
LONGEST_TEXT = 20_000
LONGEST_VALUE = 500

_SEVERITIES: dict[Severity, tuple[str, ...]] = {
    "critical": ("critical", "crit", "fatal", "emergency", "emerg", "alert", "disaster", "p1", "1")
    + ("sev1", "page", "down", "0"),
    "high": ("high", "error", "err", "major", "severe", "urgent", "p2", "sev2", "2"),
    "warning": ("warning", "warn", "average", "medium", "moderate", "minor", "degraded", "p3")
    + ("sev3", "3", "normal"),
    "info": ("info", "information", "informational", "notice", "p4", "sev4", "4"),
    "low": ("low", "none", "debug", "trace", "trivial", "not classified", "p5", "sev5", "5"),
}
_BY_WORD = {word: ours for ours, words in _SEVERITIES.items() for word in words}
_OVER = frozenset(
    {"resolved", "resolve", "ok", "okay", "closed", "close", "cleared", "clear", "recovered"}
    | {"recovery", "up", "normal", "green", "healthy", "inactive", "fixed", "ended", "done"}
)
# Labels that differ between two reports of the same alert.
_VOLATILE = frozenset(
    {"replica", "__replica__", "prometheus_replica", "ruler_replica", "thanos_replica"}
    | {"time", "timestamp", "value", "values", "current_value", "url", "generatorurl"}
)
_RESOURCES = ("instance", "pod", "node", "host", "hostname", "device", "container", "resource")
_SERVICES = ("service", "app", "application", "job")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as a product told it, before it is a fact."""

    title: str
    over: bool
    text: str = ""
    severity: str = ""
    resource: str = ""
    service: str = ""
    url: str = ""
    labels: dict[str, str] = {}
    # What the product itself tells its alerts apart by, if it says so.
    identity: str = ""
    # What is watched, if its labels do not say it.
    check: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None


def severity(word: str) -> Severity:
    """Return our severity for a product's; an unknown one is a warning."""
    return _BY_WORD.get(word.strip().lower(), "warning")


def is_over(word: str) -> bool:
    """Say whether a status means that what was wrong is over; anything unknown does not."""
    return word.strip().lower() in _OVER


def fact_of(said: Said, source: str, at: datetime) -> AlertFired | AlertCleared:
    """Return the fact that an alert fired or cleared."""
    title = one_line(said.title)[:LONGEST_TITLE]
    text = printable(said.text)[:LONGEST_TEXT]
    if said.over:
        return AlertCleared(
            fingerprint=fingerprint(said, source),
            source=source,
            title=title,
            text=text,
            occurred_at=_sane(said.ended_at, at),
        )
    return AlertFired(
        fingerprint=fingerprint(said, source),
        source=source,
        title=title,
        severity=severity(said.severity),
        occurred_at=_sane(said.began_at, at),
        text=text,
        resource=one_line(said.resource)[:LONGEST_VALUE],
        service=one_line(said.service)[:LONGEST_VALUE],
        labels=_bounded(said.labels),
        url=one_line(said.url)[:2000] if said.url.startswith(("https://", "http://")) else "",
    )


def fingerprint(said: Said, source: str) -> str:
    """Return what tells an alert apart within its source: fired and cleared have the same."""
    if said.identity:
        told = [source, "id", said.identity]
    else:
        lasting = sorted((k, v) for k, v in said.labels.items() if k.lower() not in _VOLATILE)
        told = [source, said.check, said.resource, *(word for pair in lasting for word in pair)]
    return sha256(msgspec.json.encode([printable(word) for word in told])).hexdigest()[:32]


def resource_of(labels: Mapping[str, str]) -> str:
    """Return the label that says where it happens."""
    return _first(labels, _RESOURCES)


def service_of(labels: Mapping[str, str]) -> str:
    """Return the label that says what is affected."""
    return _first(labels, _SERVICES)


def moment(value: object) -> datetime | None:
    """Return a time given as RFC 3339 text or as seconds or milliseconds since 1970, else None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        if isinstance(value, str):
            told = msgspec.convert(value.strip(), datetime)
        else:
            told = datetime.fromtimestamp(value / (1000 if value > 1e11 else 1), UTC)
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (msgspec.ValidationError, ValueError, OverflowError, OSError):
        return None


def one_line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(printable(text).split())


def printable(text: str) -> str:
    """Return a text without control characters and lone surrogates."""
    kept = text.encode("utf-8", "replace").decode()
    return "".join(c for c in kept if c >= " " or c in "\n\t").replace("\x7f", "")


def _first(labels: Mapping[str, str], names: Iterable[str]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")


def _bounded(labels: Mapping[str, str]) -> dict[str, str]:
    pairs = list(labels.items())[:MOST_LABELS]
    return {one_line(k)[:100]: printable(v)[:LONGEST_VALUE] for k, v in pairs}


def _sane(told: datetime | None, at: datetime) -> datetime:
    """Products write the year 1 for "not yet", and clocks go wrong: the future is now."""
    return told if told and datetime(2000, 1, 1, tzinfo=UTC) <= told <= at else at
