"""Every declared fact survives the bus, whatever it carries."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.envelope import LARGEST, Meta, seal, unseal
from events.fact import KINDS
from infra import schemas

schemas.load()


class Arbitrary:
    """Builds any payload that a JSON schema allows."""

    def __init__(self, document):
        self.document = document

    def value(self, schema):
        if "$ref" in schema:
            return self.value(self.document["$defs"][schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return st.one_of([self.value(option) for option in schema["anyOf"]])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        return getattr(self, schema["type"])(schema)

    def object(self, schema):
        if "properties" not in schema:
            return st.dictionaries(st.text(), self.value(schema["additionalProperties"]))
        values = {name: self.value(field) for name, field in schema["properties"].items()}
        required = {name: values.pop(name) for name in schema.get("required", ())}
        return st.fixed_dictionaries(required, optional=values)

    def array(self, schema):
        return st.lists(self.value(schema["items"]), max_size=3)

    def string(self, schema):
        if schema.get("format") == "date-time":
            return st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
        if "pattern" in schema:
            longest = schema.get("maxLength", 10_000)
            fitting = st.from_regex(schema["pattern"], fullmatch=True)
            return fitting.filter(lambda word: len(word) <= longest)
        return st.text(max_size=schema.get("maxLength"))

    def integer(self, schema):
        lowest, highest = schema.get("minimum", -(2**53)), schema.get("maximum", 2**53)
        return st.integers(lowest, highest)

    def number(self, schema):
        return st.floats(allow_nan=False, allow_infinity=False)

    def boolean(self, schema):
        return st.booleans()

    def null(self, schema):
        return st.none()


def payloads(schema):
    return Arbitrary(schema).value(schema)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_facts_survive_the_bus(kind, data):
    carried = data.draw(payloads(schemas.schema_of(kind)))
    fact = msgspec.convert(carried, kind.shape)
    meta = msgspec.convert(data.draw(payloads(schemas.schema_of_meta())), Meta)
    on_the_bus = {
        "detail-type": kind.name,
        "source": kind.source,
        "account": "fields we do not read are tolerated",
        "detail": json.loads(seal(fact, meta)),
    }
    assert unseal(json.dumps(on_the_bus)) == (fact, meta)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_field_of_tomorrow_does_not_disturb_a_reader_of_today(kind):
    sample = json.loads((schemas.FOLDER.parent / f"samples/{kind.name}.json").read_text())
    known = unseal(json.dumps(sample))
    sample["detail"]["data"]["field_of_tomorrow"] = 1
    sample["detail"]["meta"]["field_of_tomorrow"] = 1
    assert unseal(json.dumps(sample)) == known


def test_a_fact_too_large_for_the_bus_is_refused_where_it_is_made():
    kind = KINDS["MailQuarantined"]
    huge = kind.shape(receipt_id="R-1", reason="x" * LARGEST)
    at = datetime(2030, 1, 1, tzinfo=UTC)
    meta = Meta(id="F-1", tenant="demo", at=at, correlation_id="c")
    with pytest.raises(ValueError, match="MailQuarantined has"):
        seal(huge, meta)
