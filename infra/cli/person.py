"""``zerodesk person`` and ``zerodesk organisation``: who may sign in, and where they belong."""

from __future__ import annotations

import sys
from typing import Any

import click

from infra.cli.invite import call, stack_option
from infra.cli.output import plain, show, waiting
from infra.cli.program import Topic

ROLES = ("requester", "agent", "lead", "admin", "auditor")
language_option = click.option("--language", help="Such as en or zh-CN.")
zone_option = click.option("--time-zone", help="Such as Europe/Berlin.")


@click.group(cls=Topic)
def person() -> None:
    """Let people in."""


@person.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@click.option("--team", "teams", multiple=True)
@language_option
@zone_option
@click.option("--tenant", help="The organisation; on the laptop the demo organisation.")
@click.option(
    "--password",
    help="Lets the person sign in at once, without a mail; - reads it from stdin.",
)
@stack_option
def invite(tenant: str | None, stack: str | None, **given: Any) -> None:
    """Invite the person with the address EMAIL, or change what is known of that person."""
    if tenant is None:
        if stack:
            raise click.UsageError("say which organisation: --tenant")
        from infra.cli.endpoints import here

        tenant = here().tenant
    if given["password"] == "-":  # noqa: S105
        given["password"] = sys.stdin.readline().rstrip("\n")
    with waiting("Inviting"):
        answer = call({"tenant": tenant, "person": _given(given)}, stack)
    show(answer, _told_person)


@click.group(cls=Topic)
def organisation() -> None:
    """Found organisations."""


@organisation.command()
@click.argument("tenant")
@click.option("--name", required=True)
@click.option("--mailbox", required=True, help="The address that opens tickets.")
@language_option
@zone_option
@stack_option
def found(tenant: str, stack: str | None, **given: Any) -> None:
    """Found the organisation TENANT (a short key), or change its settings."""
    with waiting("Founding"):
        answer = call({"organisation": {"tenant": tenant, **_given(given)}}, stack)
    show(answer, _told_organisation)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, "", ())}


def _told_person(answer: dict[str, Any]) -> None:
    invited = answer["person"]
    roles = ", ".join(invited["roles"])
    click.echo(plain(f"{invited['email']} belongs to {answer['tenant']} as {roles}."))


def _told_organisation(answer: dict[str, Any]) -> None:
    known = answer["organisation"]
    click.echo(plain(f"{known['tenant']} is {known['name']}; mail to {known['mailbox']}."))
