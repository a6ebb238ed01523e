"""Reading what a caller sends: every bad field is named, not only the first."""

from __future__ import annotations

import re
from typing import Any, NewType, TypeVar, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from shared.refusal import Flaw, Invalid

T = TypeVar("T")
# The body of a route that reads the bytes itself, such as a webhook with a signature over them.
Raw = NewType("Raw", bytes)

_PLACE = re.compile(r" - at `\$(?P<path>.*)`$")


def read_body(raw: bytes, shape: type[T]) -> T:
    """Return a JSON body as ``shape``; raises ``Invalid`` naming every bad field."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        wrong = error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_json(error) from error
    try:
        given = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # The shape was wrong before the place was reached where it stops being JSON.
        raise _not_json(error) from error
    raise _refusal("The body", given, shape, wrong) from wrong


def read_query(given: dict[str, list[str]], shape: type[T]) -> T:
    """Return a query string as ``shape``; a repeated or comma-separated value fills a list."""
    wanted = {field.name: field for field in fields(shape)}  # type: ignore[arg-type]
    query: dict[str, Any] = {}
    for name, values in given.items():
        if name in wanted and get_origin(wanted[name].type) is list:
            query[name] = [word for value in values for word in value.split(",") if word]
        else:
            query[name] = values[-1]
    try:
        return msgspec.convert(query, shape, strict=False)
    except msgspec.ValidationError as error:
        raise _refusal("The query", query, shape, error, strict=False) from error


def _not_json(error: Exception) -> Invalid:
    return Invalid("The body is not JSON.", Flaw("", str(error)))


def _refusal(
    what: str, given: Any, shape: Any, error: msgspec.ValidationError, *, strict: bool = True
) -> Invalid:
    found = _flaws(given, shape, "", strict) or [_flaw(error, "")]
    return Invalid(f"{what} has {len(found)} bad field{'s' * (len(found) > 1)}.", *found)


def _flaws(given: Any, shape: Any, path: str, strict: bool) -> list[Flaw]:
    if not isinstance(given, dict):
        return []
    wanted = {field.encode_name: field for field in fields(shape)}
    found = [Flaw(path + name, "unknown field") for name in given if name not in wanted]
    for name, field in wanted.items():
        if name not in given:
            found += [Flaw(path + name, "required")] if field.required else []
        else:
            found += _flaws_of_field(given[name], field, path + name, strict)
    return found


def _flaws_of_field(value: Any, field: FieldInfo, path: str, strict: bool) -> list[Flaw]:
    try:
        msgspec.convert(value, field.type, strict=strict)
    except msgspec.ValidationError as error:
        inner = _struct_in(field.type)
        deeper = _flaws(value, inner, f"{path}.", strict) if inner else []
        return deeper or [_flaw(error, path)]
    return []


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    for candidate in (hint, *get_args(hint)):
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return candidate
    return None


def _flaw(error: msgspec.ValidationError, path: str) -> Flaw:
    text = str(error)
    place = _PLACE.search(text)
    detail = _PLACE.sub("", text).replace("`", "'")
    return Flaw(path + (place["path"] if place else ""), detail)
