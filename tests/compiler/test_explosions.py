"""Explosions: whatever multiplies the states, the author is told so within a second, with its name and the way out.

Time is the processor's, and only of loading and compiling. Verdicts depend on counts alone, so a slow machine is only slower.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.compiler import conditions
from dramaturg.compiler.compiled import compile_scenario
from dramaturg.compiler.explore import Budget, OverBudget, explore
from dramaturg.compiler.growth import FRONT
from dramaturg.dsl import core
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario
from tests.clock import within
from tests.compiler.explosions import EXPLODING, HEAVY, JOB, acts, each, scenario

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def read(text: str, folder: Path) -> Scenario:
    path = folder / "explodes.yaml"
    path.write_text(text)
    loaded = load(path)
    assert loaded.scenario is not None, [str(d.message) for d in loaded.diagnostics]
    return loaded.scenario


@pytest.fixture(scope="module", autouse=True)
def _warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Everything is imported, and the parser's tables are read, before the first clock starts."""
    compile_scenario(read(scenario({}), tmp_path_factory.mktemp("warm")))


def refused(text: str, folder: Path) -> OverBudget | None:
    """The refusal, if any; whatever comes, it comes within a second."""

    def compiling() -> OverBudget | None:
        try:
            compile_scenario(read(text, folder))
        except OverBudget as refusal:
            return refusal
        return None

    return within(1, compiling)


@pytest.mark.parametrize("name", EXPLODING)
def test_an_explosion_is_refused_within_a_second(name: str, tmp_path: Path) -> None:
    text, named = EXPLODING[name]
    refusal = refused(text, tmp_path)
    assert refusal is not None
    found = refusal.diagnostic
    assert found.code == "E601"
    assert named in found.message
    assert "--max-states" in found.notes[-1]


@pytest.mark.parametrize("name", HEAVY)
def test_a_small_graph_is_solved_and_looked_at_within_a_second(name: str, tmp_path: Path) -> None:
    assert refused(HEAVY[name], tmp_path) is None


def test_a_raised_limit_lets_what_was_refused_come_to_its_end(tmp_path: Path) -> None:
    given = read(scenario({"agent": acts(7), "tasks": each(7, JOB)}), tmp_path)
    with pytest.raises(OverBudget) as caught:
        explore(given)
    assert "without an end in sight" in caught.value.diagnostic.message
    assert len(explore(given, Budget.of(600_000)).graph) > FRONT


def test_the_largest_that_ships_stays_far_from_every_limit() -> None:
    given = load(SCENARIOS / "travel" / "delayed-train.yaml").scenario
    assert given is not None
    assert len(explore(given, Budget(30_000, 100_000)).graph) > 10_000


def test_a_condition_over_too_many_values_is_called_unrelated(tmp_path: Path) -> None:
    given = read(scenario({"world": each(8, "  v#: int 0..99 = 0\n")}), tmp_path)
    names = list(given.variables)
    above, below = (
        core.And(tuple(core.Compare(op, core.Var(name), core.Const(50)) for name in names)) for op in (">=", ">")
    )
    assert conditions.valuations((above, below), given.variables) == 5**8

    def holds(expr: core.Expr, valuation: object) -> bool:
        raise AssertionError("not a single valuation is looked at")

    assert conditions.relation(above, below, given.variables, holds, most=1000) == conditions.UNRELATED
