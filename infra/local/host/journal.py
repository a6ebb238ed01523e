"""Writes what functions print into one file as it happens, and forgets old log streams.

The emulator makes one log stream per invocation and never drops one.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs, lambda_svc

LARGEST = 20_000_000
# Points per metric; alarms look at the last few minutes only.
POINTS = 500


def install(file: Path, invoked: Callable[[str, float], None]) -> None:
    """Copy the output of each invocation to the file, and tell who ran how long."""
    emit = lambda_svc._emit_lambda_logs

    def told(func: Any, request_id: str, text: str, error: bool, took: int, **more: Any) -> None:
        emit(func, request_id, text, error, took, **more)
        name = (func.get("config") or func).get("FunctionName", "unknown")
        invoked(name, took)
        moment = datetime.datetime.now().astimezone().isoformat(timespec="milliseconds")
        mark = " FAILED" if error else ""
        lines = [line for line in (text or "").splitlines() if line.strip()]
        lines = [f"{moment} {name} {line}\n" for line in lines]
        lines.append(f"{moment} {name} {took} ms{mark} {request_id}\n")
        _append(file, lines)

    lambda_svc._emit_lambda_logs = told


def forget(before: float) -> None:
    """Drop log streams that ended before a moment (seconds since 1970), and old metric points."""
    limit = before * 1000
    for group in list(cloudwatch_logs._log_groups._data.values()):
        streams = group["streams"]
        for name, stream in list(streams.items()):
            if (stream["lastEventTimestamp"] or stream["creationTime"]) < limit:
                streams.pop(name, None)
    for points in list(cloudwatch._metrics._data.values()):
        del points[:-POINTS]


def _append(file: Path, lines: list[str]) -> None:
    try:
        with file.open("a", encoding="utf-8", errors="replace") as log:
            log.writelines(lines)
            size = log.tell()
        if size > LARGEST:
            file.replace(file.with_suffix(".old.log"))
    except OSError:
        # A full disk must not fail an invocation.
        return
