"""Routing's real handlers, with a pretended table."""

from datetime import UTC, datetime

import msgspec
import pytest

from events.desk import TicketOpened
from events.envelope import Meta
from events.vocabulary import Actor, TicketSummary
from services.routing.domain.decision import Decision
from services.routing.domain.rules import Rule

ID = "T-01J9ZK3V7QXA5B6C"


@pytest.fixture
def table(aws):
    from shared.table import Table

    return Table(aws.table("routing"))


@pytest.fixture
def tell(sqs_event, context, table):
    """Put opened tickets into the inbox; returns the failures."""
    from services.routing.consumer import handler

    def told(subject, *, times=1, tenant="demo", fact_id="F-1"):
        ticket = TicketSummary(
            id=ID,
            number="INC-000001",
            kind="incident",
            state="new",
            subject=subject,
            requester="ada@demo.example",
            channel="email",
            language="en",
            opened_at=datetime(2030, 1, 7, 9, tzinfo=UTC),
            impact=2,
            urgency=1,
        )
        by = Actor(kind="person", name="ada@demo.example", role="requester")
        opened = TicketOpened(ticket=ticket, text="Please help", by=by)
        meta = Meta(
            id=fact_id,
            tenant=tenant,
            at=ticket.opened_at,
            correlation_id="story-1",
            subject=ID,
            sequence=1,
        )
        return handler(sqs_event(*[(opened, meta)] * times), context)["batchItemFailures"]

    return told


@pytest.fixture
def own(table, at):
    """Save settings of a tenant's own."""
    from shared.story import Story
    from shared.table import Put

    return lambda key, value: table.commit(Story("demo", at, "c-1"), [Put(key, value)])


def test_rte_02_a_new_ticket_is_routed_once_and_the_decision_is_kept(tell, table, aws):
    from services.routing.store import decision_key

    assert tell("VPN down", times=3) == []
    [(kind, data, meta)] = aws.facts("routing")
    assert kind == "TicketRouted"
    assert data == {
        "ticket_id": ID,
        "team": "network",
        "impact": 2,
        "urgency": 1,
        "priority": "P2",
        "reason": 'rule "network and remote access" matched: found "vpn"',
        "rule": "network and remote access",
        "tags": ["network"],
    }
    assert (meta["cause"], meta["subject"], meta["correlation_id"]) == ("F-1", ID, "story-1")
    kept = table.find(decision_key("demo", ID), Decision).value
    assert (kept.team, kept.matrix, kept.found) == ("network", "itil-3x3", ('found "vpn"',))


def test_a_decision_is_two_rows_in_one_transaction(tell, aws):
    tell("VPN down")
    assert sorted(item["sk"]["S"] for item in aws.items("routing")) == ["FACT#00000000", "ROUTING"]


def test_rte_02_an_organisations_own_rules_and_matrix_count_for_it_alone(tell, own, aws):
    from services.routing.store import matrix_key, rule_key

    own(rule_key("demo", 300), Rule(name="remote", team="security", category="x", words=("vpn",)))
    own(matrix_key("demo"), "wide-3x4")
    tell("VPN down")
    tell("VPN down", tenant="other")
    teams = {m["tenant"]: (d["team"], d["priority"]) for _, d, m in aws.facts("routing")}
    assert teams == {"demo": ("security", "P2"), "other": ("network", "P2")}


def test_more_rules_than_a_page_holds_are_all_read(tell, own, aws):
    from services.routing.store import rule_key

    for order in range(101):
        own(rule_key("demo", order), Rule(name="never", team="a", category="b", words=("zzz",)))
    own(rule_key("demo", 101), Rule(name="last", team="facilities", category="b"))
    tell("VPN down")
    assert aws.facts("routing")[0][1]["rule"] == "last"


def test_a_lost_race_without_a_decision_comes_back(table, at, aws):
    from services.routing.store import DecisionTable
    from shared.refusal import Stale
    from shared.story import Story

    class Racing:
        def commit(self, *args):
            raise Stale("conflict")

        def find(self, *args):
            return None

    decision = Decision(
        ticket_id=ID,
        team="network",
        category="network",
        impact=3,
        urgency=3,
        priority="P5",
        matrix="itil-3x3",
        reason="because",
        at=at,
    )
    with pytest.raises(Stale):
        DecisionTable(Racing()).decided(Story("demo", at, "c"), decision)


def test_a_decision_is_small(tell, table):
    from services.routing.store import decision_key

    tell("VPN down")
    kept = table.find(decision_key("demo", ID), Decision).value
    assert len(msgspec.json.encode(kept)) < 600
