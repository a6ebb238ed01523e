"""What every function is: arm64, today's Python, with logs that end and a role of its own."""

from __future__ import annotations

from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from infra.rules.reading import Found, resources, target_of

FUNCTION = "AWS::Lambda::Function"
RUNTIME = "python3.13"


def without_bounded_logs(template: dict[str, Any]) -> Found:
    """Find functions without a log group of the template, and log groups that keep for ever."""
    groups = {group.name for group in resources(template, "AWS::Logs::LogGroup")}
    for function in resources(template, FUNCTION):
        logging = function.properties.get("LoggingConfig") or {}
        if target_of(logging.get("LogGroup")) not in groups:
            yield function.path, f"{function.name} does not log to a log group of this template"
    for group in resources(template, "AWS::Logs::LogGroup"):
        if "RetentionInDays" not in group.properties:
            yield group.path, f"{group.name} has no retention"


def on_another_platform(template: dict[str, Any]) -> Found:
    """Find functions that our packages would not run on."""
    for function in resources(template, FUNCTION):
        if function.properties.get("Runtime") != RUNTIME:
            yield function.path, f"{function.name} does not run on {RUNTIME}"
        if function.properties.get("Architectures") != ["arm64"]:
            yield function.path, f"{function.name} does not run on arm64"


class BoundedLogs(CloudFormationLintRule):  # type: ignore[misc]
    """Every function logs to a log group of its template, which has a retention."""

    id = "E9003"
    shortdesc = "Logs are kept for a while, not for ever"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in without_bounded_logs(cfn.template)]


class Platform(CloudFormationLintRule):  # type: ignore[misc]
    """Every function runs python3.13 on arm64."""

    id = "E9007"
    shortdesc = "One platform for all functions"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in on_another_platform(cfn.template)]
