"""Tells people what happened to their tickets: whom, in which language, and once."""
