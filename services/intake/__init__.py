"""Intake: turns what arrives from outside, mail and alerts, into facts.

Owns raw mail, mailboxes, webhooks and the memory of message ids. Publishes MessageReceived,
MailBounced, MailQuarantined, AlertFired and AlertCleared. Listens to identity (whose a mailbox
is), desk and notification (which message ids belong to which ticket).
"""
