"""Turns of several acts: what may stand in one answer, and how an episode plays, labels, counts and replays it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.dsl.load import load
from dramaturg.runtime.agents import Script
from dramaturg.runtime.answers import answer_schema, read_answer
from dramaturg.runtime.dialects import TOOLS
from dramaturg.runtime.episode import Episode, play, replay
from dramaturg.runtime.prompt import system
from dramaturg.runtime.record import to_json
from dramaturg.runtime.trace import Answer

DESK = """
scenario: order-desk
about: A clerk takes an order and ships it.
domain: support
family: orders
horizon: 1h
turns: {turns}
world: {{stock: int 0..3 = 2}}
agent:
  wakes: [user]
  per_turn: up to 3 acts
  acts:
    look_up: {{kind: does, returns: [stock]}}
    reserve: {{kind: does, with: {{pieces: int 1..3}}}}
    watch: {{kind: does, with: {{condition: condition on stock}}}}
    confirm: {{kind: says}}
    keep_silent: {{kind: silent}}
user:
  moves: {{order: {{}}, thank: {{}}}}
  opens: {{do: order}}
  replies: [{{to: agent.confirm, do: thank}}]
words: {{user.order: [Two please.], user.thank: [Thank you.], agent.confirm: [It is on its way.]}}
tasks:
  sale:
    OPEN:
      - {{when: agent.reserve(pieces == 2), go: RESERVED}}
      - {{after: 30m, go: LOST}}
    RESERVED:
      - {{when: user.thank, go: SOLD}}
      - {{after: 30m, go: LOST}}
    SOLD: {{end: good}}
    LOST: {{end: bad}}
"""
BOTH = '{"acts": [{"act": "look_up"}, {"act": "reserve", "with": {"pieces": 2}}, {"act": "confirm"}], "say": "Done!"}'


@cache
def desk(turns: int = 4) -> Compiled:
    path = Path("/desk/order-desk.yaml")
    loaded = load(path, overlay={path: DESK.format(turns=turns).encode()})
    assert loaded.scenario is not None, [d.message for d in loaded.diagnostics]
    return compile_scenario(loaded.scenario)


def read(text: str) -> Answer:
    return read_answer(text, desk().scenario)


def test_one_answer_makes_several_acts() -> None:
    episode = Episode(desk(), 0, 0, "several")
    episode.answer(read(BOTH))
    assert [turn.answer.act for turn in episode.turns] == ["look_up", "reserve", "confirm"]
    assert [step.event for step in episode.steps if not step.event.startswith("user.")] == [
        "agent.look_up",
        "result.look_up",
        "agent.reserve",
        "agent.confirm",
    ]
    assert [step.text for step in episode.steps if step.event == "agent.confirm"] == ["Done!"]
    assert episode.trace().ended == "good"
    assert all(not turn.answer.then for turn in episode.turns)


def test_the_record_replays_to_the_same_bytes() -> None:
    trace = play(desk(), 0, Script("several", (read(BOTH),)), 0)
    assert to_json(replay(desk(), trace)) == to_json(trace)


def test_several_acts_spend_one_turn() -> None:
    assert play(desk(1), 0, Script("several", (read(BOTH),)), 0).ended == "good"
    slow = Script("slow", (read('{"act": "confirm"}'), read(BOTH)))
    assert play(desk(1), 0, slow, 0).ended == "turns"


def test_acts_after_one_that_cannot_be_used_are_not_played() -> None:
    wrong = Answer("reserve", (("pieces", 9),), then=(Answer("confirm"),))
    episode = Episode(desk(), 0, 0, "wrong")
    turn = episode.answer(wrong)
    assert turn.answer.invalid
    assert [t.answer.act for t in episode.turns] == [""]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"acts": []}', "not a list of one to 3 acts"),
        ('{"acts": {"act": "confirm"}}', "not a list of one to 3 acts"),
        ('{"acts": [{"act": "look_up"}, {"act": "look_up"}, {"act": "look_up"}, {"act": "confirm"}]}', "one to 3 acts"),
        ('{"acts": ["confirm"]}', "acts holds 'confirm', not an object"),
        ('{"acts": [{"act": "confirm"}, {"act": "look_up"}]}', "confirm ends the turn"),
        ('{"acts": [{"act": "keep_silent"}, {"act": "look_up"}]}', "keep_silent ends the turn"),
        ('{"acts": [{"act": "watch", "with": {"condition": "stock > 1"}}, {"act": "look_up"}]}', "watch ends the turn"),
        ('{"acts": [{"act": "look_up", "say": "Hm."}]}', "has a key 'say'"),
        ('{"acts": [{"act": "look_up"}], "act": "confirm"}', "has a key 'act'"),
    ],
)
def test_what_a_turn_cannot_hold_is_no_answer(text: str, why: str) -> None:
    assert why in read(text).invalid


def test_the_schema_admits_what_is_read_and_refuses_what_is_not() -> None:
    schema = Draft202012Validator(answer_schema(desk().scenario))
    assert schema.is_valid(json.loads(BOTH))
    assert schema.is_valid({"act": "confirm"})
    assert not schema.is_valid({"acts": []})
    assert not schema.is_valid({"acts": [{"act": "look_up"}] * 4})
    assert not schema.is_valid({"acts": [{"act": "look_up", "say": "Hm."}]})


def test_several_tool_calls_are_several_acts() -> None:
    def call(name: str, **arguments: int) -> dict[str, object]:
        return {"id": "1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}

    calls = [call("reserve", pieces=2), call("confirm")]
    message = {"role": "assistant", "content": "Done!", "tool_calls": calls}
    answer = TOOLS.read(json.dumps(message), desk().scenario)
    assert (answer.act, answer.say, [(a.act, a.say) for a in answer.then]) == ("reserve", "", [("confirm", "Done!")])
    message["tool_calls"] = calls[::-1]
    assert "confirm ends the turn" in TOOLS.read(json.dumps(message), desk().scenario).invalid


def test_the_prompt_says_how() -> None:
    assert '"acts": [{"act": name' in system(desk().scenario)
    assert "up to 3 acts, each a tool call" in system(desk().scenario, TOOLS)
