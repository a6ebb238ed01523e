"""Sla's real handlers, with a pretended table and scheduler."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from msgspec.structs import replace

from events.desk import CommentAdded, TicketAssigned, TicketMoved, TicketPrioritised
from events.envelope import Meta, unseal
from events.identity import OrganisationFounded
from events.vocabulary import Actor, TicketSummary

ID = "T-01J9ZK3V7QXA5B6C"
QUEUE = "arn:aws:sqs:eu-central-1:000000000000:inbox"
ROLE = "arn:aws:iam::000000000000:role/timers"
SYSTEM = Actor(kind="system", name="routing")
AGENT = Actor(kind="person", name="grace@demo.example", role="agent")
SHORT = {"first_response": "PT800S", "resolution": "PT10H", "calendar": "24x7"}


@pytest.fixture
def scheduler(aws, monkeypatch):
    monkeypatch.setenv("ZERODESK_QUEUE_ARN", QUEUE)
    monkeypatch.setenv("ZERODESK_SCHEDULE_GROUP", "timers")
    monkeypatch.setenv("ZERODESK_SCHEDULE_ROLE_ARN", ROLE)
    aws.table("sla")
    client = boto3.client("scheduler")
    client.create_schedule_group(Name="timers")
    return client


@pytest.fixture
def opened():
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def ticket(opened):
    return TicketSummary(
        id=ID,
        number="INC-000001",
        kind="incident",
        state="new",
        subject="Printer on fire",
        requester="ada@demo.example",
        channel="email",
        language="en",
        opened_at=opened,
        priority="P1",
    )


@pytest.fixture
def tell(sqs_event, context, scheduler):
    """Put facts, given as (sequence, moment, fact), into the inbox; returns the failures."""
    from services.sla.consumer import handler

    def told(*items, tenant="demo"):
        facts = []
        for sequence, at, fact in items:
            meta = Meta(
                id=f"F-{sequence}-{tenant}",
                tenant=tenant,
                at=at,
                correlation_id="story-1",
                subject=ID,
                sequence=sequence,
            )
            facts.append((fact, meta))
        return handler(sqs_event(*facts), context)["batchItemFailures"]

    return told


@pytest.fixture
def ask(request_event, context, as_person, scheduler):
    from services.sla.door import handler

    def asked(method, path, *, roles=("admin",), tenant="demo", **more):
        who = as_person(roles=roles, tenant=tenant)
        answer = handler(request_event(method, path, who=who, **more), context)
        return answer["statusCode"], json.loads(answer["body"]), answer.get("headers", {})

    return asked


@pytest.fixture
def shorten(ask):
    return lambda **more: ask("PUT", "/sla/policies/{priority}", priority="P1", body=SHORT, **more)


def prioritised(ticket):
    return TicketPrioritised(ticket=ticket, impact=1, urgency=1, priority="P1", by=SYSTEM)


def schedules(client):
    return sorted(s["Name"] for s in client.list_schedules(GroupName="timers")["Schedules"])


def test_sla_08_a_schedule_carries_the_timer_to_our_own_queue(
    tell, scheduler, ticket, opened, sqs_event, context
):
    assert tell((2, opened, prioritised(ticket))) == []
    found = scheduler.get_schedule(Name=f"demo-{ID}", GroupName="timers")
    ring = opened + timedelta(minutes=7, seconds=30)
    assert found["ScheduleExpression"] == f"at({ring:%Y-%m-%dT%H:%M:%S})"
    assert found["ScheduleExpressionTimezone"] == "UTC"
    assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert found["ActionAfterCompletion"] == "DELETE"
    assert (found["Target"]["Arn"], found["Target"]["RoleArn"]) == (QUEUE, ROLE)
    fact, meta = unseal(found["Target"]["Input"])
    assert (fact.ticket_id, meta.tenant, meta.cause) == (ID, "demo", "F-2-demo")


def test_sla_08_the_schedule_moves_and_goes_with_the_ticket(tell, scheduler, ticket, opened):
    tell((2, opened, prioritised(ticket)))
    answer = CommentAdded(ticket=ticket, comment_id="C-1", text="Hello", public=True, by=AGENT)
    tell((3, opened, answer))
    found = scheduler.get_schedule(Name=f"demo-{ID}", GroupName="timers")
    ring = opened + timedelta(hours=2)
    assert found["ScheduleExpression"] == f"at({ring:%Y-%m-%dT%H:%M:%S})"
    tell((4, opened, TicketMoved(ticket=ticket, before="new", after="resolved", by=AGENT)))
    assert schedules(scheduler) == []
    tell((5, opened, TicketMoved(ticket=ticket, before="resolved", after="closed", by=AGENT)))
    assert schedules(scheduler) == []


def test_sla_08_a_schedule_that_is_not_what_was_remembered_is_put_right(
    tell, scheduler, ticket, opened
):
    tell((2, opened, prioritised(ticket)))
    scheduler.delete_schedule(Name=f"demo-{ID}", GroupName="timers")
    answer = CommentAdded(ticket=ticket, comment_id="C-1", text="Hello", public=True, by=AGENT)
    tell((3, opened, answer))
    assert schedules(scheduler) == [f"demo-{ID}"]


def alarms(aws):
    return [
        (kind, data["clock"], data.get("percent"))
        for kind, data, _ in aws.facts("sla")
        if kind != "ClocksChanged"
    ]


@pytest.mark.parametrize(
    ("age", "alarm"),
    [
        (500, ("ClockWarned", "first_response", 50)),
        (6000, ("ClockBreached", "first_response", None)),
    ],
)
def test_a_clock_shortened_by_policy_is_told_once_however_often_its_timer_rings(
    tell, shorten, scheduler, ticket, opened, aws, sqs_event, context, age, alarm
):
    from services.sla.consumer import handler

    assert shorten()[0] == 200
    since = replace(ticket, opened_at=opened - timedelta(seconds=age))
    tell((2, opened + timedelta(seconds=2), prioritised(since)))
    bell = scheduler.get_schedule(Name=f"demo-{ID}", GroupName="timers")["Target"]["Input"]
    assert handler(sqs_event(bell, bell), context)["batchItemFailures"] == []
    assert alarms(aws) == [alarm]


def test_facts_carry_story_cause_and_subject(tell, ticket, opened, aws):
    tell((2, opened, prioritised(ticket)), (2, opened, prioritised(ticket)))
    [(kind, data, meta)] = aws.facts("sla")
    assert (kind, data["ticket_id"], meta["subject"]) == ("ClocksChanged", ID, ID)
    assert (meta["cause"], meta["correlation_id"]) == ("F-2-demo", "story-1")


def test_sla_02_business_hours_are_those_of_the_organisations_zone(tell, ticket, opened, aws):
    monday = datetime(2030, 1, 7, 0, 30, tzinfo=UTC)  # 9:30 in Tokyo
    founded = OrganisationFounded(name="D", mailbox="help@demo.example", time_zone="Asia/Tokyo")
    unknown = replace(founded, time_zone="Mars/Olympus")
    assert tell((1, opened, founded), (2, opened + timedelta(1), unknown)) == []
    p2 = replace(prioritised(replace(ticket, opened_at=monday)), priority="P2")
    tell((2, monday, p2))
    changed = next(data for kind, data, _ in aws.facts("sla") if kind == "ClocksChanged")
    assert changed["policy"] == "P2, version 1, business hours in Asia/Tokyo"
    assert changed["clocks"][0]["due_at"] == "2030-01-07T01:30:00Z"


def test_the_same_ticket_id_in_two_organisations_are_two_tickets(tell, ticket, opened, scheduler):
    tell((2, opened, prioritised(ticket)))
    tell((2, opened, prioritised(ticket)), tenant="other")
    assert schedules(scheduler) == [f"demo-{ID}", f"other-{ID}"]


def test_an_assignment_alone_starts_nothing(tell, ticket, opened, scheduler, aws):
    assert tell((3, opened, TicketAssigned(ticket=ticket, by=SYSTEM))) == []
    assert (schedules(scheduler), aws.facts("sla")) == ([], [])


def test_policies_are_shown_to_those_who_work_by_them(ask):
    status, body, _ = ask("GET", "/sla/policies", roles=("agent",))
    assert status == 200
    assert body["items"][0] == {
        "priority": "P1",
        "first_response": "PT900S",
        "resolution": "PT14400S",
        "calendar": "24x7",
        "version": 1,
    }
    assert [item["priority"] for item in body["items"]] == ["P1", "P2", "P3", "P4", "P5"]
    assert ask("GET", "/sla/policies", roles=("requester",))[0] == 403


def test_an_admin_changes_a_policy_for_the_own_organisation_only(ask, shorten):
    status, body, headers = shorten()
    assert (status, body["version"], headers["ETag"]) == (200, 2, '"2"')
    assert shorten()[1]["version"] == 3
    shown = [ask("GET", "/sla/policies", tenant=t)[1]["items"][0] for t in ("demo", "other")]
    assert [p["version"] for p in shown] == [3, 1]
    assert [p["first_response"] for p in shown] == ["PT800S", "PT900S"]


def test_a_policy_that_changed_meanwhile_is_not_overwritten(shorten):
    assert shorten(headers={"If-Match": '"1"'})[0] == 200
    assert shorten(headers={"If-Match": '"1"'})[0] == 412
    assert shorten(headers={"If-Match": '"2"'})[0] == 200


@pytest.mark.parametrize("roles", [("agent",), ("lead",), ("auditor",), ("requester",)])
def test_only_an_admin_changes_policies(shorten, roles):
    assert shorten(roles=roles)[0] == 403


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({**SHORT, "first_response": "PT0S"}, ["first_response"]),
        ({**SHORT, "resolution": "P366D"}, ["resolution"]),
        ({**SHORT, "calendar": "lunar"}, ["calendar"]),
        ({**SHORT, "first_response": 8}, ["first_response"]),
        ({**SHORT, "zone": "UTC"}, ["zone"]),
        ({}, ["first_response", "resolution", "calendar"]),
    ],
)
def test_every_bad_field_of_a_policy_is_named(ask, body, fields):
    status, problem, _ = ask("PUT", "/sla/policies/{priority}", priority="P1", body=body)
    assert status == 422
    assert [flaw["field"] for flaw in problem["errors"]] == fields


def test_a_priority_there_is_not_is_not_found(ask):
    assert ask("PUT", "/sla/policies/{priority}", priority="P9", body=SHORT)[0] == 404
