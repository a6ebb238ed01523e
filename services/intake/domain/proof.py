"""Does a webhook's request come from who knows its secret? Compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256

# Hexadecimal HMAC-SHA-256 over the raw body, with or without "sha256=" in front.
SIGNATURES = ("X-Hub-Signature-256", "X-Signature-256", "X-Signature", "X-Zerodesk-Signature")
WINDOW_SECONDS = 300

Header = Callable[[str], str | None]


def is_proven(secret: str, body: bytes, header: Header, query_secret: str, at: datetime) -> bool:
    """Say whether a request proves a secret.

    Every signature that is there must be right, whatever else is shown; without one, the secret
    itself is enough, as bearer token, password or query parameter.
    """
    signed = list(_signatures(secret, body, header, at))
    if signed:
        return all(signed)
    shown = [*_credentials(header("Authorization") or ""), query_secret]
    return any([_same(word, secret) for word in shown if word])


def _signatures(secret: str, body: bytes, header: Header, at: datetime) -> Iterator[bool]:
    for name in SIGNATURES:
        if (given := header(name)) is not None:
            made = hmac.digest(secret.encode(), body, sha256).hex()
            yield _same(given.strip().lower().removeprefix("sha256="), made)
    if (given := header("webhook-signature")) is not None:
        yield _is_standard(secret, body, header, given, at)


def _is_standard(secret: str, body: bytes, header: Header, given: str, at: datetime) -> bool:
    """Check a signature of the Standard Webhooks specification, which bounds its age."""
    message_id, sent = header("webhook-id") or "", header("webhook-timestamp") or ""
    if not (message_id and sent.isascii() and sent.isdecimal() and len(sent) < 12):
        return False
    if abs(at.timestamp() - int(sent)) > WINDOW_SECONDS:
        return False
    content = f"{message_id}.{sent}.".encode("utf-8", "replace") + body
    made = [_standard_signature(key, content) for key in _standard_keys(secret)]
    words = [word.removeprefix("v1,") for word in given.split() if word.startswith("v1,")]
    return any([_same(word, one) for word in words[:10] for one in made])


def _standard_keys(secret: str) -> Iterator[bytes]:
    """Yield what senders make of a secret: its letters, or what they decode to."""
    yield secret.encode()
    word = secret.removeprefix("whsec_")
    try:
        yield base64.urlsafe_b64decode(word.translate({43: "-", 47: "_"}) + "=" * (-len(word) % 4))
    except (binascii.Error, ValueError):
        return


def _standard_signature(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, sha256)).decode()


def _credentials(authorization: str) -> Iterator[str]:
    scheme, _, word = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        yield word.strip()
    elif scheme.lower() == "basic":
        try:
            yield base64.b64decode(word, validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())
