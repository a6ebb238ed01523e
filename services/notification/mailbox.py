"""Hands mails to Amazon SES (v1: its version 2 loses headers of raw messages in the emulator)."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from services.notification.domain.ledger import NotTaken, Refused

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

# What no second try changes: the words of the provider's refusal say what must be done.
_FOR_GOOD = {"MessageRejected", "InvalidParameterValue", "ValidationError", "InvalidParameter"}
_SLOW_DOWN = {"Throttling", "ThrottlingException", "TooManyRequestsException"}
_TRIES = 4


class SesMailbox:
    """Sends raw messages, one recipient each."""

    def __init__(self, ses: SESClient, region: str) -> None:
        self._ses = ses
        self._host = message_id_host(region)

    def send(self, sender: str, recipient: str, raw: bytes) -> str:
        """Hand a message over and return its Message-ID as the recipient sees it.

        Raises ``Refused`` or ``NotTaken``; after any other error (a time-out, a failure inside
        SES) the mail may be on its way.
        """
        from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

        for attempt in range(1, _TRIES + 1):
            try:
                answer = self._ses.send_raw_email(
                    Source=sender, Destinations=[recipient], RawMessage={"Data": raw}
                )
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in _FOR_GOOD:
                    raise Refused(
                        f"{code}: {error.response['Error'].get('Message', '')}"
                    ) from error
                if code in _SLOW_DOWN and attempt < _TRIES:
                    # The rate counts mails per second: the next second is a new chance.
                    time.sleep(random.uniform(0.2, 0.5) * attempt)  # noqa: S311
                    continue
                if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                    raise NotTaken(code) from error
                raise
            except (ConnectTimeoutError, EndpointConnectionError) as error:
                raise NotTaken(str(error)) from error
            break
        given = answer["MessageId"]
        # The emulator answers with the whole id, SES with what stands before the @.
        return given if "@" in given else f"{given}@{self._host}"


def message_id_host(region: str) -> str:
    """Return what stands behind the @ in the Message-IDs that SES makes in a region."""
    return f"{'email' if region == 'us-east-1' else region}.amazonses.com"
