"""Committed schemas and samples are those of the code, and facts only grow."""

import copy
import json

import pytest

from events.envelope import unseal
from events.fact import KINDS
from infra import samples, schemas
from infra.compatibility import breaks
from infra.generate import broken

schemas.load()
OLD = {
    "title": "LampSwitched",
    "type": "object",
    "required": ["lamp", "at"],
    "properties": {
        "lamp": {"$ref": "#/$defs/Lamp"},
        "at": {"type": "string", "format": "date-time"},
        "note": {"type": "string", "default": "", "maxLength": 80},
        "level": {"type": "integer", "minimum": 0, "maximum": 9, "default": 1},
        "colour": {"anyOf": [{"enum": ["red", "green"]}, {"type": "null"}], "default": None},
        "rooms": {"type": "array", "items": {"type": "string"}, "default": []},
    },
    "$defs": {
        "Lamp": {
            "title": "Lamp",
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string", "pattern": "^L"}},
        }
    },
}


def changed(edit):
    new = copy.deepcopy(OLD)
    edit(new["properties"], new)
    return new


GROWN = {
    "an optional field": lambda p, s: p.update(by={"type": "string", "default": ""}),
    "an optional field of a part": lambda p, s: s["$defs"]["Lamp"]["properties"].update(
        watts={"type": "integer", "default": 0}
    ),
    "another word": lambda p, s: p["colour"]["anyOf"][0]["enum"].append("blue"),
    "a wider bound": lambda p, s: p["level"].update(maximum=99),
    "a longer text": lambda p, s: p["note"].update(maxLength=800),
    "another kind of value": lambda p, s: p["colour"]["anyOf"].append({"type": "integer"}),
    "a part under another name": lambda p, s: (
        s["$defs"].update(Bulb=s["$defs"].pop("Lamp")),
        p["lamp"].update({"$ref": "#/$defs/Bulb"}),
    ),
    "nothing": lambda p, s: None,
}
BROKEN = {
    "note is gone": lambda p, s: p.pop("note"),
    "lamp is gone": lambda p, s: (p.update(lantern=p.pop("lamp")), s["required"].remove("lamp")),
    "note is required and was not": lambda p, s: s["required"].append("note"),
    "by is required and was not": lambda p, s: (
        p.update(by={"type": "string"}),
        s["required"].append("by"),
    ),
    "at was always there and is optional": lambda p, s: s["required"].remove("at"),
    "note was string and is integer": lambda p, s: p["note"].update(type="integer"),
    "note has maxLength 8, it had 80": lambda p, s: p["note"].update(maxLength=8),
    "level has minimum 1, it had 0": lambda p, s: p["level"].update(minimum=1),
    "rooms[] has pattern ^R, it had none": lambda p, s: p["rooms"]["items"].update(pattern="^R"),
    "colour no longer takes 'green'": lambda p, s: p["colour"]["anyOf"][0]["enum"].remove("green"),
    "colour takes only some words now": lambda p, s: p["colour"]["anyOf"].pop(),
    "note takes only some words now": lambda p, s: p["note"].update(enum=["a"]),
    "level meant 1 when left out and means 2": lambda p, s: p["level"].update(default=2),
    "lamp.id has pattern ^X, it had ^L": lambda p, s: s["$defs"]["Lamp"]["properties"]["id"].update(
        pattern="^X"
    ),
    "lamp.id is gone": lambda p, s: (
        s["$defs"]["Lamp"]["properties"].clear(),
        s["$defs"]["Lamp"]["required"].clear(),
    ),
    "rooms[] was string and is integer": lambda p, s: p["rooms"]["items"].update(type="integer"),
    "the fact no longer takes unknown fields": lambda p, s: s.update(additionalProperties=False),
}


@pytest.mark.parametrize("edit", GROWN.values(), ids=list(GROWN))
def test_a_fact_may_gain(edit):
    assert breaks(OLD, changed(edit)) == []


@pytest.mark.parametrize(("sentence", "edit"), BROKEN.items(), ids=list(BROKEN))
def test_a_change_that_breaks_a_reader_is_named(sentence, edit):
    assert any(sentence in found for found in breaks(OLD, changed(edit)))


def test_a_number_may_become_finer_but_not_coarser():
    whole, fine = {"type": "integer"}, {"type": "number"}
    assert breaks(whole, fine) == []
    assert breaks(fine, whole) == ["the fact was number and is integer"]


def test_a_part_that_contains_itself_is_compared_once():
    tree = {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"below": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
            }
        },
    }
    assert breaks(tree, copy.deepcopy(tree)) == []


def test_the_facts_break_nothing_that_is_committed():
    files = {path: json.dumps(schema) for path, schema in schemas.all_schemas().items()}
    assert broken(files) == []


def test_a_fact_that_disappears_is_named():
    files = {path: json.dumps(schema) for path, schema in schemas.all_schemas().items()}
    del files[schemas.FOLDER / "TicketOpened.json"]
    assert "TicketOpened: the fact is gone" in broken(files)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_committed_schema_is_that_of_the_class(kind):
    committed = json.loads((schemas.FOLDER / f"{kind.name}.json").read_text())
    assert committed == schemas.schema_of(kind)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_committed_sample_is_a_fact(kind):
    sample = (samples.FOLDER / f"{kind.name}.json").read_text()
    fact, meta = unseal(sample)
    assert type(fact) is kind.shape
    assert json.loads(sample)["source"] == kind.source
    assert meta.tenant == "demo"
