"""Lets role policies name the identity that mail is sent as, which the emulator does not see."""

from __future__ import annotations

from email.utils import parseaddr
from urllib.parse import parse_qs

from ministack.core import iam_actions
from ministack.services import ses

_SENDING = {"SendEmail", "SendRawEmail", "SendTemplatedEmail", "SendBulkTemplatedEmail"}


def install() -> None:
    """Give the sending actions of SES version 1 the resource that AWS gives them."""
    other = iam_actions._ses_v2_resource_arn

    def resource(method: str, path: str, body: bytes, region: str, account: str) -> str:
        identity = _sender(body)
        if identity:
            return f"arn:aws:ses:{region}:{account}:identity/{identity}"
        arn: str = other(method, path, body, region, account)
        return arn

    iam_actions._ses_v2_resource_arn = resource


def _sender(body: bytes) -> str:
    form = parse_qs(body[:100_000].decode("latin-1"))
    if form.get("Action", [""])[0] not in _SENDING:
        return ""
    # Without a Source the sender is in the raw mail; such calls are judged by "*" as before.
    address = parseaddr(form.get("Source", [""])[0])[1]
    return address if address in ses._identities else address.rpartition("@")[2]
