"""Sla over HTTP: the targets per priority."""

from __future__ import annotations

from typing import Any

from services.sla import actions, wiring
from services.sla.domain.policy import PolicyForm, PolicyList, PolicyView
from shared.door import Call, Signed, answers, open_door, through
from shared.retry import until_fresh
from shared.telemetry import logger, observed

app = open_door()


@app.route("/sla/policies", methods=["GET"], authorizer=Signed())
@answers(app, 200)
def list_policies(call: Call[Any]) -> PolicyList:
    """Show how soon tickets of each priority are answered and resolved."""
    call.caller.must_be("agent", "lead", "admin", "auditor")
    return PolicyList(actions.list_policies(call.caller.tenant, wiring.table()))


@app.route("/sla/policies/{priority}", methods=["PUT"], authorizer=Signed())
@answers(app, 200, takes=PolicyForm)
def change_policy(call: Call[PolicyForm], priority: str) -> PolicyView:
    """Give a priority other targets; tickets that have the priority already keep theirs."""
    call.caller.must_be("admin")
    changed = until_fresh(
        lambda: actions.change_policy(
            priority,
            call.body,
            if_match=call.if_match,
            story=call.story(),
            policies=wiring.table(),
        )
    )
    logger.info("policy changed", priority=priority, version=changed.version)
    return changed


handler = observed(through(app), correlation="requestContext.requestId")
