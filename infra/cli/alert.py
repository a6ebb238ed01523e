"""``zerodesk alert``: what monitoring products do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from infra.cli.api import Api
from infra.cli.output import show
from infra.cli.program import Topic


@click.group(cls=Topic)
def alert() -> None:
    """Play a monitoring product."""


@alert.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="alertmanager", show_default=True, help="Which webhook to call.")
def send(file: Path, source: str) -> None:
    """Send the payload in FILE to the webhook of a source, byte for byte."""
    from infra.cli.endpoints import here

    hooks = here().hooks
    if source not in hooks:
        known = ", ".join(sorted(hooks)) or "none"
        raise click.BadParameter(f"no such webhook; there are: {known}", param_hint="--source")
    answer = Api(hooks[source]).call("POST", body=file.read_bytes())
    show({"source": source, "answer": answer}, _told)


def _told(result: dict[str, Any]) -> None:
    click.echo(f"{result['source']} took the alert.")
