"""Identity over HTTP."""

from __future__ import annotations

from typing import Any

from services.identity import actions, wiring
from services.identity.domain import Profile
from shared.door import Call, Signed, answers, open_door, through
from shared.telemetry import observed

app = open_door()


@app.route("/me", methods=["GET"], authorizer=Signed())
@answers(app, 200)
def show_me(call: Call[Any]) -> Profile:
    """Say who the caller is, and what the caller may do."""
    who = call.caller
    return actions.introduce(
        tenant=who.tenant,
        email=who.email,
        name=who.name,
        roles=sorted(who.roles),
        language=who.language,
        register=wiring.register(),
    )


handler = observed(through(app), correlation="requestContext.requestId")
