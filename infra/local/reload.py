"""Brings saved code into the running platform."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from watchfiles import DefaultFilter, awatch

from infra.local.places import ROOT

EVERYBODY = "*"
TEMPLATES = "templates"
_WATCHED = ("services", "shared", "events", "infra")
_SUFFIXES = (".py", ".json", ".txt", ".html", ".yaml")
_logger = logging.getLogger(__name__)


def concerned(paths: Iterable[Path], root: Path = ROOT) -> set[str]:
    """Return the services whose code changed, or one of the two words above."""
    names = set()
    for path in paths:
        parts = path.relative_to(root).parts
        if path.suffix not in _SUFFIXES:
            continue
        if parts[0] in ("shared", "events"):
            names.add(EVERYBODY)
        elif parts[0] == "services" and len(parts) > 2 and parts[1] != "web":
            names.add(parts[1])
        elif path.suffix == ".yaml" and len(parts) <= 2:
            names.add(TEMPLATES)
    return names


async def watch(renew: Callable[[set[str]], None], stop: asyncio.Event) -> None:
    """Call ``renew`` in a thread with what is concerned, after each save, until told to stop."""
    folders = [ROOT / name for name in _WATCHED if (ROOT / name).is_dir()]
    files = [ROOT / "template.yaml"]
    changes = awatch(
        *folders,
        *(file for file in files if file.exists()),
        watch_filter=DefaultFilter(),
        debounce=300,
        step=150,
        rust_timeout=60_000,
        stop_event=stop,
        ignore_permission_denied=True,
    )
    async for changed in changes:
        names = concerned(Path(path) for _, path in changed)
        if not names:
            continue
        try:
            await asyncio.to_thread(renew, names)
        except Exception:
            # A half-saved file must not end the watching; the next save tries again.
            _logger.exception("the saved code could not be brought in")
