"""Clients of the emulator, with the rights of its owner."""

from __future__ import annotations

import os
from typing import Any

import botocore.session
from boto3.session import Session
from botocore.config import Config

from infra.local.places import REGION


def client(name: str, url: str) -> Any:
    """Return a client. The user's own AWS configuration and proxies play no part in it."""
    nowhere = {key: (None, None, os.devnull, None) for key in ("config_file", "credentials_file")}
    session = botocore.session.Session({"profile": (None, None, None, None), **nowhere})
    return Session(botocore_session=session).client(  # type: ignore[call-overload]
        name,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator's fixed name for its owner
        config=Config(
            proxies={},
            connect_timeout=5,
            read_timeout=120,
            retries={"max_attempts": 2},
            max_pool_connections=20,
        ),
    )
