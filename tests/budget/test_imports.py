"""Cold start is decided by what a handler imports; milliseconds vary, module lists do not."""

import subprocess
import sys

import pytest

from infra.build import having

NOBODY_LOADS = {
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parser",
    "aws_xray_sdk",
    "boto3",
    "chalice.local",
    "chalice.test",
    "pydantic",
    "requests",
    # Loaded where they are used, not while a request waits for the import.
    "mailparser_reply",
    "nh3",
    "zoneinfo",
}
MUST_NOT_LOAD = {
    "door": NOBODY_LOADS | {"aws_lambda_powertools.utilities.batch"},
    "consumer": NOBODY_LOADS | {"chalice"},
    "publisher": NOBODY_LOADS | {"chalice", "aws_lambda_powertools.utilities.batch"},
    "trigger": NOBODY_LOADS | {"chalice", "aws_lambda_powertools.utilities.batch"},
}
PARTS = [(service, part) for part in MUST_NOT_LOAD for service in having(part)]


def loaded_by(module):
    """Return what a fresh interpreter has loaded after importing a module.

    No variable is set: an import that reads the environment fails here.
    """
    code = f"import {module}, sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={}
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.mark.parametrize(("service", "part"), PARTS, ids=lambda value: value)
def test_a_part_loads_only_what_it_needs_and_reads_no_environment(service, part):
    assert loaded_by(f"services.{service}.{part}") & MUST_NOT_LOAD[part] == set()


def test_cognito_waits_for_next_to_nothing_when_a_person_signs_in():
    heavy = {"botocore", "msgspec", "pynamodb", "aws_lambda_powertools"}
    assert loaded_by("services.identity.trigger") & heavy == set()
