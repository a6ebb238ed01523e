"""Each reader once, each on his own, whatever happens to the others."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from events.desk import CommentAdded, TicketAssigned, TicketMoved, TicketOpened
from events.envelope import Meta
from events.identity import OrganisationFounded, PersonInvited
from events.intake import MailBounced
from events.vocabulary import Actor, MailReference, TicketSummary
from services.notification import actions
from services.notification.domain.ledger import (
    NEWS_FOR,
    BeingSent,
    Claim,
    NotTaken,
    Refused,
)
from services.notification.domain.people import NOBODY_KNOWN, Contact
from services.notification.domain.thread import Thread
from shared.replyto import read_reply
from shared.signing import Signer
from shared.surveylink import read_survey_token, survey_grant, survey_token

SIGNER = Signer("a signing key for tests, 32+ letters")
RITA = Actor(kind="person", name="rita@customer.example", role="requester")
AGENT = Actor(kind="person", name="abe@demo.example", role="agent")
ROUTING = Actor(kind="system", name="routing")


class FakeMemory:
    """Remembers in dictionaries; the ledger's rules are the real store's, tested with moto."""

    def __init__(self):
        self.organisations, self.contacts, self.teams, self.threads = {}, {}, {}, {}
        self.ledger, self.told = {}, []

    def organisation(self, tenant):
        return self.organisations.get(tenant)

    def contact(self, tenant, address):
        return self.contacts.get((tenant, address), NOBODY_KNOWN)

    def members(self, tenant, team):
        return self.teams.get((tenant, team), [])

    def know_organisation(self, story, organisation):
        self.organisations[story.tenant] = organisation

    def know_person(self, story, person):
        self.contacts[story.tenant, person.email] = Contact(person=person)
        for team in person.teams:
            self.teams.setdefault((story.tenant, team), []).append(person.email)

    def avoid(self, story, address, until):
        self.contacts[story.tenant, address] = Contact(undeliverable_until=until)

    def thread(self, tenant, ticket_id):
        return self.threads.get((tenant, ticket_id), Thread())

    def extend(self, story, ticket_id, message_id, *, first):
        before = self.thread(story.tenant, ticket_id)
        after = before.begun_by(message_id) if first else before.with_message(message_id)
        self.threads[story.tenant, ticket_id] = after
        return after

    def claim(self, sending, at, until):
        state, ends = self.ledger.get(sending, ("free", at))
        if state == "claimed" and ends > at:
            raise BeingSent
        if state in ("sent", "failed"):
            return None
        self.ledger[sending] = ("claimed", until)
        return Claim(sending, 1)

    def release(self, claim, at):
        self.ledger[claim.sending] = ("claimed", at)

    def sent(self, story, claim, fact):
        self.ledger[claim.sending] = ("sent", story.at)
        self.told.append(fact)

    def failed(self, story, claim, fact):
        self.ledger[claim.sending] = ("failed", story.at)
        self.told.append(fact)


class FakeMailbox:
    def __init__(self):
        self.mails, self.trouble = [], {}

    def send(self, sender, recipient, raw):
        if recipient in self.trouble:
            raise self.trouble[recipient]
        self.mails.append((sender, recipient, message_from_bytes(raw, policy=policy.default)))
        return f"m{len(self.mails)}@eu-central-1.amazonses.com"

    @property
    def recipients(self):
        return [recipient for _, recipient, _ in self.mails]


@pytest.fixture
def post():
    return actions.Post(
        FakeMemory(), FakeMailbox(), SIGNER, "https://desk.example", "help@desk.example"
    )


@pytest.fixture
def meta(at):
    return Meta(id="F-1", tenant="demo", at=at, correlation_id="c")


@pytest.fixture
def founded(post, meta, at):
    fact = OrganisationFounded(
        name="Demo & Söhne", mailbox="Help@demo.example", time_zone="Europe/Berlin"
    )
    actions.know_organisation(fact, meta, at, post)


@pytest.fixture
def invite(post, meta, at):
    def know(email, **more):
        person = PersonInvited(
            email=email, name=more.pop("name", "Somebody"), roles=["agent"], **more
        )
        actions.know_person(person, meta, at, post)

    return know


def ticket(at, **more):
    known = {
        "id": "T-01J9ZK3V7QXA5B6C",
        "number": "INC-000123",
        "kind": "incident",
        "state": "new",
        "subject": "Printer",
        "requester": "rita@customer.example",
        "channel": "email",
        "language": "en",
        "opened_at": at,
    }
    return TicketSummary(**(known | more))


def opened(at, **more):
    mail = MailReference(receipt_id="r", message_id="<q1@customer.example>")
    return TicketOpened(ticket=ticket(at, **more), text="x", by=RITA, mail=mail)


def comment(at, by=AGENT, **more):
    return CommentAdded(ticket=ticket(at, **more), comment_id="C", text="hm", public=True, by=by)


def text(mail):
    return mail.get_body(("plain",)).get_content()


def test_a_mail_is_from_the_organisation_and_its_answer_comes_back_to_the_ticket(
    post, meta, at, founded
):
    actions.tell(opened(at), meta, at, post)
    [(sender, recipient, mail)] = post.mailbox.mails
    assert (sender, recipient) == ("help@demo.example", "rita@customer.example")
    assert str(mail["From"]) == "Demo & Söhne <help@demo.example>"
    assert mail["In-Reply-To"] == "<q1@customer.example>"
    reply = read_reply(SIGNER, tenant="demo", address=mail["Reply-To"])
    assert reply.ticket_id == "T-01J9ZK3V7QXA5B6C"
    assert reply.is_from("rita@customer.example", "demo", SIGNER)
    [fact] = post.memory.told
    assert fact.message_id == "m1@eu-central-1.amazonses.com"
    assert (fact.template, fact.recipient, fact.language) == ("received", recipient, "en")


def test_an_organisation_we_have_not_heard_of_still_answers(post, meta, at):
    actions.tell(opened(at), meta, at, post)
    [(sender, _, mail)] = post.mailbox.mails
    assert sender == "help@desk.example"
    assert str(mail["From"]) == "demo <help@desk.example>"


def test_a_known_person_is_addressed_in_his_language_by_his_name_and_clock(
    post, meta, at, founded, invite
):
    invite("rita@customer.example", name="李娜", language="zh-CN", time_zone="Asia/Shanghai")
    actions.tell(opened(at), meta, at, post)
    [(_, _, mail)] = post.mailbox.mails
    assert mail["Content-Language"] == "zh-CN"
    assert text(mail).startswith("李娜，您好：")
    assert post.memory.told[0].language == "zh-CN"


def test_a_fact_that_comes_again_is_told_once(post, meta, at, founded):
    for _ in range(3):
        actions.tell(opened(at), meta, at, post)
    assert len(post.mailbox.mails) == len(post.memory.told) == 1


def test_one_who_cannot_be_told_now_does_not_make_the_others_hear_twice(post, meta, at, founded):
    fact = comment(at, participants=["carl@customer.example", "dora@customer.example"])
    post.mailbox.trouble["carl@customer.example"] = NotTaken("Throttling")
    with pytest.raises(ExceptionGroup):
        actions.tell(fact, meta, at, post)
    assert post.mailbox.recipients == ["rita@customer.example", "dora@customer.example"]
    post.mailbox.trouble.clear()
    actions.tell(fact, meta, at, post)
    assert post.mailbox.recipients[2:] == ["carl@customer.example"]


def test_who_died_between_claim_and_mark_is_waited_for_and_then_replaced(post, meta, at, founded):
    post.mailbox.trouble["rita@customer.example"] = TimeoutError("no answer")
    with pytest.raises(ExceptionGroup):
        actions.tell(opened(at), meta, at, post)
    post.mailbox.trouble.clear()
    with pytest.raises(ExceptionGroup) as waiting:
        actions.tell(opened(at), meta, at + timedelta(seconds=20), post)
    assert isinstance(waiting.value.exceptions[0], BeingSent)
    assert post.mailbox.mails == []
    actions.tell(opened(at), meta, at + timedelta(seconds=60), post)
    assert len(post.mailbox.mails) == 1


@pytest.mark.parametrize(
    ("address", "trouble"),
    [("rita@customer.example", Refused("MessageRejected: no")), ("a,b@customer.example", None)],
)
def test_a_refusal_for_good_is_told_and_not_repeated(post, meta, at, founded, address, trouble):
    if trouble:
        post.mailbox.trouble[address] = trouble
    for _ in range(2):
        actions.tell(opened(at, requester=address), meta, at, post)
    [failed] = post.memory.told
    assert (type(failed).__name__, failed.recipient) == ("NotificationFailed", address)
    assert post.mailbox.mails == []


def test_nobody_writes_to_where_mail_does_not_arrive(post, meta, at, founded):
    gone = MailReference(receipt_id="r")
    full = MailBounced(mail=gone, recipient="Rita@customer.example", permanent=False)
    actions.avoid(full, meta, at, post)
    actions.tell(opened(at), meta, at, post)
    assert len(post.mailbox.mails) == 1
    lost = MailBounced(mail=gone, recipient="Rita@customer.example", permanent=True)
    actions.avoid(lost, meta, at, post)
    actions.tell(comment(at), meta, at, post)
    assert len(post.mailbox.mails) == 1
    actions.tell(comment(at), meta, at + timedelta(days=10), post)
    assert len(post.mailbox.mails) == 1
    later = Meta(id="F-2", tenant="demo", at=at + timedelta(days=31), correlation_id="c")
    actions.tell(comment(at), later, later.at, post)
    assert len(post.mailbox.mails) == 2


@pytest.mark.parametrize(
    "requester", ["help@demo.example", "no-reply@shop.example", "MAILER-DAEMON@x.example"]
)
def test_programs_and_our_own_mailbox_are_not_written_to(post, meta, at, founded, requester):
    actions.tell(opened(at, requester=requester), meta, at, post)
    actions.tell(comment(at, requester=requester), meta, at, post)
    assert post.mailbox.mails == []
    assert post.memory.ledger == {}


def test_a_team_hears_of_something_urgent_but_not_he_who_gave_it(post, meta, at, founded, invite):
    for name in ("abe", "bea", "cem"):
        invite(f"{name}@demo.example", teams=["network"])
    urgent = ticket(at, team="network", priority="P1")
    actions.tell(TicketAssigned(ticket=urgent, by=AGENT), meta, at, post)
    assert post.mailbox.recipients == ["bea@demo.example", "cem@demo.example"]


def test_yesterdays_news_that_come_too_late_are_not_told(post, meta, at, founded):
    actions.tell(opened(at), meta, at + NEWS_FOR + timedelta(seconds=1), post)
    assert post.mailbox.mails == []


def test_a_ticket_that_did_not_come_by_mail_is_a_thread_all_the_same(post, meta, at, founded):
    actions.tell(TicketOpened(ticket=ticket(at), text="x", by=RITA), meta, at, post)
    actions.tell(comment(at), Meta(id="F-2", tenant="demo", at=at, correlation_id="c"), at, post)
    first, second = (mail for _, _, mail in post.mailbox.mails)
    assert first["References"] is None
    assert second["In-Reply-To"] == "<m1@eu-central-1.amazonses.com>"


def test_the_writer_is_called_by_name_and_an_unknown_agents_address_stays_here(
    post, meta, at, founded, invite
):
    actions.tell(comment(at), meta, at, post)
    invite("abe@demo.example", name="Abe Miller")
    actions.tell(comment(at), Meta(id="F-2", tenant="demo", at=at, correlation_id="c"), at, post)
    unknown, known = (text(mail) for _, _, mail in post.mailbox.mails)
    assert "Demo & Söhne wrote to you" in unknown
    assert "abe@demo.example" not in unknown
    assert "Abe Miller wrote to you" in known


def resolved(at, by=AGENT, **more):
    given = ticket(at, state="resolved", resolved_at=at, resolution_sequence=7, **more)
    return TicketMoved(ticket=given, before="in_progress", after="resolved", by=by)


def test_srv_01_the_survey_link_is_the_one_that_survey_offers(post, meta, at, founded):
    fact = resolved(at, language="zh-CN")
    actions.tell(fact, meta, at, post)
    [(_, _, mail)] = post.mailbox.mails
    token = survey_token(SIGNER, survey_grant("demo", fact))
    assert f"https://desk.example/api/surveys/{token}?score=5" in text(mail)
    grant = read_survey_token(SIGNER, token)
    assert (grant.tenant, grant.sequence, grant.person) == ("demo", 7, "rita@customer.example")
    assert grant.expires_at == at + timedelta(days=14)


def test_without_a_public_address_nothing_is_linked(post, meta, at, founded):
    actions.tell(resolved(at), meta, at, post._replace(public_url=""))
    [(_, _, mail)] = post.mailbox.mails
    assert "/surveys/" not in mail.as_string()


def test_srv_02_who_was_served_by_a_monitor_is_not_asked(post, meta, at, founded):
    monitor = Actor(kind="monitoring", name="prometheus")
    actions.tell(resolved(at, by=monitor), meta, at, post)
    [(_, _, mail)] = post.mailbox.mails
    assert "/surveys/" not in mail.as_string()
