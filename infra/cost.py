"""What counted calls would cost on AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

PRICES = Path(__file__).with_name("prices.json")
# Most functions have 256 MB; doors have 512 and are counted a little too cheap by this.
GIGABYTES = 0.25
MAIL = ("ses_in", "ses_out")
NAMES = {
    "lambda_request": "Lambda invocations",
    "lambda_ms": "Lambda milliseconds",
    "ddb_wru": "DynamoDB write units",
    "ddb_rru": "DynamoDB read units",
    "apigw_http": "HTTP API requests",
    "events_custom": "EventBridge events",
    "sqs_standard": "SQS requests",
    "s3_put": "S3 puts",
    "s3_get": "S3 gets",
    "ses_in": "mails in",
    "ses_out": "mails out",
}


class Line(NamedTuple):
    """One meter: its billing key, what it counts, how many, and what that costs in USD."""

    key: str
    name: str
    units: int
    usd: float


class Bill(NamedTuple):
    """All meters of a stretch of time, their sum, and the sum without mail, in USD."""

    lines: list[Line]
    usd: float
    usd_without_mail: float


def bill(counted: Mapping[str, int]) -> Bill:
    """Return what counted units cost; what has no price costs nothing."""
    prices: dict[str, float] = json.loads(PRICES.read_text())
    prices["lambda_ms"] = GIGABYTES / 1000 * prices["lambda_gbs_arm"]
    lines = [
        Line(key, name, counted[key], counted[key] * prices[key])
        for key, name in NAMES.items()
        if counted.get(key)
    ]
    total = sum(line.usd for line in lines)
    return Bill(lines, total, total - sum(line.usd for line in lines if line.key in MAIL))
