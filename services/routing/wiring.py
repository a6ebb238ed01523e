"""The one place where routing reads its environment and picks its parts."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from services.routing.store import DecisionTable
    from shared.stream import Bus


@cache
def table() -> DecisionTable:
    """Return the table named by the template."""
    from services.routing.store import DecisionTable
    from shared.table import Table

    return DecisionTable(Table(os.environ["ZERODESK_TABLE"]))


@cache
def bus_name() -> str:
    """Return the name of the bus."""
    return os.environ["ZERODESK_BUS"]


@cache
def bus() -> Bus:
    """Return a client of EventBridge."""
    import boto3

    return cast("Bus", boto3.client("events"))
