"""The one place where identity reads its environment and picks its parts."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from services.identity.directory import UserPool
    from services.identity.store import RegisterTable
    from shared.stream import Bus


@cache
def register() -> RegisterTable:
    """Return the table named by the template."""
    from services.identity.store import RegisterTable
    from shared.table import Table

    return RegisterTable(Table(os.environ["ZERODESK_TABLE"]))


@cache
def directory() -> UserPool:
    """Return the user pool named by the template."""
    import boto3

    from services.identity.directory import UserPool

    return UserPool(boto3.client("cognito-idp"), os.environ["ZERODESK_USER_POOL"])


@cache
def bus_name() -> str:
    """Return the name of the bus."""
    return os.environ["ZERODESK_BUS"]


@cache
def bus() -> Bus:
    """Return a client of EventBridge."""
    import boto3

    return cast("Bus", boto3.client("events"))
