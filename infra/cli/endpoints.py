"""Where the platform of this machine is: ``endpoints.json``, written by ``zerodesk up``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from infra.cli.failure import Unreachable

LOCAL = Path(__file__).parents[2] / ".local"
# The folder of another platform on this machine, such as one that runs beside this one.
ELSEWHERE = "ZERODESK_HOME"


class Someone(msgspec.Struct, kw_only=True):
    """A person who may sign in."""

    email: str
    password: str
    role: str = ""
    name: str = ""
    language: str = ""


class Neighbour(msgspec.Struct, kw_only=True):
    """A second organisation on the same platform."""

    tenant: str
    people: list[Someone] = []
    mailbox: str = ""
    hooks: dict[str, str] = {}


class Endpoints(msgspec.Struct, kw_only=True):
    """The addresses of a running platform and the people on it."""

    web: str
    api: str
    smtp: str
    mail: str
    aws: str
    tenant: str
    people: list[Someone]
    mailbox: str
    hooks: dict[str, str]
    pool: str = ""
    client: str = ""
    region: str = "eu-central-1"
    log: str = ""
    neighbour: Neighbour | None = None

    def everybody(self) -> list[Someone]:
        """Return all people who may sign in."""
        return [*self.people, *(self.neighbour.people if self.neighbour else [])]


def home() -> Path:
    """Return the folder in which the platform keeps everything."""
    return Path(os.environ.get(ELSEWHERE) or LOCAL)


def path() -> Path:
    """Return where the addresses are written."""
    return home() / "endpoints.json"


def document() -> dict[str, Any]:
    """Return the addresses as they are written; raises ``Unreachable`` when there are none."""
    return msgspec.json.decode(_read(), type=dict[str, Any])


def here() -> Endpoints:
    """Return the addresses; raises ``Unreachable`` when there are none."""
    try:
        return msgspec.json.decode(_read(), type=Endpoints)
    except msgspec.DecodeError as error:
        raise Unreachable(f"{path()} cannot be read ({error}); run `zerodesk up`.") from error


def _read() -> bytes:
    try:
        return path().read_bytes()
    except OSError as error:
        raise Unreachable("The platform is not running; start it with `zerodesk up`.") from error
