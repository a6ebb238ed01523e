"""What calls identity from inside AWS: Cognito before it signs a token, and the operator.

Cognito waits for ``pre_token`` while a person signs in, so this module imports nothing that the
function does not need; ``invite`` loads its parts when it is called.
"""

from __future__ import annotations

from typing import Any

# Claim -> attribute of the Cognito user.
CLAIMS = {
    "tenant": "custom:tenant",
    "roles": "custom:roles",
    "email": "email",
    "name": "name",
    "locale": "locale",
}


def pre_token(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Add who a person is to the access and the identity token (event version 2).

    A user without an organisation gets none of the claims, and so no door opens.
    """
    attributes = event["request"].get("userAttributes") or {}
    claims = {}
    if attributes.get(CLAIMS["tenant"]):
        claims = {name: attributes[key] for name, key in CLAIMS.items() if attributes.get(key)}
    added = {"claimsToAddOrOverride": claims}
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "accessTokenGeneration": added,
        "idTokenGeneration": added,
    }
    return event


def invite(event: Any, context: Any) -> Any:
    """Found or update an organisation, or invite or update one of its people.

    Takes ``{"organisation": {...}}`` or ``{"tenant": "...", "person": {...}}`` and returns what is
    now known in the same shape; a refusal is a problem document (RFC 9457) with its ``status``.
    """
    from shared.telemetry import observed

    return observed(_invite)(event, context)


def _invite(event: Any, context: Any) -> Any:
    import msgspec

    from shared import problem
    from shared.refusal import Refusal
    from shared.telemetry import logger

    try:
        return msgspec.to_builtins(_answer(event, context.aws_request_id))
    except Refusal as no:
        logger.info("invitation refused", refusal=type(no).__name__)
        return msgspec.json.decode(problem.of(no)[1])


def _answer(event: Any, request_id: str) -> dict[str, Any]:
    import msgspec

    from services.identity import actions, wiring
    from services.identity.domain import Founding, Invitation
    from shared.forms import read_body
    from shared.ident import now
    from shared.story import Story

    body = msgspec.json.encode(event)
    if isinstance(event, dict) and "organisation" in event:
        organisation = read_body(body, Founding).organisation
        story = Story(organisation.tenant, now(), request_id)
        known = actions.found(organisation, story=story, register=wiring.register())
        return {"organisation": known}
    invitation = read_body(body, Invitation)
    person = actions.invite(
        invitation.person,
        story=Story(invitation.tenant, now(), request_id),
        register=wiring.register(),
        directory=wiring.directory(),
    )
    return {"tenant": invitation.tenant, "person": person}
