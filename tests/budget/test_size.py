"""A file is read in one go; the names we ship are ours."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("events", "infra", "services", "shared")
FILES = [path for top in (*OURS, "tests") for path in sorted((ROOT / top).rglob("*.py"))]
TEMPLATES = [ROOT / "template.yaml", *sorted((ROOT / "infra").glob("*.yaml"))]
LONGEST = 400
LONGEST_ROOT = 300


def lines(path):
    return len(path.read_text().splitlines())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short(path):
    assert lines(path) <= LONGEST


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_is_short(path):
    assert lines(path) <= (LONGEST_ROOT if path.name == "template.yaml" else LONGEST)


@pytest.mark.parametrize("name", OURS)
def test_our_package_names_are_ours(name):
    """A dependency that brings its own ``events`` (opensearch-py does) would win or break."""
    assert ROOT in Path(importlib.import_module(name).__file__).parents


def test_no_drawer_is_called_utils():
    drawers = {"utils", "util", "helpers", "misc", "common", "lib"}
    assert [path for path in FILES if path.stem in drawers or drawers & set(path.parts)] == []
