"""Mail in: takes mail over SMTP and puts it where SES would put it.

A mail is answered 250 once its raw bytes are an object ``inbox/<receipt id>``; from there on the
way is the cloud's. Above the mail's own header stands what a receiving server writes, and what a
sender wrote there in the server's name is taken out.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import Any

from infra.local.smtp import HOST

PREFIX = "inbox/"
# RFC 5321, 4.2.2 and 4.3.2.
KEPT = "250 2.0.0 OK {}"
TRY_LATER = "451 4.3.0 The mail could not be stored, try again later"
NOT_HERE = "550 5.7.1 No mail is taken for this address"

_logger = logging.getLogger(__name__)
# Readers of mail take a lone CR for the end of a header line too.
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_COMMENT = re.compile(rb"\([^()]*\)")
_ODD = re.compile(r"[\x00-\x20\x7f<>]")

Store = Callable[[str, bytes], None]


class Door:
    """Handles the commands of SMTP sessions (an aiosmtpd handler)."""

    def __init__(self, store: Store, accepts: Callable[[str], bool]) -> None:
        self._store = store
        self._accepts = accepts

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take mail for our domains only."""
        if not self._accepts(address.rpartition("@")[2].lower().rstrip(".")):
            return NOT_HERE
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the mail, then answer."""
        receipt_id = secrets.token_hex(20)
        head = trace(
            receipt_id, envelope.mail_from or "", envelope.rcpt_tos, session.host_name, session.peer
        )
        raw = head + cleaned(envelope.content)
        try:
            await asyncio.to_thread(self._store, PREFIX + receipt_id, raw)
        except Exception:
            # Whatever it was: the sender keeps the mail and comes again.
            _logger.exception("mail could not be stored")
            return TRY_LATER
        return KEPT.format(receipt_id)


def trace(
    receipt_id: str, sender: str, recipients: Sequence[str], helo: str | None, peer: Any
) -> bytes:
    """Return the header lines that a receiving server writes above a mail (RFC 5321, 4.4)."""
    sender = _ODD.sub("", sender)
    where = _ODD.sub("", str(peer[0])) if isinstance(peer, tuple) else "local"
    said = _ODD.sub("", helo or "unknown").replace("(", "").replace(")", "")
    lines = [f"Return-Path: <{sender}>"]
    lines += [f"Delivered-To: {_ODD.sub('', address)}" for address in recipients]
    lines += [
        f"Received: from {said} ([{where}]) by {HOST} with ESMTP id {receipt_id}; {formatdate()}",
        f"Authentication-Results: {HOST}; spf=none smtp.mailfrom={sender or '<>'}; dkim=none; "
        "dmarc=none",
    ]
    return "".join(line + "\r\n" for line in lines).encode("utf-8", "replace")


def cleaned(raw: bytes) -> bytes:
    """Return a mail without header fields that only a receiving server may write.

    Nothing else changes, neither in the header nor in the body, whatever bytes they hold.
    """
    fields: list[bytes] = []
    end = len(raw)
    for found in _LINE.finditer(raw):
        line = found[0]
        if not line.strip(b"\r\n"):
            end = found.start()
            break
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += line
        else:
            fields.append(line)
    kept = [field for field in fields if not _ours_only(field)]
    return b"".join(kept) + raw[end:]


def _ours_only(field: bytes) -> bool:
    name, _, value = field.partition(b":")
    name = name.strip().lower()
    if name in (b"return-path", b"delivered-to") or name.startswith(b"x-ses-"):
        return True
    if name != b"authentication-results":
        return False
    # Comments may stand before the server's name (RFC 8601, 2.2), and may be nested.
    while (shorter := _COMMENT.sub(b" ", value)) != value:
        value = shorter
    named = value.split(b";")[0].split()
    return not named or named[0].strip(b'"').lower() == HOST.encode()
