"""Writes docs/cli.md from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator

import click

from infra.cli.program import cli

WIDTH = 96
PREFACE = """\
# The command line

Written by `make generate` from the commands themselves; what stands here is what `--help` says.

Every command takes `--json`: then stdout holds JSON and nothing else, the problem document
(RFC 9457) of a refusal included. Messages for people go to stderr.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | refused, or failed; one sentence says why, and a line per bad field |
| 2 | wrong usage |
| 3 | the platform is not running or cannot be reached |
| 130 | interrupted |

| variable | meaning |
|---|---|
| `ZERODESK_HOME` | another folder than `.local` for the platform on this machine |
| `ZERODESK_API`, `ZERODESK_TOKEN` | together: the API elsewhere, and an access token for it |
| `ZERODESK_PASSWORD` | the password of a person who is not one of the demo people |
| `ZERODESK_DEBUG` | show where an unexpected error came from |
"""


def markdown() -> str:
    """Return the reference of all commands, in the order of the help text."""
    parts = [PREFACE]
    for path, command in commands():
        depth = "#" * min(len(path) + 1, 4)
        parts.append(f"{depth} {' '.join(path)}\n\n```text\n{_help(path, command)}\n```\n")
    return "\n".join(parts)


def commands() -> Iterator[tuple[list[str], click.Command]]:
    """Return every command with the words that call it."""
    yield from _below(["zerodesk"], cli)


def _below(path: list[str], command: click.Command) -> Iterator[tuple[list[str], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        ctx = _context(path, command)
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            if found:
                yield from _below([*path, name], found)


def _context(path: list[str], command: click.Command) -> click.Context:
    return click.Context(command, info_name=" ".join(path), terminal_width=WIDTH)


def _help(path: list[str], command: click.Command) -> str:
    text = command.get_help(_context(path, command))
    return "\n".join(line.rstrip() for line in text.splitlines())
