"""``zerodesk up``, ``down``, ``reset`` and ``status``: the platform on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from infra.cli import logs
from infra.cli.endpoints import document, home
from infra.cli.failure import Failure, Unreachable
from infra.cli.output import json_wanted, plain, say, show, table, waiting
from infra.cli.program import Command

ADDRESSES = ("web", "api", "smtp", "mail", "aws", "mailbox", "log")


@click.command(cls=Command)
@click.option("--detach", "-d", is_flag=True, help="Return when everything runs (as --json does).")
@click.option("--fresh", is_flag=True, help="Forget all tickets, mails and people first.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the web app; 8080 if none.")
def up(detach: bool, fresh: bool, port: int | None) -> None:
    """Start the platform; without --detach print its log, and stop it at Ctrl-C."""
    from infra.local import launcher

    stay = not (detach or json_wanted())
    # Somebody else's platform is looked at, not stopped.
    ours = fresh or not launcher.status(folder=home())
    with _told_in_one_sentence(), waiting("Starting the platform") as step:
        known = launcher.up(port=port, fresh=fresh, tied=stay, folder=home(), say=step)
    show(known, _print_status)
    if stay:
        say("\nCtrl-C stops the platform. Its log:" if ours else "\nCtrl-C ends this. The log:")
        try:
            logs.read(Path(known["log"]), follow=True)
        except KeyboardInterrupt:
            if ours:
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
        launcher.reset(folder=home())
    show({"reset": True}, lambda _: click.echo("Everything is forgotten."))


@click.command(cls=Command)
def status() -> None:
    """Show where the platform is and who may sign in."""
    from infra.local import launcher

    if not launcher.status(folder=home()):
        raise Unreachable("The platform is not running; start it with `zerodesk up`.")
    show(document(), _print_status)


def _stop() -> None:
    from infra.local import launcher

    with _told_in_one_sentence(), waiting("Stopping the platform"):
        running = launcher.down(folder=home())
    words = "The platform is stopped." if running else "The platform was not running."
    show({"was_running": running}, lambda _: click.echo(words))


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
    table(known["people"], {name: name for name in columns}, fold=False)
