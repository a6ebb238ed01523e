"""Measures speed, memory and cost on this machine and writes docs/benchmarks.md."""

from __future__ import annotations

import platform as machine
import socket
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from infra.local.emulator import VENV
from tests.bench import cold, flow

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure() -> list[str]:
    """Return the report."""
    with tempfile.TemporaryDirectory() as folder:
        platform = flow.Platform(Path(folder), free_port())
        fresh = platform.start(fresh=False)
        try:
            down = platform.stop()
            warm = platform.start(fresh=False)
            flow.life(platform, 99)
            mail = flow.spread(flow.latency_of_mail(platform))
            api = flow.spread(flow.latency_of_api(platform))
            life = flow.calls_of_a_life(platform)
            core, memory = flow.idle(platform)
        finally:
            platform.stop()
    return [
        "# Benchmarks",
        "",
        "Written by `make bench`; figures, not promises. Everything ran on one machine: "
        f"{machine.machine()}, {flow.psutil.cpu_count()} cores, Python "
        f"{machine.python_version()}, {datetime.now(UTC):%Y-%m-%d}.",
        "",
        "## On the laptop",
        "",
        "| what | goal | measured |",
        "|---|---|---|",
        f"| first start, tools installed | 120 s with installing | {fresh:.1f} s |",
        f"| start again | 10 s | {warm:.1f} s (stop: {down:.1f} s) |",
        f"| idle | 1 % of a core, 900 MB | {core:.1%}, {memory:.0f} MB |",
        f"| mail accepted to ticket assigned, {flow.PER_SECOND} mails/s | p50 150, p95 500 ms |"
        f" {mail} |",
        f"| `POST /tickets`, one at a time | p50 30 ms | {api} |",
        "",
        "Mail latency is the time between the SMTP server's 250 and the moment in the "
        "`TicketAssigned` fact. Idle is the launcher, the emulator and its warm functions.",
        "",
        "## One ticket's life in calls",
        "",
        "Mail in, acknowledged, routed, two clocks, assigned, worked on, resolved, rated; counted "
        f"over {flow.LIVES} lives by the emulator's meter, priced with `infra/prices.json` "
        "(list prices, no free tier). Storage, logs and egress are not in it.",
        "",
        *life,
        "",
        "## Cold start",
        "",
        "R is the import of a handler in starts of a bare interpreter (goal: 8 for doors, 10 for "
        "consumers). Byte code is present; botocore is counted, as in Lambda.",
        "",
        *cold.markdown(VENV / "bin/python"),
    ]


if __name__ == "__main__":
    REPORT.write_text("\n".join(measure()) + "\n")
    print(REPORT.read_text())  # noqa: T201
