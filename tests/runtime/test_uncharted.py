"""Playing without a graph: the same moves as with one, and nobody says what was right."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dramaturg.compiler.compiled import compile_scenario
from dramaturg.compiler.explore import Budget, OverBudget
from dramaturg.compiler.uncharted import uncharted
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario
from dramaturg.runtime.agents import agent
from dramaturg.runtime.episode import play
from dramaturg.runtime.interactive import perform
from dramaturg.runtime.narration import narrate

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def read(name: str) -> Scenario:
    scenario = load(SCENARIOS / name).scenario
    assert scenario is not None
    return scenario


@pytest.mark.parametrize("name", ["travel/flight-watch.yaml", "travel/weekend-trip.yaml", "work/coding-session.yaml"])
@pytest.mark.parametrize("who", ["silent", "eager", "random"])
def test_the_same_episode_happens_with_and_without_a_graph(name: str, who: str) -> None:
    scenario = read(name)
    charted = play(compile_scenario(scenario, analyse=False), 0, agent(who), 3)
    alone = play(uncharted(scenario, Budget()), 0, agent(who), 3)
    assert [(s.at, s.actor, s.event, s.args, s.text) for s in alone.steps] == [
        (s.at, s.actor, s.event, s.args, s.text) for s in charted.steps
    ]
    assert (alone.ended, alone.final, alone.violations) == (charted.ended, charted.final, charted.violations)
    assert all(turn.node < 0 and turn.reference is None for turn in alone.turns)


def test_nobody_is_told_that_an_act_was_wrong_where_nobody_knows() -> None:
    scenario = read("travel/flight-watch.yaml")
    scene = narrate(play(uncharted(scenario, Budget()), 0, agent("eager"), 0), scenario)
    assert "not acceptable" not in scene
    assert "not judged" in scene


def test_whoever_plays_by_hand_is_told_the_same() -> None:
    sink = io.StringIO()
    perform(uncharted(read("travel/flight-watch.yaml"), Budget()), 0, 0, io.StringIO("\n" * 40), sink)
    assert "cceptable" not in sink.getvalue()
    assert "Regret" not in sink.getvalue()


def test_too_many_people_are_too_many_to_play_with_as_well() -> None:
    with pytest.raises(OverBudget):
        uncharted(read("travel/weekend-trip.yaml"), Budget(3, 100))
