"""``zerodesk ticket``: the desk's work, over the HTTP API."""

from __future__ import annotations

import re
import sys
from typing import Any

import click

from infra.cli.api import Api
from infra.cli.failure import Refused
from infra.cli.output import plain, record, show, table, waiting
from infra.cli.program import Topic
from infra.cli.signin import api, as_person

PAGE = 100
NUMBER = re.compile(r"^[A-Z]{3}-\d{6,}$", re.IGNORECASE)
FILTERS = ("state", "team", "assignee", "requester", "kind", "priority")
if_version = click.option(
    "--if-version", type=int, help="Refuse if the ticket has changed since this version."
)
ticket_argument = click.argument("ticket_id", metavar="TICKET")


@click.group(cls=Topic)
def ticket() -> None:
    """Work with tickets. TICKET is an id or a number such as INC-000123."""


@ticket.command("list")
@as_person
@click.option("--state", multiple=True)
@click.option("--team", multiple=True)
@click.option("--assignee", multiple=True)
@click.option("--requester", multiple=True)
@click.option("--kind", multiple=True)
@click.option("--priority", multiple=True)
@click.option("--search", "q", help="Words to be found in number, subject, requester or text.")
@click.option("--limit", type=click.IntRange(1), default=25, show_default=True)
def list_tickets(email: str | None, q: str | None, limit: int, **filters: tuple[str, ...]) -> None:
    """List tickets, the newest first."""
    query = {"q": q, "limit": min(limit, PAGE), **{name: filters[name] for name in FILTERS}}
    found: list[dict[str, Any]] = []
    with waiting("Reading tickets"):
        for page in api(email).pages("/tickets", query):
            found += page["items"]
            if len(found) >= limit:
                break
    show(found[:limit], _print_tickets)


@ticket.command("show")
@as_person
@ticket_argument
@click.option("--timeline", is_flag=True, help="What happened to it, too.")
def show_ticket(email: str | None, ticket_id: str, timeline: bool) -> None:
    """Show a ticket."""
    desk = api(email)
    found = _find(desk, ticket_id)
    if timeline:
        path = f"/tickets/{found['id']}/timeline"
        pages = desk.pages(path, {"limit": PAGE})
        found["timeline"] = [entry for page in pages for entry in page["items"]]
    show(found, _print_ticket)


@ticket.command()
@as_person
@click.argument("subject")
@click.option("--text", default="", help="What it is about; - reads it from stdin.")
@click.option("--kind", default="incident", show_default=True)
@click.option("--impact", type=click.IntRange(1, 3), help="1 high, 2 medium, 3 low.")
@click.option("--urgency", type=click.IntRange(1, 3), help="1 high, 2 medium, 3 low.")
@click.option("--requester", help="On whose behalf (the desk's staff only).")
@click.option("--team")
@click.option("--tag", "tags", multiple=True)
@click.option("--idempotency-key", help="The same key again opens no second ticket.")
def new(email: str | None, idempotency_key: str | None, **form: Any) -> None:
    """Open a ticket about SUBJECT."""
    form["text"] = _words(form["text"])
    body = {name: value for name, value in form.items() if value not in (None, "", ())}
    headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
    opened = api(email).call("POST", "/tickets", body=body, headers=headers)
    show(opened, lambda t: click.echo(f"{t['number']} is open (id {t['id']})."))


@ticket.command()
@as_person
@ticket_argument
@click.argument("text")
@click.option("--internal", is_flag=True, help="For the desk only; the requester is not told.")
def comment(email: str | None, ticket_id: str, text: str, internal: bool) -> None:
    """Add words to a ticket; TEXT - reads them from stdin."""
    desk = api(email)
    path = f"/tickets/{_id(desk, ticket_id)}/comments"
    body = {"text": _words(text), "public": not internal}
    added = desk.call("POST", path, body=body)
    show(added, lambda c: click.echo(f"Comment {c['id']} was added."))


@ticket.command()
@as_person
@ticket_argument
@click.argument("state")
@click.option("--reason", help="Why; on_hold needs a hold reason, cancelled any.")
@click.option("--resolution", help="What was done; resolved needs it.")
@click.option("--code", help="Resolution code, such as fixed_by_workaround.")
@click.option("--comment", "words", help="Words for the requester, with the move.")
@if_version
def move(email: str | None, ticket_id: str, state: str, **given: Any) -> None:
    """Move a ticket to STATE, such as in_progress, on_hold, resolved or closed."""
    body = {"to": state, "reason": given["reason"], "comment": given["words"]}
    body["resolution"] = given["resolution"]
    if given["code"]:
        body["resolution"] = {"code": given["code"], "notes": given["resolution"] or ""}
    body = {name: value for name, value in body.items() if value is not None}
    moved = _change(api(email), ticket_id, "moves", body, given["if_version"])
    show(moved, lambda t: click.echo(f"{t['number']} is {t['state']}."))


@ticket.command()
@as_person
@ticket_argument
@click.option("--team", help="Which team has it.")
@click.option("--assignee", metavar="EMAIL", help="Who has it.")
@click.option("--no-team", is_flag=True, help="Take it off its team.")
@click.option("--no-assignee", is_flag=True, help="Take it off its assignee.")
@if_version
def assign(email: str | None, ticket_id: str, **given: Any) -> None:
    """Give a ticket to a team, a person, or both."""
    body: dict[str, str | None] = {}
    for name in ("team", "assignee"):
        if given[name] and given[f"no_{name}"]:
            raise click.UsageError(f"--{name} and --no-{name} contradict each other")
        if given[name] or given[f"no_{name}"]:
            body[name] = given[name]
    if not body:
        raise click.UsageError("say to whom: --team, --assignee, --no-team or --no-assignee")
    changed = _change(api(email), ticket_id, "assignment", body, given["if_version"])
    show(changed, _print_hands)


def _change(
    desk: Api, ticket_id: str, what: str, body: dict[str, Any], version: int | None
) -> dict[str, Any]:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    path = f"/tickets/{_id(desk, ticket_id)}/{what}"
    answer: dict[str, Any] = desk.call("POST", path, body=body, headers=headers)
    return answer


def _find(desk: Api, ticket_id: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.call("GET", f"/tickets/{_id(desk, ticket_id)}")
    return found


def _id(desk: Api, given: str) -> str:
    """Return the id of a ticket that may be named by its number."""
    from urllib.parse import quote

    if not NUMBER.match(given):
        return quote(given, safe="")
    wanted = given.upper()
    for page in desk.pages("/tickets", {"q": wanted, "limit": PAGE}):
        for item in page["items"]:
            if item["number"] == wanted:
                return str(item["id"])
    raise Refused(f"There is no ticket {wanted} here.", status=404)


def _words(text: str) -> str:
    return sys.stdin.read() if text == "-" else text


def _print_tickets(tickets: list[dict[str, Any]]) -> None:
    names = ("number", "state", "priority", "team", "assignee", "subject")
    table(tickets, {name: name for name in names})


def _print_ticket(found: dict[str, Any]) -> None:
    names = (
        "number id kind state subject requester channel team assignee priority impact urgency tags"
        " opened_at resolved_at hold_reason version next_states"
    )
    record(found, names.split())
    for clock, moment in (found.get("due") or {}).items():
        click.echo(f"due {clock}  {moment}")
    if found.get("text"):
        click.echo("\n" + plain(found["text"]))
    for entry in found.get("timeline", []):
        click.echo(f"{entry['sequence']:>4}  {entry['at']}  {entry['kind']}")


def _print_hands(found: dict[str, Any]) -> None:
    team, assignee = found.get("team") or "no team", found.get("assignee") or "nobody"
    click.echo(plain(f"{found['number']} is with {team}, {assignee}."))
