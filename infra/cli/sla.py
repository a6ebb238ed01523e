"""``zerodesk sla``: how soon tickets of each priority are to be answered and resolved."""

from __future__ import annotations

import re
from typing import Any

import click

from infra.cli.failure import Refused
from infra.cli.output import plain, show, table
from infra.cli.program import Topic
from infra.cli.signin import api, as_person

PATH = "/sla/policies"
TARGETS = ("first_response", "resolution")
# No days: a day of business hours and a day of the clock are not the same.
_DURATION = re.compile(r"()(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?")
_SECONDS = (86_400, 3_600, 60, 1)


class Duration(click.ParamType[str]):
    """A duration such as 15m or 1h30m, or in ISO 8601; becomes ISO 8601."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the duration as ISO 8601."""
        if _ISO.fullmatch(value.upper()) and value.upper() not in ("P", "PT"):
            return str(value.upper())
        found = _DURATION.fullmatch(value)
        if not value or not found:
            self.fail(f"{value!r} is no duration; write one like 15m or 1h30m", param, ctx)
        return f"PT{_seconds(found)}S"


@click.group(cls=Topic)
def sla() -> None:
    """Read and set the service-level targets."""


@sla.command("show")
@as_person
def show_policies(email: str | None) -> None:
    """Show the targets of each priority."""
    show(api(email).call("GET", PATH)["items"], _print)


@sla.command("set")
@click.option("--as", "email", metavar="EMAIL", help="Who acts; the first administrator if nobody.")
@click.argument("priority")
@click.option("--first-response", type=Duration(), help="Such as 15m.")
@click.option("--resolution", type=Duration(), help="Such as 4h.")
@click.option("--calendar", type=click.Choice(["24x7", "business"]), help="Which time counts.")
def set_policy(email: str | None, priority: str, **targets: str | None) -> None:
    """Give PRIORITY (P1 to P5) other targets; what is not said stays.

    Tickets that have the priority already keep theirs.
    """
    given = {name: value for name, value in targets.items() if value is not None}
    if not given:
        raise click.UsageError("say what to change: --first-response, --resolution or --calendar")
    desk = api(email, "admin")
    known = {policy["priority"]: policy for policy in desk.call("GET", PATH)["items"]}
    wanted = priority.upper()
    if wanted not in known:
        raise Refused(f"There is no priority {priority}; there are {', '.join(known)}.")
    kept = {name: known[wanted][name] for name in (*TARGETS, "calendar")}
    # Somebody else's change in between must not be undone by what was read before it.
    headers = {"If-Match": f'"{known[wanted]["version"]}"'}
    changed = desk.call("PUT", f"{PATH}/{wanted}", body={**kept, **given}, headers=headers)
    show(changed, lambda policy: _print([policy]))


def spoken(duration: str) -> str:
    """Return an ISO 8601 duration as people write it, such as 1h30m."""
    found = _ISO.fullmatch(duration)
    if not found:
        return plain(duration)
    rest, words = _seconds(found), ""
    for size, unit in zip(_SECONDS[1:], "hms", strict=True):
        count, rest = divmod(rest, size)
        words += f"{count}{unit}" if count else ""
    return words or "0s"


def _seconds(found: re.Match[str]) -> int:
    return sum(int(n or 0) * size for n, size in zip(found.groups(), _SECONDS, strict=True))


def _print(policies: list[dict[str, Any]]) -> None:
    rows = [{**policy, **{t: spoken(policy[t]) for t in TARGETS}} for policy in policies]
    names = ("priority", *TARGETS, "calendar", "version")
    table(rows, {name: name.replace("_", " ") for name in names})
