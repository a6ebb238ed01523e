"""``zerodesk logs``: what the functions and the launcher write."""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from infra.cli.endpoints import here
from infra.cli.failure import Unreachable
from infra.cli.output import json_wanted, plain
from infra.cli.program import Command

_PAUSE = 0.2
# Members of a log record that every line has and nobody reads.
_USUAL = {"level", "location", "message", "timestamp", "service", "function", "cold_start"}
_USUAL |= {f"function_{name}" for name in ("name", "memory_size", "arn", "request_id")}
# How the runtime writes a line: moment, function, and what the function printed.
_LINE = re.compile(r"(?P<at>\d{4}-\d\d-\d\dT\S+) (?P<function>[\w-]+) +(?P<words>.*)", re.DOTALL)
_SERVICES = {"pre": "identity"}
# How far back the last lines are looked for.
_REACH = 4_000_000


@click.command(cls=Command)
@click.option("--follow", "-f", is_flag=True, help="Go on with what is written, until Ctrl-C.")
@click.option("--service", help="Only lines of this service.")
@click.option("--lines", default=100, show_default=True, help="How many lines to begin with.")
def logs(follow: bool, service: str | None, lines: int) -> None:
    """Print the log, one record a line (with --json as JSON lines)."""
    file = Path(here().log)
    if not file.exists():
        raise Unreachable(f"There is no log at {file}; start the platform with `zerodesk up`.")
    read(file, follow=follow, service=service, lines=lines)


def read(file: Path, *, follow: bool, service: str | None = None, lines: int = 0) -> None:
    """Print the last ``lines`` of a log, and go on with it if that is wanted."""
    end = file.stat().st_size if file.exists() else 0
    if lines:
        wanted = _only(service, _before(file, end))
        _print(deque(wanted, maxlen=lines))
    if follow:
        _print(_only(service, _growing(file, end)))


def parsed(line: str) -> dict[str, Any]:
    """Return a log line as a record: what a function logs as JSON, or its words as ``message``."""
    found = _LINE.match(line)
    if not found:
        return {"message": line}
    # zerodesk-desk-door belongs to desk; the functions of the root stack say so themselves.
    service = found["function"].removeprefix("zerodesk-").partition("-")[0]
    usual = {"timestamp": found["at"], "function": found["function"]}
    usual["service"] = _SERVICES.get(service, service)
    try:
        said = json.loads(found["words"])
    except ValueError:
        said = None
    return usual | (said if isinstance(said, dict) else {"message": found["words"]})


def told(record: dict[str, Any]) -> str:
    """Return a record as a line for people."""
    moment = str(record.get("timestamp", ""))[11:19]
    more = [f"{name}={value}" for name, value in record.items() if name not in _USUAL]
    who = record.get("function") or record.get("service")
    words = [moment, who, record.get("level"), record.get("message"), *more]
    return plain("  ".join(str(word) for word in words if word))


def _print(records: Iterable[dict[str, Any]]) -> None:
    for record in records:
        click.echo(json.dumps(record, ensure_ascii=False) if json_wanted() else told(record))


def _only(service: str | None, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    records = map(parsed, lines)
    return (record for record in records if service in (None, record.get("service")))


def _before(file: Path, end: int) -> list[str]:
    with file.open("rb") as log:
        log.seek(max(0, end - _REACH))
        return log.read(min(end, _REACH)).decode(errors="replace").splitlines()


def _growing(file: Path, position: int) -> Iterator[str]:
    """Return the lines that are written from now on; a log that was begun anew is followed."""
    rest = b""
    while True:
        if file.exists():
            if file.stat().st_size < position:
                position, rest = 0, b""
            with file.open("rb") as log:
                log.seek(position)
                rest += log.read()
                position = log.tell()
            *whole, rest = rest.split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)
        time.sleep(_PAUSE)
