"""Starts and stops the platform on this machine; what the command line and the tests call."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.local.places import DEFAULT, ROOT, LocalError, Place, read_json

PORT = 8080
STOP = 40.0

Say = Callable[[str], None]

# The end of a pipe whose other end a tied runtime reads; it must live as long as we do.
_ties: list[int] = []
_children: list[subprocess.Popen[bytes]] = []


def quiet(step: str) -> None:
    """Say nothing."""


def up(
    *,
    port: int | None = None,
    fresh: bool = False,
    auth: bool = False,
    watch: bool = True,
    tied: bool = False,
    folder: Path | None = None,
    say: Say = quiet,
) -> dict[str, Any]:
    """Start the platform, or find it running, and return the addresses of ``endpoints.json``.

    It runs in a process of its own, which ends with this one if it is ``tied``, however this one
    ends. ``auth`` enforces the functions' roles. Raises ``LocalError`` with one sentence.
    """
    place = Place((folder or DEFAULT).resolve())
    if fresh:
        reset(folder=place.folder)
    elif (running := _running(place)) is not None:
        say("it is running already")
        return running
    place.folder.mkdir(parents=True, exist_ok=True)
    place.endpoints.unlink(missing_ok=True)
    # A name for the newest process only: an old descriptor of ours would keep the pipe open.
    here, there = os.pipe()
    held, tie = os.pipe()
    command = [sys.executable, "-m", "infra.local.runtime", "--folder", str(place.folder)]
    command += ["--port", str(port or PORT), "--tell", str(there)]
    command += [f"--{name}" for name, on in _options(auth, watch, tied) if on]
    try:
        with place.runtime_log.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=held if tied else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[there],
                start_new_session=True,
            )
    finally:
        os.close(there)
        os.close(held)
    _children.append(process)
    if tied:
        _ties.append(tie)
    else:
        os.close(tie)
    try:
        _follow(here, process, place, say)
    except BaseException:
        # Ctrl-C while it starts: nothing half-started may stay.
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.wait(STOP)
        raise
    return endpoints(place)


def down(*, folder: Path | None = None) -> bool:
    """Stop the platform and return when all is saved; say whether it was running."""
    place = Place((folder or DEFAULT).resolve())
    was_running = status(folder=place.folder)
    if was_running:
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(place.pid.read_text()), signal.SIGTERM)
    deadline = time.monotonic() + STOP
    # The emulator outlives its launcher's violent end by the time it needs for saving.
    while status(folder=place.folder) or _held(place.state / "lock"):
        if time.monotonic() > deadline:
            raise LocalError(f"The platform did not stop within {STOP:.0f} seconds.")
        _reap()
        time.sleep(0.05)
    place.endpoints.unlink(missing_ok=True)
    return was_running


def reset(*, folder: Path | None = None) -> None:
    """Stop the platform and forget everything but what was installed and built."""
    place = Place((folder or DEFAULT).resolve())
    down(folder=place.folder)
    for gone in (place.state, place.objects, place.outbox):
        shutil.rmtree(gone, ignore_errors=True)
    for file in (place.secrets, place.endpoints, place.log, place.runtime_log, place.emulator_log):
        file.unlink(missing_ok=True)


def status(*, folder: Path | None = None) -> bool:
    """Say whether the platform is running (starting and stopping included)."""
    return _held(Place((folder or DEFAULT).resolve()).folder / "lock")


def _running(place: Place) -> dict[str, Any] | None:
    """Return the addresses of a platform that answers; one that is going is waited for."""
    deadline = time.monotonic() + STOP
    while status(folder=place.folder):
        known = endpoints(place)
        if time.monotonic() > deadline:
            raise LocalError("The platform runs but does not answer; stop it with `zerodesk down`.")
        # The lock of a killed process outlives it by a moment.
        if _alive(known.get("pid", 0)) and _answers(known["web"]):
            return known
        time.sleep(0.1)
    return None


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        # No such process, or no such file system (macOS).
        return not Path("/proc/self").exists()
    return state not in "ZX"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/config.json", timeout=5):  # noqa: S310 - our own
            return True
    except (OSError, ValueError):
        return False


def endpoints(place: Place) -> dict[str, Any]:
    """Return the addresses; waits for a platform that somebody else is just starting."""
    deadline = time.monotonic() + 120
    while not (known := read_json(place.endpoints)):
        if not status(folder=place.folder) or time.monotonic() > deadline:
            raise LocalError(f"The platform does not start; see {place.runtime_log}.")
        time.sleep(0.1)
    found: dict[str, Any] = known
    return found


def _options(auth: bool, watch: bool, tied: bool) -> list[tuple[str, bool]]:
    return [("auth", auth), ("watch", watch), ("tied", tied)]


def _follow(here: int, process: subprocess.Popen[bytes], place: Place, say: Say) -> None:
    """Pass on what the process reports until it is ready."""
    with os.fdopen(here, encoding="utf-8") as reports:
        for line in reports:
            news = json.loads(line)
            if "error" in news:
                process.wait(STOP)
                raise LocalError(news["error"])
            if "ready" in news:
                return
            say(news["step"])
    process.wait(STOP)
    raise LocalError(f"The platform ended while it started; see {place.runtime_log}.")


def _held(file: Path) -> bool:
    """Say whether a process holds the lock on a file."""
    try:
        with file.open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _reap() -> None:
    """Take note of children of ours that ended, so that none stays as a zombie."""
    _children[:] = [child for child in _children if child.poll() is None]
