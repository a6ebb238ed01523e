"""Puts notification together; the only place that reads its environment."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from services.notification.actions import Post
    from services.notification.mailbox import SesMailbox
    from shared.stream import Bus


@cache
def post() -> Post:
    """Return all that is needed to tell people something."""
    from services.notification.actions import Post
    from services.notification.store import TableMemory
    from shared.signing import Signer
    from shared.table import Table

    domain = os.environ.get("ZERODESK_MAIL_DOMAIN") or "localhost"
    return Post(
        memory=TableMemory(Table(os.environ["ZERODESK_TABLE"])),
        mailbox=_mailbox(),
        signer=Signer(os.environ["ZERODESK_SIGNING_KEY"]),
        public_url=os.environ.get("ZERODESK_PUBLIC_URL", "").rstrip("/"),
        default_mailbox=f"help@{domain}",
    )


@cache
def bus_name() -> str:
    """Return the name of the platform's bus."""
    return os.environ["ZERODESK_BUS"]


@cache
def bus() -> Bus:
    """Return the client of the bus."""
    import boto3

    return cast("Bus", boto3.client("events"))


def _mailbox() -> SesMailbox:
    import boto3
    from botocore.config import Config

    from services.notification.mailbox import SesMailbox

    # One try: the SDK's own would send a mail again whose answer got lost.
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=15)
    ses = boto3.client("ses", config=once)
    return SesMailbox(ses, ses.meta.region_name)
