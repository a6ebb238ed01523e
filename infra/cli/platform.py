"""``zerodesk up``, ``down``, ``reset`` and ``status``: the platform on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from infra.cli.endpoints import document
from infra.cli.failure import Failure, Unreachable
from infra.cli.output import json_wanted, plain, say, show, table, waiting
from infra.cli.program import Command

ADDRESSES = ("web", "api", "smtp", "mail", "aws", "mailbox", "log")


@click.command(cls=Command)
@click.option("--detach", "-d", is_flag=True, help="Return when everything runs (as --json does).")
@click.option("--fresh", is_flag=True, help="Forget all tickets, mails and people first.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the web app.")
def up(detach: bool, fresh: bool, port: int | None) -> None:
    """Start the platform; without --detach print its log, and stop it at Ctrl-C."""
    from infra.local import launcher

    with _told_in_one_sentence(), waiting("Starting the platform") as step:
        launcher.up(fresh=fresh, port=port, say=step)
    show(document(), _print_status)
    if detach or json_wanted():
        return
    say("\nCtrl-C stops the platform. What it writes from here on:\n")
    try:
        _follow()
    except KeyboardInterrupt:
        _stop()


@click.command(cls=Command)
def down() -> None:
    """Stop the platform; everything is kept."""
    _stop()


@click.command(cls=Command)
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Stop the platform and forget all tickets, mails and people on this machine."""
    from infra.local import launcher

    if not yes:
        click.confirm("Forget everything in the platform on this machine?", abort=True, err=True)
    with _told_in_one_sentence(), waiting("Forgetting"):
        launcher.reset()
    show({"reset": True}, lambda _: click.echo("Everything is forgotten."))


@click.command(cls=Command)
def status() -> None:
    """Show where the platform is and who may sign in."""
    from infra.local import launcher

    with _told_in_one_sentence():
        if not launcher.status():
            raise Unreachable("The platform is not running; start it with `zerodesk up`.")
    show(document(), _print_status)


def _stop() -> None:
    from infra.local import launcher

    with _told_in_one_sentence(), waiting("Stopping the platform"):
        launcher.down()
    show({"running": False}, lambda _: click.echo("The platform is stopped."))


def _follow() -> None:
    from pathlib import Path

    from infra.cli import logs
    from infra.cli.endpoints import here

    logs.read(Path(here().log), follow=True)


@contextmanager
def _told_in_one_sentence() -> Iterator[None]:
    from infra.local.places import LocalError

    try:
        yield
    except LocalError as error:
        raise Failure(str(error)) from error


def _print_status(known: dict[str, Any]) -> None:
    for name in ADDRESSES:
        click.echo(plain(f"{name:<8} {known.get(name, '')}"))
    for source, url in known["hooks"].items():
        click.echo(plain(f"hook     {source}: {url}"))
    click.echo()
    columns = ("email", "name", "role", "language", "password")
    table(known["people"], {name: name for name in columns})
