"""Tells the bus what the desk saved."""

from services.desk import wiring
from shared.stream import publisher
from shared.telemetry import observed

handler = observed(publisher(wiring.bus_name, wiring.bus))
