"""Is it the same message, delivered again?"""

from __future__ import annotations

import re
from hashlib import sha256

from services.intake.domain.mail import Mail

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


def twin_of(mail: Mail, raw: bytes) -> str | None:
    """Return what all deliveries of one message share; None when it has no Message-ID.

    The id alone would let a stranger make a message vanish by sending its id first; sender,
    subject and body must be the same, too. What servers on the way add does not count.
    """
    if not mail.message_id:
        return None
    parts = _END_OF_HEADERS.split(raw, maxsplit=1)
    body = parts[1] if len(parts) > 1 else b""
    words = (mail.message_id, mail.sender.address, mail.subject)
    seed = sha256("\0".join(words).encode("utf-8", "replace"))
    seed.update(b"\0" + body.replace(b"\r\n", b"\n").strip())
    return seed.hexdigest()
