"""Names and moments as EventBridge Scheduler wants them."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.sla.schedule import expression, name

NOW = datetime(2030, 1, 7, 9, 0, 0, tzinfo=UTC)
ID = "T-01J9ZK3V7QXA5B6C"


def test_a_schedule_is_named_after_tenant_and_ticket():
    assert name("demo", ID) == "demo-T-01J9ZK3V7QXA5B6C"


@given(st.text(min_size=1, max_size=80))
def test_every_tenant_gives_a_legal_name_of_its_own(tenant):
    assert re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", name(tenant, ID))
    assert name(tenant, ID) != name(tenant + "x", ID)


@given(st.integers(-10_000_000, 10_000_000_000))
def test_a_timer_never_rings_early_nor_more_than_a_second_late(microseconds):
    at = NOW + timedelta(microseconds=microseconds)
    found = datetime.strptime(expression(at, NOW), "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
    assert found > NOW
    assert max(at, NOW) <= found <= max(at, NOW) + timedelta(seconds=1)
