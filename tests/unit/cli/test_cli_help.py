"""What the command line says about itself, and that docs/cli.md says the same."""

from pathlib import Path

import pytest

from infra.clidocs import commands, markdown

ALL = list(commands())
PAGE = Path(__file__).parents[3] / "docs/cli.md"


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_has_help_and_stands_in_the_docs(path, command):
    assert command.help
    assert f" {' '.join(path)}\n" in PAGE.read_text()


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_can_answer_in_json(path, command):
    options = {word for param in command.params for word in param.opts}
    topic = hasattr(command, "commands") and len(path) > 1
    assert topic or "--json" in options


def test_the_docs_are_what_help_says():
    assert PAGE.read_text() == markdown(), "run make generate"


def test_help_is_no_failure(zerodesk):
    for args in (("--help",), ("ticket", "--help"), ("ticket", "move", "--help")):
        assert zerodesk(*args).exit_code == 0


def test_the_version_is_known(zerodesk):
    assert zerodesk("--version").stdout.startswith("0.")
