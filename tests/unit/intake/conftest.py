"""Fakes for intake's ports, and a quick way to have one mail taken in."""

import itertools
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from services.intake.actions import mail as mails
from services.intake.domain.records import Answered, Arrival, Homes
from shared.refusal import Stale
from shared.replyto import is_reply_address, reply_address
from shared.signing import Signer

AT = datetime(2030, 1, 2, 9, 30, tzinfo=UTC)
DATA = Path(__file__).parents[3].parent / "shared/data"
TICKET = "T-0123456789ABCDEF"


class FakeMemory:
    """Everything intake remembers, in dictionaries."""

    def __init__(self):
        self.receipts, self.twins, self.quarantine = set(), set(), []
        self.mailboxes, self.domains, self.mail_ids = {}, {}, {}
        self.hooks, self.answers, self.told = {}, {}, []

    def was_taken_in(self, receipt_id):
        return receipt_id in self.receipts

    def has_twin(self, tenant, twin):
        return (tenant, twin) in self.twins

    def take_in(self, receipt_id, effects, at):
        if receipt_id in self.receipts:
            return False
        self.twins |= {(e.tenant, e.twin) for e in effects if e.twin}
        self.receipts.add(receipt_id)
        self.quarantine += [(e.tenant, e.quarantined) for e in effects if e.quarantined]
        self.told += [(e.tenant, fact) for e in effects for fact in e.facts]
        return True

    def homes(self, addresses):
        names = list(addresses)
        domains = {a.rpartition("@")[2] for a in names if is_reply_address(a)}
        return Homes(
            {a: self.mailboxes[a] for a in names if a in self.mailboxes},
            {d: self.domains[d] for d in domains if d in self.domains},
        )

    def give_home(self, tenant, mailbox, told_at):
        self.mailboxes[mailbox] = tenant
        here = self.domains.setdefault(mailbox.rpartition("@")[2], [])
        here += [] if tenant in here else [tenant]

    def known(self, tenant, message_ids):
        return {m: self.mail_ids[tenant, m] for m in message_ids if (tenant, m) in self.mail_ids}

    def remember(self, tenant, message_id, mail, at):
        held = self.mail_ids.get((tenant, message_id))
        if held and held.ticket_id != mail.ticket_id:
            return
        if held:
            mail = replace(mail, participants=[*held.participants, *mail.participants])
        self.mail_ids[tenant, message_id] = mail

    def hook(self, key):
        return self.hooks.get(sha256(key.encode()).hexdigest())

    def add_hook(self, key, hook):
        self.hooks[sha256(key.encode()).hexdigest()] = hook

    def answered(self, tenant, once):
        return self.answers.get((tenant, once))

    def tell(self, story, facts, once, body_hash):
        if once and (tenant_once := (story.tenant, once)) in self.answers:
            held = self.answers[tenant_once]
            if held.until > story.at:
                raise Stale("faster")
        ids = [f"F-{len(self.told) + n}" for n in range(len(facts))]
        self.told += [(story.tenant, fact) for fact in facts]
        if once:
            until = story.at.replace(day=story.at.day + 1)
            self.answers[story.tenant, once] = Answered(body_hash=body_hash, ids=ids, until=until)
        return ids


@pytest.fixture
def signer():
    return Signer("a signing key for tests, 32+ letters")


@pytest.fixture
def memory():
    remembered = FakeMemory()
    remembered.give_home("demo", "help@demo.example", AT)
    remembered.give_home("rival", "help@rival.example", AT)
    return remembered


@pytest.fixture
def arrives(memory, signer):
    """Have a raw mail taken in and return what was told: one fact, or a list of several."""

    def take(raw, receipt_id=None):
        raw = raw.encode() if isinstance(raw, str) else raw
        receipt_id = receipt_id or f"r-{len(memory.receipts)}"
        arrival = Arrival(receipt_id, f"s3://bucket/inbox/{receipt_id}", raw, True)
        effects = mails.take_in(arrival, memory=memory, signer=signer, at=AT)
        facts = [fact for effect in effects for fact in effect.facts]
        return facts[0] if len(facts) == 1 else facts

    return take


@pytest.fixture
def token(signer):
    """Make the reply address of a participant."""

    def make(participant="ada@customer.example", tenant="demo", ticket_id=TICKET, mailbox=None):
        mailbox = mailbox or f"help@{tenant}.example"
        return reply_address(
            signer, tenant=tenant, ticket_id=ticket_id, participant=participant, mailbox=mailbox
        )

    return make


@pytest.fixture
def letter():
    """Write a plain mail; headers override or add, None removes."""

    numbers = itertools.count(1)

    def write(body="The printer is on fire.", **headers):
        fields = {
            "From": "Ada <ada@customer.example>",
            "To": "help@demo.example",
            "Subject": "Printer",
            "Message-ID": f"<m{next(numbers)}@customer.example>",
        }
        for name, value in headers.items():
            fields[name.replace("_", "-")] = value
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        return "\r\n".join([*lines, "", body])

    return write
