"""Asks the requester of a resolved ticket how it went, and counts the answers."""
