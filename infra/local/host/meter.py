"""Counts what the functions ask of AWS, in the units that AWS bills.

Only calls that carry the functions' mark in their user agent are counted (botocore appends
``AWS_SDK_UA_APP_ID``), and requests of users to the HTTP API. What the platform itself does for a
function (polling its queue, reading its stream) is added per invocation. Standard library only:
this runs in the emulator's environment.
"""

from __future__ import annotations

import json
import math
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

MARK = "app/zerodesk"
PATH = "/_zerodesk/meter"
KILOBYTE = 1024
INDEXES = ("list_pk", "team_pk", "requester_pk")
# A document that stays in an index with other content is written there once more.
_READS = {"GetItem", "Query", "BatchGetItem", "Scan"}
_WRITES = {"PutItem", "UpdateItem", "DeleteItem"}


class Meter:
    """Running totals, by the keys of prices: invocations, write and read units, calls, mails."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total: Counter[str] = Counter()

    def totals(self) -> dict[str, int]:
        """Return what was counted since the emulator started."""
        with self._lock:
            return dict(self._total)

    def add(self, units: dict[str, int]) -> None:
        """Count units."""
        with self._lock:
            self._total.update(units)

    def invoked(self, function: str, took: float) -> None:
        """Count one invocation of ``took`` milliseconds, and what its trigger costs."""
        units = {"lambda_request": 1, "lambda_ms": max(1, math.ceil(took))}
        if "consumer" in function.lower():
            # A batch costs its receive and its delete.
            units["sqs_standard"] = 2
        self.add(units)

    def watch(self, scope: dict[str, Any], receive: Any) -> Any:
        """Return a ``receive`` that counts the request once it has been read."""
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        if "/_aws/execute-api/" in scope["path"] or ".execute-api." in headers.get("host", ""):
            self.add({"apigw_http": 1})
            return receive
        if MARK not in headers.get("user-agent", ""):
            return receive
        return self._reading(scope, headers, receive)

    def _reading(
        self, scope: dict[str, Any], headers: dict[str, str], receive: Any
    ) -> Callable[[], Awaitable[Any]]:
        body = bytearray()

        async def read() -> Any:
            message = await receive()
            body.extend(message.get("body") or b"")
            if message["type"] == "http.request" and not message.get("more_body"):
                self.add(units_of(headers, scope["method"], bytes(body)))
                body.clear()
            return message

        return read


def units_of(headers: dict[str, str], method: str, body: bytes) -> dict[str, int]:
    """Return the billed units of one call; a call that is not billed has none."""
    target = headers.get("x-amz-target", "")
    service, _, operation = target.rpartition(".")
    if service.startswith("DynamoDB"):
        return _dynamodb(operation, json.loads(body or b"{}"))
    if operation == "PutEvents":
        return {"events_custom": len(json.loads(body).get("Entries", []))}
    if service == "AmazonSQS":
        return {"sqs_standard": 1}
    credential = headers.get("authorization", "")
    if "/ses/" in credential or "/email/" in credential:
        return {"ses_out": 1}
    if "/s3/" in credential:
        return {"s3_put" if method in ("PUT", "POST") else "s3_get": 1}
    return {}


def _dynamodb(operation: str, request: dict[str, Any]) -> dict[str, int]:
    if operation in _READS:
        # Bodies of answers are not seen here: our items have a few kilobytes, one unit each.
        keys = request.get("RequestItems", {}).values()
        return {"ddb_rru": max(1, sum(len(table.get("Keys", [])) for table in keys)), "calls": 1}
    if operation in _WRITES:
        return {"ddb_wru": _write(request.get("Item", {})), "calls": 1}
    if operation == "TransactWriteItems":
        items = [next(iter(item.values())) for item in request["TransactItems"]]
        return {"ddb_wru": sum(_transacted(item.get("Item", {})) for item in items), "calls": 1}
    return {}


def _transacted(item: dict[str, Any]) -> int:
    # The transaction doubles the table's part, not the indexes'.
    return _write(item) + _kilobytes(item)


def _write(item: dict[str, Any]) -> int:
    return _kilobytes(item) * (1 + sum(name in item for name in INDEXES))


def _kilobytes(item: dict[str, Any]) -> int:
    size = sum(
        len(name.encode()) + sum(len(str(part).encode()) for part in value.values())
        for name, value in item.items()
    )
    return max(1, math.ceil(size / KILOBYTE))
