"""What a ticket is and what may happen to it. Pure: no clock, no id, no AWS."""
