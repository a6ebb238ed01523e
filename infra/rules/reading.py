"""Looking things up in a template; SAM's functions and their events are read as what they become.

cfn-lint hands rules the template before the SAM transform.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_MAPPED = ("SQS", "DynamoDB", "Kinesis")
Path = list[str | int]
Found = Iterator[tuple[Path, str]]


class Resource(NamedTuple):
    """A resource of the template under its logical id."""

    name: str
    type: str
    whole: dict[str, Any]
    path: Path

    @property
    def properties(self) -> dict[str, Any]:
        """The resource's properties."""
        return self.whole.get("Properties") or {}


class Statement(NamedTuple):
    """One statement of a policy document."""

    path: Path
    resource: Resource
    whole: dict[str, Any]

    def listed(self, key: str) -> list[Any]:
        """Return the values of a key that may hold one or several."""
        return listed(self.whole.get(key))


def resources(template: dict[str, Any], *types: str) -> list[Resource]:
    """Return the resources of some types, or all."""
    return [found for found in _expanded(template) if not types or found.type in types]


def target_of(value: Any) -> str | None:
    """Return the logical id that a Ref or GetAtt points at."""
    if isinstance(value, dict):
        if "Ref" in value:
            return str(value["Ref"])
        got = value.get("Fn::GetAtt")
        if isinstance(got, list) and got:
            return str(got[0])
        if isinstance(got, str):
            return got.partition(".")[0]
    return None


def statements(template: dict[str, Any]) -> Iterator[Statement]:
    """Yield every statement of every policy document in the template."""
    for resource in resources(template):
        if resource.type == "AWS::Lambda::EventSourceMapping":
            continue
        for path, node in walk(resource.whole, resource.path):
            if isinstance(node, dict) and "Statement" in node:
                for number, statement in enumerate(listed(node["Statement"])):
                    if isinstance(statement, dict):
                        yield Statement([*path, "Statement", number], resource, statement)


def walk(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield a node and everything below it."""
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, [*path, str(key)])
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from walk(value, [*path, number])


def listed(value: Any) -> list[Any]:
    """Return a value as a list; None is an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _expanded(template: dict[str, Any]) -> Iterator[Resource]:
    for name, whole in template.get("Resources", {}).items():
        if not isinstance(whole, dict):
            continue
        path: Path = ["Resources", str(name)]
        if whole.get("Type") != "AWS::Serverless::Function":
            yield Resource(str(name), str(whole.get("Type", "")), whole, path)
            continue
        shared = (template.get("Globals") or {}).get("Function") or {}
        properties = {**shared, **(whole.get("Properties") or {})}
        function = {**whole, "Properties": properties}
        yield Resource(str(name), "AWS::Lambda::Function", function, path)
        for event, source in (properties.get("Events") or {}).items():
            if source.get("Type") in _MAPPED:
                below = [*path, "Properties", "Events", str(event)]
                mapping = {"Properties": source.get("Properties") or {}}
                yield Resource(f"{name}{event}", "AWS::Lambda::EventSourceMapping", mapping, below)
