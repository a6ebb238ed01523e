"""Checks the templates: cfn-lint with our own rules, then SAM's own validation and build."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from infra import sam
from infra.build import ROOT, BuildError

RULES = ROOT / "infra/rules"


def templates() -> list[str]:
    """Return the root template and the nested ones."""
    return [str(ROOT / "template.yaml"), *map(str, sorted((ROOT / "infra").glob("*.yaml")))]


def lint() -> None:
    """Run cfn-lint with our own rules on every template; raises ``SamError``."""
    program = str(Path(sys.executable).with_name("cfn-lint"))
    command = [program, "--append-rules", str(RULES), "--", *templates()]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if run.returncode:
        raise sam.SamError(f"cfn-lint has objections:\n{run.stdout}{run.stderr}")


def main() -> None:
    """Run all checks; say only what is wrong."""
    try:
        lint()
        sam.validate()
        sam.build()
    except (sam.SamError, BuildError) as error:
        sys.exit(f"zerodesk: {error}")


if __name__ == "__main__":
    main()
