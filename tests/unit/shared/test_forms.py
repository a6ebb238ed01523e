"""A bad request is refused with every bad field named."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from shared.forms import read_body, read_query
from shared.refusal import Invalid


class Part(Struct, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=1)]
    notes: str = ""


class Form(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=2)]
    level: Annotated[int, Meta(ge=1, le=3)] = 3
    part: Part | str | None = None
    tags: list[str] = []


class Query(Struct, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1)] = 5
    state: list[str] = []
    q: str = ""


def fields(error):
    return {flaw["field"] for flaw in error.value.more["errors"]}


def test_every_bad_field_is_named_at_once():
    with pytest.raises(Invalid) as error:
        read_body(b'{"name":"x","level":9,"part":{"code":"","more":1},"tags":[1],"odd":0}', Form)
    assert fields(error) == {"name", "level", "part.code", "part.more", "tags[0]", "odd"}
    assert "6 bad fields" in str(error.value)


def test_a_missing_field_is_named():
    with pytest.raises(Invalid) as error:
        read_body(b"{}", Form)
    assert fields(error) == {"name"}


@given(st.binary(max_size=60))
def test_any_bytes_are_a_form_or_a_refusal(raw):
    try:
        form = read_body(raw, Form)
    except Invalid as error:
        named = error.more["errors"]
    else:
        named = [form.name]
    assert named


def test_a_query_reads_numbers_and_lists():
    given_query = {"limit": ["7"], "state": ["new,resolved", "closed"], "q": ["a", "b"]}
    query = read_query(given_query, Query)
    assert (query.limit, query.state, query.q) == (7, ["new", "resolved", "closed"], "b")
    for bad, field in (({"limit": ["0"]}, "limit"), ({"sort": ["up"]}, "sort")):
        with pytest.raises(Invalid) as error:
            read_query(bad, Query)
        assert fields(error) == {field}
