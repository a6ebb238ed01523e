"""Whom we know: organisations and people as identity told us of them, and who cannot be reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from events.identity import OrganisationFounded, PersonInvited
from shared.machine import is_machine

# A mailbox that was closed or full for good is tried again some day; people come back.
UNDELIVERABLE_FOR = timedelta(days=30)


class Organisation(Struct, frozen=True, kw_only=True):
    """The sender of our mails. ``told_at`` is when identity said so: the latest word counts."""

    name: str
    mailbox: str
    time_zone: str = "UTC"
    told_at: datetime | None = None

    @classmethod
    def of(cls, fact: OrganisationFounded, at: datetime) -> Organisation:
        """Return what a fact says."""
        return cls(
            name=fact.name,
            mailbox=fact.mailbox.lower(),
            time_zone=fact.time_zone,
            told_at=at,
        )


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who may sign in."""

    email: str
    name: str
    language: str
    time_zone: str
    teams: list[str]
    told_at: datetime

    @classmethod
    def of(cls, fact: PersonInvited, at: datetime) -> Person:
        """Return what a fact says; one who holds no role any more is in no team."""
        return cls(
            email=fact.email.lower(),
            name=fact.name,
            language=fact.language,
            time_zone=fact.time_zone,
            teams=sorted(set(fact.teams)) if fact.roles else [],
            told_at=at,
        )


class Contact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All we know of one address; a stranger's has no person."""

    person: Person | None = None
    undeliverable_until: datetime | None = None

    def reachable(self, at: datetime) -> bool:
        """Say whether mail to the address is worth trying."""
        return self.undeliverable_until is None or self.undeliverable_until <= at


NOBODY_KNOWN = Contact()


def may_receive(address: str, organisation: Organisation) -> bool:
    """Say whether a person may sit behind an address: no program, none of our own mailboxes."""
    local, _, domain = address.lower().rpartition("@")
    own_local, _, own_domain = organisation.mailbox.rpartition("@")
    ours = domain == own_domain and local.partition("+")[0] == own_local
    return not ours and not is_machine(address)
