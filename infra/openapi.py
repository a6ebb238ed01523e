"""Describes the HTTP API in OpenAPI 3.1, from the doors' routes and the structs they declare.

Written to docs/openapi.json, and into desk's package, which serves it at ``GET /openapi.json``.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec

from infra.build import ROOT, having
from infra.routes import Route, declared
from infra.schemas import Schema, type_name
from shared.door import LARGEST_BODY, Answer
from shared.forms import Raw
from shared.problem import MEDIA_TYPE, Problem

_REF = "#/components/schemas/{name}"
# What a view asks of its call shows which headers it understands.
_HEADERS = {
    "idempotency_key": (
        "Idempotency-Key",
        "The same key within 24 hours answers the same and does nothing again.",
    ),
    "if_match": ("If-Match", "Refused with 412 unless the ticket still has this ETag."),
}


def all_routes() -> list[Route]:
    """Return every route of every door, by path."""
    found = [route for service in having("door") for route in declared(service)]
    return sorted(found, key=lambda route: (route.path, route.method))


def document() -> Schema:
    """Return the OpenAPI document."""
    routes = all_routes()
    shapes = _Shapes(routes)
    paths: dict[str, Schema] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "zerodesk",
            "version": _version(),
            "description": "Tickets and what belongs to them. Errors are RFC 9457 problems.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api"}],
        "tags": [{"name": service} for service in sorted({route.service for route in routes})],
        "paths": paths,
        "components": {
            "schemas": shapes.components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def markdown() -> str:
    """Return docs/api.md's generated part: one section per route, then the shapes."""
    described = document()
    lines: list[str] = []
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            lines += _section(method.upper(), path, operation)
    lines += ["## Shapes", ""]
    for name, schema in sorted(described["components"]["schemas"].items()):
        lines += [f"### {name}", ""]
        if "description" in schema:
            lines += [schema["description"], ""]
        if "properties" in schema:
            lines += [*_table(schema), ""]
    return "\n".join(lines).rstrip()


class _Shapes:
    """The structs of all operations as JSON Schemas that refer to each other."""

    def __init__(self, routes: list[Route]) -> None:
        hints = {id(Problem): Problem}
        for route in routes:
            for hint in (route.operation.takes, route.operation.gives):
                if _has_schema(hint):
                    hints[id(hint)] = hint
        wanted = list(hints.values())
        schemas, components = msgspec.json.schema_components(wanted, ref_template=_REF)
        self._of = dict(zip(hints, schemas, strict=True))
        self._wanted = wanted
        self.components: dict[str, Schema] = {
            name: _cleaned(schema) for name, schema in sorted(components.items())
        }

    def of(self, hint: Any) -> Schema:
        """Return the schema, or reference, of a declared shape."""
        return self._of.get(id(hint), {})


def _has_schema(hint: Any) -> bool:
    return hint not in (None, type(None), Any, Answer, Raw, inspect.Parameter.empty)


def _operation(route: Route, shapes: _Shapes) -> Schema:
    summary, _, more = (inspect.getdoc(route.view) or "").partition("\n\n")
    made: Schema = {
        "operationId": route.name,
        "tags": [route.service],
        "summary": summary.replace("\n", " "),
        "responses": _responses(route, shapes),
    }
    if more:
        made["description"] = more
    if parameters := [*_path(route), *_query(route), *_headers(route)]:
        made["parameters"] = parameters
    if route.operation.takes is Raw:
        made["requestBody"] = {"required": True, "content": {"*/*": {}}}
    elif route.operation.takes:
        body = {"application/json": {"schema": shapes.of(route.operation.takes)}}
        made["requestBody"] = {"required": True, "content": body}
    if route.signed:
        made["security"] = [{"token": []}]
    return made


def _responses(route: Route, shapes: _Shapes) -> Schema:
    done = HTTPStatus(route.operation.status)
    good: Schema = {"description": done.phrase}
    if _has_schema(route.operation.gives):
        good["content"] = {"application/json": {"schema": shapes.of(route.operation.gives)}}
    problem = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}}
    refusals = {
        status: {"description": reason, "content": problem} for status, reason in _refusals(route)
    }
    return {str(int(done)): good, **refusals}


def _refusals(route: Route) -> Iterator[tuple[str, str]]:
    if route.signed:
        yield "401", "No valid access token"
        yield "403", "The caller's roles do not allow this"
    if "{" in route.path:
        yield "404", "There is no such thing, or it is another organisation's"
    if "ticket_id" in route.path and route.method != "GET":
        yield "409", "The ticket's state does not allow this"
    if "if_match" in _asked(route):
        yield "412", "The ticket has changed meanwhile"
    if route.operation.takes:
        yield "413", f"The body has more than {LARGEST_BODY} bytes"
    if route.operation.takes or route.operation.query:
        yield "422", "A field is missing, unknown or wrong; all are named"


def _asked(route: Route) -> set[str]:
    """Return the names that a view uses, itself or in a helper of its module."""
    view = inspect.unwrap(route.view)
    assert isinstance(view, types.FunctionType)  # noqa: S101  (Chalice routes functions)
    names = set(view.__code__.co_names)
    for name in view.__code__.co_names:
        helper = view.__globals__.get(name)
        if isinstance(helper, types.FunctionType) and helper.__module__ == view.__module__:
            names |= set(helper.__code__.co_names)
    if "{" not in route.path:
        names.discard("if_match")  # what does not exist yet has no version to match
    return names


def _path(route: Route) -> Iterator[Schema]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(route: Route) -> Iterator[Schema]:
    if route.operation.query is None:
        return
    _, components = msgspec.json.schema_components([route.operation.query], ref_template=_REF)
    shape = components[route.operation.query.__name__]
    for name, schema in shape["properties"].items():
        made: Schema = {"name": name, "in": "query", "schema": schema}
        if schema.get("type") == "array":
            made |= {"style": "form", "explode": False}
        if name in shape.get("required", ()):
            made["required"] = True
        yield made


def _headers(route: Route) -> Iterator[Schema]:
    for asked, (name, meaning) in _HEADERS.items():
        if asked in _asked(route):
            schema = {"type": "string"}
            yield {"name": name, "in": "header", "description": meaning, "schema": schema}


def _cleaned(schema: Schema) -> Schema:
    if "description" in schema:
        schema = {**schema, "description": inspect.cleandoc(schema["description"])}
    return schema


def _version() -> str:
    text = (ROOT / "pyproject.toml").read_text()
    found = re.search(r'^version = "(.+)"$', text, re.MULTILINE)
    assert found is not None  # noqa: S101  (hatchling needs it as well)
    return found[1]


def _section(method: str, path: str, operation: Schema) -> list[str]:
    signed = "Needs an access token." if "security" in operation else "Open to everybody."
    lines = [f"### {method} {path}", "", f"{operation['summary']} {signed}", ""]
    if "description" in operation:
        lines += [operation["description"], ""]
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        body = content.get("application/json", {}).get("schema")
        lines += [f"Takes {type_name(body) if body else 'any bytes'}.", ""]
    if "parameters" in operation:
        lines += ["| parameter | in | type | |", "|---|---|---|---|"]
        for given in operation["parameters"]:
            kind = type_name(given["schema"])
            said = given.get("description", "")
            lines.append(f"| `{given['name']}` | {given['in']} | {kind} | {said} |")
        lines.append("")
    for status, answer in operation["responses"].items():
        shape = answer.get("content", {}).get("application/json", {}).get("schema")
        gives = f": {type_name(shape)}" if shape else ""
        lines.append(f"- {status} {answer['description']}{gives}")
    return [*lines, ""]


def _table(schema: Schema) -> list[str]:
    required = set(schema.get("required", ()))
    rows = ["| field | type | |", "|---|---|---|"]
    for name, field in schema["properties"].items():
        always = "required" if name in required else ""
        rows.append(f"| `{name}` | {type_name(field)} | {always} |")
    return rows
