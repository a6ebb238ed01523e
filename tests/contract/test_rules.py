"""Each of our own lint rules fires on what it forbids, and on nothing that is fine."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from cfnlint.decode import decode, decode_str

from infra.checks import RULES, templates
from infra.rules import cost, delivery, functions, permissions, storage

MODULES = (cost, delivery, functions, permissions, storage)
FINE = {path: decode(path)[0] for path in templates()}
FUNCTION = """
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Architectures: [arm64], Role: r, LoggingConfig: {LogGroup: !Ref L}, %s}
  L: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 3}}
"""  # noqa: E501
ROLE = """
  R:
    Type: AWS::IAM::Role
    %s
    Properties:
      Policies:
        - PolicyDocument: {Statement: [{Effect: Allow, %s}]}
"""
BUCKET = """
  B:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: %s}
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref B
      PolicyDocument:
        Statement:
          - {Effect: Deny, Principal: "*", Action: "s3:*", Condition: {Bool: {"aws:SecureTransport": "%s"}}}
"""  # noqa: E501
QUEUES = """
  Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt D.Arn}}}
  D: {Type: AWS::SQS::Queue}
"""
ALARM = """
  A:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Dimensions: [{Name: QueueName, Value: !GetAtt D.QueueName}]
      AlarmActions: [%s]
"""
BUS = "arn:aws:events:eu-central-1:123456789012:event-bus/b"


def role(statement, more=""):
    return ROLE % (more, statement)


FORBIDDEN = [
    ("E9001", "  Q: {Type: AWS::SQS::Queue}", "Q has no dead letter queue"),
    (
        "E9001",
        "  R: {Type: AWS::Events::Rule, Properties: {Targets: [{Id: t, Arn: a}]}}",
        "target t",
    ),
    (
        "E9001",
        FUNCTION % "Events: {S: {Type: DynamoDB, Properties: {StartingPosition: LATEST}}}",
        "FS reads a stream",
    ),
    ("E9002", FUNCTION % "Events: {S: {Type: SQS, Properties: {Queue: q}}}", "FS does not report"),
    ("E9003", FUNCTION.replace("!Ref L", "!Ref Elsewhere") % "", "F does not log"),
    ("E9003", "  L: {Type: AWS::Logs::LogGroup}", "L has no retention"),
    ("E9004", role('Action: "s3:*", Resource: a'), "wildcard action s3:*"),
    ("E9004", role('Action: "dynamodb:Get*", Resource: a'), "wildcard action dynamodb:Get*"),
    ("E9004", role('Action: "s3- x:GetObject", Resource: a'), "which is no action"),
    ("E9004", role('NotAction: "iam:PassRole", Resource: a'), "everything but"),
    ("E9005", role('Action: "s3:GetObject", Resource: "*"'), "on every resource"),
    ("E9005", role('Action: "s3:GetObject", NotResource: a'), "on every resource"),
    (
        "E9005",
        "  R: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [a]}}",
        "managed policy",
    ),
    ("E9005", FUNCTION.replace("Role: r, ", "") % "", "no role of its own"),
    ("E9006", QUEUES, "no alarm with an action watches D"),
    ("E9006", QUEUES + (ALARM % ""), "no alarm with an action watches D"),
    ("E9007", FUNCTION.replace("python3.13", "python3.12") % "", "does not run on python3.13"),
    ("E9007", FUNCTION.replace("arm64", "x86_64") % "", "does not run on arm64"),
    ("E9008", "  T: {Type: AWS::DynamoDB::Table}", "no point-in-time recovery"),
    ("E9009", BUCKET % ("true", "true"), "without TLS"),
    ("E9009", BUCKET % ("false", "false"), "does not block public access"),
    ("E9010", role(f'Action: "events:PutEvents", Resource: "{BUS}"'), "without a condition"),
    (
        "E9010",
        role(
            'Action: "events:PutEvents", Resource: "*", '
            'Condition: {StringEquals: {"events:source": s}}'
        ),
        "on every bus",
    ),
    ("E9011", "  N: {Type: AWS::EC2::NatGateway}", "billed while idle"),
    (
        "E9011",
        "  T: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PROVISIONED}}",
        "capacity",
    ),
    (
        "E9011",
        FUNCTION % "ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 1}",
        "provisioned concurrency",
    ),
]
ALLOWED = [
    ("E9001", QUEUES),
    (
        "E9001",
        FUNCTION % "Events: {S: {Type: DynamoDB, Properties: {StartingPosition: LATEST,"
        " DestinationConfig: {OnFailure: {Destination: !GetAtt D.Arn}}}}}"
        + "  D: {Type: AWS::SQS::Queue}",
    ),
    ("E9004", role('Action: "s3:GetObject", Resource: a')),
    (
        "E9005",
        role(
            'Action: "s3:ListAllMyBuckets", Resource: "*"',
            "Metadata: {WildcardResource: the action knows no resource}",
        ),
    ),
    ("E9006", QUEUES + (ALARM % "a")),
    ("E9009", BUCKET % ("true", "false")),
    (
        "E9010",
        role(
            f'Action: "events:PutEvents", Resource: "{BUS}", '
            'Condition: {StringEquals: {"events:source": s}}'
        ),
    ),
]


def rules():
    made = [
        found()
        for module in MODULES
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__
    ]
    return {rule.id: rule for rule in made}


def complaints(rule, template):
    return [match.message for match in rules()[rule].match(SimpleNamespace(template=template))]


def parsed(snippet):
    template, problems = decode_str("Resources:\n" + snippet)
    assert template is not None, problems
    return template


@pytest.mark.parametrize(("rule", "snippet", "words"), FORBIDDEN)
def test_a_rule_fires(rule, snippet, words):
    assert any(words in message for message in complaints(rule, parsed(snippet)))


@pytest.mark.parametrize(("rule", "snippet"), ALLOWED)
def test_a_rule_lets_pass(rule, snippet):
    assert complaints(rule, parsed(snippet)) == []


def test_every_rule_has_a_snippet_that_violates_it():
    assert {rule for rule, *_ in FORBIDDEN} == set(rules())


@pytest.mark.parametrize("path", FINE, ids=lambda path: Path(path).name)
@pytest.mark.parametrize("rule", sorted(rules()))
def test_our_templates_keep_the_rule(rule, path):
    assert complaints(rule, FINE[path]) == []


def test_cfn_lint_loads_the_rules(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(yaml.safe_dump({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}))
    program = str(Path(sys.executable).with_name("cfn-lint"))
    command = [program, "--append-rules", str(RULES), "--", str(bad)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "E9001 Q has no dead letter queue" in run.stdout
