"""Agendas stay short: nobody owes two answers, and what people do whatever anybody says comes before the agent's turn.

An agenda that may grow without bound has no finite graph, however small the scenario.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dramaturg.compiler.configuration import AgentTurn, Config, Duty, Forced, Owed, ShiftDraw
from dramaturg.compiler.explore import explore
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario
from tests.compiler.natural import ADHERENCE

LIBRARY = Path(__file__).parents[2] / "scenarios"
SHIPPED = [path for path in sorted(LIBRARY.rglob("*.yaml")) if path.read_text("utf-8").startswith("scenario:")]
TWO = """\
scenario: two
about: Two people plan a dinner, and an agent listens and helps.
domain: demo
family: demo
horizon: 2h
turns: 12
agent:
  wakes: [ann, bob]
  acts:
    suggest: {kind: says}
    book: {kind: says}
    keep_silent: {kind: silent}
cast:
  ann:
    role: user
    moves: {ask: {}, like: {}, dislike: {}}
    opens: {do: ask}
    replies:
      - {to: agent.suggest, chance: 50%, do: like}
      - {to: agent.suggest, do: dislike}
      - {to: bob.no_way, do: dislike}
  bob:
    role: user
    moves: {fine: {}, no_way: {}}
    replies:
      - {to: agent.suggest, chance: 50%, do: fine}
      - {to: agent.suggest, do: no_way}
      - {to: ann.like, do: fine}
tasks:
  dinner:
    OPEN:
      - {when: agent.book, if: once ann.like and once bob.fine, go: BOOKED, first: yes}
      - {when: agent.book, go: WRONG}
      - {after: 1h, go: WRONG}
    BOOKED: {end: good}
    WRONG: {end: bad}
"""


def read(text: str, folder: Path) -> Scenario:
    path = folder / "scene.yaml"
    path.write_text(text)
    loaded = load(path)
    assert loaded.scenario is not None, [diagnostic.message for diagnostic in loaded.diagnostics]
    return loaded.scenario


def agendas(scenario: Scenario) -> Iterator[tuple[Duty, ...]]:
    for config in explore(scenario).graph.configs:
        if isinstance(config, Config):
            yield config.agenda


def short(agenda: tuple[Duty, ...]) -> bool:
    owing = [duty.person for duty in agenda if isinstance(duty, Owed)]
    turns = [at for at, duty in enumerate(agenda) if isinstance(duty, AgentTurn)]
    settled = [at for at, duty in enumerate(agenda) if isinstance(duty, ShiftDraw | Forced)]
    return (
        len(set(owing)) == len(owing)
        and len(turns) <= 1
        and (not turns or not settled or settled[-1] < turns[0])
        and len(set(agenda)) == len(agenda)
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_of_the_library(path: Path) -> None:
    scenario = load(path, LIBRARY).scenario
    assert scenario is not None
    assert all(map(short, agendas(scenario)))


def test_of_a_natural_scenario(tmp_path: Path) -> None:
    assert all(map(short, agendas(read(ADHERENCE, tmp_path))))


def test_two_people_who_both_answer_the_agent_and_each_other(tmp_path: Path) -> None:
    found = list(agendas(read(TWO, tmp_path)))
    assert all(map(short, found))
    assert len(found) < 100
    both = [agenda for agenda in found if sum(isinstance(duty, Owed) for duty in agenda) == 2]
    assert both, "both owe an answer to what the agent says"


def test_who_waits_longer_answers_first(tmp_path: Path) -> None:
    """The agent speaks after Ann's answer: now Bob, who still owes one, is the first to answer."""
    first = {
        agenda[0].person
        for agenda in agendas(read(TWO, tmp_path))
        if len(agenda) == 2 and isinstance(agenda[0], Owed) and isinstance(agenda[1], Owed)
    }
    assert first == {0, 1}
