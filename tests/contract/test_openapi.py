"""The API description says what the doors do, and can be read by other programs."""

import json
import re

import pytest

from infra import openapi
from infra.build import ROOT, having
from infra.routes import declared

DOCUMENT = openapi.document()
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_route_is_described():
    routes = {(r.method, r.path) for service in having("door") for r in declared(service)}
    assert set(OPERATIONS) == routes


def test_every_reference_leads_somewhere():
    known = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(references(DOCUMENT)) <= known


def test_every_operation_has_a_name_of_its_own_and_a_sentence():
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))
    for operation in OPERATIONS.values():
        assert operation["summary"].endswith(".")


@pytest.mark.parametrize(("route", "operation"), OPERATIONS.items(), ids=lambda v: str(v)[:40])
def test_path_parameters_are_declared_and_required(route, operation):
    in_path = set(re.findall(r"{(\w+)}", route[1]))
    given = [p for p in operation.get("parameters", []) if p["in"] == "path"]
    assert {p["name"] for p in given} == in_path
    assert all(p["required"] for p in given)


def test_a_signed_route_says_what_a_stranger_hears():
    move = OPERATIONS["POST", "/tickets/{ticket_id}/moves"]
    assert move["security"] == [{"token": []}]
    assert {"401", "403", "404", "409", "412", "413", "422"} <= set(move["responses"])


def test_a_public_route_needs_no_token():
    assert "security" not in OPERATIONS["GET", "/openapi.json"]


def test_a_post_that_may_be_repeated_says_how():
    parameters = OPERATIONS["POST", "/tickets"]["parameters"]
    assert [p["name"] for p in parameters] == ["Idempotency-Key"]


def test_the_desk_ships_the_description_that_is_committed():
    committed = json.loads((ROOT / "docs/openapi.json").read_text())
    shipped = json.loads((ROOT / "services/desk/openapi.json").read_text())
    assert committed == shipped == json.loads(json.dumps(DOCUMENT))
