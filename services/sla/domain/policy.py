"""How soon: the targets per priority, and which of their versions a ticket follows (SLA-13)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, get_args

from msgspec import Struct

from events.fact import Moment
from events.vocabulary import ClockName, Priority
from services.sla.domain.calendar import ROUND_THE_CLOCK, Calendar, business
from shared.refusal import Flaw, Invalid

CalendarName = Literal["24x7", "business"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
LONGEST = timedelta(days=365)
# Facts come late by hours at most; nobody changes a policy more often than this meanwhile.
KEPT = 20


class PolicyForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New targets for a priority, as ISO 8601 durations of the calendar's time."""

    first_response: timedelta
    resolution: timedelta
    calendar: CalendarName

    def check(self) -> None:
        """Raise ``Invalid`` naming every target that cannot be kept or measured."""
        flaws = [
            Flaw(name, "more than nothing and at most 365 days")
            for name in ("first_response", "resolution")
            if not timedelta(0) < getattr(self, name) <= LONGEST
        ]
        if flaws:
            raise Invalid("The targets cannot be used.", *flaws)


class PolicyView(Struct, frozen=True, kw_only=True):
    """The targets of a priority as they now apply to new tickets."""

    priority: Priority
    first_response: timedelta
    resolution: timedelta
    calendar: CalendarName
    version: int


class PolicyList(Struct, frozen=True):
    """The targets of all priorities."""

    items: list[PolicyView]


class Version(Struct, frozen=True, omit_defaults=True):
    """One version of the targets of a priority, in force since ``since`` (None: always)."""

    number: int
    first_response: timedelta
    resolution: timedelta
    calendar: CalendarName
    since: Moment | None = None


class Policy(Struct, frozen=True):
    """The targets of a priority, oldest version first."""

    versions: list[Version]

    @property
    def latest(self) -> Version:
        """The version that new tickets follow."""
        return self.versions[-1]

    def in_force(self, at: datetime) -> Version:
        """Return the version that applied at a moment."""
        for version in reversed(self.versions):
            if version.since is None or version.since <= at:
                return version
        return self.versions[0]

    def changed(self, form: PolicyForm, at: datetime) -> Policy:
        """Return the policy with one more version, in force from now on."""
        new = Version(
            self.latest.number + 1, form.first_response, form.resolution, form.calendar, at
        )
        return Policy([*self.versions, new][-KEPT:])

    def view(self, priority: Priority) -> PolicyView:
        """Return the latest version as it is shown."""
        return PolicyView(
            priority=priority,
            first_response=self.latest.first_response,
            resolution=self.latest.resolution,
            calendar=self.latest.calendar,
            version=self.latest.number,
        )


class Home(Struct, frozen=True):
    """Where an organisation's wall clocks hang, and when it said so."""

    zone: str
    told_at: Moment


class Terms(Struct, frozen=True, array_like=True):
    """What was agreed for one ticket; kept with it, so a later policy leaves it as it is."""

    priority: Priority
    version: int
    first_response: timedelta
    resolution: timedelta
    calendar: CalendarName
    zone: str

    @property
    def name(self) -> str:
        """Which policy applies, and why, in words."""
        where = f"business hours in {self.zone}" if self.calendar == "business" else "24x7"
        return f"{self.priority}, version {self.version}, {where}"

    def target(self, clock: ClockName) -> timedelta:
        """Return how long a clock may run."""
        return self.first_response if clock == "first_response" else self.resolution

    def hours(self) -> Calendar:
        """Return the calendar in which the clocks run."""
        return business(self.zone) if self.calendar == "business" else ROUND_THE_CLOCK


def agree(priority: Priority, policy: Policy, zone: str, at: datetime) -> Terms:
    """Return the terms for a ticket that got its priority at a moment."""
    version = policy.in_force(at)
    return Terms(
        priority,
        version.number,
        version.first_response,
        version.resolution,
        version.calendar,
        zone,
    )


def _default(first_response: timedelta, hours: int, calendar: CalendarName) -> Policy:
    return Policy([Version(1, first_response, timedelta(hours=hours), calendar)])


# feature catalogue 5.6.
DEFAULTS: dict[Priority, Policy] = {
    "P1": _default(timedelta(minutes=15), 4, "24x7"),
    "P2": _default(timedelta(hours=1), 8, "business"),
    "P3": _default(timedelta(hours=4), 24, "business"),
    "P4": _default(timedelta(hours=8), 40, "business"),
    "P5": _default(timedelta(hours=16), 80, "business"),
}
