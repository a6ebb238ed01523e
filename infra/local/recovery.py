"""Takes in again, once, the mail that was accepted but whose processing was lost with the state.

Raw mail is written through to disk before it is accepted; the emulator's other state may be a few
seconds old after ``kill -9``. A mail without a receipt is announced to intake once more. Facts
need nothing: they are read from the stream, which is part of the same snapshot as their rows.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from infra.local.aws import client
from infra.local.deploy import STACK
from infra.local.places import REGION
from infra.local.smtp_door import PREFIX

# BatchGetItem and SendMessageBatch take so many.
_GET = 100
_SEND = 10


class Lost(NamedTuple):
    """An object that nobody has a receipt for."""

    key: str
    size: int
    etag: str
    moment: datetime.datetime


def take_in_again(url: str, *, bucket: str, queue: str, stack: str = f"{STACK}-intake") -> int:
    """Announce every raw mail without a receipt to intake; return how many there were."""
    cloud = client("cloudformation", url)
    found = cloud.describe_stack_resource(StackName=stack, LogicalResourceId="Table")
    table = found["StackResourceDetail"]["PhysicalResourceId"]
    sqs = client("sqs", url)
    lost = without_receipt(client("s3", url), client("dynamodb", url), bucket, table)
    count = 0
    while batch := list(islice(lost, _SEND)):
        entries = [
            {"Id": str(number), "MessageBody": announcement(bucket, one)}
            for number, one in enumerate(batch)
        ]
        answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
        if answer.get("Failed"):
            raise RuntimeError(f"mail could not be announced again: {answer['Failed']}")
        count += len(batch)
    return count


def without_receipt(s3: Any, dynamodb: Any, bucket: str, table: str) -> Iterator[Lost]:
    """Yield the raw mails that intake's table has no receipt of."""
    mails = _kept(s3, bucket)
    while batch := list(islice(mails, _GET)):
        keys = {_receipt(one.key): one for one in batch}
        wanted = [{"pk": {"S": pk}, "sk": {"S": "RECEIPT"}} for pk in keys]
        there: set[str] = set()
        while wanted:
            answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": wanted}})
            there |= {item["pk"]["S"] for item in answer["Responses"].get(table, [])}
            wanted = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        yield from (one for pk, one in keys.items() if pk not in there)


def announcement(bucket: str, mail: Lost) -> str:
    """Return the message that S3 sends to a queue when an object is created."""
    moment = mail.moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": moment,
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {"key": mail.key, "size": mail.size, "eTag": mail.etag},
        },
    }
    return json.dumps({"Records": [record]})


def _kept(s3: Any, bucket: str) -> Iterator[Lost]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
        for item in page.get("Contents", []):
            yield Lost(item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"])


def _receipt(key: str) -> str:
    return f"RECEIPT#{key.removeprefix(PREFIX)}"
