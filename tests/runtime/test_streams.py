"""Episodes of a scenario whose world is drawn: the exact engine keeps every gap and value, the graph only regions and ticks."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.dsl.load import load
from dramaturg.runtime.agents import Script, agent
from dramaturg.runtime.benchmark import build
from dramaturg.runtime.episode import play, replay
from dramaturg.runtime.record import to_json
from dramaturg.runtime.trace import Answer
from tests.runtime.scene import MINUTE


@cache
def compiled() -> Compiled:
    loaded = load(Path(__file__).parent / "tiny-train.yaml")
    assert loaded.scenario is not None, loaded.diagnostics
    return compile_scenario(loaded.scenario, analyse=False)


@pytest.mark.parametrize("spec", ["oracle", "silent", "random"])
def test_what_holds_everywhere_the_agent_could_be_holds_where_it_is(spec: str) -> None:
    for seed in range(12):
        trace = play(compiled(), seed % 2, agent(spec), seed)
        assert to_json(replay(compiled(), trace)) == to_json(trace)
        for turn in trace.turns:
            assert turn.node >= 0
            assert set(turn.robust) <= set(turn.acceptable)
            assert turn.ok or spec != "oracle"


def test_a_reminder_wakes_the_agent_and_says_what_came_true() -> None:
    traces = [play(compiled(), 1, agent("oracle"), seed) for seed in range(10)]
    reminders = [seen for trace in traces for turn in trace.turns for seen in turn.seen if seen.event == "reminder"]
    assert reminders
    assert {seen.origin for seen in reminders} == {"environment_monitor"}
    assert {seen.text for seen in reminders} == {"reminder: fare <= 40 EUR for 10m"}


def test_the_window_opens_only_once_the_fare_has_stayed_low() -> None:
    served = 0
    for seed in range(10):
        trace = play(compiled(), 1, agent("oracle"), seed)
        for turn in trace.turns:
            if turn.served == ("cheap",):
                served += 1
                changes = [s for s in trace.steps if s.event == "fare.changed" and s.at <= turn.at - 10 * MINUTE]
                assert dict(changes[-1].args)["to"] in (0, 2000, 4000)
    assert served


@pytest.mark.parametrize("text", ["fare <=", "fare <= budget and delay > 3m", "fare is blue", "1"])
def test_a_condition_that_cannot_be_read_is_an_answer_that_cannot_be_used(text: str) -> None:
    policy = Script("script", (Answer("set_reminder", (("condition", text),)),))
    trace = play(compiled(), 1, policy, 0)
    assert trace.turns[0].answer.invalid


@pytest.mark.parametrize("text", ["(not fare > 40 EUR) for 10m", "(fare < 60 EUR) for 600s", "fare <= 40 EUR for 10m"])
def test_a_condition_in_other_words_is_the_same_condition(text: str) -> None:
    policy = Script("script", (Answer("set_reminder", (("condition", text),)),))
    assert play(compiled(), 1, policy, 0).turns[0].served == ("arm",)


def test_quiet_episodes_are_found_though_chance_seldom_brings_them() -> None:
    items = build(compiled()).items
    classes = {(dict(item.values)["budget"], item.branch) for item in items}
    assert classes == {(budget, branch) for budget in (2000, 4000) for branch in ("positive", "negative")}
