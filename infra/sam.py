"""Runs AWS's SAM command line, which is installed apart: its needs are not ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from infra.build import ROOT, package, services, uv

HOME = ROOT / ".local/sam"
LOCK = ROOT / "locks/sam.txt"
TEMPLATE = ROOT / "template.yaml"
# A template is checked as if for this region when none is configured.
SOME_REGION = "eu-central-1"


class SamError(RuntimeError):
    """SAM is not there or refused; the message is for people."""


def installed() -> Path:
    """Return the sam program, installing it on first use or when its lock has changed."""
    program, mark = HOME / "bin/sam", HOME / "lock.txt"
    if not mark.exists() or mark.read_bytes() != LOCK.read_bytes():
        _run([uv(), "venv", "-q", "--clear", "--python", sys.executable, str(HOME)])
        python = str(HOME / "bin/python")
        _run([uv(), "pip", "sync", "-q", "--require-hashes", "--python", python, str(LOCK)])
        mark.write_bytes(LOCK.read_bytes())
    return program


def sam(*arguments: str, region: str | None = None, profile: str | None = None) -> str:
    """Run sam in the repository and return what it said; raises ``SamError``."""
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    environment["AWS_DEFAULT_REGION"] = region or _configured_region()
    if profile:
        environment["AWS_PROFILE"] = profile
    return _run([str(installed()), *arguments], environment)


def validate() -> None:
    """Check the root template as SAM sees it."""
    sam("validate", "--lint", "--template-file", str(TEMPLATE))


def build() -> Path:
    """Stage every service's package and the templates, and return the folder to deploy from."""
    for service in services():
        package(service, "aws")
    folder = ROOT / ".aws-sam/build"
    sam("build", "--template-file", str(TEMPLATE), "--build-dir", str(folder))
    return folder


def _configured_region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or SOME_REGION


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode:
        said = (run.stderr.strip() or run.stdout.strip()).splitlines()
        raise SamError(f"{Path(command[0]).name} {command[1]} failed:\n" + "\n".join(said[-15:]))
    return run.stdout
