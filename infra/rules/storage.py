"""What is kept can be restored, and is reached only over TLS."""

from __future__ import annotations

from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from infra.rules.reading import Found, listed, resources, target_of

_CLOSED = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def without_recovery(template: dict[str, Any]) -> Found:
    """Find tables that cannot be taken back to an earlier moment."""
    for table in resources(template, "AWS::DynamoDB::Table"):
        recovery = table.properties.get("PointInTimeRecoverySpecification") or {}
        if recovery.get("PointInTimeRecoveryEnabled") is not True:
            yield table.path, f"{table.name} has no point-in-time recovery"


def open_buckets(template: dict[str, Any]) -> Found:
    """Find buckets that answer without TLS or could be made public."""
    guarded = {
        target_of(policy.properties.get("Bucket"))
        for policy in resources(template, "AWS::S3::BucketPolicy")
        if any(map(_denies_plain, _statements(policy.properties)))
    }
    for bucket in resources(template, "AWS::S3::Bucket"):
        if bucket.name not in guarded:
            yield bucket.path, f"{bucket.name} has no policy that denies access without TLS"
        block = bucket.properties.get("PublicAccessBlockConfiguration") or {}
        if not all(block.get(key) is True for key in _CLOSED):
            yield bucket.path, f"{bucket.name} does not block public access"


def _statements(properties: dict[str, Any]) -> list[Any]:
    return listed((properties.get("PolicyDocument") or {}).get("Statement"))


def _denies_plain(statement: dict[str, Any]) -> bool:
    condition = (statement.get("Condition") or {}).get("Bool") or {}
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") == "*"
        and statement.get("Action") == "s3:*"
        and str(condition.get("aws:SecureTransport")).lower() == "false"
    )


class Recovery(CloudFormationLintRule):  # type: ignore[misc]
    """Every table has point-in-time recovery."""

    id = "E9008"
    shortdesc = "Tables can be taken back in time"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in without_recovery(cfn.template)]


class ClosedBuckets(CloudFormationLintRule):  # type: ignore[misc]
    """Every bucket is private and answers over TLS only."""

    id = "E9009"
    shortdesc = "Buckets are private and speak TLS"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in open_buckets(cfn.template)]
