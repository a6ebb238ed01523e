"""What an organisation and a person are. Pure: no clock, no AWS."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from events.identity import OrganisationFounded, PersonInvited
from events.vocabulary import Address, Key, Language, Role
from shared.refusal import Flaw, Invalid

# The lookahead refuses a line feed at the end, which ``$`` alone lets pass.
Tenant = Annotated[str, Meta(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$(?!\n)", max_length=64)]
# Names travel into mail headers: no control characters.
Name = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)", max_length=200)]
Password = Annotated[str, Meta(min_length=1, max_length=256)]


class Organisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation (tenant) and its settings; ``mailbox`` is the address that opens tickets."""

    tenant: Tenant
    name: Name
    mailbox: Address
    language: Language = "en"
    time_zone: str = "UTC"

    def told(self) -> OrganisationFounded:
        """Return the fact that tells the other services."""
        return OrganisationFounded(
            name=self.name,
            mailbox=self.mailbox,
            language=self.language,
            time_zone=self.time_zone,
        )


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person of one organisation; language and time zone default to the organisation's."""

    email: Address
    name: Name
    roles: Annotated[list[Role], Meta(min_length=1)]
    language: Language | None = None
    time_zone: str | None = None
    teams: list[Key] = []

    def settled(self, home: Organisation) -> Person:
        """Return the person with nothing left open and the e-mail address as it is compared."""
        return msgspec.structs.replace(
            self,
            email=folded(self.email, "person.email"),
            roles=sorted(set(self.roles)),
            language=self.language or home.language,
            time_zone=known_zone(self.time_zone or home.time_zone, "person.time_zone"),
            teams=sorted(set(self.teams)),
        )

    def told(self) -> PersonInvited:
        """Return the fact that tells the other services; only for a settled person."""
        return PersonInvited(
            email=self.email,
            name=self.name,
            roles=self.roles,
            language=self.language or "en",
            time_zone=self.time_zone or "UTC",
            teams=self.teams,
        )


class NewPerson(Person, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person to invite; with a password that person may sign in at once and gets no mail."""

    password: Password | None = None

    def person(self) -> Person:
        """Return the person without the password."""
        return msgspec.convert(self, Person, from_attributes=True)


class Founding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The order to found or change an organisation."""

    organisation: Organisation


class Invitation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The order to invite or change a person."""

    tenant: Tenant
    person: NewPerson


class Members(NamedTuple):
    """What is remembered of one signed-in person: either may be missing."""

    organisation: Organisation | None
    person: Person | None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in person, as the web app needs to know."""

    email: str
    name: str
    tenant: str
    organisation: str
    roles: list[str]
    language: str
    time_zone: str
    teams: list[str]


def settled(organisation: Organisation) -> Organisation:
    """Return the organisation with a checked time zone and its mailbox as it is compared."""
    return msgspec.structs.replace(
        organisation,
        mailbox=folded(organisation.mailbox, "organisation.mailbox"),
        time_zone=known_zone(organisation.time_zone, "organisation.time_zone"),
    )


def folded(address: str, field: str) -> str:
    """Return an address in the one spelling that is compared; raises ``Invalid``."""
    plain = address.strip().lower()
    if not plain.isascii():
        raise Invalid("The e-mail address cannot be used.", Flaw(field, "letters of ASCII only"))
    return plain


def known_zone(name: str, field: str) -> str:
    """Return the name of a time zone of the IANA database; raises ``Invalid`` for others."""
    # Loading the database costs milliseconds that the door does not have to spend.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            "The time zone is not known.", Flaw(field, "take a name such as Europe/Berlin")
        ) from error
