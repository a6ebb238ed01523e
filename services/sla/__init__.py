"""Clocks: owns policies and how long a ticket may take; hears desk and identity.

Says ClocksChanged, ClockWarned and ClockBreached.
"""
