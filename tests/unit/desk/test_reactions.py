"""What routing, sla and survey find out shows on the ticket."""

from datetime import timedelta

import pytest

from events.routing import TicketRouted
from events.sla import ClocksChanged
from events.survey import SurveyAnswered
from events.vocabulary import Clock
from services.desk.actions import reactions, requests
from services.desk.domain.forms import Assignment, NewTicket


@pytest.fixture
def ticket(desk, people):
    form = NewTicket(subject="VPN is down")
    return requests.open_ticket(form, desk.ask(people["ada"]), desk.new_id)


def routed(desk, ticket, **more):
    decision = TicketRouted(
        **{
            "ticket_id": ticket.id,
            "team": "network",
            "impact": 2,
            "urgency": 2,
            "priority": "P3",
            "reason": "subject says VPN",
            **more,
        }
    )
    return reactions.routed(decision, story=desk.story(), tickets=desk.tickets)


def test_rte_02_routing_sets_team_and_priority(desk, ticket):
    head = routed(desk, ticket, tags=["vpn"])
    assert (head.summary.team, head.summary.priority, head.summary.tags) == (
        "network",
        "P3",
        ["vpn"],
    )
    assert desk.tickets.kinds() == ["TicketOpened", "TicketPrioritised", "TicketAssigned"]


def test_hands_that_a_person_chose_stay(desk, ticket, people):
    requests.assign(ticket.id, Assignment(team="security"), desk.ask(people["agent"]))
    assert routed(desk, ticket).summary.team == "security"
    assert desk.tickets.kinds()[-1] == "TicketPrioritised"


def test_sla_18_the_newest_clocks_show_whatever_the_order(desk, ticket):
    def tell(minutes, due):
        clock = Clock(name="resolution", state="running", due_at=desk.at + timedelta(hours=due))
        change = ClocksChanged(ticket_id=ticket.id, policy="default", clocks=[clock])
        reactions.clocks_changed(
            change,
            told_at=desk.at + timedelta(minutes=minutes),
            story=desk.story(),
            tickets=desk.tickets,
        )

    tell(2, due=4)
    tell(1, due=9)
    [clock] = desk.tickets.find("demo", ticket.id).summary.due
    assert clock.due_at == desk.at + timedelta(hours=4)


def test_srv_01_the_rating_stays_with_the_ticket(desk, ticket):
    answer = SurveyAnswered(ticket_id=ticket.id, person="ada@demo.example", score=4)
    reactions.rated(answer, story=desk.story(), tickets=desk.tickets)
    assert desk.tickets.find("demo", ticket.id).summary.satisfaction == 4


def test_a_fact_about_an_unknown_ticket_comes_back_later(desk):
    answer = SurveyAnswered(ticket_id="T-0000000000000000", person="a@b", score=4)
    with pytest.raises(reactions.UnknownTicket):
        reactions.rated(answer, story=desk.story(), tickets=desk.tickets)
