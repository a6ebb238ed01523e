"""Keeps the emulator's state in one file that is replaced while it runs.

A snapshot is one moment: no other thread runs while it is taken, so a message is never gone from
its queue without the row that it led to, and the whole file is replaced at once. What functions
had in hand at that moment is handed to them again after a restart; they are idempotent.

ministack 1.5.33 has no interface for this, hence its private names; the version is pinned.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.services import dynamodb, lambda_svc, scheduler

# While things change there is a snapshot every second, or seldomer when one takes long.
SHORTEST = 1.0
LONGEST = 4.0
# A snapshot may take this part of the time.
SHARE = 0.05
_OWN = "zerodesk"
_NOTHING = {"cloudwatch_logs": ("log_records",), "cloudwatch": ("metrics", "alarm_history")}


class Snapshots:
    """The state file and when it was last current."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._saved: dict[str, str] = {}
        self._touched = True
        self._blobs: dict[int, tuple[bytes, str]] = {}
        self._read()

    def install(self) -> None:
        """Make ministack load from and save to this file."""
        restore = app._load_persisted_state

        def load() -> None:
            restore()
            self._restore_own()

        app.load_state = self._load
        app._load_persisted_state = load
        app.save_all = lambda services: self.save()
        # Files of replaced code are removed at the next start: the last snapshot may need them.
        lambda_svc._prune_orphan_code_blobs = lambda referenced: None
        lambda_svc._write_code_blob = self._blob(lambda_svc._write_code_blob)

    def touch(self) -> None:
        """Say that state may have changed."""
        self._touched = True

    async def keep(self) -> None:
        """Save again and again while anything changes."""
        pause = SHORTEST
        while True:
            await asyncio.sleep(pause)
            if not self._touched:
                continue
            self._touched = False
            began = time.monotonic()
            lines = self._take()
            cost = time.monotonic() - began
            await asyncio.to_thread(self._write, lines)
            pause = min(LONGEST, max(SHORTEST, cost / SHARE))

    def save(self) -> None:
        """Save now."""
        self._write(self._take())

    def _take(self) -> dict[str, str]:
        getters = app._build_persistence_save_dict()
        states: dict[str, Any] = {}
        # Its state writes files, which lets other threads run: not within the moment.
        functions = getters.pop("lambda")() if "lambda" in getters else None
        tables = getters.pop("dynamodb", None)
        lines = {}
        with _standstill():
            if functions is not None:
                functions["esms"] = _copied(lambda_svc._esms)
                functions["dynamodb_stream_positions"] = _copied(
                    lambda_svc._dynamodb_stream_positions
                )
                states["lambda"] = functions
            if tables:
                lines["dynamodb"] = _dumped(_tables())
            lines[_OWN] = _dumped({"streams": _unread(), "fired": _fired()})
            for name, get_state in getters.items():
                states[name] = _lean(name, get_state())
        lines.update((name, _dumped(state)) for name, state in states.items() if state is not None)
        return lines

    def _write(self, lines: dict[str, str]) -> None:
        # A service whose module is not loaded in this run keeps what the last run knew.
        lines = {**self._saved, **lines}
        if lines == self._saved:
            return
        fresh = self._file.with_suffix(".new")
        with fresh.open("w") as file:
            file.writelines(f"{name}\t{state}\n" for name, state in lines.items())
        fresh.replace(self._file)
        self._saved = lines

    def _read(self) -> None:
        with contextlib.suppress(FileNotFoundError), self._file.open() as file:
            for line in file:
                name, _, state = line.rstrip("\n").partition("\t")
                self._saved[name] = state

    def _load(self, name: str) -> Any:
        if name not in self._saved:
            return None
        state = json.loads(self._saved[name], object_hook=persistence._json_object_hook)
        if name == "sqs":
            _hand_out_again(state)
        return state

    def _restore_own(self) -> None:
        own = self._load(_OWN) or {}
        for account, region, table, base, records in own.get("streams", []):
            dynamodb._stream_trimmed.set_scoped(account, region, table, base)
            dynamodb._stream_records.set_scoped(account, region, table, records)
        for *key, moment in own.get("fired", []):
            scheduler._schedule_last_fired[tuple(key)] = moment

    def sweep(self, blobs: Path) -> None:
        """Remove files of function code that nothing in the state names any more."""
        known = self._saved.get("lambda", "")
        for file in blobs.glob("*.zip"):
            if file.stem not in known:
                file.unlink(missing_ok=True)

    def _blob(self, write: Any) -> Any:
        def remembered(code: bytes) -> str:
            known = self._blobs.get(id(code))
            if known is None or known[0] is not code:
                known = self._blobs[id(code)] = (code, write(code))
            return known[1]

        return remembered


@contextlib.contextmanager
def _standstill() -> Iterator[None]:
    """Let no other thread run Python code, as long as the body neither waits nor does I/O."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(60)
    # Whoever already waits for its turn under the old interval gets it here.
    time.sleep(2 * usual)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _copied(scoped: Any) -> Any:
    fresh = type(scoped)()
    for key, value in scoped._data.items():
        fresh._data[key] = dict(value) if isinstance(value, dict) else value
    return fresh


def _tables() -> dict[str, Any]:
    """Return what dynamodb.get_state returns, without its slow deep copies."""
    tables = type(dynamodb._tables)()
    for key, table in dynamodb._tables._data.items():
        tables._data[key] = {k: v for k, v in table.items() if k != dynamodb._INDEX_MEMBERS}
    rest = "tags ttl_settings pitr_settings kinesis_destinations contributor_insights backups"
    rest += " resource_policies exports imports"
    state = {name: getattr(dynamodb, f"_{name}") for name in rest.split()}
    return {"tables": tables, **state}


def _unread() -> list[list[Any]]:
    """Return each table's stream records that no function has read, and drop the read ones.

    ministack keeps read positions but not the records, so after a restart it would skip as many
    new records as it had read before.
    """
    readers: dict[tuple[str, str, str], list[int]] = {}
    for (account, region, esm), position in lambda_svc._dynamodb_stream_positions._data.items():
        source = (lambda_svc._esms._data.get((account, region, esm)) or {}).get(
            "EventSourceArn", ""
        )
        if ":table/" in source:
            table = source.split(":table/")[1].split("/")[0]
            readers.setdefault((account, region, table), []).append(position)
    kept = []
    for key, positions in readers.items():
        base = dynamodb._stream_trimmed._data.get(key, 0)
        records = dynamodb._stream_records._data.get(key)
        read = max(0, min(positions) - base)
        if records:
            del records[:read]
        dynamodb._stream_trimmed._data[key] = base + read
        kept.append([*key, base + read, records or []])
    return kept


def _fired() -> list[list[Any]]:
    return [[*key, moment] for key, moment in scheduler._schedule_last_fired.items()]


def _lean(name: str, state: Any) -> Any:
    """Return a state without what only grows and nobody needs after a restart."""
    if not isinstance(state, dict):
        return state
    for key in _NOTHING.get(name, ()):
        if key in state:
            state[key] = type(state[key])()
    if name == "cloudwatch_logs":
        for group in state["log_groups"]._data.values():
            group["streams"] = {}
    return state


def _hand_out_again(queues: dict[str, Any]) -> None:
    """Make visible what was in the hands of functions that no longer run."""
    now = time.time()
    for queue in queues.get("queues", {})._data.values():
        for message in queue.get("messages", []):
            if message.get("receipt_handle") and message["visible_at"] > now:
                message["visible_at"] = now


def _dumped(state: Any) -> str:
    return json.dumps(state, default=persistence._json_default)
