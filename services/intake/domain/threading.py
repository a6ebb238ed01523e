"""Which organisation a mail is for, and which of its tickets it continues (INT-02).

Only a genuine reply token, or the id of a known message, of somebody who takes part threads.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from events.vocabulary import TicketId
from services.intake.domain.headers import domain_of
from services.intake.domain.mail import Mail
from services.intake.domain.records import Homes, KnownMail
from shared.replyto import Reply, is_reply_address, read_reply
from shared.signing import Signer


class Place(NamedTuple):
    """An organisation a mail is for, by which address, and the genuine tokens it carries."""

    tenant: str
    mailbox: str
    replies: list[Reply]


class Thread(NamedTuple):
    """The ticket that a message continues, and the proof."""

    ticket_id: TicketId
    by: Literal["token", "reference"]


def addresses_of(mail: Mail) -> list[str]:
    """Return every address that may say whose a mail is."""
    return list(dict.fromkeys([*mail.trace.recipients(), *mail.addressees]))


def places_of(mail: Mail, homes: Homes, signer: Signer) -> list[Place]:
    """Return the organisations a mail is for; what the receiving server says counts more.

    Tokens count wherever they stand: people answer all, and the desk ends up in Cc.
    """
    everywhere = _tenants(addresses_of(mail), homes, signer)
    delivered = _tenants(mail.trace.recipients(), homes, signer)
    return [
        Place(tenant, mailbox, list(genuine(addresses_of(mail), tenant, signer)))
        for tenant, mailbox in (delivered or everywhere).items()
    ]


def genuine(addresses: Iterable[str], tenant: str, signer: Signer) -> Iterable[Reply]:
    """Return what the genuine reply addresses of a tenant among some prove."""
    for address in addresses:
        if reply := read_reply(signer, tenant=tenant, address=address):
            yield reply


def _tenants(addresses: list[str], homes: Homes, signer: Signer) -> dict[str, str]:
    found: dict[str, str] = {}
    for address in addresses:
        if tenant := homes.mailboxes.get(address):
            found[tenant] = address
        elif is_reply_address(address):
            residents = homes.domains.get(domain_of(address), [])
            proven = [t for t in residents if list(genuine([address], t, signer))]
            # A spoilt token still says whose it is when only one organisation lives there.
            for tenant in proven or (residents if len(residents) == 1 else []):
                found.setdefault(tenant, "")
    return found


def by_token(place: Place, sender: str, signer: Signer) -> Thread | None:
    """Return the ticket of a token that was given to this very sender."""
    for reply in place.replies:
        if reply.is_from(sender, place.tenant, signer):
            return Thread(reply.ticket_id, "token")
    return None


def by_reference(references: list[str], sender: str, known: dict[str, KnownMail]) -> Thread | None:
    """Return the ticket of the nearest known message that this sender takes part in."""
    for reference in references:
        mail = known.get(reference)
        if mail and sender in mail.participants:
            return Thread(mail.ticket_id, "reference")
    return None
