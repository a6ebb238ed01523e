"""Lets role policies name what the emulator does not see: who sends a mail, a schedule's group."""

from __future__ import annotations

import json
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_actions
from ministack.services import ses

_SENDING = {"SendEmail", "SendRawEmail", "SendTemplatedEmail", "SendBulkTemplatedEmail"}


def install() -> None:
    """Give SES version 1's sending actions, and schedules, the resource that AWS gives them."""
    other = iam_actions._ses_v2_resource_arn

    def resource(method: str, path: str, body: bytes, region: str, account: str) -> str:
        identity = _sender(body)
        if identity:
            return f"arn:aws:ses:{region}:{account}:identity/{identity}"
        arn: str = other(method, path, body, region, account)
        return arn

    iam_actions._ses_v2_resource_arn = resource
    iam_actions.extract_resource_arn = _with_groups(iam_actions.extract_resource_arn)


def _with_groups(other: Any) -> Any:
    def resource(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        *place: str,
    ) -> str:
        arn: str = other(service, method, path, headers, body, query, *place)
        if service == "scheduler":
            # The emulator takes every schedule for one of the default group.
            arn = arn.replace(":schedule/default/", f":schedule/{_group(body, query)}/")
        return arn

    return resource


def _group(body: bytes, query: dict[str, Any]) -> str:
    named = query.get("groupName") or (json.loads(body or b"{}") or {}).get("GroupName")
    if isinstance(named, list):
        named = named[0]
    return str(named or "default")


def _sender(body: bytes) -> str:
    form = parse_qs(body[:100_000].decode("latin-1"))
    if form.get("Action", [""])[0] not in _SENDING:
        return ""
    # Without a Source the sender is in the raw mail; such calls are judged by "*" as before.
    address = parseaddr(form.get("Source", [""])[0])[1]
    return address if address in ses._identities else address.rpartition("@")[2]
