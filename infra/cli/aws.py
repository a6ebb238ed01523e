"""Clients of the emulator. They read nothing of the user's own AWS configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.cli.endpoints import Endpoints


def client(places: Endpoints, service: str) -> Any:
    """Return a boto3 client of the laptop's emulator."""
    import botocore.session
    from boto3.session import Session
    from botocore.config import Config

    # Neither variable is read: a profile that does not exist would stop us for nothing.
    nowhere = {name: (None, None, os.devnull, None) for name in ("config_file", "credentials_file")}
    session = botocore.session.Session({"profile": (None, None, None, None), **nowhere})
    return Session(botocore_session=session).client(  # type: ignore[call-overload]
        service,
        endpoint_url=places.aws,
        region_name=places.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  (the emulator's, known to everybody)
        config=Config(proxies={}, connect_timeout=3, read_timeout=60, retries={"max_attempts": 0}),
    )
