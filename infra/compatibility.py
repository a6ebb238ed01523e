"""Says what a new JSON Schema breaks for those who wrote, or read, by the old one.

Facts only gain optional fields (docs/events.md): what was sent yesterday must be readable
tomorrow, and what a reader relied on must still come. Anything else is a new fact.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]

# A bound may be loosened, never tightened or newly set.
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("pattern", "format", "multipleOf", "const", "uniqueItems")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return one sentence for each thing that ``new`` breaks, none if it only grew."""
    return sorted(set(_Comparison(old, new).compare(old, new, "")))


class _Comparison:
    """Two whole documents, whose ``$ref`` are looked up each in its own."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old
        self._new = new
        self._seen: set[tuple[str, str]] = set()

    def compare(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        pair = (str(old.get("$ref", "")), str(new.get("$ref", "")))
        if all(pair):
            if pair in self._seen:
                return
            self._seen.add(pair)
        old, new = _resolved(self._old, old), _resolved(self._new, new)
        choices = new.get("anyOf", [new])
        for option in old.get("anyOf", [old]):
            answers = [list(self._one(option, choice, at)) for choice in choices]
            yield from min(answers, key=len)

    def _one(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        old, new = _resolved(self._old, old), _resolved(self._new, new)
        where = at or "the fact"
        if "enum" in new or "enum" in old:
            yield from _enums(old, new, where)
            return
        if new.get("type") not in (None, old.get("type")) and not _widened(old, new):
            yield f"{where} was {old.get('type', 'anything')} and is {new['type']}"
            return
        yield from _bounds(old, new, where)
        yield from self._fields(old, new, at)
        for key in ("items", "additionalProperties"):
            if isinstance(new.get(key), dict):
                inner = old[key] if isinstance(old.get(key), dict) else {}
                yield from self.compare(inner, new[key], f"{at}[]")
            elif new.get(key) is False and old.get(key) is not False:
                yield f"{where} no longer takes unknown fields"

    def _fields(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        had, has = set(old.get("required", ())), set(new.get("required", ()))
        for name, field in before.items():
            path = f"{at}.{name}".lstrip(".")
            if name not in after:
                yield f"{path} is gone"
                continue
            yield from self.compare(field, after[name], path)
            if name in had - has:
                yield f"{path} was always there and is optional"
            both_optional = name not in had | has
            if both_optional and field.get("default") != after[name].get("default"):
                yield f"{path} meant {_said(field)} when left out and means {_said(after[name])}"
        for name in sorted(has - had):
            yield f"{f'{at}.{name}'.lstrip('.')} is required and was not"


def _resolved(document: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = document
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _enums(old: Schema, new: Schema, where: str) -> Iterator[str]:
    if "enum" not in new:
        if new.get("type") not in (None, "string"):
            yield f"{where} was one of some words and is {new['type']}"
    elif "enum" not in old:
        yield f"{where} takes only some words now"
    else:
        for value in old["enum"]:
            if value not in new["enum"]:
                yield f"{where} no longer takes {value!r}"


def _widened(old: Schema, new: Schema) -> bool:
    return (old.get("type"), new.get("type")) == ("integer", "number")


def _bounds(old: Schema, new: Schema, where: str) -> Iterator[str]:
    tighter: list[tuple[tuple[str, ...], Callable[[Any, Any], bool]]] = [
        (_LOWER, lambda a, b: b > a),
        (_UPPER, lambda a, b: b < a),
        (_EXACT, lambda a, b: b != a),
    ]
    for keys, is_tighter in tighter:
        for key in keys:
            if key in new and (key not in old or is_tighter(old[key], new[key])):
                yield f"{where} has {key} {new[key]}, it had {old.get(key, 'none')}"


def _said(field: Schema) -> str:
    return json.dumps(field.get("default"))
