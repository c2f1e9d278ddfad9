"""`earlier P in last D`: within the last D, the present moment left out; held against a list of all that happened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.compiler.configuration import Move
from dramaturg.compiler.equivalence import Comparison
from dramaturg.compiler.graph import AGENT
from dramaturg.dsl import core
from dramaturg.dsl.core import Happened
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.types import Wait
from tests.compiler.play import played
from tests.compiler.test_periods import CRM, HOUR, read

RULES = CRM.replace(
    "  not_twice: never (agent.nudge and task.manners is NUDGED)\n",
    "  days: never (agent.nudge and earlier agent.nudge in last 3d)\n"
    "  turns: never (agent.nudge and earlier agent.nudge in last 2 turns)\n",
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compile_scenario(read(RULES, tmp_path_factory.mktemp("rules")))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_memory_is_what_a_list_of_all_nudges_says(data: st.DataObject, compiled: Compiled) -> None:
    engine = compiled.semantics
    now = turns = 0
    nudges: list[tuple[int, int]] = []

    def leaning(moves: Sequence[Move]) -> Sequence[Move]:
        return [*moves, *[move for move in moves if move.event == "agent.nudge"] * 3]

    for config, move in played(compiled, data, 80, leaning):
        if move.event == "agent.nudge":
            broken = set()
            if any(now - then < 72 * HOUR for then, _ in nudges):
                broken.add("rule:days")
            if any(turns - turn <= 2 for _, turn in nudges):
                broken.add("rule:turns")
            assert broken == {name for name in move.violations if name.startswith("rule:")}
            nudges.append((now, turns))
        now += move.delay
        turns += engine.owner(config) == AGENT


def test_a_longer_memory_holds_wherever_a_shorter_one_does(scenario: Scenario) -> None:
    nudge = Happened(("agent.nudge",))
    compare = Comparison(scenario, scenario).compare
    day, week = core.Earlier(nudge, Wait(ms=24 * HOUR)), core.Earlier(nudge, Wait(ms=168 * HOUR))
    assert compare(day, week).relation == "wider"
    assert compare(week, day).relation == "narrower"
    assert compare(day, core.Earlier(nudge)).relation == "wider"
    assert compare(core.Earlier(nudge), day).relation == "narrower"
    assert compare(day, core.Earlier(nudge, Wait(turns=2))).relation == "differs"


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    return read(RULES, tmp_path)
