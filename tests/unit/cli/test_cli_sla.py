"""``zerodesk sla`` against a platform that answers over HTTP."""

import json
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cli.sla import Duration, spoken

P1 = {
    "priority": "P1",
    "first_response": "PT900S",
    "resolution": "P1DT43200S",
    "calendar": "24x7",
    "version": 3,
}


@pytest.fixture
def policies(platform):
    platform.on("GET", "/api/sla/policies", {"items": [P1]})
    platform.on("PUT", "/api/sla/policies/P1", {**P1, "version": 4})


def test_targets_are_shown_as_people_write_them(zerodesk, policies):
    done = zerodesk("sla", "show")
    assert done.stdout.splitlines()[1].split() == ["P1", "15m", "36h", "24x7", "3"]
    assert json.loads(zerodesk("sla", "show", "--json").stdout) == [P1]


def test_what_is_not_said_stays_and_nobodys_change_is_undone(zerodesk, platform, policies):
    done = zerodesk("sla", "set", "p1", "--resolution", "4h", "--json")
    assert json.loads(done.stdout)["version"] == 4
    put = platform.asked[-1]
    assert put.body == {"first_response": "PT900S", "resolution": "PT14400S", "calendar": "24x7"}
    assert put.headers["if-match"] == '"3"'
    assert put.headers["authorization"] == "Bearer token of max@demo.example"


def test_an_unknown_priority_is_refused(zerodesk, policies):
    done = zerodesk("sla", "set", "P9", "--resolution", "4h")
    assert (done.exit_code, "P1" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    "args", [(), ("--resolution", "soon"), ("--resolution", ""), ("--resolution", "PT")]
)
def test_targets_that_say_nothing_are_wrong_usage(zerodesk, policies, args):
    assert zerodesk("sla", "set", "P1", *args).exit_code == 2


@given(st.integers(0, 365 * 86_400))
def test_every_duration_is_read_back_as_it_is_spoken(seconds):
    iso = msgspec.to_builtins(timedelta(seconds=seconds))
    again = Duration().convert(spoken(iso), None, None)
    assert msgspec.convert(again, timedelta) == timedelta(seconds=seconds)
