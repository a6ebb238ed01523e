"""Writes the list of facts for docs/events.md, between cog markers."""

from __future__ import annotations

import importlib
import json
from typing import Any

from events.fact import KINDS, Kind
from infra.build import having
from infra.schemas import load, schema_of, type_name


def listeners(kind: Kind) -> list[str]:
    """Return the services whose inbox hears a fact over the bus."""
    return [
        service
        for service in having("consumer")
        if kind.name in importlib.import_module(f"services.{service}.consumer").inbox.listens_to
    ]


def markdown() -> str:
    """Return one section per fact: what it means, who says it, who listens, what it carries."""
    load()
    lines: list[str] = []
    shared: dict[str, Any] = {}
    for kind in sorted(KINDS.values(), key=lambda k: (k.owner, k.name)):
        schema = schema_of(kind)
        shared |= schema.get("$defs", {})
        heard = ", ".join(listeners(kind)) or "nobody yet"
        lines += [f"### {kind.name}", "", schema["description"], ""]
        lines += [f"Published by **{kind.owner}**, heard by **{heard}**. "]
        lines[-1] += f"[Schema](../events/schemas/{kind.name}.json), "
        lines[-1] += f"[sample](../events/samples/{kind.name}.json)."
        lines += ["", *_fields(schema), ""]
    lines += ["## What facts are made of", ""]
    for name, part in sorted(shared.items()):
        lines += [f"### {name}", "", part.get("description", ""), "", *_fields(part), ""]
    return "\n".join(lines).rstrip()


def _fields(schema: dict[str, Any]) -> list[str]:
    required = set(schema.get("required", ()))
    rows = ["| field | type | |", "|---|---|---|"]
    for name, field in schema.get("properties", {}).items():
        default = "" if name in required else f"default `{_shown(field.get('default'))}`"
        rows.append(f"| `{name}` | {type_name(field)} | {default or 'always'} |")
    return rows


def _shown(value: Any) -> str:
    return "none" if value is None else json.dumps(value)
