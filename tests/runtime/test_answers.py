"""Answers: the schema admits what is read and what is written; reading forgives the wrapping and nothing inside."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dramaturg.dsl.scenario import Act, EventField, EventType, Scenario
from dramaturg.dsl.types import Bool, Condition, Enum, ListOf, Number, Optional, SetOf, Text, TimeOfDay, Type, Value
from dramaturg.runtime.answers import MAX_CHARACTERS, answer_schema, read_answer, write_answer
from dramaturg.runtime.trace import Answer
from tests.training.stage import flights

COLOURS = Enum(("red", "green", "blue"))
FIELDS: tuple[tuple[str, Type], ...] = (
    ("yes", Bool()),
    ("colour", COLOURS),
    ("count", Number("int", 0, 9)),
    ("share", Number("percent", 0, 10_000)),
    ("price", Number("money(EUR)", 0, 100_000)),
    ("wait", Number("duration", 0, 10**9)),
    ("weight", Number("mass", 0, 9999)),
    ("factor", Number("number", 0, 5000)),
    ("at", TimeOfDay()),
    ("note", Text()),
    ("maybe", Optional(Number("money(EUR)", 0, 1000))),
    ("some", ListOf(Text(), 1, 3)),
    ("set", SetOf(COLOURS)),
    ("when", Condition(("price",))),
)


def scenario() -> Scenario:
    """The flights, with an act that takes everything and a staged one."""
    base = flights(120)
    wide = Act("wide", "does", tuple(EventField(name, type_) for name, type_ in FIELDS))
    staged = Act("staged", "does", (EventField("price", Number("money(EUR)", 0, 1000)),), staged=True)
    acts = (*base.agent.acts, wide, staged)
    events = {**base.events, **{f"agent.{a.name}": EventType(f"agent.{a.name}", "agent", a.fields) for a in acts[-2:]}}
    return replace(base, agent=replace(base.agent, acts=acts), events=events)


SCENARIO = scenario()
SCHEMA = answer_schema(SCENARIO)


def values(type_: Type) -> st.SearchStrategy[Value]:
    match type_:
        case Bool():
            return st.booleans()
        case Enum(members):
            return st.sampled_from(members)
        case Number(lo=lo, hi=hi):
            return st.integers(lo, hi)
        case TimeOfDay():
            return st.integers(0, 24 * 3600 - 1).map(lambda seconds: seconds * 1000)
        case Text() | Condition():
            return st.text(max_size=20)
        case Optional(inner):
            return st.none() | values(inner)
        case ListOf(inner, lo, hi):
            return st.lists(values(inner), min_size=lo, max_size=hi).map(tuple)
        case SetOf(inner):
            return st.sets(st.sampled_from(inner.members)).map(
                lambda chosen: tuple(m for m in inner.members if m in chosen)
            )


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    act = draw(st.sampled_from(SCENARIO.agent.acts))
    args = tuple((field.name, draw(values(field.type))) for field in act.fields)
    say = "" if act.kind == "silent" else draw(st.text(max_size=10))
    states = [state.name for state in SCENARIO.tasks[0].states]
    status = draw(st.just(()) | st.sampled_from(states).map(lambda state: (("flight", state),)))
    stage = draw(st.sampled_from(["ready", "draft"])) if act.staged else "ready"
    return Answer(act.name, args, say, status, stage)


@given(answers())
def test_what_is_written_is_read_again_and_admitted_by_the_schema(answer: Answer) -> None:
    text = write_answer(answer, SCENARIO)
    assert "\n" not in text
    assert replace(read_answer(text, SCENARIO), raw="") == answer
    Draft202012Validator(SCHEMA).validate(json.loads(text))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_keys_come_in_canonical_order() -> None:
    answer = Answer("follow_up", (("price", 12_000),), "Look!", (("flight", "PENDING"),))
    assert write_answer(answer, SCENARIO) == (
        '{"act":"follow_up","with":{"price":"120 EUR"},"say":"Look!","status":{"flight":"PENDING"}}'
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"act": "follow_up", "with": {"price": "120 EUR"}}',
        '\n\n  {"with": {"price": "120EUR"}, "act": "follow_up"}  \n',
        '```json\n{"act": "follow_up", "with": {"price": "120 EUR"}}\n```',
        '```\n{"act": "follow_up", "with": {"price": "120 EUR"}}```',
        '<think>\n{"act": "keep_silent"}?\n</think>\n\n{"act": "follow_up", "with": {"price": "120 EUR"}}',
    ],
)
def test_what_surrounds_an_answer_is_forgiven(text: str) -> None:
    read = read_answer(text, SCENARIO)
    assert (read.act, read.args, read.invalid, read.raw) == ("follow_up", (("price", 12_000),), "", text)


WRONG = {
    "null": "not a JSON object",
    '"null"': "not a JSON object",
    "": "is empty",
    "[]": "not a JSON object",
    "{}": "no act is named",
    '{"act": null}': "there is no act None",
    '{"act": ""}': "there is no act ''",
    '{"act": "dance"}': "there is no act 'dance'",
    '{"act": "follow_up"}': "price is missing",
    '{"act": "follow_up", "with": {"price": 120}}': "not an amount such as",
    '{"act": "follow_up", "with": {"price": "120"}}': "no unit",
    '{"act": "follow_up", "with": {"price": "120 USD"}}': "an amount of EUR is wanted",
    '{"act": "follow_up", "with": {"price": "12000 EUR"}}': "outside",
    '{"act": "follow_up", "with": {"price": "1 EUR", "prices": "1 EUR"}}': "has no field 'prices'",
    '{"act": "follow_up", "with": ["120 EUR"]}': "not an object",
    '{"act": "keep_silent", "with": null}': "not an object",
    '{"act": "keep_silent", "why": "because"}': "has a key 'why'",
    '{"act": "keep_silent", "act": "follow_up"}': "gives 'act' twice",
    '{"act": "keep_silent", "say": 1}': "not a text",
    '{"act": "keep_silent", "status": {"flight": "LANDED"}}': "has no state 'LANDED'",
    '{"act": "keep_silent", "status": {"train": "PENDING"}}': "there is no task 'train'",
    '{"act": "keep_silent", "stage": "draft"}': "cannot be at stage 'draft'",
    '{"act": "keep_silent"} {"act": "keep_silent"}': "not one JSON object",
    'Sure! {"act": "keep_silent"}': "not one JSON object",
    '{"act": "keep_silent", "with": {"x": NaN}}': "NaN",
    "[" * 100_000: "characters",
    "[" * 15_000: "not one JSON object",
    '{"act": ' + "9" * 10_000 + "}": "thousands of digits",
    " " * (MAX_CHARACTERS + 1): "characters",
    "keep_silent": "not one JSON object",
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:40])
def test_what_is_wrong_inside_makes_an_answer_invalid(text: str) -> None:
    read = read_answer(text, SCENARIO)
    assert read.act == ""
    assert WRONG[text] in read.invalid
    assert read.raw == text


def test_the_schema_refuses_what_reading_refuses() -> None:
    validator = Draft202012Validator(SCHEMA)
    parsed = [
        json.loads(text)
        for text in WRONG
        if text.startswith('{"act": "') and text.count('"act"') == 1 and "NaN" not in text
    ]
    outside = [data for data in parsed if data.get("with") == {"price": "12000 EUR"}]
    assert len(parsed) > 10
    assert [data for data in parsed if validator.is_valid(data)] == outside  # a pattern knows no range


@given(st.text(max_size=200))
def test_reading_never_raises(text: str) -> None:
    read = read_answer(text, SCENARIO)
    assert read.invalid or read.act


def test_a_draft_may_leave_arguments_out() -> None:
    read = read_answer('{"act": "staged", "stage": "draft"}', SCENARIO)
    assert (read.act, read.stage, read.invalid) == ("staged", "draft", "")
    assert read_answer('{"act": "staged"}', SCENARIO).invalid
