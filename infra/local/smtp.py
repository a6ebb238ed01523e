"""What the two SMTP servers share: addresses on the loopback, long lines, bytes left alone."""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP

from infra.local.places import LOOPBACK

HOST = "mail.zerodesk.example"
LARGEST = 40_000_000


class Server(SMTP):
    """An SMTP server that takes lines of any length: real mail has them."""

    line_length_limit = LARGEST


async def listen(handler: Any, port: int) -> asyncio.Server:
    """Return a server that hands each mail to ``handler.handle_DATA``."""
    loop = asyncio.get_running_loop()

    def connected() -> SMTP:
        return Server(
            handler,
            hostname=HOST,
            ident="zerodesk",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            decode_data=False,
            timeout=120,
            loop=loop,
        )

    return await loop.create_server(connected, LOOPBACK, port)
