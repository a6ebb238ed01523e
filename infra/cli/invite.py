"""Calls identity's Invite function, on the laptop or in an AWS account."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from infra.cli.failure import Refused, Unreachable

# The output of the stack that names the function (template.yaml, infra/identity.yaml).
OUTPUT = "Invite"

stack_option = click.option(
    "--stack", help="Act on this CloudFormation stack of your AWS account, not on the laptop."
)


def call(order: dict[str, Any], stack: str | None) -> dict[str, Any]:
    """Return what the function answers to an order; raises ``Refused`` with its problem."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        make = _clients(stack)
        name = _function(make("cloudformation"), stack)
        answer = make("lambda").invoke(FunctionName=name, Payload=json.dumps(order).encode())
    except ClientError as error:
        raise Refused(str(error.response["Error"].get("Message", error))) from error
    except BotoCoreError as error:
        where = "AWS" if stack else "The emulator"
        raise Unreachable(f"{where} cannot be asked: {error}") from error
    document = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        reason = document.get("errorMessage") if isinstance(document, dict) else document
        raise Refused(f"The function {name} failed: {reason}")
    if not isinstance(document, dict) or document.get("status", 200) >= 400:
        problem = document if isinstance(document, dict) else {}
        detail = str(problem.get("detail") or "The function gave no usable answer.")
        raise Refused(detail, **{**problem, "detail": detail})
    return document


def _clients(stack: str | None) -> Callable[[str], Any]:
    if stack:
        from boto3.session import Session

        session = Session()
        return lambda service: session.client(service)  # type: ignore[call-overload]
    from infra.cli.endpoints import here
    from infra.local.aws import client

    places = here()
    return lambda service: client(service, places.aws)


def _function(cloudformation: Any, stack: str | None) -> str:
    named = {"StackName": stack} if stack else {}
    for found in cloudformation.describe_stacks(**named)["Stacks"]:
        for output in found.get("Outputs", []):
            if output["OutputKey"] == OUTPUT:
                return str(output["OutputValue"])
    raise Refused("No stack here says which function invites people; is the platform deployed?")
