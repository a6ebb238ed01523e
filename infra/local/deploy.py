"""Deploys template.yaml to the emulator, each nested stack as a stack of its own.

The emulator does not transform SAM resources in nested stacks and breaks on their updates, so
the root is deployed without them, its values are handed to them as parameters, and references to
their outputs are replaced. The templates stay those that ``sam deploy`` takes.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from infra.local import template as templates
from infra.local.aws import client
from infra.local.places import LocalError
from infra.local.template import Template

STACK = "zerodesk"
BUCKET = "zerodesk-packages"
_HASH = "zerodesk:hash"
_CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
_EPOCH = (2001, 9, 9, 0, 0, 0)

# Service name -> folder with everything that its functions import.
Stage = Callable[[str], Path]


class Deployed(NamedTuple):
    """What a deployment came to."""

    outputs: dict[str, str]
    # Outputs of the nested stacks, by their logical names.
    nested: dict[str, dict[str, str]]
    changed: list[str]


def archive(folder: Path) -> bytes:
    """Return a folder as a zip file that depends on names and contents only."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            if "__pycache__" in path.parts:
                continue
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            file.writestr(entry, path.read_bytes())
    return packed.getvalue()


def fingerprint(folder: Path) -> str:
    """Return a hash of the names and contents below a folder."""
    seed = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if "__pycache__" not in path.parts:
            seed.update(path.relative_to(folder).as_posix().encode() + b"\0")
            seed.update(hashlib.sha256(path.read_bytes()).digest())
    return seed.hexdigest()[:32]


class Deployer:
    """Deploys one root template, again and again."""

    def __init__(
        self, url: str, stage: Stage, *, stack: str = STACK, told: Callable[[str], None]
    ) -> None:
        self._cloud = client("cloudformation", url)
        self._s3 = client("s3", url)
        self._stage = stage
        self._stack = stack
        self._told = told
        self._packages: dict[str, str] = {}

    def deploy(self, root_file: Path, given: Mapping[str, str]) -> Deployed:
        """Bring the emulator to what the template says. Raises ``LocalError``."""
        self._packages = {}
        root = templates.settle(templates.read(root_file), given)
        children = templates.nested(root)
        flat = self._flat(root, children)
        changed: list[str] = []
        outputs = self._apply(self._stack, flat, given, root_file.parent, changed)
        nested: dict[str, dict[str, str]] = {}
        for name in templates.in_order(children):
            wanted = children[name]["Properties"].get("Parameters", {})
            values = {
                key: outputs.get(_handed(name, key), "")
                if _is_reference(value)
                else str(templates.with_outputs(value, nested))
                for key, value in wanted.items()
            }
            file = root_file.parent / templates.location(children[name])
            child = templates.settle(templates.read(file), values)
            stack = f"{self._stack}-{name.lower()}"
            nested[name] = self._apply(stack, child, values, file.parent, changed)
        result = {k: v for k, v in outputs.items() if k in root["Outputs"]}
        for key, output in root["Outputs"].items():
            if any(templates.outputs_used(output["Value"])):
                result[key] = str(templates.with_outputs(output["Value"], nested))
        return Deployed(result, nested, changed)

    def update_code(self, service: str, functions: Any) -> int:
        """Give the functions of one service its present code; return how many there are."""
        self._packages.pop(service, None)
        key = self._package(service)
        count = 0
        for page in functions.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                if function["Handler"].startswith(f"services.{service}."):
                    functions.update_function_code(
                        FunctionName=function["FunctionName"], S3Bucket=BUCKET, S3Key=key
                    )
                    count += 1
        return count

    def _flat(self, root: Template, children: Mapping[str, Any]) -> Template:
        """Return the root without its nested stacks, and with an output per value they need."""
        resources = {n: r for n, r in root["Resources"].items() if n not in children}
        for name, resource in resources.items():
            for stack, output in templates.outputs_used(resource):
                raise LocalError(
                    f"{name} in the root template uses {stack}.Outputs.{output}; here the root "
                    "is deployed before its nested stacks."
                )
        outputs = {
            key: {"Value": output["Value"]}
            for key, output in root["Outputs"].items()
            if not any(templates.outputs_used(output["Value"]))
        }
        for name, child in children.items():
            for key, value in child["Properties"].get("Parameters", {}).items():
                if _is_reference(value):
                    outputs[_handed(name, key)] = {"Value": value}
        return {**root, "Resources": resources, "Outputs": outputs}

    def _apply(
        self, stack: str, body: Template, given: Mapping[str, str], base: Path, changed: list[str]
    ) -> dict[str, str]:
        body = self._with_code(body, base)
        values = {k: str(v) for k, v in given.items() if k in body.get("Parameters", {})}
        text = json.dumps(body, sort_keys=True, default=str)
        mark = hashlib.sha256((text + json.dumps(values, sort_keys=True)).encode()).hexdigest()
        known = self._describe(stack)
        if known is not None:
            tags = {tag["Key"]: tag["Value"] for tag in known.get("Tags", [])}
            if tags.get(_HASH) == mark and known["StackStatus"].endswith("_COMPLETE"):
                return _outputs(known)
            if known["StackStatus"] in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED"):
                self._cloud.delete_stack(StackName=stack)
                self._wait(stack)
                known = None
        self._told(f"deploying {stack}")
        change = self._cloud.update_stack if known else self._cloud.create_stack
        try:
            change(
                StackName=stack,
                TemplateBody=text,
                Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()],
                Capabilities=list(_CAPABILITIES),
                Tags=[{"Key": _HASH, "Value": mark}],
            )
        except ClientError as error:
            message = error.response["Error"].get("Message", "")
            if "No updates" not in message:
                raise LocalError(f"The stack {stack} was refused: {message}") from error
        except BotoCoreError as error:
            raise LocalError(f"The emulator does not answer: {error}.") from error
        settled = self._wait(stack)
        if (
            settled is None
            or "ROLLBACK" in settled["StackStatus"]
            or "FAILED" in settled["StackStatus"]
        ):
            raise LocalError(f"The stack {stack} could not be deployed: {self._why(stack)}")
        changed.append(stack)
        return _outputs(settled)

    def _with_code(self, body: Template, base: Path) -> Template:
        resources = {}
        for name, resource in body["Resources"].items():
            if resource.get("Type") == "AWS::Serverless::Function":
                code = resource["Properties"].get("CodeUri")
                if isinstance(code, str) and not code.startswith("s3://"):
                    key = self._package((base / code).resolve().name)
                    properties = {
                        **resource["Properties"],
                        "CodeUri": {"Bucket": BUCKET, "Key": key},
                    }
                    resource = {**resource, "Properties": properties}
            resources[name] = resource
        return {**body, "Resources": resources}

    def _package(self, service: str) -> str:
        """Return the S3 key of a service's present code; upload it unless it is there."""
        if service not in self._packages:
            folder = self._stage(service)
            key = f"{service}-{fingerprint(folder)}.zip"
            if not self._holds(key):
                self._s3.put_object(Bucket=BUCKET, Key=key, Body=archive(folder))
            self._packages[service] = key
        return self._packages[service]

    def _holds(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=BUCKET, Key=key)
        except ClientError:
            # Creating a bucket that we own already changes nothing.
            self._s3.create_bucket(Bucket=BUCKET)
            return False
        return True

    def _describe(self, stack: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._cloud.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError:
            return None
        return None if found["StackStatus"] == "DELETE_COMPLETE" else found

    def _wait(self, stack: str) -> dict[str, Any] | None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            known = self._describe(stack)
            if known is None or not known["StackStatus"].endswith("_IN_PROGRESS"):
                return known
            time.sleep(0.05)
        raise LocalError(f"The stack {stack} did not settle within two minutes.")

    def _why(self, stack: str) -> str:
        try:
            events = self._cloud.describe_stack_events(StackName=stack)["StackEvents"]
        except ClientError as error:
            return str(error)
        for event in events:
            reason = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("FAILED") and "cancelled" not in reason:
                return f"{event['LogicalResourceId']}: {reason}"
        return "the emulator gave no reason"


def _outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}


def _is_reference(value: Any) -> bool:
    """Say whether the root must work a value out (an output of a nested stack is known here)."""
    return isinstance(value, dict) and not any(templates.outputs_used(value))


def _handed(stack: str, parameter: str) -> str:
    return f"For{stack}{parameter}"
