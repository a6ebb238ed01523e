"""Publishes the facts in a table's stream to the bus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, cast

from shared.telemetry import Handler, logger

# PutEvents takes ten entries and, all together, less than a quarter of a megabyte everywhere.
MOST_ENTRIES = 10
MOST_BYTES = 250_000


class Bus(Protocol):
    """The one call that is needed of an EventBridge client."""

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:
        """Put up to ten events on a bus."""


def event_bus() -> Bus:
    """Return the EventBridge client of this function."""
    import boto3

    return cast(Bus, boto3.client("events"))


class NotPublished(RuntimeError):
    """The bus refused some facts; the stream delivers the whole batch again."""


def publisher(bus_name: Callable[[], str], bus: Callable[[], Bus]) -> Handler:
    """Return the entry point of a publisher.

    Facts may be told more than once (readers are idempotent by fact id), never not at all: one
    refused entry fails the batch.
    """

    def publish(event: Any, context: Any) -> None:
        entries = [e for record in event["Records"] if (e := entry(record, bus_name()))]
        for chunk in chunks(entries):
            answer = bus().put_events(Entries=chunk)
            if answer.get("FailedEntryCount"):
                codes = sorted({e["ErrorCode"] for e in answer["Entries"] if "ErrorCode" in e})
                raise NotPublished(f"{answer['FailedEntryCount']} facts: {', '.join(codes)}")
        logger.info("facts published", count=len(entries))

    return publish


def entry(record: dict[str, Any], bus_name: str) -> dict[str, str] | None:
    """Return the PutEvents entry of a stream record, None if it is not a new fact."""
    image = record["dynamodb"].get("NewImage", {})
    if record["eventName"] != "INSERT" or "detail" not in image:
        return None
    return {
        "EventBusName": bus_name,
        "Source": image["source"]["S"],
        "DetailType": image["kind"]["S"],
        "Detail": image["detail"]["S"],
    }


def chunks(entries: Iterable[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """Split entries into calls that PutEvents accepts, in their order."""
    chunk: list[dict[str, str]] = []
    size = 0
    for item in entries:
        weight = len(item["Detail"].encode())
        if chunk and (len(chunk) == MOST_ENTRIES or size + weight > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += weight
    if chunk:
        yield chunk
