"""What a command prints: data on stdout, everything else on stderr.

rich is imported where it is used: most commands never need it.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.status import Status

_JSON = "zerodesk.json"
# A ticket's words come from strangers: no escape sequence of theirs may reach the terminal.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# A pipe has no width; a reader at its other end wants whole words.
_PIPE_WIDTH = 400
# Shorter waits are not worth a display.
_PATIENCE = 1.0


def want_json(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Remember that the output shall be JSON, wherever ``--json`` stood."""
    if wanted:
        ctx.meta[_JSON] = True


def json_wanted() -> bool:
    """Say whether the caller wants JSON."""
    ctx = click.get_current_context(silent=True)
    return bool(ctx and ctx.meta.get(_JSON))


def plain(text: object) -> str:
    """Return a text without the characters that steer a terminal."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", str(text))


def show(data: Any, human: Callable[[Any], None]) -> None:
    """Print a result: as JSON if that is wanted, else as ``human`` prints it."""
    if json_wanted():
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        human(data)


def say(text: str) -> None:
    """Print one line for people; with ``--json`` nothing."""
    if not json_wanted():
        click.echo(plain(text))


def table(
    rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str], *, fold: bool = True
) -> None:
    """Print rows; ``columns`` are the titles by key.

    ``fold`` keeps them within the terminal; without it every word can be copied.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    listing = Table(box=None, pad_edge=False, header_style="bold")
    for title in columns.values():
        listing.add_column(title, overflow="fold")
    for row in rows:
        cells = ("" if row.get(key) is None else str(row[key]) for key in columns)
        listing.add_row(*(Text(plain(cell)) for cell in cells))
    width = None if fold and sys.stdout.isatty() else _PIPE_WIDTH
    Console(width=width, highlight=False, markup=False).print(listing, soft_wrap=not fold)


def record(data: Mapping[str, Any], names: Sequence[str]) -> None:
    """Print the named members of a thing that it has, one per line."""
    width = max(map(len, names))
    for name in names:
        value = data.get(name)
        if value not in (None, "", [], {}):
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            click.echo(f"{name.replace('_', ' '):<{width}}  {plain(text)}")


class Wait:
    """What is being waited for, shown on the terminal once it takes longer than a moment."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._status: Status | None = None
        self._lock = threading.Lock()
        self._over = False

    def __call__(self, what: str) -> None:
        """Say what is being waited for now."""
        with self._lock:
            self._what = what
            if self._status:
                self._status.update(plain(what))

    def begin(self) -> None:
        """Show the display, unless the wait is over."""
        from rich.console import Console

        with self._lock:
            if not self._over:
                self._status = Console(stderr=True, markup=False).status(plain(self._what))
                self._status.start()

    def end(self) -> None:
        """Take the display away."""
        with self._lock:
            self._over = True
            if self._status:
                self._status.stop()


@contextmanager
def waiting(what: str) -> Iterator[Wait]:
    """Show on a terminal what is being waited for, if it takes long; call it to say more."""
    wait = Wait(what)
    timer = threading.Timer(_PATIENCE, wait.begin)
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        yield wait
    finally:
        timer.cancel()
        wait.end()
