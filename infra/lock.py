"""Resolves the lock files of what is installed apart from the project's own environment."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

from infra.build import LOCK, ROOT, uv


class Lock(NamedTuple):
    """One dependency group of pyproject.toml and the file that pins it."""

    group: str
    file: Path
    left_out: tuple[str, ...] = ()


LOCKS = (
    # Chalice's own packager ships no dependency of it; the runtime brings botocore and its kin.
    Lock(
        "functions",
        LOCK,
        (
            "ansicon", "blessed", "botocore", "click", "editor", "inquirer", "jinxed", "jmespath",
            "packaging", "pip", "python-dateutil", "pyyaml", "readchar", "runs", "setuptools",
            "six", "urllib3", "wcwidth", "wheel", "xmod",
        ),
    ),
    Lock("emulator", ROOT / "locks/emulator.txt"),
    Lock("sam", ROOT / "locks/sam.txt"),
)  # fmt: skip


def main() -> None:
    """Write every lock file."""
    for lock in LOCKS:
        command = [uv(), "pip", "compile", "-q", "--generate-hashes", "--universal"]
        command += ["--no-emit-index-url", "--no-annotate", "--no-header"]
        command += ["--group", lock.group, "-o", str(lock.file)]
        for name in lock.left_out:
            command += ["--no-emit-package", name]
        subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
