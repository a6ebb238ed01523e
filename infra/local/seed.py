"""Gives a fresh installation two organisations with people, mailboxes and webhooks."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from infra.local.aws import client
from infra.local.deploy import Deployed
from infra.local.places import LocalError, Place, read_json, write_json

# The domain that all mailboxes of a deployment share, as SES knows it.
DOMAIN = "demo.zerodesk.example"
SOURCES = ("alertmanager", "generic")


class Person(NamedTuple):
    """A demo person; the address is the name before the at sign."""

    alias: str
    name: str
    role: str
    language: str = "en"
    teams: tuple[str, ...] = ()


class Organisation(NamedTuple):
    """A demo organisation."""

    tenant: str
    name: str
    # The address that opens tickets.
    mailbox: str
    people: tuple[Person, ...]

    def address(self, person: Person) -> str:
        """Return the address of one of its people."""
        return f"{person.alias}@{self.tenant}.zerodesk.example"


DEMO = Organisation(
    "demo",
    "Demo Manufacturing",
    f"support@{DOMAIN}",
    (
        Person("ada.admin", "Ada Okafor", "admin"),
        Person("lena.lead", "Lena Sommer", "lead", teams=("network", "service-desk")),
        Person("ben.agent", "Ben Castillo", "agent", teams=("service-desk",)),
        Person("nora.agent", "Nora Lindqvist", "agent", teams=("network",)),
        Person("rob.requester", "Rob Taylor", "requester"),
        Person("li.requester", "李明", "requester", "zh-CN"),
    ),
)
NEIGHBOUR = Organisation(
    "neighbour",
    "Neighbour Logistics",
    f"neighbour@{DOMAIN}",
    (
        Person("amy.admin", "Amy Novak", "admin"),
        Person("olga.agent", "Olga Petrov", "agent", teams=("service-desk",)),
        Person("raj.requester", "Raj Iyer", "requester"),
    ),
)


def seed(deployed: Deployed, url: str, place: Place) -> dict[str, Any]:
    """Return each organisation's people with passwords and its hooks; make what is missing.

    What was made is kept with the id of the user pool, so a state that was lost is seeded anew.
    The caller must save the emulator's state before it calls ``remember``.
    """
    verify_sender(url)
    known: dict[str, Any] = read_json(place.secrets)
    if known.get("pool") == deployed.outputs["UserPool"]:
        return known
    functions = client("lambda", url)
    known = {"pool": deployed.outputs["UserPool"]}
    for organisation in (DEMO, NEIGHBOUR):
        people = found(functions, deployed.outputs["Invite"], organisation)
        hooks = {
            source: create_hook(functions, deployed.outputs["CreateHook"], organisation, source)
            for source in SOURCES
        }
        known[organisation.tenant] = {"people": people, "hooks": hooks}
    return known


def remember(known: Mapping[str, Any], place: Place) -> None:
    """Keep what ``seed`` made, for the owner of the folder only."""
    write_json(place.secrets, known)


def verify_sender(url: str) -> None:
    """Let the emulator's SES send as every mailbox."""
    ses = client("ses", url)
    if DOMAIN not in ses.list_identities()["Identities"]:
        ses.verify_domain_identity(Domain=DOMAIN)


def found(functions: Any, invite: str, organisation: Organisation) -> list[dict[str, Any]]:
    """Found an organisation and invite its people; return them with their passwords."""
    order: dict[str, Any] = {
        "tenant": organisation.tenant,
        "name": organisation.name,
        "mailbox": organisation.mailbox,
    }
    ask(functions, invite, {"organisation": order})
    people = []
    for person in organisation.people:
        password = new_password()
        email = organisation.address(person)
        order = {
            "email": email,
            "name": person.name,
            "roles": [person.role],
            "language": person.language,
            "teams": list(person.teams),
            "password": password,
        }
        ask(functions, invite, {"tenant": organisation.tenant, "person": order})
        people.append(
            {
                "email": email,
                "name": person.name,
                "role": person.role,
                "password": password,
                "language": person.language,
                "teams": list(person.teams),
            }
        )
    return people


def create_hook(
    functions: Any, trigger: str, organisation: Organisation, source: str
) -> dict[str, str]:
    """Create a webhook of an organisation; return its key and secret."""
    answer = ask(functions, trigger, {"tenant": organisation.tenant, "hook": {"source": source}})
    answer = answer.get("hook", answer)
    return {"key": answer["key"], "secret": answer["secret"]}


def ask(functions: Any, name: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an administrator's function answers. Raises ``LocalError`` for a refusal."""
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(order).encode())
    text = answer["Payload"].read() or b"null"
    document = json.loads(text)
    if answer.get("FunctionError"):
        reason = document.get("errorMessage") if isinstance(document, dict) else document
        raise LocalError(f"The function {name} failed: {reason}")
    if not isinstance(document, dict) or "detail" in document:
        reason = document.get("detail") if isinstance(document, dict) else document
        raise LocalError(f"The function {name} refused an order of the demo data: {reason}")
    return document


def new_password() -> str:
    """Return a password that meets the pool's policy."""
    return f"Zd1{secrets.token_urlsafe(15)}"
