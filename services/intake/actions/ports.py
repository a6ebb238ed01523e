"""The memory and the raw mail that intake needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from events.fact import Fact
from services.intake.domain.records import Answered, Effect, Homes, Hook, KnownMail
from shared.story import Story


class MailMemory(Protocol):
    """What is remembered of mails."""

    def was_taken_in(self, receipt_id: str) -> bool:
        """Say whether an arrival had its effect already."""

    def homes(self, addresses: Iterable[str]) -> Homes:
        """Return whose these addresses and, for reply addresses, their domains are."""

    def known(self, tenant: str, message_ids: Iterable[str]) -> dict[str, KnownMail]:
        """Return those of a tenant's message ids that belong to a ticket."""

    def has_twin(self, tenant: str, twin: str) -> bool:
        """Say whether the same message reached this tenant before, under another receipt."""

    def take_in(self, receipt_id: str, effects: list[Effect], at: datetime) -> bool:
        """Save that a mail arrived and what follows, once; False if it was saved before."""

    def remember(self, tenant: str, message_id: str, mail: KnownMail, at: datetime) -> None:
        """Remember a message id; who is told of first keeps it, more participants are added."""

    def give_home(self, tenant: str, mailbox: str, told_at: datetime) -> None:
        """Remember whose a mailbox is, unless something newer is known; raises ``Stale``."""


class Bucket(Protocol):
    """Where raw mail lies."""

    def read(self, bucket: str, key: str, limit: int) -> tuple[bytes, bool] | None:
        """Return an object and whether that is all of it; None if there is none (any more)."""


class HookMemory(Protocol):
    """What is remembered of webhooks."""

    def hook(self, key: str) -> Hook | None:
        """Return the webhook with a key, or None."""

    def add_hook(self, key: str, hook: Hook) -> None:
        """Save a new webhook; of the key only the hash is kept."""

    def answered(self, tenant: str, once: str) -> Answered | None:
        """Return what was answered under an idempotency key within its time, or None."""

    def tell(self, story: Story, facts: list[Fact], once: str | None, body_hash: str) -> list[str]:
        """Save facts, and under an idempotency key their ids, which are returned.

        Raises ``Stale`` when the same key was faster.
        """
