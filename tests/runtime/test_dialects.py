"""Dialects: a turn that is written in one is read back, and each says silence in its own way only."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.dsl.scenario import Act, EventField, EventType, Scenario
from dramaturg.dsl.types import ListOf, Text
from dramaturg.runtime.dialects import CHRONOS, DIALECTS, PROACTIVE, TOOLS, Dialect, tools
from dramaturg.runtime.trace import Answer
from tests.runtime.test_answers import SCENARIO, answers


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@given(answer=answers())
def test_what_a_dialect_writes_it_reads(dialect: Dialect, answer: Answer) -> None:
    if dialect in (CHRONOS, PROACTIVE) and answer.stage == "draft":
        answer = replace(answer, stage="ready")
    if dialect is PROACTIVE:
        # It has no place for the status, and silence no place for words.
        answer = replace(answer, status=(), say="" if answer.act == "keep_silent" else answer.say)
    read = dialect.read(dialect.write(answer, SCENARIO), SCENARIO)
    assert replace(read, raw="") == answer


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@given(
    text=st.text(max_size=80)
    | st.dictionaries(
        st.sampled_from(["proactive_action", "proactive_task", "tool_calls"]),
        st.none() | st.text(max_size=5) | st.lists(st.none(), max_size=2),
    ).map(json.dumps)
)
def test_reading_never_raises(dialect: Dialect, text: str) -> None:
    read = dialect.read(text, SCENARIO)
    assert read.invalid or read.act


def test_the_long_term_agents_turn() -> None:
    text = """{"proactive_action": "SET_REMINDER", "response_text": "I will watch.",
      "task_description": {"description": "a flight", "constraints": {"budget": "100 EUR"}, "status": "IN_PROGRESS"},
      "trigger_condition": {"type": "event", "value": "price <= 100 EUR"}}"""
    read = CHRONOS.read(text, SCENARIO)
    assert read.invalid == "set_reminder has no field 'budget' (it takes condition)"
    read = CHRONOS.read(text.replace('"budget": "100 EUR"', ""), SCENARIO)
    assert (read.act, read.args) == ("set_reminder", (("condition", "price <= 100 EUR"),))
    assert (read.say, read.status) == ("I will watch.", (("flight", "IN_PROGRESS"),))


def proactive() -> Scenario:
    fields = (EventField("purpose", Text()), EventField("tasks", ListOf(Text(), 1, 5)))
    propose = Act("propose", "says", fields, proactive=True)
    acts = (propose, Act("keep_silent", "silent"))
    events = {f"agent.{act.name}": EventType(f"agent.{act.name}", "agent", act.fields) for act in acts}
    return replace(SCENARIO, agent=replace(SCENARIO.agent, acts=acts), events=events)


def test_proactivebench_turns() -> None:
    scenario = proactive()
    text = '{"Purpose": "sort names", "Thoughts": "…", "Proactive Task": "Write a test", "Response": "May I?"}'
    read = PROACTIVE.read(text, scenario)
    assert (read.act, read.args) == ("propose", (("purpose", "sort names"), ("tasks", ("Write a test",))))
    assert (
        PROACTIVE.read('{"purpose": "", "thoughts": "", "proactive_task": null, "response": null}', scenario).act
        == "keep_silent"
    )
    for wrong in ('"null"', '""', "[]", '"  "'):
        assert PROACTIVE.read(f'{{"proactive_task": {wrong}}}', scenario).invalid
    assert PROACTIVE.read('{"purpose": "x"}', scenario).invalid
    answer = Answer("propose", (("purpose", "p"), ("tasks", ("a", "b"))), "Hm?")
    assert replace(PROACTIVE.read(PROACTIVE.write(answer, scenario), scenario), raw="") == answer


def test_tools_are_the_acts() -> None:
    listed = tools(SCENARIO)
    assert [tool["function"]["name"] for tool in listed] == [act.name for act in SCENARIO.agent.acts]  # type: ignore[index, call-overload]
    assert len(json.dumps(listed)) > 100


def test_a_message_without_exactly_one_tool_call_is_invalid() -> None:
    call = {"type": "function", "function": {"name": "keep_silent", "arguments": "{}"}}
    assert TOOLS.read(json.dumps({"tool_calls": [call]}), SCENARIO).act == "keep_silent"
    assert (
        TOOLS.read(json.dumps({"tool_calls": [call, call]}), SCENARIO).invalid
        == "the answer makes 2 tool calls, not one"
    )
    assert TOOLS.read(json.dumps({"content": "hm"}), SCENARIO).invalid == "the answer makes 0 tool calls, not one"
