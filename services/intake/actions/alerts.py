"""What intake does about webhooks: each request becomes facts, once its sender is proven."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from msgspec import Struct

from events.fact import Fact
from services.intake.actions.ports import HookMemory
from services.intake.domain.alerts import fact_of
from services.intake.domain.products import READERS
from services.intake.domain.proof import is_proven
from services.intake.domain.records import Hook
from shared.refusal import Flaw, Invalid, NotFound, NotSignedIn
from shared.retry import until_fresh
from shared.story import Story


class Heard(Struct, frozen=True):
    """What became of a webhook's request: how many alerts it told, and the ids of their facts."""

    accepted: int
    ids: list[str]


class MadeHook(Struct, frozen=True):
    """A new webhook's key and secret; the key is never shown again."""

    source: str
    key: str
    secret: str


class Request(NamedTuple):
    """A request to a webhook: the bytes as they were sent, and what may prove their sender."""

    source: str
    key: str
    body: bytes
    header: Callable[[str], str | None]
    query_secret: str
    once: str | None


def proven_hook(request: Request, story: Story, hooks: HookMemory) -> Hook:
    """Return the webhook of a request; raises ``NotFound``, or ``NotSignedIn`` without proof."""
    hook = hooks.hook(request.key) if request.source in READERS else None
    if hook is None or hook.source != request.source:
        raise NotFound
    if not is_proven(hook.secret, request.body, request.header, request.query_secret, story.at):
        raise NotSignedIn("The request does not prove that it knows the webhook's secret.")
    return hook


def hear(request: Request, *, story: Callable[[str], Story], hooks: HookMemory) -> Heard:
    """Turn a request into alerts fired and cleared (INT-13, INT-14).

    The same ``once`` again is answered from memory for a day; with another body it is ``Invalid``.
    """
    hook = proven_hook(request, story("-"), hooks)
    body_hash = sha256(request.body).hexdigest()
    once = f"{sha256(request.key.encode()).hexdigest()}#{request.once}" if request.once else None
    mine = story(hook.tenant)

    def act() -> Heard:
        before = hooks.answered(hook.tenant, once) if once else None
        if before and before.until > mine.at:
            if before.body_hash != body_hash:
                raise Invalid(
                    "This Idempotency-Key belongs to another request.",
                    Flaw("Idempotency-Key", "take a new one for a new request"),
                )
            return Heard(len(before.ids), before.ids)
        said = READERS[hook.source](request.body)
        facts: list[Fact] = [fact_of(one, hook.source, mine.at) for one in said]
        ids = hooks.tell(mine, facts, once, body_hash)
        return Heard(len(ids), ids)

    return until_fresh(act)


def make_hook(source: str, *, story: Story, hooks: HookMemory) -> MadeHook:
    """Make a webhook for the story's organisation; raises ``Invalid`` for an unknown source."""
    if source not in READERS:
        raise Invalid(
            "There is no such source.", Flaw("hook.source", f"one of {', '.join(sorted(READERS))}")
        )
    made = MadeHook(source, secrets.token_urlsafe(24), secrets.token_urlsafe(32))
    hook = Hook(tenant=story.tenant, source=source, secret=made.secret, made_at=story.at)
    hooks.add_hook(made.key, hook)
    return made
