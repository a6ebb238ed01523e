"""JSON Schemas of the facts, made from their classes and kept in events/schemas/."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

import msgspec

import events
from events.envelope import Meta
from events.fact import KINDS, PRODUCT, Kind
from infra.build import ROOT

FOLDER = ROOT / "events/schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def load() -> None:
    """Import every module under events/, so that every fact is enrolled."""
    for module in pkgutil.iter_modules(events.__path__):
        importlib.import_module(f"events.{module.name}")


def schema_of(kind: Kind) -> Schema:
    """Return the JSON Schema of what a fact carries (``detail.data`` on the bus)."""
    return _standing_alone(kind.shape, f"urn:{PRODUCT}:fact:{kind.name}")


def schema_of_meta() -> Schema:
    """Return the JSON Schema of what every fact carries beside it (``detail.meta``)."""
    return _standing_alone(Meta, f"urn:{PRODUCT}:meta")


def all_schemas() -> dict[Path, Schema]:
    """Return every schema file and what belongs into it."""
    load()
    made = {FOLDER / f"{kind.name}.json": schema_of(kind) for kind in KINDS.values()}
    return {**made, FOLDER / "Meta.json": schema_of_meta()}


def type_name(field: Schema) -> str:
    """Return a short name of a field's type, for people."""
    if "$ref" in field:
        name = str(field["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(type_name(option) for option in field["anyOf"])
    if "enum" in field:
        return " / ".join(f"`{value}`" for value in field["enum"] if value is not None)
    if "const" in field:
        return f"`{field['const']}`"
    if field.get("type") == "array":
        return f"list of {type_name(field.get('items', {}))}"
    if field.get("type") == "object" and "additionalProperties" in field:
        return f"map to {type_name(field['additionalProperties'])}"
    return str(field.get("format") or field.get("type", "anything"))


def _standing_alone(shape: type[msgspec.Struct], urn: str) -> Schema:
    whole = msgspec.json.schema(shape)
    parts = {name: _said(part) for name, part in whole.get("$defs", {}).items()}
    root = parts.pop(shape.__name__)
    head = {"$schema": DIALECT, "$id": urn, **root}
    return {**head, "$defs": parts} if parts else head


def _said(part: Schema) -> Schema:
    """Take the source code's indentation out of a description that came from a docstring."""
    if "description" not in part:
        return part
    return {**part, "description": inspect.cleandoc(part["description"])}
