"""The one place where sla reads its environment and picks its parts."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from services.sla.schedule import Schedules
    from services.sla.store import ClockTable
    from shared.stream import Bus


@cache
def table() -> ClockTable:
    """Return the table named by the template."""
    from services.sla.store import ClockTable
    from shared.table import Table

    return ClockTable(Table(os.environ["ZERODESK_TABLE"]))


@cache
def timers() -> Schedules:
    """Return the schedule group named by the template, ringing at our own queue."""
    import boto3

    from services.sla.schedule import Schedules

    return Schedules(
        boto3.client("scheduler"),
        group=os.environ["ZERODESK_SCHEDULE_GROUP"],
        queue_arn=os.environ["ZERODESK_QUEUE_ARN"],
        role_arn=os.environ["ZERODESK_SCHEDULE_ROLE_ARN"],
    )


@cache
def bus_name() -> str:
    """Return the name of the bus."""
    return os.environ["ZERODESK_BUS"]


@cache
def bus() -> Bus:
    """Return a client of EventBridge."""
    import boto3

    return cast("Bus", boto3.client("events"))
