"""Where raw mail lies: the S3 bucket that the receiving server writes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# How much of a mail that is too large is read, to say who sent it.
BEGINNING = 256_000


class MailBucket:
    """Reads raw mails."""

    def __init__(self, s3: S3Client) -> None:
        self._s3 = s3

    def read(self, bucket: str, key: str, limit: int) -> tuple[bytes, bool] | None:
        """Return an object and whether that is all of it; None if there is none (any more)."""
        try:
            found = self._s3.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        with found["Body"] as body:
            if found["ContentLength"] > limit:
                return body.read(BEGINNING), False
            return body.read(), True
