"""Least privilege: no wildcard action, and no wildcard resource without a written reason."""

from __future__ import annotations

import re
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from infra.rules.reading import Found, resources, statements

# A resource that needs one says why: Metadata: {WildcardResource: "the reason"}.
REASON = "WildcardResource"
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")


def wildcard_actions(template: dict[str, Any]) -> Found:
    """Find statements that allow more than they can name; denials may be sweeping."""
    for statement in statements(template):
        if statement.whole.get("Effect") != "Allow":
            continue
        if "NotAction" in statement.whole:
            yield statement.path, "allows everything but some actions"
        for action in statement.listed("Action"):
            if "*" in str(action):
                yield statement.path, f"allows the wildcard action {action}"
            elif not _ACTION.fullmatch(str(action)):
                yield statement.path, f"allows {action!r}, which is no action"


def wildcard_resources(template: dict[str, Any]) -> Found:
    """Find statements that allow something on everything, and AWS's own sweeping policies."""
    for statement in statements(template):
        if statement.whole.get("Effect") != "Allow" or _excused(statement.resource.whole):
            continue
        if "*" in statement.listed("Resource") or "NotResource" in statement.whole:
            yield statement.path, "allows it on every resource"
    for role in resources(template, "AWS::IAM::Role"):
        if role.properties.get("ManagedPolicyArns") and not _excused(role.whole):
            yield role.path, f"{role.name} has a managed policy, which names no resource of ours"
    for function in resources(template, "AWS::Lambda::Function"):
        if "Role" not in function.properties:
            yield (
                function.path,
                f"{function.name} has no role of its own; SAM's has managed policies",
            )


def _excused(resource: dict[str, Any]) -> bool:
    return bool((resource.get("Metadata") or {}).get(REASON))


class NamedActions(CloudFormationLintRule):  # type: ignore[misc]
    """No statement allows a wildcard action."""

    id = "E9004"
    shortdesc = "Permissions name their actions"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in wildcard_actions(cfn.template)]


class NamedResources(CloudFormationLintRule):  # type: ignore[misc]
    """No statement allows something on every resource, unless its Metadata gives a reason."""

    id = "E9005"
    shortdesc = "Permissions name their resources"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in wildcard_resources(cfn.template)]
