"""Hosts the emulator ministack inside its own virtual environment.

Everything here runs with the emulator's interpreter environment, not the project's: it may import
ministack, hypercorn and the standard library, nothing else. It adds what ministack lacks for daily
use: snapshots that survive ``kill -9``, one log file, and an end when its parent ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

STATE = "ZERODESK_STATE"
JOURNAL = "ZERODESK_LOG"
# A predecessor whose parent was killed may still be writing its last snapshot.
PATIENCE = 20.0
HOUSEKEEPING = 20.0
KEEP_LOGS = 600.0
KEEP_WORKERS = 60.0

Scope = dict[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


def main() -> None:
    """Run the emulator until SIGTERM, SIGINT or the end of standard input (the parent's end)."""
    state = Path(os.environ[STATE])
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock:
        _alone(lock.fileno())
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
        Path(os.environ["TMPDIR"]).mkdir()
        # Imported only now: importing reads the environment and the state folder.
        from infra.local.host import journal, pace, rights, snapshots
        from infra.local.host.meter import Meter

        kept = snapshots.Snapshots(state / "snapshot.jsonl")
        kept.install()
        kept.sweep(state / "lambda-blobs")
        pace.install()
        rights.install()
        meter = Meter()

        def invoked(function: str, took: float) -> None:
            kept.touch()
            meter.invoked(function, took)

        journal.install(Path(os.environ[JOURNAL]), invoked)
        asyncio.run(_serve(kept, meter))
    # The lock is free and all is saved; waiting for worker threads would only cost time.
    sys.stdout.flush()
    os._exit(0)


def _alone(lock: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                sys.exit("another emulator still uses this state folder")
            time.sleep(0.05)
        else:
            return


async def _serve(kept: Any, meter: Any) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack import app as ministack

    from infra.local.host import journal

    config = Config()
    config.bind = [f"{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 2
    config.shutdown_timeout = 5
    config.backlog = 512
    config.loglevel = "WARNING"
    stop = asyncio.Event()
    _stop_with(stop)
    tasks = [asyncio.create_task(kept.keep()), asyncio.create_task(_housekeep(journal))]
    try:
        await serve(_door(ministack.app, kept, meter), config, shutdown_trigger=stop.wait)
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        kept.save()
        from ministack.core import lambda_runtime

        workers = [one for some in lambda_runtime._workers.values() for one in some]
        lambda_runtime.kill_workers(workers)


def _stop_with(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)

    def parent_gone() -> None:
        # The launcher holds the other end and never writes; it closes when that process dies.
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=parent_gone, daemon=True, name="parent-watch").start()


def _door(app: Asgi, kept: Any, meter: Any) -> Asgi:
    """Return the application, metered, with an eye on changes and a way to save at once."""

    async def door(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if scope["path"].startswith("/_zerodesk/"):
            await _own(scope, send, kept, meter)
            return
        await app(scope, meter.watch(scope, receive), send)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            kept.touch()

    return door


async def _own(scope: Scope, send: Any, kept: Any, meter: Any) -> None:
    """Answer what the launcher and the benchmark ask for."""
    status, body = 404, b""
    if scope["path"] == "/_zerodesk/snapshot" and scope["method"] == "POST":
        kept.save()
        status = 204
    elif scope["path"] == "/_zerodesk/meter":
        status, body = 200, json.dumps(meter.totals()).encode()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _housekeep(journal: Any) -> None:
    """Give back memory that the emulator would keep for ever: old log streams, idle workers."""
    while True:
        await asyncio.sleep(HOUSEKEEPING)
        journal.forget(time.time() - KEEP_LOGS)
        await asyncio.to_thread(_send_home, time.time() - KEEP_WORKERS)


def _send_home(idle_since: float) -> None:
    from ministack.core import lambda_runtime

    idle = []
    with lambda_runtime._lock:
        for key, workers in list(lambda_runtime._workers.items()):
            gone = [w for w in workers if not w.in_use and w.last_used < idle_since]
            idle += gone
            if rest := [w for w in workers if w not in gone]:
                lambda_runtime._workers[key] = rest
            else:
                del lambda_runtime._workers[key]
    lambda_runtime.kill_workers(idle)
