"""How a command fails: one sentence on stderr, an exit code, never a traceback."""

from __future__ import annotations

import json
import sys
from typing import IO, Any

import click

from infra.cli.output import json_wanted, plain

REFUSED = 1
NOT_RUNNING = 3


class Failure(click.ClickException):
    """The command could not do what was asked; the message is one sentence.

    With ``--json`` the problem document (RFC 9457) is printed on stdout as well.
    """

    exit_code = REFUSED

    def __init__(self, message: str, **problem: Any) -> None:
        super().__init__(message)
        self.problem = {"detail": message, **problem}
        # The context is gone by the time the exception is shown.
        self._as_json = json_wanted()

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence, and below it what the problem names: fields, legal moves."""
        click.echo(f"zerodesk: {plain(self.message)}", err=True)
        for line in self._particulars():
            click.echo(f"  {plain(line)}", err=True)
        if self._as_json:
            sys.stdout.write(json.dumps(self.problem, ensure_ascii=False) + "\n")

    def _particulars(self) -> list[str]:
        lines = []
        for name, value in self.problem.items():
            if name == "errors" and isinstance(value, list):
                lines += [f"{e.get('field') or 'body'}: {e.get('detail')}" for e in value]
            elif isinstance(value, list) and not any(isinstance(v, dict) for v in value):
                lines.append(f"{name}: {', '.join(map(str, value)) or 'none'}")
        return lines


class Refused(Failure):
    """The platform understood and said no."""


class Unreachable(Failure):
    """The platform is not running, or does not answer."""

    exit_code = NOT_RUNNING
