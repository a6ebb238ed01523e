"""How each monitoring product writes what it has to say; one reader per source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from services.intake.domain.alerts import (
    MOST_ALERTS,
    Said,
    is_over,
    moment,
    resource_of,
    service_of,
)
from shared.forms import read_body
from shared.refusal import Flaw, Invalid

_TITLES = ("title", "subject", "summary", "message", "name", "alert_name", "alertname")
_TEXTS = ("text", "description", "body", "details", "message")
_SEVERITIES = ("severity", "priority", "level")
_STATES = ("status", "state")
_RESOURCES = ("resource", "host", "hostname", "instance", "service")
_IDENTITIES = ("dedup_key", "dedupkey", "fingerprint", "id", "alert_id", "alertid")
_URLS = ("url", "link")
_TIMES = ("occurred_at", "timestamp", "time", "starts_at", "startsat")


class AlertmanagerAlert(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One alert of an Alertmanager notification."""

    labels: dict[str, str]
    status: str = ""
    annotations: dict[str, str] = {}
    starts_at: str = ""
    ends_at: str = ""
    generator_url: str = msgspec.field(name="generatorURL", default="")
    fingerprint: str = ""


class AlertmanagerNotification(msgspec.Struct, frozen=True, kw_only=True):
    """A notification of Prometheus Alertmanager (webhook version 4)."""

    alerts: list[AlertmanagerAlert]
    status: str = ""


def read_alertmanager(body: bytes) -> list[Said]:
    """Return what Alertmanager says: its groups are taken apart, each alert has its own life."""
    try:
        told = read_body(body, AlertmanagerNotification)
    except RecursionError as error:
        raise _too_deep() from error
    _must_be_few("alerts", len(told.alerts))
    return [
        _alertmanager(alert, told.status, f"alerts[{n}]") for n, alert in enumerate(told.alerts)
    ]


def _alertmanager(alert: AlertmanagerAlert, group_status: str, path: str) -> Said:
    labels, notes = alert.labels, alert.annotations
    name = labels.get("alertname", "")
    title = notes.get("summary") or name or notes.get("title") or notes.get("description", "")
    if not title.strip() or not (labels or alert.fingerprint):
        raise Invalid(
            "An alert says nothing.",
            Flaw(f"{path}.labels", "needs an alertname, or annotations a summary"),
        )
    return Said(
        title=title,
        over=is_over(alert.status or group_status),
        text=notes.get("description") or notes.get("message") or notes.get("summary", ""),
        severity=labels.get("severity", ""),
        resource=resource_of(labels),
        service=service_of(labels),
        url=notes.get("runbook_url") or alert.generator_url,
        labels=labels,
        # Alertmanager's own hash counts every label, the replica's too: labels tell more.
        identity="" if labels else alert.fingerprint,
        began_at=moment(alert.starts_at),
        ended_at=moment(alert.ends_at),
    )


def read_json(body: bytes) -> list[Said]:
    """Return what any product says that names things as most do; a list is several alerts."""
    try:
        told: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("The body is not JSON.", Flaw("", str(error))) from error
    except RecursionError as error:
        raise _too_deep() from error
    if isinstance(told, list):
        _must_be_few("", len(told))
        return [_generic(item, f"[{n}]") for n, item in enumerate(told)]
    return [_generic(told, "")]


def _generic(told: object, path: str) -> Said:
    if not isinstance(told, dict):
        raise Invalid("An alert must be an object.", Flaw(path, "expected an object"))
    known = {str(name).lower(): value for name, value in told.items()}
    title, text = _word(known, _TITLES), _word(known, _TEXTS)
    if not (title or text):
        dot = "." if path else ""
        raise Invalid(
            "There is nothing to make an alert of.",
            Flaw(f"{path}{dot}title", f"needs one of {', '.join(_TITLES)}"),
            Flaw(f"{path}{dot}text", f"or one of {', '.join(_TEXTS)}"),
        )
    title = title or text.strip().splitlines()[0]
    labels = _labels(known.get("labels"))
    resource = _word(known, _RESOURCES) or resource_of(labels)
    service = _word(known, ("service",)) or service_of(labels)
    level = _word(known, _SEVERITIES)
    return Said(
        title=title,
        over=is_over(_word(known, _STATES)),
        text=text,
        severity=level or labels.get("severity", ""),
        resource=resource,
        service=service,
        url=_word(known, _URLS),
        labels=labels,
        identity=_word(known, _IDENTITIES),
        check=title,
        began_at=_time(known),
        ended_at=_time(known),
    )


def _word(known: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = known.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _labels(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    return {str(k): str(v) for k, v in given.items() if isinstance(v, str | int | float)}


def _time(known: dict[str, Any]) -> Any:
    return next((told for name in _TIMES if (told := moment(known.get(name)))), None)


def _must_be_few(field: str, count: int) -> None:
    if not 1 <= count <= MOST_ALERTS:
        raise Invalid(
            f"There are {count} alerts in the body.", Flaw(field, f"expected 1 to {MOST_ALERTS}")
        )


def _too_deep() -> Invalid:
    return Invalid("The body is nested too deeply.", Flaw("", "too deep"))


READERS: dict[str, Callable[[bytes], list[Said]]] = {
    "alertmanager": read_alertmanager,
    "generic": read_json,
}
