"""Reads CloudFormation templates and settles what can be settled before they are deployed.

Conditions depend on parameters only, so branches not taken, resources and outputs whose condition
is false and the references in them disappear here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.local.places import LocalError

Template = dict[str, Any]
NESTED = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
_GONE = object()


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if tag == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has no fourth kind
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _short)


def read(file: Path) -> Template:
    """Return a template with long forms only. Raises ``LocalError``."""
    try:
        # The loader is a SafeLoader.
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise LocalError(f"The template {file.name} cannot be read: {reason}.") from error
    if not isinstance(content, dict) or "Resources" not in content:
        raise LocalError(f"The template {file.name} has no Resources.")
    return content


def settle(template: Template, given: Mapping[str, Any]) -> Template:
    """Return a template without conditions.

    ``given`` holds values of parameters. One that is only known later may take part in references
    but not in conditions.
    """
    taken = _Branches(template, given)
    result = {key: value for key, value in template.items() if key != "Conditions"}
    for section in ("Resources", "Outputs"):
        there = {
            name: {key: value for key, value in declared.items() if key != "Condition"}
            for name, declared in template.get(section, {}).items()
            if "Condition" not in declared or taken.truth(declared["Condition"])
        }
        result[section] = taken.of(there)
    if "Globals" in result:
        result["Globals"] = taken.of(result["Globals"])
    _forget_absent(result["Resources"])
    return result


class _Branches:
    """Which branches of a template are taken, given its parameters."""

    def __init__(self, template: Template, given: Mapping[str, Any]) -> None:
        self._known = {
            name: str(given.get(name, declared.get("Default", "")))
            for name, declared in template.get("Parameters", {}).items()
        }
        self._conditions = template.get("Conditions", {})

    def truth(self, expression: Any) -> bool:
        """Return what a condition, or the name of one, comes to."""
        if isinstance(expression, str):
            if expression not in self._conditions:
                raise LocalError(f"The condition {expression} is used but not declared.")
            return self.truth(self._conditions[expression])
        ((name, value),) = expression.items()
        match name:
            case "Condition":
                return self.truth(value)
            case "Fn::Not":
                return not self.truth(value[0])
            case "Fn::And":
                return all(self.truth(one) for one in value)
            case "Fn::Or":
                return any(self.truth(one) for one in value)
            case "Fn::Equals":
                return self._plain(value[0]) == self._plain(value[1])
        raise LocalError(f"A condition uses {name}, which the laptop's deployer does not know.")

    def of(self, value: Any) -> Any:
        """Return a value with nothing but the branches that are taken."""
        if isinstance(value, list):
            return [kept for one in value if (kept := self.of(one)) is not _GONE]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Fn::If"}:
            name, yes, no = value["Fn::If"]
            return self.of(yes if self.truth(name) else no)
        if value == {"Ref": "AWS::NoValue"}:
            return _GONE
        settled = {key: self.of(one) for key, one in value.items()}
        return {key: one for key, one in settled.items() if one is not _GONE}

    def _plain(self, value: Any) -> str:
        if not isinstance(value, dict):
            return str(value)
        name = value.get("Ref")
        if len(value) == 1 and name in self._known:
            return self._known[name]
        raise LocalError(f"A condition compares {value}, which is no parameter.")


def nested(template: Template) -> dict[str, Any]:
    """Return the nested stacks of a template."""
    return {n: r for n, r in template["Resources"].items() if r.get("Type") in NESTED}


def location(resource: Mapping[str, Any]) -> str:
    """Return where a nested stack's template lies, relative to the file that names it."""
    properties = resource["Properties"]
    where = properties.get("TemplateURL") or properties.get("Location")
    if not isinstance(where, str) or "://" in where:
        raise LocalError(f"A nested stack has no local template but {where!r}.")
    return where


def outputs_used(value: Any) -> Iterator[tuple[str, str]]:
    """Yield (nested stack, output) for each ``GetAtt Nested.Outputs.X`` in a value."""
    if isinstance(value, list):
        for one in value:
            yield from outputs_used(one)
    elif isinstance(value, dict):
        if (found := _output(value)) is not None:
            yield found
        else:
            for one in value.values():
                yield from outputs_used(one)


def with_outputs(value: Any, known: Mapping[str, Mapping[str, str]]) -> Any:
    """Return a value in which outputs of nested stacks are replaced by what they are."""
    if isinstance(value, list):
        return [with_outputs(one, known) for one in value]
    if not isinstance(value, dict):
        return value
    if (found := _output(value)) is not None:
        stack, name = found
        try:
            return known[stack][name]
        except KeyError:
            raise LocalError(f"The nested stack {stack} has no output {name} here.") from None
    return {key: with_outputs(one, known) for key, one in value.items()}


def in_order(stacks: Mapping[str, Any]) -> list[str]:
    """Return the names of nested stacks so that each comes after those it refers to."""
    waits = {name: {other for other, _ in outputs_used(stacks[name])} for name in stacks}
    for name, resource in stacks.items():
        after = resource.get("DependsOn", [])
        waits[name] |= {after} if isinstance(after, str) else set(after)
        waits[name] &= set(stacks)
    order: list[str] = []
    while waits:
        ready = [name for name, others in waits.items() if others <= set(order)]
        if not ready:
            raise LocalError(f"These nested stacks wait for each other: {', '.join(waits)}.")
        order.extend(ready)
        for name in ready:
            del waits[name]
    return order


def _output(value: Mapping[str, Any]) -> tuple[str, str] | None:
    if set(value) != {"Fn::GetAtt"}:
        return None
    path = value["Fn::GetAtt"]
    parts = path.split(".") if isinstance(path, str) else ".".join(path).split(".")
    return (parts[0], parts[2]) if len(parts) == 3 and parts[1] == "Outputs" else None


def _forget_absent(resources: dict[str, Any]) -> None:
    """Take out of DependsOn what a condition removed."""
    for resource in resources.values():
        after = resource.get("DependsOn")
        if after:
            names = [after] if isinstance(after, str) else after
            resource["DependsOn"] = [name for name in names if name in resources]
