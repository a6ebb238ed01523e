"""Stages what each service's functions run: our code, and the third-party code it imports.

``.build/<service>/`` is for AWS (Python 3.13 on arm64, wheels chosen by uv whatever interpreter
runs the build), ``.local/build/<service>/`` for the emulator (wheels for the running interpreter).
botocore and what it needs are the Lambda runtime's, or the emulator's.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "locks/functions.txt"
Target = Literal["aws", "laptop"]

# What a service ships beside our own code: what every one needs, what a part of it needs, what
# only that service needs. tests/contract/test_packages.py proves that nothing is missing.
EVERYWHERE = ("aws-lambda-powertools", "msgspec", "pynamodb", "typing-extensions")
OF_A_PART = {"door": ("chalice",)}
OF_A_SERVICE = {
    "identity": ("tzdata",),
    "intake": ("mail-parser-reply", "nh3"),
    "notification": ("tzdata",),
    "sla": ("tzdata",),
}
# A framework's command line, and whole web frameworks nobody imports, stay at home.
ONLY = {"chalice": ("chalice/__init__.py", "chalice/app.py")}
NEVER = (
    "aws_lambda_powertools/event_handler/",
    "aws_lambda_powertools/utilities/data_masking/",
    "aws_lambda_powertools/utilities/feature_flags/",
    "aws_lambda_powertools/utilities/idempotency/",
    "aws_lambda_powertools/utilities/kafka/",
    "aws_lambda_powertools/utilities/parameters/",
    "aws_lambda_powertools/utilities/parser/",
    "aws_lambda_powertools/utilities/streaming/",
    "aws_lambda_powertools/utilities/validation/",
)
_NO_CODE = (".pyi", ".typed", ".md", ".rst", ".c", ".h", ".pyc")
_OURS = shutil.ignore_patterns("__pycache__", "*.md", "*.pyc")
_FACTS_ONLY = shutil.ignore_patterns("__pycache__", "*.md", "*.pyc", "schemas", "samples")
# A change of the lists above stages everything anew.
_CHOICE = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
# Any fixed moment: equal contents must make equal archives.
_MOMENT = 1_000_000_000


class BuildError(RuntimeError):
    """The packages cannot be staged; the message says what to do."""


class Place(NamedTuple):
    """Where a target's packages are staged and how uv chooses its wheels."""

    folder: Path
    choose: tuple[str, ...]


def place(target: Target) -> Place:
    """Return where and for what a target is built."""
    if target == "aws":
        platform = ("--python-version", "3.13", "--python-platform", "aarch64-manylinux_2_28")
        return Place(ROOT / ".build", platform)
    return Place(ROOT / ".local/build", ("--python", sys.executable))


def services() -> list[str]:
    """Return the names of the services, which are the packages under services/."""
    return sorted(p.parent.name for p in (ROOT / "services").glob("*/__init__.py"))


def having(part: str) -> list[str]:
    """Return the services that have a part, such as ``door`` or ``consumer``."""
    return [name for name in services() if _has(name, part)]


def ships(service: str) -> tuple[str, ...]:
    """Return the third-party distributions that a service's functions import."""
    parts = [dist for part, dists in OF_A_PART.items() if _has(service, part) for dist in dists]
    return tuple(sorted({*EVERYWHERE, *parts, *OF_A_SERVICE.get(service, ())}))


def package(service: str, target: Target) -> Path:
    """Stage one service and return its folder.

    The third-party part is staged again only when the lock or the choice changed, so calling
    this after each saved file costs milliseconds. Raises ``BuildError``.
    """
    staged = place(target).folder / service
    third_party = _installed(target)
    key = " ".join((third_party.name, *ships(service), _CHOICE))
    mark = staged.with_suffix(".key")
    if not mark.exists() or mark.read_text() != key or not staged.exists():
        mark.unlink(missing_ok=True)
        shutil.rmtree(staged, ignore_errors=True)
        for distribution in ships(service):
            for name in files_of(third_party, distribution):
                _copy(third_party / name, staged / name)
        mark.write_text(key)
    _stage_ours(service, staged)
    return staged


def files_of(installed: Path, distribution: str) -> Iterator[str]:
    """Yield the files of a distribution that a function needs, from its RECORD (PEP 376)."""
    record = next(installed.glob(f"{distribution.replace('-', '_')}-*.dist-info/RECORD"), None)
    if record is None:
        raise BuildError(f"{distribution} is not in {LOCK.name}; run: make lock")
    for line in record.read_text().splitlines():
        name = line.split(",")[0].strip('"')
        if name.startswith(("..", "/")) or ".dist-info/" in name or name.endswith(_NO_CODE):
            continue
        if distribution in ONLY and name not in ONLY[distribution]:
            continue
        if not name.startswith(NEVER):
            yield name


def uv() -> str:
    """Return the path of uv, the one beside the running interpreter if there is one."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if not found:
        raise BuildError("uv is missing; run: make .venv/ready")
    return found


def _has(service: str, part: str) -> bool:
    return (ROOT / "services" / service / f"{part}.py").exists()


def _installed(target: Target) -> Path:
    """Return the folder with everything that is locked, installed at most once per lock."""
    where = place(target)
    version = ".".join(map(str, sys.version_info[:3])) if target == "laptop" else ""
    seed = LOCK.read_bytes() + " ".join((*where.choose, version)).encode()
    folder = where.folder / f"third-party-{hashlib.sha256(seed).hexdigest()[:12]}"
    if not folder.exists():
        for old in where.folder.glob("third-party-*"):
            shutil.rmtree(old)
        fresh = where.folder / f"fresh-{os.getpid()}"
        command = [uv(), "pip", "install", "-q", "--target", str(fresh), "--no-deps"]
        command += ["--require-hashes", "--only-binary", ":all:", *where.choose, "-r", str(LOCK)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise BuildError(f"the functions' packages cannot be installed: {run.stderr.strip()}")
        fresh.rename(folder)
    return folder


def _stage_ours(service: str, staged: Path) -> None:
    for package_name in ("events", "shared", "services"):
        shutil.rmtree(staged / package_name, ignore_errors=True)
    ours = {"events": _FACTS_ONLY, "shared": _OURS, f"services/{service}": _OURS}
    for folder, ignored in ours.items():
        shutil.copytree(ROOT / folder, staged / folder, ignore=ignored, copy_function=_copy)
    _copy(ROOT / "services/__init__.py", staged / "services/__init__.py")


def _copy(source: str | Path, target: str | Path) -> None:
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    os.utime(target, (_MOMENT, _MOMENT))


def main() -> None:
    """Stage every service, for AWS unless ``laptop`` is said."""
    target: Target = "laptop" if "laptop" in sys.argv[1:] else "aws"
    for service in services():
        package(service, target)


if __name__ == "__main__":
    try:
        main()
    except BuildError as error:
        sys.exit(f"zerodesk: {error}")
