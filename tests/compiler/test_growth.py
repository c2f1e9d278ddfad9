"""Growth: a graph that cannot stay within its budget is told so early, with the name of what multiplies it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dramaturg.compiler.configuration import Config
from dramaturg.compiler.explore import Budget, OverBudget, explore
from dramaturg.compiler.factors import Part, factors, parts
from dramaturg.compiler.growth import bindings, foreseen
from dramaturg.compiler.semantics import Semantics
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.spans import NOWHERE
from tests.clock import within
from tests.compiler.natural import ADHERENCE
from tests.dsl.test_codes import PAGES

WRONG, RIGHT = re.findall(r"```yaml\n(.*?)```", PAGES["E601-state-graph-over-budget.md"], re.DOTALL)
KEPT = RIGHT.replace("  watch:\n", "  watch:\n    slots: {worst: duration 0m..12h step 1s = 0m}\n").replace(
    "      - {when: user.thank, go: DONE}",
    "      - {when: agent.warn, set: {worst: delay}}\n      - {when: user.thank, go: DONE}",
)
"""The right example, but for a line that takes over the very value of the delay."""
FINE = (
    KEPT.replace("0m..6h step 5m", "0m..12h step 1s")
    .replace("5m..15m step 5m", "1m..9m step 1s")
    .replace("5m..15m", "1m..9m")
)
PAIR = (
    KEPT.replace("0m..6h step 5m", "0m..6h step 1m")
    .replace("5m..15m step 5m", "1m..9m step 1m")
    .replace("5m..15m", "1m..9m")
    .replace("world:\n", "world:\n  fare: money(EUR) 0 EUR..300 EUR step 1 EUR = 100 EUR\n")
    .replace("events:\n", "events:\n  fare.changed: {to: money(EUR) 0 EUR..300 EUR step 1 EUR}\n")
    .replace(
        "stream:\n",
        "stream:\n  - {every: 20m +- 10m, emit: fare.changed, with: {to: fare +- 3 EUR}, set: {fare: to}}\n",
    )
    .replace("slots: {", "slots: {paid: money(EUR) 0 EUR..300 EUR step 1 EUR = 0 EUR, ")
    .replace("worst: delay", "worst: delay, paid: fare")
)
WIDE = RIGHT.replace("5m..15m step 5m", "0m..48h step 1s").replace("by: 5m..15m", "by: 0m..48h")
BESIDE = (
    RIGHT.replace("0m..6h step 5m = 0m", "0m..12h step 1s = 0m\n  limit: duration 0m..12h step 5m = 30m")
    .replace("delay >= 30m", "delay >= limit")
    .replace("stream:\n", "stream:\n  - {every: 1h, set: {limit: limit + 5m}}\n")
)


def read(text: str, folder: Path) -> Scenario:
    path = folder / "punctual.yaml"
    path.write_text(text)
    loaded = load(path)
    assert loaded.scenario is not None, [str(d.message) for d in loaded.diagnostics]
    return loaded.scenario


def refusal(scenario: Scenario, budget: Budget | None = None) -> Diagnostic:
    with pytest.raises(OverBudget) as caught:
        explore(scenario, budget)
    assert caught.value.diagnostic.code == "E601"
    return caught.value.diagnostic


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        (WRONG, "the variable delay may take 172,801 values", "delay"),
        (FINE, "the variable delay (43,201 values) walks over its range", "delay"),
        (PAIR, "walk over their ranges", "delay"),
        (WIDE, "the draws of train.delayed have 172,801 outcomes", "{every"),
        (BESIDE, "outcomes for each of", "{every"),
    ],
    ids=["grid", "walk", "pair", "draw", "regions"],
)
def test_what_explodes_is_named_within_a_second(text: str, said: str, place: str, tmp_path: Path) -> None:
    scenario = read(text, tmp_path)
    found = within(1, lambda: refusal(scenario))
    assert said in found.message
    assert found.span.text.startswith(place)
    assert "--max-states" in found.notes[-1]
    assert "DRAMATURG_LIMITS=states=" in found.notes[-1]


def test_the_line_that_keeps_a_variable_value_by_value_is_shown(tmp_path: Path) -> None:
    (label, *_) = refusal(read(FINE, tmp_path)).labels
    assert label.span.text == "delay"
    assert label.text == "delay is kept value by value: this takes over its very value"


def test_the_right_example_is_small_and_a_walk_that_fits_is_explored_to_its_end(tmp_path: Path) -> None:
    assert len(explore(read(RIGHT, tmp_path)).graph) < 200
    assert len(explore(read(KEPT, tmp_path)).graph) > 2000


def test_the_limit_can_be_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = read(KEPT, tmp_path)
    states = len(explore(scenario).graph)
    refusal(scenario, Budget(states=states - 1))
    monkeypatch.setenv("DRAMATURG_LIMITS", f"states={states - 1}")
    refusal(scenario)
    assert len(explore(scenario, Budget.of(states + 1)).graph) == states
    monkeypatch.setenv("DRAMATURG_LIMITS", f"states={states + 1}")
    assert len(explore(scenario).graph) == states


def test_bindings_are_counted_before_they_are_listed(tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(9)]
    lines = "".join(f"  {name}: int 0..99\n" for name in names)
    scenario = read(RIGHT.replace("world:\n", f"parameters:\n{lines}world:\n"), tmp_path)
    found = refusal(scenario)
    assert "1,000,000,000,000,000,000 bindings of the parameters" in found.message
    assert found.span.text == "p0"
    assert any("sample: 200" in note for note in found.notes)
    bindings(read(RIGHT, tmp_path), Budget())


def test_a_graph_that_comes_to_an_end_is_not_given_up(tmp_path: Path) -> None:
    assert len(explore(read(ADHERENCE, tmp_path)).graph) < 30_000


def test_what_multiplies_is_named_as_the_author_wrote_it(tmp_path: Path) -> None:
    found = refusal(read(ADHERENCE, tmp_path), Budget.of(2000))
    said = "\n".join((found.message, *found.notes))
    assert "user.annoyance (×" in said
    assert "`inlast`" not in said


def test_a_memory_is_named_by_its_condition(tmp_path: Path) -> None:
    tables = Semantics(read(ADHERENCE, tmp_path), exact=False).tables
    names = [part.name for part in parts(tables)]
    assert "what `(agent.remind and user.later in last 1 turn)` remembers" in names
    assert "how often shift.evening was told" in names
    assert "the turns that concern.doubt lasts" in names


def known(scenario: Scenario) -> list[Config]:
    return [config for config in explore(scenario).graph.configs if isinstance(config, Config) and config.edges]


def test_what_a_part_costs_is_how_many_configurations_differ_in_nothing_else(tmp_path: Path) -> None:
    scenario = read(ADHERENCE, tmp_path)
    watched = parts(Semantics(scenario, exact=False).tables)
    configs = known(scenario)[:3000]
    rows = [((c.agenda, c.stream, c.now, c.binding), *(part.value(c) for part in watched)) for c in configs]
    for factor in factors(watched, configs):
        column = watched.index(factor.part) + 1
        without = {(*row[:column], *row[column + 1 :]) for row in rows}
        assert factor.times == len(set(rows)) / len(without)
        assert factor.values == len({row[column] for row in rows})


def test_a_part_that_moves_with_others_costs_nothing(tmp_path: Path) -> None:
    scenario = read(
        KEPT.replace("slots: {", "slots: {twice: duration 0m..12h step 1s = 0m, ").replace(
            "set: {worst: delay}", "set: {worst: delay, twice: delay}"
        ),
        tmp_path,
    )
    cost = {
        factor.part.variable: factor
        for factor in factors(parts(Semantics(scenario, exact=False).tables), known(scenario))
    }
    assert cost["watch.twice"].values > 20
    assert cost["watch.twice"].times == 1.0


def test_what_can_be_armed_is_named_where_it_costs_most() -> None:
    library = Path(__file__).parents[2] / "scenarios"
    scenario = load(library / "travel" / "delayed-train.yaml", library).scenario
    assert scenario is not None
    found = refusal(scenario, Budget.of(3000))
    assert "what the agent has armed (×" in found.message
    assert any(
        f.part.name == "what the agent has armed"
        for f in factors(parts(Semantics(scenario, exact=False).tables), known(scenario))[:2]
    )


def test_a_clock_that_may_stand_still_walks_in_its_own_steps() -> None:
    clock = [-1, *range(0, 200_000, 10_000)]
    part = Part("the clock", NOWHERE, lambda config: clock[config.binding], 10_000_000, "shorten it")
    configs = [Config(number, (), (), (), (), (), (), None, (), 0) for number in range(len(clock))]
    assert foreseen([part], configs, 1, Budget(), {}) is None


RINGING = """
scenario: small
domain: test
family: small
horizon: 8h
turns: 3
world:
  fare: int 0..59 = 15
events:
  changed: {to: int 0..59}
  rang: {}
stream:
  - {every: 10m, emit: changed, with: {to: fare +- 1}, set: {fare: to}}
  - {every: 5m, chance: 10%, emit: rang}
agent:
  wakes: [user]
  acts:
    answer: {kind: says}
    wait: {kind: silent}
user:
  moves: {ask: {}}
  opens: {do: ask}
tasks:
  call:
    OPEN:
      if_over: good
      do: [{when: agent.answer, if: fare > 57, go: DONE}]
    DONE: {end: good}
triggers:
  late: {when: rang, within: 4h, expect: agent.answer, again: yes}
check:
"""


def test_the_clock_of_a_window_that_is_not_open_is_no_step_of_it(tmp_path: Path) -> None:
    """It stands at -1, from which a clock of five minutes seemed to go by milliseconds, to fourteen million values."""
    claims = "".join(f"  at_{fare}: possible fare == {fare}\n" for fare in range(0, 60, 2))
    explored = explore(read(RINGING + claims, tmp_path))
    assert 3000 < len(explored.graph) < 10_000
