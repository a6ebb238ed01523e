"""Facts published by notification."""

from __future__ import annotations

from events.fact import Fact, fact
from events.vocabulary import Address, Key, Language, TicketId


@fact(owner="notification")
class NotificationSent(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A message to a person was handed to the mail provider."""

    ticket_id: TicketId
    recipient: Address
    template: Key
    language: Language
    # The Message-ID as the recipient sees it, without angle brackets: replies refer to it.
    message_id: str


@fact(owner="notification")
class NotificationFailed(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A message could not be handed over for good; trying again would not help."""

    ticket_id: TicketId
    recipient: str
    template: Key
    reason: str
