"""The one place where intake reads its environment and picks its parts."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from services.intake.store import IntakeTable
from shared.signing import Signer
from shared.stream import Bus, event_bus
from shared.table import Table

if TYPE_CHECKING:
    from services.intake.mailbox import MailBucket


@cache
def memory() -> IntakeTable:
    """Return what intake remembers, in the table named by the template."""
    return IntakeTable(Table(os.environ["ZERODESK_TABLE"]))


@cache
def bucket() -> MailBucket:
    """Return the reader of raw mail; which bucket it lies in, the event says."""
    import boto3

    from services.intake.mailbox import MailBucket

    return MailBucket(boto3.client("s3"))


@cache
def signer() -> Signer:
    """Return what proves reply addresses."""
    return Signer(os.environ["ZERODESK_SIGNING_KEY"])


@cache
def bus() -> Bus:
    """Return the client that publishes facts."""
    return event_bus()


def bus_name() -> str:
    """Return the bus named by the template."""
    return os.environ["ZERODESK_BUS"]
