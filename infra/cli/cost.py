"""``zerodesk cost``: what the platform asked of AWS, and what that would cost there."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

import click

from infra import cost as costs
from infra.cli.endpoints import here, home
from infra.cli.failure import Unreachable
from infra.cli.output import show, table
from infra.cli.program import Command


@click.command(cls=Command)
@click.option("--mark", is_flag=True, help="Count from now on; the next `zerodesk cost` shows it.")
def cost(mark: bool) -> None:
    """Show the calls since the last mark, priced with AWS's list prices."""
    counted = _counted(here().aws)
    kept = home() / "meter.json"
    if mark:
        kept.write_text(json.dumps(counted))
        show({"marked": True}, lambda _: click.echo("Counting from here."))
        return
    before: dict[str, int] = json.loads(kept.read_text()) if kept.exists() else {}
    # The meter begins anew with the emulator; an older mark is then ahead of it.
    stale = any(counted.get(key, 0) < value for key, value in before.items())
    since = counted if stale else {k: v - before.get(k, 0) for k, v in counted.items()}
    found = costs.bill(since)
    document = {
        "lines": [line._asdict() for line in found.lines],
        "usd": found.usd,
        "usd_without_mail": found.usd_without_mail,
    }
    show(document, _print)


def _counted(aws: str) -> dict[str, int]:
    import urllib3

    from infra.local.host.meter import PATH

    try:
        answer = urllib3.request("GET", urljoin(aws, PATH), timeout=5, retries=False)
    except urllib3.exceptions.HTTPError as error:
        raise Unreachable("The platform does not answer; start it with `zerodesk up`.") from error
    counted: dict[str, int] = json.loads(answer.data)
    return counted


def _print(document: dict[str, Any]) -> None:
    rows = [{**line, "usd": f"{line['usd']:.7f}"} for line in document["lines"]]
    table(rows, {"name": "what", "units": "count", "usd": "USD"})
    click.echo(
        f"Together {document['usd']:.6f} USD, {document['usd_without_mail']:.6f} without mail."
    )
