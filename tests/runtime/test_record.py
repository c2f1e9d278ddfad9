"""The written form of a trace: round trip, identity, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.dsl.types import Value
from dramaturg.runtime.record import BadRecord, from_json, identity, plain, sealed, to_json, value_of
from dramaturg.runtime.trace import Answer
from tests.runtime.handmade import T, trace

values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=8,
)


@given(values)
def test_values_survive(value: Value) -> None:
    back = value_of(json.loads(json.dumps(plain(value))))
    assert back == value
    assert type(back) is type(value)


SAMPLE = sealed(trace([T("follow_up", served=("seat",), claims="PENDING"), T(invalid="no JSON")], trust=[3, 4]))


@given(values, st.text())
def test_a_trace_is_read_back_from_its_bytes(value: Value, text: str) -> None:
    turn = replace(SAMPLE.turns[0], answer=Answer("follow_up", (("price", value),), say=text, raw=text))
    written = sealed(replace(SAMPLE, turns=(turn,)))
    assert from_json(to_json(written)) == written
    assert to_json(from_json(to_json(written))) == to_json(written)


def test_the_id_is_the_hash_of_everything_else() -> None:
    assert SAMPLE.id == identity(SAMPLE) == identity(replace(SAMPLE, id=""))
    assert identity(replace(SAMPLE, seed=1)) != SAMPLE.id


def test_a_changed_trace_is_refused() -> None:
    with pytest.raises(BadRecord, match="was changed"):
        from_json(to_json(SAMPLE).replace('"ended":"good"', '"ended":"bad"'))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"scenario":1}', "null", to_json(SAMPLE)[:-5]])
def test_what_is_no_trace_is_refused(text: str) -> None:
    with pytest.raises(BadRecord):
        from_json(text)
