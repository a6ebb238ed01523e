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

    session = botocore.session.get_session()
    # A profile in the environment that does not exist would stop us for nothing.
    session.set_config_variable("profile", None)
    session.set_config_variable("config_file", os.devnull)
    return Session(botocore_session=session).client(  # type: ignore[call-overload]
        service,
        endpoint_url=places.aws,
        region_name=places.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  (the emulator's, known to everybody)
        config=Config(proxies={}, connect_timeout=3, read_timeout=60, retries={"max_attempts": 0}),
    )
