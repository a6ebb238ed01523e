"""``zerodesk token``."""

from __future__ import annotations

import click

from infra.cli.output import show
from infra.cli.program import Command
from infra.cli.signin import access_token, as_person, who


@click.command(cls=Command)
@as_person
def token(email: str | None) -> None:
    """Print an access token, good for an hour, for calls such as those of curl."""
    from infra.cli.endpoints import here

    places = here()
    person = who(places, email)
    result = access_token(places, person)
    answer = {
        "email": person.email,
        "token": result["AccessToken"],
        "expires_in": result.get("ExpiresIn", 3600),
    }
    show(answer, lambda a: click.echo(a["token"]))
