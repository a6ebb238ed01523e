"""Decides whose a new ticket is, and how soon: owns rules and decisions; hears desk.

Says TicketRouted.
"""
