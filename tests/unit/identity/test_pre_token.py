"""What Cognito's pre-token-generation trigger adds to tokens (event version 2)."""

import subprocess
import sys

import pytest

from services.identity.trigger import pre_token

ADA = {
    "sub": "7c0c5a1e-0000-4000-8000-000000000001",
    "email": "ada@demo.example",
    "email_verified": "true",
    "name": "Ada",
    "locale": "zh-CN",
    "zoneinfo": "Asia/Shanghai",
    "custom:tenant": "demo",
    "custom:roles": "agent lead",
}


def event(attributes, source="TokenGeneration_Authentication"):
    """The event as the Cognito developer guide describes version 2."""
    return {
        "version": "2",
        "triggerSource": source,
        "region": "eu-central-1",
        "userPoolId": "eu-central-1_AbCdEfGhI",
        "userName": ADA["sub"],
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "c"},
        "request": {
            "userAttributes": attributes,
            "groupConfiguration": {
                "groupsToOverride": [],
                "iamRolesToOverride": [],
                "preferredRole": None,
            },
            "scopes": ["openid", "email"],
        },
        "response": {"claimsAndScopeOverrideDetails": None},
    }


def added(answer):
    details = answer["response"]["claimsAndScopeOverrideDetails"]
    return (
        details["accessTokenGeneration"]["claimsToAddOrOverride"],
        details["idTokenGeneration"]["claimsToAddOrOverride"],
    )


@pytest.mark.parametrize(
    "source",
    [
        "TokenGeneration_HostedAuth",
        "TokenGeneration_Authentication",
        "TokenGeneration_NewPasswordChallenge",
        "TokenGeneration_AuthenticateDevice",
        "TokenGeneration_RefreshTokens",
    ],
)
def test_int_02_both_tokens_say_who_it_is_at_each_kind_of_sign_in(source):
    access, identity = added(pre_token(event(ADA, source), None))
    assert access == identity
    assert access == {
        "tenant": "demo",
        "roles": "agent lead",
        "email": "ada@demo.example",
        "name": "Ada",
        "locale": "zh-CN",
    }


def test_a_user_of_no_organisation_gets_no_claim():
    for nobody in ({}, {**ADA, "custom:tenant": ""}, {"email": "x@y.example"}):
        assert added(pre_token(event(nobody), None)) == ({}, {})


def test_what_is_not_known_is_left_out():
    few = {"custom:tenant": "demo", "email": "ada@demo.example", "name": ""}
    access, _ = added(pre_token(event(few), None))
    assert access == {"tenant": "demo", "email": "ada@demo.example"}


def test_the_event_comes_back_whole():
    sent = event(ADA)
    answer = pre_token(event(ADA), None)
    assert {**answer, "response": None} == {**sent, "response": None}


def test_signing_in_waits_for_no_heavy_import():
    code = (
        "import sys, services.identity.trigger;"
        "print([m for m in ('boto3', 'pynamodb', 'chalice', 'msgspec', 'aws_lambda_powertools')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
