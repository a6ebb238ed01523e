"""The one place where the desk reads its environment and picks its parts."""

from __future__ import annotations

import os
from functools import cache

from services.desk.store import TicketTable
from shared.signing import Signer
from shared.stream import Bus, event_bus
from shared.table import Table


@cache
def tickets() -> TicketTable:
    """Return the tickets in the table named by the template."""
    return TicketTable(Table(os.environ["ZERODESK_TABLE"]))


@cache
def signer() -> Signer:
    """Return what signs cursors."""
    return Signer(os.environ["ZERODESK_SIGNING_KEY"])


@cache
def bus() -> Bus:
    """Return the client that publishes facts."""
    return event_bus()


def bus_name() -> str:
    """Return the bus named by the template."""
    return os.environ["ZERODESK_BUS"]
