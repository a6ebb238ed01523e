"""Founding, inviting and introducing, with the ports faked."""

import pytest

from services.identity import actions
from services.identity.domain import Members, NewPerson, Organisation
from shared.refusal import Conflict, Invalid, Stale
from shared.story import Story

DEMO = Organisation(
    tenant="demo", name="Demo", mailbox="Help@Demo.example", language="zh-CN", time_zone="UTC"
)


class FakeRegister:
    def __init__(self):
        self.organisations, self.people = {}, {}

    def organisation(self, tenant):
        return self.organisations.get(tenant)

    def found(self, story, organisation):
        self.organisations[organisation.tenant] = organisation
        return True

    def invite(self, story, person):
        self.people[story.tenant, person.email] = person
        return True

    def members(self, tenant, email):
        return Members(self.organisations.get(tenant), self.people.get((tenant, email)))


class FakeDirectory:
    def __init__(self):
        self.users, self.calls, self.rival = {}, [], None

    def tenant_of(self, email):
        return self.users.get(email)

    def add(self, tenant, person, password):
        if self.rival:
            self.users[person.email], self.rival = self.rival, None
            raise Stale("taken")
        self.users[person.email] = tenant
        self.calls.append(("add", password))

    def change(self, tenant, person, password):
        self.calls.append(("change", password))


@pytest.fixture
def register():
    return FakeRegister()


@pytest.fixture
def directory():
    return FakeDirectory()


@pytest.fixture
def story(at):
    return Story("demo", at, "c-1")


def ada(**more):
    return NewPerson(
        **{"email": "Ada@Demo.example", "name": "Ada", "roles": ["lead", "agent", "lead"], **more}
    )


def invite(person, story, register, directory):
    return actions.invite(person, story=story, register=register, directory=directory)


def test_a_person_takes_language_and_time_zone_from_the_organisation(register, directory, story):
    actions.found(DEMO, story=story, register=register)
    person = invite(ada(teams=["network"]), story, register, directory)
    assert (person.email, person.roles) == ("ada@demo.example", ["agent", "lead"])
    assert (person.language, person.time_zone, person.teams) == ("zh-CN", "UTC", ["network"])
    assert register.people["demo", "ada@demo.example"] == person
    assert not hasattr(person, "password")


def test_who_is_there_already_is_changed(register, directory, story):
    actions.found(DEMO, story=story, register=register)
    invite(ada(), story, register, directory)
    invite(ada(password="Correct-horse-1"), story, register, directory)
    assert directory.calls == [("add", None), ("change", "Correct-horse-1")]


def test_an_organisation_must_exist_before_its_people(register, directory, story):
    with pytest.raises(Invalid) as no:
        invite(ada(), story, register, directory)
    assert no.value.more["errors"][0]["field"] == "tenant"
    assert directory.users == {}


def test_an_address_belongs_to_one_organisation_even_in_a_race(register, directory, story):
    actions.found(DEMO, story=story, register=register)
    directory.rival = "other"
    with pytest.raises(Conflict):
        invite(ada(), story, register, directory)
    assert register.people == {}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_time_zone_is_refused(zone, register, story):
    wanted = Organisation(tenant="demo", name="Demo", mailbox="a@b.example", time_zone=zone)
    with pytest.raises(Invalid) as no:
        actions.found(wanted, story=story, register=register)
    assert no.value.more["errors"][0]["field"] == "organisation.time_zone"


def test_a_mailbox_is_kept_in_one_spelling(register, story):
    known = actions.found(DEMO, story=story, register=register)
    assert known.mailbox == "help@demo.example"


def test_an_address_outside_ascii_is_refused(register, story):
    wanted = Organisation(tenant="demo", name="Demo", mailbox="hilfe@bücher.example")
    with pytest.raises(Invalid):
        actions.found(wanted, story=story, register=register)


def test_who_signs_in_without_being_registered_is_introduced_by_the_token(register):
    profile = actions.introduce(
        tenant="demo",
        email="x@demo.example",
        name="X",
        roles=["requester"],
        language="de",
        register=register,
    )
    assert (profile.name, profile.organisation, profile.language) == ("X", "demo", "de")
    assert (profile.time_zone, profile.teams) == ("UTC", [])
