"""Puts survey together; the only place that reads its environment."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from services.survey.store import TableRecord
    from shared.signing import Signer
    from shared.stream import Bus


@cache
def record() -> TableRecord:
    """Return the table named by the template."""
    from services.survey.store import TableRecord
    from shared.table import Table

    return TableRecord(Table(os.environ["ZERODESK_TABLE"]))


@cache
def signer() -> Signer:
    """Return the signer with the deployment's secret."""
    from shared.signing import Signer

    return Signer(os.environ["ZERODESK_SIGNING_KEY"])


@cache
def bus_name() -> str:
    """Return the name of the platform's bus."""
    return os.environ["ZERODESK_BUS"]


@cache
def bus() -> Bus:
    """Return the client of the bus."""
    import boto3

    return cast("Bus", boto3.client("events"))
