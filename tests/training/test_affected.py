"""What is said of the corpora that a change reaches, against the rows themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.compiler.consequences import consequences
from dramaturg.compiler.difference import difference
from dramaturg.dsl.scenario import Scenario, Wording
from dramaturg.runtime.episode import play
from dramaturg.training.affected import affected
from dramaturg.training.corpora import corpora
from dramaturg.training.corpora.origin import Row
from dramaturg.training.turns import labelled
from tests.training.played import PLAYERS, compiled
from tests.training.stage import flights

OLD = flights(180)
EVERY = ("distill", "dpo", "grpo", "kto", "reward", "sft")


def about(scenario: Scenario) -> Scenario:
    acts = tuple(replace(act, about="Look after the seat.") for act in scenario.agent.acts)
    return replace(scenario, agent=replace(scenario.agent, acts=acts))


def story(scenario: Scenario) -> Scenario:
    return replace(
        scenario, concerns=tuple(replace(it, story="Another reason altogether.") for it in scenario.concerns)
    )


def words(scenario: Scenario) -> Scenario:
    return replace(scenario, words={name: (Wording("Quite other words."),) for name in scenario.words})


def needs(scenario: Scenario) -> Scenario:
    return replace(scenario, cast=tuple(replace(person, needs="Something else.") for person in scenario.cast))


def turns(scenario: Scenario) -> Scenario:
    return replace(scenario, turns=3)


def rows(made: Compiled) -> dict[str, list[object]]:
    """What stands in the rows of each corpus, apart from where they come from."""
    out: dict[str, list[object]] = {kind.name: [] for kind in corpora()}
    for player in PLAYERS[:2]:
        played = labelled(made, play(made, 0, player, 0))
        for kind in corpora():
            out[kind.name] += [row.model_dump(exclude=set(Row.model_fields)) for row in kind.rows(played)]
    return out


@pytest.mark.parametrize("change", [about, story, words, needs, turns])
def test_corpora_change_where_it_is_said(change: object) -> None:
    assert callable(change)
    new = change(OLD)
    made = compile_scenario(new, analyse=False)
    found = difference(OLD, new)
    effects = {it.corpus: it.effect for it in affected(found, consequences(compiled(), made))}
    before, after = rows(compiled()), rows(made)
    for name in EVERY:
        if not effects[name]:
            assert before[name] == after[name]
    differ = {name for name in EVERY if before[name] != after[name]}
    if not found.meaning:
        assert differ == {name for name in EVERY if effects[name]}
        assert set(effects.values()) <= {"text", ""}
    else:
        assert differ and set(effects.values()) == {"labels"}


def test_without_graphs_the_worst_is_said() -> None:
    assert {it.effect for it in affected(difference(OLD, turns(OLD)), None)} == {"labels"}
    assert {it.effect for it in affected(difference(OLD, OLD), None)} == {""}
