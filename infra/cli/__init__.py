"""The ``zerodesk`` command. One file per topic; each loads only when it is called."""


def main() -> None:
    """Run the command line; the exit code says how it went (docs/cli.md)."""
    from infra.cli.program import cli

    cli(prog_name="zerodesk")
