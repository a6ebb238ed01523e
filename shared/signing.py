"""Proofs that a thing was made by us: message authentication codes with a key per purpose."""

from __future__ import annotations

import base64
import binascii
import hmac
from hashlib import sha256

MAC_BYTES = 16


class BadSignature(ValueError):
    """The token was not made by us, or not for this purpose."""


class Signer:
    """Signs and checks with keys derived from the deployment's one secret (HMAC-SHA-256).

    128 bits of the code are used; comparison takes the same time whatever is compared.
    """

    def __init__(self, secret: str) -> None:
        if len(secret) < 32:
            raise ValueError("the signing key needs 32 characters")
        self._secret = secret.encode()

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """Return 16 bytes that only we can make for these parts and this purpose."""
        key = hmac.digest(self._secret, purpose.encode(), sha256)
        # The length in front keeps ("ab", "c") and ("a", "bc") apart.
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(key, message, sha256)[:MAC_BYTES]

    def agrees(self, mac: bytes, purpose: str, *parts: bytes) -> bool:
        """Say whether ``mac`` is ours, in constant time."""
        return hmac.compare_digest(mac, self.mac(purpose, *parts))

    def seal(self, purpose: str, payload: bytes) -> str:
        """Return the payload with its proof as one URL-safe word; the payload stays readable."""
        word = base64.urlsafe_b64encode(payload + self.mac(purpose, payload))
        return word.rstrip(b"=").decode()

    def open(self, purpose: str, word: str) -> bytes:
        """Return the payload of a sealed word; raises ``BadSignature`` for anything else."""
        try:
            raw = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadSignature("not a token") from error
        payload, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        # Only the one canonical spelling counts: base 64 has several for the same bytes.
        if not self.agrees(mac, purpose, payload) or self.seal(purpose, payload) != word:
            raise BadSignature("not one of our tokens")
        return payload
