"""The library that ships: every scenario loads without a finding, every check of it holds, and its gate passes."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.dsl.load import load
from dramaturg.runtime import benchmark
from dramaturg.runtime.agents import TRIVIAL, agent
from dramaturg.runtime.report import report

LIBRARY = Path(__file__).resolve().parents[2] / "scenarios"
SCENARIOS = {
    "flight-watch": "travel",
    "delayed-train": "travel",
    "coding-session": "work",
    "merchant-recruitment": "sales",
    "return-item": "support",
    "weekend-trip": "travel",
    "two-legs": "travel",
}
NODES = 20_000
"""A scenario that ships stays small enough to be explored in a few seconds."""


@cache
def compiled(name: str) -> Compiled:
    loaded = load(LIBRARY / SCENARIOS[name] / f"{name}.yaml", LIBRARY)
    assert loaded.scenario is not None, [str(d.span) + " " + d.message for d in loaded.diagnostics]
    assert [d.message for d in loaded.diagnostics] == []
    return compile_scenario(loaded.scenario)


@cache
def runs(name: str) -> tuple[benchmark.Run, ...]:
    made = compiled(name)
    items = benchmark.build(made)
    return tuple(benchmark.run(items, made, agent(player)) for player in TRIVIAL)


def test_every_scenario_of_the_library_is_tested() -> None:
    found = {path.stem for path in LIBRARY.rglob("*.yaml") if re.match(rb"scenario:", path.read_bytes())}
    assert found == set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_compiles_without_a_finding(name: str) -> None:
    made = compiled(name)
    assert [f"{d.span} {d.message}" for d in made.diagnostics] == []
    assert len(made.graph) < NODES


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_binding_can_be_won(name: str) -> None:
    made = compiled(name)
    levels = {int(made.solution.level[edge.dst]) for edge in made.graph.out(0)}
    assert levels == {3}


@pytest.mark.parametrize("name", SCENARIOS)
def test_its_gate_passes(name: str) -> None:
    (section,) = report(runs(name)).scenarios
    assert section.gate.reasons == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_trivial_agents_fail_by_far(name: str) -> None:
    (section,) = report(runs(name)).scenarios
    for player in ("silent", "eager", "random"):
        value = section.gate.completion[player]
        assert value is not None
        assert value <= 0.25, player


@pytest.mark.parametrize("name", SCENARIOS)
def test_some_bindings_are_held_out_and_some_are_not(name: str) -> None:
    items = runs(name)[0].benchmark.items
    assert {item.split for item in items} == {"train", "heldout"}


@pytest.mark.parametrize("name", ["flight-watch", "return-item", "delayed-train", "two-legs"])
def test_both_branches_occur(name: str) -> None:
    items = runs(name)[0].benchmark.items
    assert {"positive", "negative"} <= {item.branch for item in items}


def test_flight_watch_has_both_branches_with_and_without_a_shift() -> None:
    items = runs("flight-watch")[0].benchmark.items
    assert {(item.branch, bool(item.shifts)) for item in items} == {
        (branch, shifted) for branch in ("positive", "negative") for shifted in (True, False)
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_move_has_several_wordings(name: str) -> None:
    scenario = compiled(name).scenario
    moves = [move for person in scenario.cast for move in person.moves]
    assert {move for move in moves if len(scenario.words.get(move, ())) < 2} == set()


@pytest.mark.parametrize("name", SCENARIOS)
def test_everything_said_by_the_agent_is_worded(name: str) -> None:
    scenario = compiled(name).scenario
    spoken = {f"agent.{act.name}" for act in scenario.agent.acts if act.kind == "says"}
    assert spoken - set(scenario.words) == set()


def test_transformed_data_is_attributed() -> None:
    notice = (LIBRARY / "NOTICE.md").read_text(encoding="utf-8")
    for path in LIBRARY.rglob("*.yaml"):
        head = path.read_text(encoding="utf-8").splitlines()[:4]
        if head[0].startswith("# Imported"):
            assert any("Licen" in line for line in head), path
            assert path.relative_to(LIBRARY.parent).as_posix() in notice
