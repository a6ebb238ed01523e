"""What arrives in a service's queue: facts, each told to the reaction registered for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import unquote_plus

import msgspec
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from events.envelope import Meta, unseal
from events.fact import Fact, kind_of
from shared.table import AlreadyDone
from shared.telemetry import Handler, logger

F = TypeVar("F", bound=Fact)
Reaction = Callable[[Any, Meta], None]


class StoredObject(NamedTuple):
    """An object that was written to a bucket of ours (S3 event notification)."""

    bucket: str
    key: str
    size: int


ObjectReaction = Callable[[StoredObject], None]


class Inbox:
    """The facts one service listens to, and what it does about each.

    A reaction returns or raises; raising sends that one message back to the queue and, after
    five tries, to the dead letters. Delivery may be doubled, late and out of order: a reaction
    saves its effect with ``Story.after(meta, ...)``, which makes it happen once.
    """

    def __init__(self) -> None:
        self._reactions: dict[type[Fact], Reaction] = {}
        self._bus: set[type[Fact]] = set()
        self._on_object: ObjectReaction | None = None

    def on(
        self, shape: type[F], *, bus: bool = True
    ) -> Callable[[Callable[[F, Meta], None]], Callable[[F, Meta], None]]:
        """Register the reaction to a fact; one reaction per fact and service.

        ``bus=False`` is for facts that reach the queue by another way, such as a timer's.
        """

        def register(reaction: Callable[[F, Meta], None]) -> Callable[[F, Meta], None]:
            if shape in self._reactions:
                raise ValueError(f"{shape.__name__} already has a reaction")
            self._reactions[shape] = reaction
            if bus:
                self._bus.add(shape)
            return reaction

        return register

    def on_object(self, reaction: ObjectReaction) -> ObjectReaction:
        """Register the reaction to objects written to the service's bucket."""
        self._on_object = reaction
        return reaction

    @property
    def listens_to(self) -> list[str]:
        """The detail-types this inbox wants; infra/patterns.py writes them into the template."""
        return sorted(kind_of(shape).name for shape in self._bus)

    def handler(self) -> Handler:
        """Return the Lambda entry point; failed records go back to the queue, the rest are done."""
        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

        def handle(event: Any, context: Any) -> Any:
            return process_partial_response(event, self._receive, processor, context)

        return handle

    def _receive(self, record: SQSRecord) -> None:
        try:
            self._dispatch(record.body)
        except AlreadyDone:
            logger.info("already done", message_id=record.message_id)
        except Exception:
            logger.exception("a message could not be handled", message_id=record.message_id)
            raise

    def _dispatch(self, body: str) -> None:
        if self._on_object and (written := stored_objects(body)) is not None:
            for item in written:
                self._on_object(item)
            return
        fact, meta = unseal(body)
        logger.append_keys(tenant=meta.tenant, fact_id=meta.id, correlation_id=meta.correlation_id)
        self._reactions[type(fact)](cast(Any, fact), meta)


def stored_objects(body: str) -> list[StoredObject] | None:
    """Return the objects an S3 event notification tells of, None if the body is not one.

    S3 announces itself with a test event when the notification is set up: it tells of none.
    """
    message = msgspec.json.decode(body)
    if not isinstance(message, dict):
        return None
    if message.get("Event") == "s3:TestEvent":
        return []
    if "Records" not in message:
        return None
    return [
        StoredObject(
            record["s3"]["bucket"]["name"],
            unquote_plus(record["s3"]["object"]["key"]),
            int(record["s3"]["object"].get("size", 0)),
        )
        for record in message["Records"]
    ]
