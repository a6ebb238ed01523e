"""INT-15: one open ticket per alert, however often it fires; what is over is resolved."""

import pytest

from events.intake import AlertCleared, AlertFired
from services.desk.actions import alerts


@pytest.fixture
def fire(desk):
    def act(fingerprint="f-1", severity="high", **more):
        alert = AlertFired(
            fingerprint=fingerprint,
            source="alertmanager",
            title="Disk full",
            severity=severity,
            occurred_at=desk.at,
            **more,
        )
        story = desk.story()
        return alerts.fired(alert, story=story, tickets=desk.tickets, new_id=desk.new_id)

    return act


@pytest.fixture
def clear(desk):
    def act(fingerprint="f-1"):
        alert = AlertCleared(
            fingerprint=fingerprint, source="alertmanager", title="x", occurred_at=desk.at
        )
        return alerts.cleared(alert, story=desk.story(), tickets=desk.tickets)

    return act


def test_int_15_firing_again_counts_on_the_same_ticket(desk, fire):
    first, again = fire(), fire()
    assert again.summary.id == first.summary.id
    assert again.alert_count == 2
    assert desk.tickets.kinds() == ["TicketOpened", "AlertRepeated"]
    assert fire("f-2").summary.id != first.summary.id


def test_int_15_a_cleared_alert_resolves_its_ticket(fire, clear):
    first = fire()
    done = clear()
    assert done.summary.id == first.summary.id
    assert (done.summary.state, done.resolution.code) == ("resolved", "cleared_by_monitoring")
    assert clear() is None
    assert clear("unknown") is None


def test_int_15_firing_within_a_day_reopens_later_it_opens_anew(desk, fire, clear):
    first = fire()
    clear()
    desk.pass_time(hours=23)
    again = fire()
    assert (again.summary.id, again.summary.state) == (first.summary.id, "in_progress")
    clear()
    desk.pass_time(hours=25)
    assert fire().summary.id != first.summary.id


@pytest.mark.parametrize(
    ("severity", "weight"), [("critical", (2, 1)), ("high", (2, 2)), ("warning", (3, 2))]
)
def test_severity_gives_impact_and_urgency(fire, severity, weight):
    ticket = fire(severity=severity)
    assert (ticket.summary.impact, ticket.summary.urgency) == weight


@pytest.mark.parametrize("severity", ["info", "low"])
def test_what_is_only_information_makes_no_ticket(fire, severity):
    assert fire(severity=severity) is None


def test_an_alert_told_before_it_was_over_does_not_reopen(desk, fire, clear):
    first = fire()
    desk.pass_time(minutes=5)
    clear()
    desk.pass_time(minutes=-3)
    assert fire() is None
    assert desk.tickets.find("demo", first.summary.id).summary.state == "resolved"


def test_the_ticket_says_what_the_alert_said(desk, fire):
    fire(resource="db-1", text="97 % used", labels={"job": "node"}, url="https://prom.example/x")
    text = desk.tickets.facts[0].text
    for words in ("97 % used", "db-1", "job: node", "https://prom.example/x"):
        assert words in text


def test_nobody_is_acknowledged_for_a_machines_ticket(desk, fire):
    fire()
    assert not desk.tickets.facts[0].acknowledge
