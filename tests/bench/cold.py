"""Cold start: what importing a function's handler costs, in starts of a bare interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from infra.build import having, package

RUNS = 21
# Modules that Lambda's own bootstrap has loaded before it looks at a handler.
BOOTSTRAP = "import json, logging, decimal, traceback, concurrent.futures, base64, enum, os"


def rows(emulator_python: Path) -> list[tuple[str, str, float, float]]:
    """Return (service, part, milliseconds, R) per handler.

    R = (median import - median bootstrap) / median of ``python -I -c pass``, from the packages as
    they are staged for the laptop, botocore from the emulator's environment as Lambda's runtime
    brings its own.
    """
    bare = _median([sys.executable, "-I", "-c", "pass"])
    site = next(emulator_python.parents[1].glob("lib/python*/site-packages"))
    base = _median(_python(BOOTSTRAP))
    found = []
    for part in ("door", "consumer", "publisher"):
        for service in having(part):
            staged = package(service, "laptop")
            paths = f"import sys; sys.path[:0] = [{str(staged)!r}]; sys.path.append({str(site)!r})"
            code = f"{BOOTSTRAP}; {paths}; import services.{service}.{part}"
            cost = _median(_python(code)) - base
            found.append((service, part, cost * 1000, cost / bare))
    return found


def markdown(emulator_python: Path) -> list[str]:
    """Return the table for the report."""
    lines = ["| service | part | import ms | R |", "|---|---|---|---|"]
    lines += [f"| {s} | {p} | {ms:.0f} | {r:.1f} |" for s, p, ms, r in rows(emulator_python)]
    return lines


def _python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def _median(command: list[str]) -> float:
    subprocess.run(command, check=True)
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)
