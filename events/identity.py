"""Facts published by identity."""

from __future__ import annotations

from events.fact import Fact, fact
from events.vocabulary import Address, Key, Language, Role


@fact(owner="identity")
class OrganisationFounded(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """An organisation (tenant) exists, or its settings changed; the last one told counts."""

    name: str
    mailbox: Address
    language: Language = "en"
    time_zone: str = "UTC"


@fact(owner="identity")
class PersonInvited(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A person may sign in, or what is known of the person changed; the last one told counts."""

    email: Address
    name: str
    roles: list[Role]
    language: Language = "en"
    time_zone: str = "UTC"
    teams: list[Key] = []
