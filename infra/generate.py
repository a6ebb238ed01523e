"""Writes everything that is derived from the code, or with ``--check`` proves it is current.

Routes and event patterns in the templates, docs/events.md and docs/api.md, the OpenAPI document,
the facts' schemas and samples.
"""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path
from typing import Any

from cogapp import Cog

from infra import openapi, samples, schemas
from infra.build import ROOT
from infra.compatibility import breaks

ISLANDS = ("infra/*.yaml", "docs/events.md", "docs/api.md")


def expected() -> dict[Path, str]:
    """Return every generated file and what it should hold."""
    files: dict[Path, Any] = {**schemas.all_schemas(), **samples.all_samples()}
    files[ROOT / "docs/openapi.json"] = openapi.document()
    made = {path: json.dumps(value, indent=2, ensure_ascii=False) + "\n"
            for path, value in files.items()}  # fmt: skip
    # Served as it is: small, because each answer is paid for.
    served = json.dumps(openapi.document(), ensure_ascii=False, separators=(",", ":"))
    made[ROOT / "services/desk/openapi.json"] = served + "\n"
    for pattern in ISLANDS:
        for path in sorted(ROOT.glob(pattern)):
            made[path] = with_islands(path)
    return made


def with_islands(path: Path) -> str:
    """Return a file with its cog islands written anew."""
    cog = Cog()
    return str(cog.process_string(path.read_text(), str(path)))


def forgotten(files: dict[Path, str]) -> list[Path]:
    """Return the schemas and samples of facts that no longer exist."""
    kept = [*schemas.FOLDER.glob("*.json"), *samples.FOLDER.glob("*.json")]
    return sorted(path for path in kept if path not in files)


def broken(files: dict[Path, str]) -> list[str]:
    """Return what the facts, as they are now, break for readers of the committed schemas."""
    found = []
    for path in sorted(schemas.FOLDER.glob("*.json")):
        if path not in files:
            found.append(f"{path.stem}: the fact is gone")
            continue
        old, new = json.loads(path.read_text()), json.loads(files[path])
        found += [f"{path.stem}: {sentence}" for sentence in breaks(old, new)]
    return found


def main() -> None:
    """Write what differs; with ``--check`` only say so and fail."""
    files = expected()
    if harm := broken(files):
        sys.exit(
            "zerodesk: facts only gain optional fields, declare a new fact instead "
            "(docs/events.md):\n  " + "\n  ".join(harm)
        )
    differing = {path: text for path, text in files.items() if _held(path) != text}
    stale = forgotten(files)
    if "--check" in sys.argv[1:]:
        for path, text in differing.items():
            sys.stderr.writelines(_difference(path, text))
        names = [str(path.relative_to(ROOT)) for path in (*differing, *stale)]
        sys.exit(f"zerodesk: not current, run make generate: {', '.join(names)}" if names else 0)
    for path, text in differing.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in stale:
        path.unlink()


def _held(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def _difference(path: Path, text: str) -> list[str]:
    held = (_held(path) or "").splitlines(keepends=True)
    name = str(path.relative_to(ROOT))
    return list(difflib.unified_diff(held, text.splitlines(keepends=True), name, "generated"))[:40]


if __name__ == "__main__":
    main()
