"""Signing in from the command line: a real token of a real person."""

from __future__ import annotations

import os
from typing import Any

import click

from infra.cli.api import Api
from infra.cli.endpoints import Endpoints, Someone, here
from infra.cli.failure import Refused, Unreachable

as_person = click.option(
    "--as", "email", metavar="EMAIL", help="Who acts; the first agent if nobody is named."
)


def api(email: str | None, role: str = "agent") -> Api:
    """Return the API as a person sees it; without an address the first who has the role.

    ``ZERODESK_API`` and ``ZERODESK_TOKEN`` together lead to a platform elsewhere.
    """
    base, bearer = os.environ.get("ZERODESK_API"), os.environ.get("ZERODESK_TOKEN")
    if base and bearer:
        return Api(base, bearer)
    places = here()
    return Api(places.api, access_token(places, who(places, email, role))["AccessToken"])


def who(places: Endpoints, email: str | None, role: str = "agent") -> Someone:
    """Return the person with an address, by default the first who has the role."""
    known = places.everybody()
    if email is None:
        found = [person for person in places.people if role in person.role.split()]
        if not found:
            raise click.UsageError(f"there is no {role} here; name somebody with --as EMAIL")
        return found[0]
    for person in known:
        if person.email.lower() == email.lower():
            return person
    if password := os.environ.get("ZERODESK_PASSWORD"):
        return Someone(email=email, password=password)
    names = ", ".join(person.email for person in known)
    raise click.UsageError(
        f"no password of {email} is known; set ZERODESK_PASSWORD, or take one of {names}"
    )


def access_token(places: Endpoints, person: Someone) -> dict[str, Any]:
    """Return Cognito's answer to a sign-in with a password; holds ``AccessToken``."""
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.local.aws import client

    try:
        answer = client("cognito-idp", places.aws).admin_initiate_auth(
            UserPoolId=places.pool,
            ClientId=places.client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": person.email, "PASSWORD": person.password},
        )
    except ClientError as error:
        reason = error.response["Error"].get("Message", "no reason given")
        raise Refused(f"{person.email} cannot sign in: {reason}") from error
    except BotoCoreError as error:
        raise Unreachable(
            f"The emulator does not answer at {places.aws}; start it with `zerodesk up`."
        ) from error
    if "AuthenticationResult" not in answer:
        challenge = answer.get("ChallengeName", "another step")
        raise Refused(f"{person.email} must first sign in with a browser ({challenge}).")
    result: dict[str, Any] = answer["AuthenticationResult"]
    return result
