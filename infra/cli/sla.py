"""``zerodesk sla``: the service-level policies, as a document to read, edit and put back."""

from __future__ import annotations

import json
from typing import IO, Any

import click

from infra.cli.output import show
from infra.cli.program import Topic
from infra.cli.signin import api, as_person

PATH = "/sla/policies"


@click.group(cls=Topic)
def sla() -> None:
    """Read and set the service-level policies."""


@sla.command("show")
@as_person
def show_policies(email: str | None) -> None:
    """Print the policies that apply; `sla set` takes the same document."""
    show(api(email).call("GET", PATH), _print)


@sla.command("set")
@click.option("--as", "email", metavar="EMAIL", help="Who acts; the first administrator if nobody.")
@click.argument("file", type=click.File("rb"))
def set_policies(email: str | None, file: IO[bytes]) -> None:
    """Replace the policies by the JSON document in FILE; - reads it from stdin."""
    try:
        body = json.load(file)
    except ValueError as error:
        raise click.BadParameter(f"this is not JSON: {error}", param_hint="FILE") from error
    show(api(email, "admin").call("PUT", PATH, body=body), _print)


def _print(policies: Any) -> None:
    click.echo(json.dumps(policies, indent=2, ensure_ascii=False))
