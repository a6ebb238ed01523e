"""Intake's table.

Keys of what arrives before its organisation is known have no tenant in front and name it inside:
``RECEIPT#``, ``MAILBOX#``, ``DOMAIN#`` and ``HOOK#``. All else is the tenant's:
``MAILID#`` (400 days), ``TWIN#`` (6 days), ``QUARANTINE#``, ``ONCE#`` (24 hours) and facts on
their way out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from events.fact import Fact
from services.intake.domain.headers import domain_of
from services.intake.domain.records import (
    NOBODY,
    Answered,
    Effect,
    Home,
    Homes,
    Hook,
    KnownMail,
    Receipt,
    Residents,
)
from shared.keys import RowKey, row
from shared.outbox import FactRow, outgoing
from shared.refusal import Stale
from shared.replyto import is_reply_address
from shared.story import Story
from shared.table import Put, Table

MAIL_ID_KEPT = timedelta(days=400)
# Longer than the bucket keeps raw mail, so that none is ever taken in anew.
RECEIPT_KEPT = timedelta(days=400)
QUARANTINE_KEPT = timedelta(days=90)
# A sending server gives up after five days (RFC 5321, 4.5.4.1).
TWIN_KEPT = timedelta(days=6)
ANSWER_KEPT = timedelta(hours=24)
# A transaction may have 100 items; 20 facts of the largest size stay below its 4 MB.
CHUNK = 20
MOST_PARTICIPANTS = 50


class IntakeTable:
    """Receipts, mailboxes, message ids and webhooks, kept in DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def was_taken_in(self, receipt_id: str) -> bool:
        """Say whether an arrival had its effect already."""
        return self._table.find(receipt_key(receipt_id), Receipt) is not None

    def has_twin(self, tenant: str, twin: str) -> bool:
        """Say whether the same message reached this tenant before, under another receipt."""
        return self._table.find(row(tenant, "TWIN", twin), str) is not None

    def take_in(self, receipt_id: str, effects: list[Effect], at: datetime) -> bool:
        """Save that a mail arrived and what follows, once; False if it was saved before."""
        tenants = [effect.tenant for effect in effects]
        outcome = "told" if any(effect.facts for effect in effects) else "repeated"
        if all(effect.quarantined for effect in effects):
            outcome = "quarantined"
        receipt = Receipt(at=at, tenants=tenants, outcome=outcome)
        puts = [Put(receipt_key(receipt_id), receipt, gone_at=at + RECEIPT_KEPT)]
        rows: list[FactRow] = []
        for effect in effects:
            story = Story(effect.tenant, at, receipt_id)
            rows += outgoing(story, effect.facts)
            if effect.twin:
                key = row(effect.tenant, "TWIN", effect.twin)
                puts.append(Put(key, receipt_id, gone_at=at + TWIN_KEPT))
            if effect.quarantined:
                key = row(effect.tenant, "QUARANTINE", receipt_id)
                puts.append(Put(key, effect.quarantined, gone_at=at + QUARANTINE_KEPT))
        try:
            self._table.commit(Story(NOBODY, at, receipt_id), puts, rows)
        except Stale:
            if self.was_taken_in(receipt_id):
                return False
            raise
        return True

    def homes(self, addresses: Iterable[str]) -> Homes:
        """Return whose these addresses and, for reply addresses, their domains are."""
        wanted: dict[str, RowKey] = {}
        for address in addresses:
            key = mailbox_key(address)
            if is_reply_address(address):
                key = domain_key(domain_of(address))
            wanted[key.pk] = key
        mailboxes, domains = {}, {}
        for found in self._table.rows(list(wanted.values())[:100]):
            kind, _, name = found.pk.partition("#")
            if kind == "MAILBOX":
                mailboxes[name] = msgspec.json.decode(found.body or "", type=Home).tenant
            else:
                domains[name] = msgspec.json.decode(found.body or "", type=Residents).tenants
        return Homes(mailboxes, domains)

    def give_home(self, tenant: str, mailbox: str, told_at: datetime) -> None:
        """Remember whose a mailbox is, unless something newer is known."""
        key, domain = mailbox_key(mailbox), domain_key(domain_of(mailbox))
        held = self._table.find(key, Home)
        if held and (held.value.told_at > told_at or held.value.tenant == tenant):
            return
        puts = [Put(key, Home(tenant=tenant, told_at=told_at), held.version if held else 0)]
        there = self._table.find(domain, Residents)
        if there is None:
            puts.append(Put(domain, Residents([tenant])))
        elif tenant not in there.value.tenants:
            puts.append(Put(domain, Residents([*there.value.tenants, tenant]), there.version))
        # Saying it twice changes nothing, so the fact's id need not be remembered.
        self._table.commit(Story(tenant, told_at, mailbox), puts)

    def known(self, tenant: str, message_ids: Iterable[str]) -> dict[str, KnownMail]:
        """Return those of a tenant's message ids that belong to a ticket."""
        keys = {mail_id_key(tenant, word).pk: word for word in message_ids}
        rows = self._table.rows([RowKey(pk, "HEAD") for pk in list(keys)[:100]])
        return {keys[r.pk]: msgspec.json.decode(r.body or "", type=KnownMail) for r in rows}

    def remember(self, tenant: str, message_id: str, mail: KnownMail, at: datetime) -> None:
        """Remember a message id; who is told of first keeps it, more participants are added.

        Were the last one to keep it, a stranger could take over an id by sending it again.
        """
        key = mail_id_key(tenant, message_id)
        held = self._table.find(key, KnownMail)
        if held and held.value.ticket_id != mail.ticket_id:
            return
        if held:
            people = dict.fromkeys([*held.value.participants, *mail.participants])
            mail = msgspec.structs.replace(
                mail,
                participants=list(people)[:MOST_PARTICIPANTS],
                ours=mail.ours or held.value.ours,
            )
            if mail == held.value:
                return
        put = Put(key, mail, held.version if held else 0, gone_at=at + MAIL_ID_KEPT)
        self._table.commit(Story(tenant, at, message_id), [put])

    def hook(self, key: str) -> Hook | None:
        """Return the webhook with a key, or None."""
        held = self._table.find(hook_key(key), Hook)
        return held.value if held else None

    def add_hook(self, key: str, hook: Hook) -> None:
        """Save a new webhook; of the key only the hash is kept."""
        self._table.commit(Story(hook.tenant, hook.made_at, "hook"), [Put(hook_key(key), hook)])

    def answered(self, tenant: str, once: str) -> Answered | None:
        """Return what was answered under an idempotency key, or None."""
        held = self._table.find(once_key(tenant, once), Answered)
        return held.value if held else None

    def tell(self, story: Story, facts: list[Fact], once: str | None, body_hash: str) -> list[str]:
        """Save facts, and under an idempotency key their ids, which are returned.

        Up to 20 facts are all or nothing. The key goes with the last ones: a request that failed
        half way can be sent again, and what it then repeats the desk counts as repeated.
        """
        rows = outgoing(story, facts)
        ids = [fact.key.pk.rpartition("#")[2] for fact in rows]
        for start in range(0, len(rows), CHUNK):
            puts = []
            if once and start + CHUNK >= len(rows):
                key, until = once_key(story.tenant, once), story.at + ANSWER_KEPT
                held = self._table.find(key, Answered)
                if held and held.value.until > story.at:
                    raise Stale("The same request was faster.")
                answer = Answered(body_hash=body_hash, ids=ids, until=until)
                puts = [Put(key, answer, held.version if held else 0, gone_at=until)]
            self._table.commit(story, puts, rows[start : start + CHUNK])
        return ids


def receipt_key(receipt_id: str) -> RowKey:
    """Return the key under which the laptop's recovery looks for an arrival, too."""
    return RowKey(f"RECEIPT#{receipt_id}", "RECEIPT")


def mailbox_key(address: str) -> RowKey:
    """Return the key of a mailbox."""
    return RowKey(f"MAILBOX#{address.lower()}", "MAILBOX")


def domain_key(domain: str) -> RowKey:
    """Return the key of a mail domain."""
    return RowKey(f"DOMAIN#{domain.lower()}", "DOMAIN")


def mail_id_key(tenant: str, message_id: str) -> RowKey:
    """Return the key of a message id."""
    return row(tenant, "MAILID", _hash(message_id.strip("<> ")))


def hook_key(key: str) -> RowKey:
    """Return the key of a webhook."""
    return RowKey(f"HOOK#{_hash(key)}", "HOOK")


def once_key(tenant: str, once: str) -> RowKey:
    """Return the key of what was answered under an idempotency key."""
    return row(tenant, "ONCE", _hash(once))


def _hash(word: str) -> str:
    return sha256(word.encode("utf-8", "replace")).hexdigest()
