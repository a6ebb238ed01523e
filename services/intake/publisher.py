"""Tells the bus what intake has saved."""

from __future__ import annotations

from services.intake import wiring
from shared.stream import publisher
from shared.telemetry import observed

handler = observed(publisher(wiring.bus_name, wiring.bus))
