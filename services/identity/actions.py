"""What identity can be asked to do."""

from __future__ import annotations

from typing import Protocol

from services.identity.domain import Members, NewPerson, Organisation, Person, Profile, settled
from shared.refusal import Conflict, Flaw, Invalid
from shared.retry import until_fresh
from shared.story import Story


class Register(Protocol):
    """The memory of organisations and people."""

    def organisation(self, tenant: str) -> Organisation | None:
        """Return an organisation, or None."""

    def found(self, story: Story, organisation: Organisation) -> bool:
        """Save a new or changed organisation and the fact; say whether anything was new.

        Raises ``Conflict`` when another organisation has the mailbox.
        """

    def invite(self, story: Story, person: Person) -> bool:
        """Save a new or changed person and the fact; say whether anything was new."""

    def members(self, tenant: str, email: str) -> Members:
        """Return what is known of a person and the person's organisation."""


class Directory(Protocol):
    """Who may sign in. One address belongs to one person of one organisation."""

    def tenant_of(self, email: str) -> str | None:
        """Return the organisation whose person has this address, or None."""

    def add(self, tenant: str, person: Person, password: str | None) -> None:
        """Let a new person sign in: with the password, or with one that is sent by mail.

        Raises ``Invalid`` for a password that is not good enough, ``Stale`` when the address was
        taken meanwhile.
        """

    def change(self, tenant: str, person: Person, password: str | None) -> None:
        """Update a person, and the password if one is given; raises ``Invalid`` as above."""


def found(wanted: Organisation, *, story: Story, register: Register) -> Organisation:
    """Found an organisation or change its settings; the same again changes nothing."""
    organisation = settled(wanted)
    until_fresh(lambda: register.found(story, organisation))
    return organisation


def invite(wanted: NewPerson, *, story: Story, register: Register, directory: Directory) -> Person:
    """Let a person of the story's organisation sign in, or change what is known of the person.

    The directory comes first: nobody is told of a person who cannot sign in, and when the second
    step fails, the same call again completes it.
    """
    home = register.organisation(story.tenant)
    if home is None:
        raise Invalid("There is no such organisation.", Flaw("tenant", "found it first"))
    person = wanted.person().settled(home)

    def admit() -> None:
        owner = directory.tenant_of(person.email)
        if owner is None:
            directory.add(story.tenant, person, wanted.password)
        elif owner == story.tenant:
            directory.change(story.tenant, person, wanted.password)
        else:
            raise Conflict("The e-mail address belongs to another organisation.")

    until_fresh(admit)
    until_fresh(lambda: register.invite(story, person))
    return person


def introduce(
    *, tenant: str, email: str, name: str, roles: list[str], language: str, register: Register
) -> Profile:
    """Return the profile of a signed-in person.

    What the token says decides what is allowed; the register adds the rest, where it knows it.
    """
    organisation, person = register.members(tenant, email)
    zone = organisation.time_zone if organisation else "UTC"
    return Profile(
        email=email,
        name=person.name if person else name,
        tenant=tenant,
        organisation=organisation.name if organisation else tenant,
        roles=roles,
        language=(person.language if person else None) or language,
        time_zone=(person.time_zone if person else None) or zone,
        teams=person.teams if person else [],
    )
