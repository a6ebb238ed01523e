"""Costs nothing while nobody uses it: no resource that is billed by the hour."""

from __future__ import annotations

from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from infra.rules.reading import Found, resources

BY_THE_HOUR = (
    "AWS::AmazonMQ::",
    "AWS::ApplicationAutoScaling::",
    "AWS::AutoScaling::",
    "AWS::DAX::",
    "AWS::DocDB::",
    "AWS::EC2::EIP",
    "AWS::EC2::Instance",
    "AWS::EC2::NatGateway",
    "AWS::EC2::VPCEndpoint",
    "AWS::ECS::Service",
    "AWS::EKS::",
    "AWS::ElastiCache::",
    "AWS::ElasticLoadBalancing",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::MSK::",
    "AWS::Neptune::",
    "AWS::OpenSearchService::",
    "AWS::RDS::",
    "AWS::Redshift::",
    "AWS::SageMaker::Endpoint",
    "AWS::WAFv2::WebACL",
)


def billed_by_the_hour(template: dict[str, Any]) -> Found:
    """Find what costs money while nobody uses it."""
    for resource in resources(template):
        if resource.type.startswith(BY_THE_HOUR):
            yield resource.path, f"{resource.name} ({resource.type}) is billed while idle"
        if "ProvisionedConcurrencyConfig" in resource.properties:
            yield resource.path, f"{resource.name} has provisioned concurrency"
    for table in resources(template, "AWS::DynamoDB::Table"):
        if table.properties.get("BillingMode") != "PAY_PER_REQUEST":
            yield table.path, f"{table.name} has provisioned capacity"


class NothingByTheHour(CloudFormationLintRule):  # type: ignore[misc]
    """No resource is billed by the hour or the month for merely being there."""

    id = "E9011"
    shortdesc = "Nothing costs while nobody uses it"
    description = __doc__
    tags = ["zerodesk"]

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return what breaks the rule."""
        return [RuleMatch(*found) for found in billed_by_the_hour(cfn.template)]
