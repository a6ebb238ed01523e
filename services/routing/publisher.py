"""Tells the bus what routing has saved."""

from __future__ import annotations

from services.routing import wiring
from shared.stream import publisher
from shared.telemetry import observed

handler = observed(publisher(wiring.bus_name, wiring.bus))
