"""The running platform: start, idle, latency of mail and API, and the calls of a ticket's life."""

from __future__ import annotations

import json
import re
import smtplib
import statistics
import time
import urllib.parse
import urllib.request
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import msgspec
import psutil

from infra import cost
from infra.cli.endpoints import Endpoints
from infra.cli.signin import access_token, who
from infra.local import launcher
from infra.local.places import Place

MAILS = 50
PER_SECOND = 5
POSTS = 100
LIVES = 10
IDLE = 20.0
# By then functions that only the load needed have been sent home.
SETTLED = 90.0


class Platform:
    """A platform of its own in a folder, driven as its users do."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.at: dict[str, Any] = {}
        self._tokens: dict[str, str] = {}

    def start(self, *, fresh: bool) -> float:
        """Start it and return the seconds until it was ready."""
        started = time.perf_counter()
        self.at = launcher.up(port=self.port, fresh=fresh, folder=self.folder, tied=True)
        self._tokens.clear()
        return time.perf_counter() - started

    def stop(self) -> float:
        """Stop it and return the seconds that took."""
        started = time.perf_counter()
        launcher.down(folder=self.folder)
        return time.perf_counter() - started

    def call(self, method: str, path: str, body: Any = None, role: str = "agent") -> Any:
        """Call the API as a person with a role."""
        raw = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.at["api"] + path, raw, method=method)
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {self._token(role)}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def mail(self, subject: str, sender: str) -> float:
        """Send a mail and return the moment it was accepted (seconds since 1970)."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, self.at["mailbox"], subject
        message["Message-ID"] = make_msgid(domain="bench.example")
        message.set_content("The printer prints nothing.\n")
        host, _, port = self.at["smtp"].rpartition(":")
        with smtplib.SMTP(host, int(port)) as smtp:
            smtp.send_message(message)
            return time.time()

    def meter(self) -> dict[str, int]:
        """Return what the functions asked of AWS so far."""
        with urllib.request.urlopen(self.at["aws"] + "/_zerodesk/meter") as answer:
            counted: dict[str, int] = json.load(answer)
            return counted

    def sent(self, to: str) -> list[dict[str, Any]]:
        """Return the mails that went to an address."""
        query = urllib.parse.urlencode({"to": to})
        with urllib.request.urlopen(f"{self.at['mail']}?{query}") as answer:
            found: list[dict[str, Any]] = json.load(answer)
            return found

    def ticket_of(self, sender: str) -> dict[str, Any]:
        """Return the one ticket of a requester once it is assigned and its clocks run."""
        query = urllib.parse.urlencode({"requester": sender})
        return until(
            lambda: next(
                (t for t in self.call("GET", f"/tickets?{query}")["items"] if t["due"]), None
            )
        )

    def processes(self) -> list[psutil.Process]:
        """Return the launcher's process and everything below it."""
        root = psutil.Process(int(Place(self.folder).pid.read_text()))
        return [root, *root.children(recursive=True)]

    def _token(self, role: str) -> str:
        if role not in self._tokens:
            places = msgspec.convert(self.at, Endpoints)
            self._tokens[role] = access_token(places, who(places, None, role))["AccessToken"]
        return self._tokens[role]


def until(what: Any, patience: float = 30) -> Any:
    """Return the first truthy answer."""
    end = time.monotonic() + patience
    while not (found := what()):
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(0.05)
    return found


def latency_of_mail(platform: Platform) -> list[float]:
    """Return milliseconds from "250 accepted" to the fact that says who has the ticket."""
    accepted = {}
    for n in range(MAILS):
        began = time.monotonic()
        sender = f"bench{n}@bench.example"
        accepted[sender] = platform.mail(f"Printer {n}", sender)
        time.sleep(max(0.0, 1 / PER_SECOND - (time.monotonic() - began)))
    took = []
    for sender, moment in accepted.items():
        ticket = platform.ticket_of(sender)
        history = platform.call("GET", f"/tickets/{ticket['id']}/timeline")["items"]
        assigned = next(e["at"] for e in history if e["kind"] == "TicketAssigned")
        took.append((datetime.fromisoformat(assigned).timestamp() - moment) * 1000)
    return took


def latency_of_api(platform: Platform) -> list[float]:
    """Return milliseconds of ``POST /tickets``, one after the other."""
    took = []
    for n in range(POSTS):
        started = time.perf_counter()
        platform.call("POST", "/tickets", {"subject": f"Bench {n}"})
        took.append((time.perf_counter() - started) * 1000)
    return took


def idle(platform: Platform) -> tuple[float, float]:
    """Return (share of one core, megabytes) of everything while nothing happens.

    Memory that processes share is counted once (PSS).
    """
    time.sleep(SETTLED)
    processes = platform.processes()
    before = _cpu(processes)
    time.sleep(IDLE)
    return (_cpu(processes) - before) / IDLE, sum(p.memory_full_info().pss for p in processes) / 1e6


def life(platform: Platform, n: int) -> None:
    """Lead one ticket through its life: mail, assignment, answer, resolution, rating."""
    sender = f"life{n}@bench.example"
    platform.mail(f"Life {n}", sender)
    ticket = platform.ticket_of(sender)
    path = f"/tickets/{ticket['id']}"
    agent = next(p["email"] for p in platform.at["people"] if p["role"] == "agent")
    platform.call("GET", path)
    platform.call("POST", f"{path}/assignment", {"assignee": agent})
    platform.call("POST", f"{path}/moves", {"to": "in_progress"})
    resolution = {"code": "user_guidance_given", "notes": "Shown how."}
    platform.call("POST", f"{path}/moves", {"to": "resolved", "resolution": resolution})

    def link() -> str | None:
        words = " ".join(m["text"] for m in platform.sent(sender))
        found = re.search(r"(https?://\S+/surveys/[^\s?]+)", words)
        return found[1] if found else None

    form = urllib.parse.urlencode({"score": 5}).encode()
    urllib.request.urlopen(until(link), form).close()
    until(lambda: platform.call("GET", path)["satisfaction"] == 5)


def calls_of_a_life(platform: Platform) -> list[str]:
    """Return the table of what one life asks of AWS, counted over several."""
    life(platform, 0)
    time.sleep(3)
    before = platform.meter()
    for n in range(1, LIVES + 1):
        life(platform, n)
    time.sleep(3)
    after = platform.meter()
    counted = {key: after[key] - before.get(key, 0) for key in after}
    counted["ses_in"] = LIVES
    found = cost.bill(counted)
    lines = ["| what | per life | USD per million lives |", "|---|---|---|"]
    for line in found.lines:
        usd = line.usd / LIVES * 1e6
        lines.append(f"| {line.name} | {line.units / LIVES:.1f} | {usd:.1f} |")
    lines.append(f"| **all** | | **{found.usd / LIVES * 1e6:.0f}** |")
    lines.append(f"| **without mail** | | **{found.usd_without_mail / LIVES * 1e6:.0f}** |")
    return lines


def spread(values: list[float]) -> str:
    """Return median and 95th percentile in words."""
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered):.0f} ms, p95 {late:.0f} ms (n = {len(ordered)})"


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(p.cpu_times()[:2]) for p in processes)
