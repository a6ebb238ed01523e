"""Calendars, policies and clocks. Pure: the moment is an argument, nothing is looked up."""
