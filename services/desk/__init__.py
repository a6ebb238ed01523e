"""Desk: the record of work. Today incidents; the other processes use the same shapes.

Owns tickets and their history: every change is one numbered fact, saved with the ticket's head.
Listens to MessageReceived, MailBounced, AlertFired, AlertCleared (intake), TicketRouted (routing),
ClocksChanged (sla), SurveyAnswered (survey), PersonInvited (identity).
Publishes TicketOpened, CommentAdded, TicketMoved, TicketAssigned, TicketPrioritised,
DueTimesChanged, AlertRepeated, SatisfactionRated.
"""
