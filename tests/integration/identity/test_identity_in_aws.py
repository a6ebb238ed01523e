"""The real functions of identity against a pretended Cognito and DynamoDB."""

import json

import boto3
import pytest

DEMO = {
    "tenant": "demo",
    "name": "Demo",
    "mailbox": "help@demo.example",
    "language": "en",
    "time_zone": "Europe/Berlin",
}
ADA = {"email": "Ada@demo.example", "name": "Ada", "roles": ["agent"], "teams": ["network"]}
PASSWORD = "Correct-horse-1"


@pytest.fixture
def table(aws):
    return aws.table("identity")


@pytest.fixture
def cognito(table, monkeypatch):
    client = boto3.client("cognito-idp")
    pool = client.create_user_pool(
        PoolName="people",
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        Schema=[
            {"Name": name, "AttributeDataType": "String", "Mutable": True}
            for name in ("tenant", "roles")
        ],
        Policies={
            "PasswordPolicy": {
                "MinimumLength": 12,
                "RequireLowercase": True,
                "RequireUppercase": True,
                "RequireNumbers": True,
                "RequireSymbols": False,
            }
        },
    )["UserPool"]["Id"]
    monkeypatch.setenv("ZERODESK_USER_POOL", pool)
    client.pool = pool
    return client


@pytest.fixture
def invite(cognito, context):
    from services.identity import trigger

    def call(event):
        answer = trigger.invite(event, context)
        json.dumps(answer)  # Lambda could not return anything else
        return answer

    return call


def user(cognito, email="ada@demo.example"):
    found = cognito.admin_get_user(UserPoolId=cognito.pool, Username=email)
    return found["UserStatus"], {a["Name"]: a["Value"] for a in found["UserAttributes"]}


def test_int_02_an_organisation_is_founded_and_the_others_are_told(invite, aws, table):
    assert invite({"organisation": DEMO}) == {"organisation": DEMO}
    [(kind, data, meta)] = aws.facts(table)
    assert (kind, meta["tenant"]) == ("OrganisationFounded", "demo")
    assert data["mailbox"] == "help@demo.example"
    assert data["time_zone"] == "Europe/Berlin"


def test_the_same_again_tells_nobody_and_a_change_does(invite, aws, table):
    invite({"organisation": DEMO})
    invite({"organisation": DEMO})
    assert len(aws.facts(table)) == 1
    invite({"organisation": {**DEMO, "mailbox": "desk@demo.example"}})
    assert [data["mailbox"] for _, data, _ in aws.facts(table)] == [
        "help@demo.example",
        "desk@demo.example",
    ]


def test_a_mailbox_belongs_to_one_organisation_until_it_is_given_up(invite):
    invite({"organisation": DEMO})
    other = {**DEMO, "tenant": "other", "name": "Other"}
    refused = invite({"organisation": other})
    assert (refused["status"], refused["detail"]) == (
        409,
        "The mailbox belongs to another organisation.",
    )
    invite({"organisation": {**DEMO, "mailbox": "desk@demo.example"}})
    assert invite({"organisation": other}) == {"organisation": other}


def test_int_02_a_person_with_a_password_may_sign_in_at_once(invite, cognito, aws, table):
    invite({"organisation": DEMO})
    answer = invite({"tenant": "demo", "person": {**ADA, "password": PASSWORD}})
    known = {**ADA, "email": "ada@demo.example", "language": "en", "time_zone": "Europe/Berlin"}
    assert answer == {"tenant": "demo", "person": known}
    status, attributes = user(cognito)
    assert status == "CONFIRMED"
    assert attributes["custom:tenant"] == "demo"
    assert attributes["custom:roles"] == "agent"
    assert attributes["locale"] == "en"
    assert attributes["email_verified"] == "true"
    kind, data, meta = aws.facts(table)[-1]
    assert (kind, meta["tenant"], data["teams"]) == ("PersonInvited", "demo", ["network"])
    assert PASSWORD not in json.dumps(aws.items(table))


def test_a_person_without_a_password_is_sent_one(invite, cognito):
    invite({"organisation": DEMO})
    invite({"tenant": "demo", "person": ADA})
    assert user(cognito)[0] == "FORCE_CHANGE_PASSWORD"


def test_inviting_again_changes_roles_and_says_nothing_twice(invite, cognito, aws, table):
    invite({"organisation": DEMO})
    for roles in (["agent"], ["agent"], ["lead", "agent"]):
        invite({"tenant": "demo", "person": {**ADA, "roles": roles, "password": PASSWORD}})
    assert user(cognito)[1]["custom:roles"] == "agent lead"
    assert [kind for kind, _, _ in aws.facts(table)].count("PersonInvited") == 2


def test_a_call_that_broke_off_after_cognito_is_completed_by_the_next(invite, cognito, aws, table):
    invite({"organisation": DEMO})
    cognito.admin_create_user(
        UserPoolId=cognito.pool,
        Username="ada@demo.example",
        UserAttributes=[{"Name": "custom:tenant", "Value": "demo"}],
    )
    assert "person" in invite({"tenant": "demo", "person": ADA})
    assert aws.facts(table)[-1][0] == "PersonInvited"


def test_an_address_of_another_organisation_is_refused(invite, aws, table):
    invite({"organisation": DEMO})
    invite({"organisation": {**DEMO, "tenant": "other", "mailbox": "help@other.example"}})
    invite({"tenant": "demo", "person": ADA})
    refused = invite({"tenant": "other", "person": {**ADA, "email": "ADA@demo.example"}})
    assert (refused["status"], refused["title"]) == (409, "Conflict")
    assert [meta["tenant"] for kind, _, meta in aws.facts(table) if kind == "PersonInvited"] == [
        "demo"
    ]


def test_two_who_invite_the_same_person_at_once_do_not_both_create(invite, cognito):
    from services.identity import wiring
    from services.identity.domain import Person
    from shared.refusal import Stale

    ada = Person(email="ada@demo.example", name="Ada", roles=["agent"])
    wiring.directory().add("demo", ada, None)
    with pytest.raises(Stale):
        wiring.directory().add("demo", ada, None)


def test_what_cognito_does_not_take_is_a_refusal(invite):
    invite({"organisation": DEMO})
    refused = invite({"tenant": "demo", "person": {**ADA, "email": "ada@-"}})
    assert refused["status"] == 422
    assert refused["errors"][0]["field"] == "person.email"


def test_a_weak_password_is_refused_and_a_better_one_taken(invite, cognito, aws, table):
    invite({"organisation": DEMO})
    refused = invite({"tenant": "demo", "person": {**ADA, "password": "weak"}})
    assert refused["status"] == 422
    assert refused["errors"][0]["field"] == "person.password"
    assert [kind for kind, _, _ in aws.facts(table)] == ["OrganisationFounded"]
    invite({"tenant": "demo", "person": {**ADA, "password": PASSWORD}})
    assert user(cognito)[0] == "CONFIRMED"


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ({"tenant": "demo", "person": {**ADA, "roles": ["king"]}}, ["person.roles[0]"]),
        ({"tenant": "demo", "person": {**ADA, "roles": []}}, ["person.roles"]),
        ({"tenant": "demo", "person": {"email": "a", "boss": 1}}, None),
        ({"tenant": "De#mo", "person": ADA}, ["tenant"]),
        ({"tenant": "demo\n", "person": ADA}, ["tenant"]),
        ({"tenant": "nowhere", "person": ADA}, ["tenant"]),
        ({"organisation": {**DEMO, "name": "Evil\r\nBcc: x"}}, ["organisation.name"]),
        ({"organisation": {**DEMO, "time_zone": "Mars"}}, ["organisation.time_zone"]),
        ({}, ["tenant", "person"]),
    ],
)
def test_every_bad_field_is_named(invite, event, fields):
    refused = invite(event)
    assert refused["status"] == 422
    named = [error["field"] for error in refused["errors"]]
    assert named == (fields or ["person.boss", "person.email", "person.name", "person.roles"])


@pytest.mark.parametrize("event", [[], None, "x", 7])
def test_nonsense_is_refused_in_the_same_shape(invite, event):
    assert invite(event)["status"] == 422


def me(request_event, context, who):
    from services.identity.door import handler

    answer = handler(request_event("GET", "/me", who=who), context)
    return answer["statusCode"], json.loads(answer["body"])


def test_int_02_me_says_who_the_caller_is(invite, request_event, context, as_person):
    invite({"organisation": DEMO})
    invite({"tenant": "demo", "person": {**ADA, "language": "zh-CN"}})
    status, body = me(request_event, context, as_person(roles=("agent", "lead")))
    assert status == 200
    assert body == {
        "email": "ada@demo.example",
        "name": "Ada",
        "tenant": "demo",
        "organisation": "Demo",
        "roles": ["agent", "lead"],
        "language": "zh-CN",
        "time_zone": "Europe/Berlin",
        "teams": ["network"],
    }


def test_me_is_nobody_without_an_organisation(table, request_event, context, as_person):
    for who in (None, as_person(tenant="")):
        status, body = me(request_event, context, who)
        assert (status, body["title"]) == (401, "Unauthorized")


def test_me_sees_nothing_of_a_namesake_elsewhere(invite, request_event, context, as_person):
    invite({"organisation": DEMO})
    invite({"tenant": "demo", "person": ADA})
    _, body = me(request_event, context, as_person(tenant="other"))
    assert (body["organisation"], body["teams"]) == ("other", [])


def test_the_publisher_tells_the_bus_what_the_table_says(invite, aws, table, context, monkeypatch):
    from services.identity import wiring
    from services.identity.publisher import handler

    invite({"organisation": DEMO})
    boto3.client("events").create_event_bus(Name="bus")
    monkeypatch.setenv("ZERODESK_BUS", "bus")
    [image] = [i for i in aws.items(table) if i["sk"]["S"].startswith("FACT#")]
    assert wiring.bus_name() == "bus"
    handler({"Records": [{"eventName": "INSERT", "dynamodb": {"NewImage": image}}]}, context)
