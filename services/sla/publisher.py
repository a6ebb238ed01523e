"""Tells the bus what sla has saved."""

from __future__ import annotations

from services.sla import wiring
from shared.stream import publisher
from shared.telemetry import observed

handler = observed(publisher(wiring.bus_name, wiring.bus))
