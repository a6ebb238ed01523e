"""Where the laptop runtime keeps things, and small matters of ports and files."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DEFAULT = ROOT / ".local"
LOOPBACK = "127.0.0.1"
REGION = "us-east-1"


class LocalError(RuntimeError):
    """The runtime cannot do what was asked; the message is one sentence for people."""


@dataclass(frozen=True)
class Place:
    """The folder of one installation."""

    folder: Path = DEFAULT

    @property
    def state(self) -> Path:
        """The emulator's state."""
        return self.folder / "state"

    @property
    def objects(self) -> Path:
        """The emulator's S3 objects, written through."""
        return self.folder / "s3"

    @property
    def outbox(self) -> Path:
        """The mails that went out."""
        return self.folder / "outbox"

    @property
    def endpoints(self) -> Path:
        """Where everything can be reached; exists while the platform is up."""
        return self.folder / "endpoints.json"

    @property
    def secrets(self) -> Path:
        """The passwords of the demo people and the keys of the hooks."""
        return self.folder / "secrets.json"

    @property
    def ports(self) -> Path:
        """The ports used last; they are used again if they are free."""
        return self.folder / "ports.json"

    @property
    def pid(self) -> Path:
        """The process that runs the platform."""
        return self.folder / "pid"

    @property
    def log(self) -> Path:
        """What the functions print."""
        return self.folder / "zerodesk.log"

    @property
    def runtime_log(self) -> Path:
        """What the runtime itself prints when it is detached."""
        return self.folder / "runtime.log"

    @property
    def emulator_log(self) -> Path:
        """What the emulator prints."""
        return self.folder / "emulator.log"


def write_json(file: Path, content: Any) -> None:
    """Replace a file at once, readable by its owner only."""
    fresh = file.with_suffix(f".{os.getpid()}.new")
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out, indent=2, ensure_ascii=False)
        out.write("\n")
    fresh.replace(file)


def read_json(file: Path) -> Any:
    """Return what a file holds, or an empty dict where there is none that can be read."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def is_free(port: int) -> bool:
    """Say whether a port of the loopback interface can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose_ports(place: Place, wanted: dict[str, int]) -> dict[str, int]:
    """Return a free port per name: the one used last, else the wanted one, else any.

    State holds addresses with ports in them, so an installation keeps its ports while it can.
    """
    last = read_json(place.ports)
    chosen: dict[str, int] = {}
    for name, port in wanted.items():
        candidates = [last.get(name, 0), port]
        taken = chosen.values()
        free = (p for p in candidates if p and p not in taken and is_free(p))
        chosen[name] = next(free, 0) or _any_port()
    write_json(place.ports, chosen)
    return chosen


def _any_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
