"""The address that a reply comes back to: ``reply+<token>@<domain of the mailbox>``.

The token proves ticket and participant, so a reply is threaded without trusting any header.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from shared.ident import ALPHABET
from shared.signing import MAC_BYTES, Signer

_PURPOSE = "reply address"
_LOCAL_PART = re.compile(r"^reply\+([a-z2-7]{48})$", re.IGNORECASE)
_TAG_BYTES = 4


class Reply(NamedTuple):
    """What a genuine token proves."""

    ticket_id: str
    participant_tag: bytes

    def is_from(self, address: str, tenant: str, signer: Signer) -> bool:
        """Say whether the token was given to this address."""
        return _tag(signer, tenant, address) == self.participant_tag


def reply_address(
    signer: Signer, *, tenant: str, ticket_id: str, participant: str, mailbox: str
) -> str:
    """Return the reply address of one participant of one ticket."""
    ticket, tag = _pack(ticket_id), _tag(signer, tenant, participant)
    mac = signer.mac(_PURPOSE, tenant.encode(), ticket, tag)
    token = base64.b32encode(ticket + tag + mac).decode().lower()
    return f"reply+{token}@{mailbox.rpartition('@')[2]}"


def read_reply(signer: Signer, *, tenant: str, address: str) -> Reply | None:
    """Return what an address proves for a tenant, or None if it is no genuine reply address."""
    found = _LOCAL_PART.match(address.rpartition("@")[0])
    if not found:
        return None
    try:
        raw = base64.b32decode(found[1].upper())
    except binascii.Error:
        return None
    ticket, tag, mac = raw[:10], raw[10 : 10 + _TAG_BYTES], raw[-MAC_BYTES:]
    if not signer.agrees(mac, _PURPOSE, tenant.encode(), ticket, tag):
        return None
    return Reply(_unpack(ticket), tag)


def is_reply_address(address: str) -> bool:
    """Say whether an address has the form of a reply address, genuine or not."""
    return address.lower().startswith("reply+")


def _tag(signer: Signer, tenant: str, participant: str) -> bytes:
    who = participant.strip().lower().encode()
    return signer.mac("participant", tenant.encode(), who)[:_TAG_BYTES]


def _pack(ticket_id: str) -> bytes:
    number = 0
    for letter in ticket_id.removeprefix("T-"):
        number = number * 32 + ALPHABET.index(letter)
    return number.to_bytes(10, "big")


def _unpack(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    return "T-" + "".join(ALPHABET[(number >> shift) & 31] for shift in range(75, -1, -5))
