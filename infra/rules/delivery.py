"""Nothing that is sent may vanish: dead letters, partial batches, alarms, honest sources."""

from __future__ import annotations

from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from infra.rules.reading import Found, resources, statements, target_of

QUEUE = "AWS::SQS::Queue"
MAPPING = "AWS::Lambda::EventSourceMapping"


def dead_letter_queues(template: dict[str, Any]) -> set[str]:
    """Return the queues that other resources give up into."""
    found = set()
    for queue in resources(template, QUEUE):
        redrive = queue.properties.get("RedrivePolicy") or {}
        found.add(target_of(redrive.get("deadLetterTargetArn")))
    for rule in resources(template, "AWS::Events::Rule"):
        for target in rule.properties.get("Targets", []):
            found.add(target_of((target.get("DeadLetterConfig") or {}).get("Arn")))
    for mapping in resources(template, MAPPING):
        found.add(target_of(_on_failure(mapping.properties)))
    return {name for name in found if name}


def without_dead_letters(template: dict[str, Any]) -> Found:
    """Find queues, rule targets and stream readers that drop what they cannot deliver."""
    dead = dead_letter_queues(template)
    for queue in resources(template, QUEUE):
        if queue.name not in dead and "RedrivePolicy" not in queue.properties:
            yield queue.path, f"{queue.name} has no dead letter queue"
    for rule in resources(template, "AWS::Events::Rule"):
        for number, target in enumerate(rule.properties.get("Targets", [])):
            if not (target.get("DeadLetterConfig") or {}).get("Arn"):
                path = [*rule.path, "Properties", "Targets", number]
                yield path, f"target {target.get('Id')} of {rule.name} has no dead letter queue"
    for mapping in resources(template, MAPPING):
        if "StartingPosition" in mapping.properties and not _on_failure(mapping.properties):
            yield mapping.path, f"{mapping.name} reads a stream and has no OnFailure destination"


def without_partial_failures(template: dict[str, Any]) -> Found:
    """Find queue readers that fail a whole batch for one message."""
    for mapping in resources(template, MAPPING):
        if "StartingPosition" in mapping.properties:
            continue
        answers = mapping.properties.get("FunctionResponseTypes") or []
        if "ReportBatchItemFailures" not in answers:
            yield mapping.path, f"{mapping.name} does not report batch item failures"


def without_alarm(template: dict[str, Any]) -> Found:
    """Find dead letter queues that fill in silence."""
    watched = {
        target_of(dimension.get("Value"))
        for alarm in resources(template, "AWS::CloudWatch::Alarm")
        if alarm.properties.get("AlarmActions")
        for dimension in alarm.properties.get("Dimensions", [])
        if dimension.get("Name") == "QueueName"
    }
    for name in sorted(dead_letter_queues(template) - watched):
        yield ["Resources", name], f"no alarm with an action watches {name}"


def unrestricted_events(template: dict[str, Any]) -> Found:
    """Find permissions to put events in somebody else's name, or on any bus."""
    for statement in statements(template):
        if statement.whole.get("Effect") != "Allow":
            continue
        if "events:PutEvents" not in statement.listed("Action"):
            continue
        if "*" in statement.listed("Resource"):
            yield statement.path, "PutEvents is allowed on every bus"
        conditions = (statement.whole.get("Condition") or {}).values()
        if not any("events:source" in keys for keys in conditions):
            yield statement.path, "PutEvents is allowed without a condition on events:source"


def _on_failure(properties: dict[str, Any]) -> Any:
    destinations = properties.get("DestinationConfig") or {}
    return (destinations.get("OnFailure") or {}).get("Destination")


class DeadLetters(CloudFormationLintRule):  # type: ignore[misc]
    """Every queue, rule target and stream reader has a dead letter queue."""

    id = "E9001"
    shortdesc = "Dead letters behind everything that delivers"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in without_dead_letters(cfn.template)]


class PartialFailures(CloudFormationLintRule):  # type: ignore[misc]
    """Every queue reader reports batch item failures."""

    id = "E9002"
    shortdesc = "One bad message does not fail its batch"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in without_partial_failures(cfn.template)]


class AlarmPerDeadLetters(CloudFormationLintRule):  # type: ignore[misc]
    """Every dead letter queue has an alarm that tells somebody."""

    id = "E9006"
    shortdesc = "An alarm watches each dead letter queue"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in without_alarm(cfn.template)]


class HonestSources(CloudFormationLintRule):  # type: ignore[misc]
    """PutEvents is allowed on one bus and for the service's own source only."""

    id = "E9010"
    shortdesc = "A service speaks in its own name"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in unrestricted_events(cfn.template)]
