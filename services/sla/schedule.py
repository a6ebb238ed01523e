"""One EventBridge Scheduler schedule per ticket, for its next deadline (SLA-08)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from events.envelope import Meta, as_bus_event, seal
from events.fact import kind_of
from events.sla import TimerFired
from shared.ident import new_id
from shared.story import Story

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_scheduler.type_defs import (
        CreateScheduleInputTypeDef,
        UpdateScheduleInputTypeDef,
    )

LONGEST_NAME = 64
_LEGAL = re.compile(r"[0-9A-Za-z_.-]+")
# The schedule is created or updated, whichever fits; it may appear or vanish in between.
TRIES = 4


class Schedules:
    """Timers that put ``TimerFired`` into a queue."""

    def __init__(
        self, client: EventBridgeSchedulerClient, *, group: str, queue_arn: str, role_arn: str
    ) -> None:
        self._client = client
        self._group = group
        self._queue_arn = queue_arn
        self._role_arn = role_arn

    def ring_at(self, story: Story, ticket_id: str, at: datetime, *, moves: bool) -> None:
        """Let ``TimerFired`` arrive at a moment, instead of the moment set before.

        ``moves`` says that one is probably set: a good guess saves a call.
        """
        wanted = self._wanted(story, ticket_id, at)
        updates = moves
        for _ in range(TRIES - 1):
            try:
                return self._put(wanted, updates)
            except (
                self._client.exceptions.ConflictException,
                self._client.exceptions.ResourceNotFoundException,
            ):
                updates = not updates
        return self._put(wanted, updates)

    def silence(self, tenant: str, ticket_id: str) -> None:
        """Take the ticket's timer away, if there is one."""
        try:
            self._client.delete_schedule(Name=name(tenant, ticket_id), GroupName=self._group)
        except self._client.exceptions.ResourceNotFoundException:
            return

    def _put(self, wanted: CreateScheduleInputTypeDef, updates: bool) -> None:
        if updates:
            changed: UpdateScheduleInputTypeDef = {**wanted}
            self._client.update_schedule(**changed)
        else:
            self._client.create_schedule(**wanted)

    def _wanted(self, story: Story, ticket_id: str, at: datetime) -> CreateScheduleInputTypeDef:
        meta = Meta(
            id=new_id("F"),
            tenant=story.tenant,
            at=at,
            correlation_id=story.correlation_id,
            cause=story.cause,
            subject=ticket_id,
        )
        kind = kind_of(TimerFired)
        detail = seal(TimerFired(ticket_id=ticket_id), meta)
        return {
            "Name": name(story.tenant, ticket_id),
            "GroupName": self._group,
            "ScheduleExpression": expression(at, story.at),
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": self._queue_arn,
                "RoleArn": self._role_arn,
                "Input": as_bus_event(kind.name, kind.source, detail),
            },
        }


def expression(at: datetime, now: datetime) -> str:
    """Return the moment as Scheduler writes it: whole seconds, never before it, never past."""
    soonest = max(at, now).astimezone(UTC)
    whole = soonest.replace(microsecond=0)
    if whole < soonest or whole <= now:
        whole += timedelta(seconds=1)
    return f"at({whole:%Y-%m-%dT%H:%M:%S})"


def name(tenant: str, ticket_id: str) -> str:
    """Return the name of a ticket's schedule; a tenant that does not fit in is digested."""
    plain = f"{tenant}-{ticket_id}"
    if len(plain) <= LONGEST_NAME and _LEGAL.fullmatch(plain):
        return plain
    return f"{sha256(tenant.encode()).hexdigest()[:32]}-{ticket_id}"
