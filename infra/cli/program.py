"""The root of the command line: which commands there are, and what they all have in common."""

from __future__ import annotations

import errno
import os
from importlib import import_module
from typing import Any

import click

from infra.cli.failure import Failure
from infra.cli.output import want_json

# Command -> "module:attribute" below infra.cli, in the order of the help text.
COMMANDS = {
    "up": "platform:up",
    "down": "platform:down",
    "reset": "platform:reset",
    "status": "platform:status",
    "doctor": "doctor:doctor",
    "logs": "logs:logs",
    "token": "token:token",
    "mail": "mail:mail",
    "ticket": "ticket:ticket",
    "alert": "alert:alert",
    "sla": "sla:sla",
    "person": "person:person",
    "organisation": "person:organisation",
    "cost": "cost:cost",
    "deploy": "cloud:deploy",
    "destroy": "cloud:destroy",
}


def json_option() -> click.Option:
    """Return the option that every command has."""
    return click.Option(
        ["--json"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=want_json,
        help="Print JSON on stdout and nothing else there.",
    )


class Command(click.Command):
    """A command; all of them take ``--json``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(json_option())


class Topic(click.Group):
    """A group of commands about one thing."""

    command_class = Command


class Program(Topic):
    """All commands. Their modules are imported when they are asked for, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading its module."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(import_module(f"infra.cli.{module}"), name)
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; whatever goes wrong becomes one sentence."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            raise click.exceptions.Exit(130) from None
        except Exception as error:
            # A reader that has gone away (``| head``) is click's business.
            gone = isinstance(error, OSError) and error.errno == errno.EPIPE
            if gone or os.environ.get("ZERODESK_DEBUG"):
                raise
            raise Failure(
                f"This should not have happened: {type(error).__name__}: {error};"
                " run it again with ZERODESK_DEBUG=1 to see where."
            ) from error


@click.group(cls=Program, params=[json_option()], context_settings={"max_content_width": 100})
@click.version_option(package_name="zerodesk", message="%(version)s")
def cli() -> None:
    """IT service management that costs nothing while nobody uses it.

    Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the platform is not running or
    cannot be reached.
    """
