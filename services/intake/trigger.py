"""What the operator calls: makes webhooks."""

from __future__ import annotations

from typing import Any

import msgspec

from services.intake import wiring
from services.intake.actions import alerts
from shared import problem
from shared.forms import read_body
from shared.ident import now
from shared.refusal import Flaw, Invalid, Refusal
from shared.story import Story
from shared.telemetry import logger, observed


class NewHook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The webhook that is wanted."""

    source: str


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A webhook for an organisation."""

    tenant: str
    hook: NewHook


def make_hook(event: Any, context: Any) -> Any:
    """Make a webhook and return its source, key and secret.

    Takes ``{"tenant": "...", "hook": {"source": "..."}}``; a refusal is a problem document
    (RFC 9457) with its ``status``.
    """
    try:
        wanted = read_body(msgspec.json.encode(event), Wanted)
        if not wanted.tenant.strip("-") or "#" in wanted.tenant:
            raise Invalid("There is no such organisation.", Flaw("tenant", "name one"))
        story = Story(wanted.tenant, now(), context.aws_request_id)
        made = alerts.make_hook(wanted.hook.source, story=story, hooks=wiring.memory())
    except Refusal as no:
        logger.info("webhook refused", refusal=type(no).__name__)
        return msgspec.json.decode(problem.of(no)[1])
    return msgspec.to_builtins(made)


handler = observed(make_hook)
