"""Identity's table: one ORGANISATION row per tenant, one PERSON row per person."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from events.fact import Fact
from services.identity.domain import Members, Organisation, Person
from shared.keys import RowKey, row
from shared.outbox import outgoing
from shared.refusal import Conflict
from shared.story import Story
from shared.table import Drop, Held, Put, Table

T = TypeVar("T", Organisation, Person)
# Leads the rows that belong to the deployment; no tenant can be called so.
DEPLOYMENT = "-"


class Claim(msgspec.Struct, frozen=True):
    """Says whose a mailbox is: mail to it must reach one organisation only."""

    tenant: str


class RegisterTable:
    """Organisations and people, kept in DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def organisation(self, tenant: str) -> Organisation | None:
        """Return an organisation, or None."""
        held = self._table.find(organisation_key(tenant), Organisation)
        return held.value if held else None

    def found(self, story: Story, organisation: Organisation) -> bool:
        """Save a new or changed organisation, its claim to the mailbox, and the fact."""
        key = organisation_key(organisation.tenant)
        held = self._table.find(key, Organisation)
        if held and held.value == organisation:
            return False
        claims = self._claims(held, organisation)
        self._save(story, key, held, organisation, organisation.told(), claims)
        return True

    def invite(self, story: Story, person: Person) -> bool:
        """Save a new or changed person and the fact."""
        key = person_key(story.tenant, person.email)
        held = self._table.find(key, Person)
        if held and held.value == person:
            return False
        self._save(story, key, held, person, person.told(), [])
        return True

    def members(self, tenant: str, email: str) -> Members:
        """Return what is known of a person and the person's organisation, in one read."""
        home, own = organisation_key(tenant), person_key(tenant, email)
        bodies = {found.pk: found.body or "null" for found in self._table.rows([home, own])}
        return Members(
            msgspec.json.decode(bodies.get(home.pk, "null"), type=Organisation | None),
            msgspec.json.decode(bodies.get(own.pk, "null"), type=Person | None),
        )

    def _claims(self, held: Held[Organisation] | None, wanted: Organisation) -> list[Put | Drop]:
        if held and held.value.mailbox == wanted.mailbox:
            return []
        claim = self._table.find(claim_key(wanted.mailbox), Claim)
        if claim and claim.value.tenant != wanted.tenant:
            raise Conflict("The mailbox belongs to another organisation.")
        seen = claim.version if claim else 0
        taken = Put(claim_key(wanted.mailbox), Claim(wanted.tenant), seen=seen)
        return [taken, Drop(claim_key(held.value.mailbox))] if held else [taken]

    def _save(
        self,
        story: Story,
        key: RowKey,
        held: Held[T] | None,
        value: T,
        fact: Fact,
        more: list[Put | Drop],
    ) -> None:
        document = Put(key, value, seen=held.version if held else 0)
        self._table.commit(story, [document, *more], outgoing(story, [fact]))


def organisation_key(tenant: str) -> RowKey:
    """Return the key of an organisation."""
    return row(tenant, "ORGANISATION")


def person_key(tenant: str, email: str) -> RowKey:
    """Return the key of a person."""
    return row(tenant, "PERSON", email)


def claim_key(mailbox: str) -> RowKey:
    """Return the key of the row that says whose a mailbox is."""
    return row(DEPLOYMENT, "MAILBOX", mailbox)
