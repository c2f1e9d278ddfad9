"""Persons: the bindings of a scenario against trying every combination, and episodes of people who lack a concern."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from dramaturg.compiler.analyses.population import idle, nobody_has
from dramaturg.compiler.compiled import OverBudget, compile_scenario
from dramaturg.compiler.growth import Budget
from dramaturg.compiler.persons import Persons
from dramaturg.compiler.semantics import Semantics
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario
from tests.clock import within

TEXT = """\
scenario: small
about: A shop owner is called.
domain: demo
family: demo
horizon: 1h
turns: 6
parameters:
  first_trust: int 1..3
agent:
  wakes: [user]
  acts:
    ask: {kind: says}
    reassure: {kind: says, with: {topic: one of cost | time | trust}}
user:
  persona: merchant
  moves: {greet: {}, accept: {}, refuse: {}, object: {about: one of cost | time | trust}}
  opens: {do: greet}
  replies:
    - {to: agent.reassure, if: user.resistance == 0, do: accept}
    - {to: agent.reassure, if: persona.patience is short and first_trust == 1, chance: 50%, do: refuse}
    - {to: agent, do: greet}
personas:
  merchant:
    background:
      bakery: Runs a bakery in Lille; two staff.
      kiosk: {text: Sells newspapers at the station., likely: 25%}
    traits:
      greeting: text = Hello
      patience: one of short | long
      age: {type: int 20..70 step 10, likely: {20..30: 1, 40..50: 3, 60..70: 1}}
    constraints:
      - age >= 50 implies patience is long
      - background is kiosk implies concern.no_time is absent and age < 70
      - first_trust == 3 implies concern.distrust is absent
    concerns: {draw: 1..2, from: [too_dear, no_time, distrust]}
concerns:
  too_dear:
    story: Margins are thin.
    says: It costs too much.
    weight: 3
    likely: 40%
    surfaces: agent.ask
    as: user.object(about == cost)
    eased: agent.reassure(topic == cost) and concern.too_dear is voiced
  no_time:
    story: Alone in the shop.
    says: I have no time.
    surfaces: agent.ask
    as: user.object(about == time)
    eased: agent.reassure(topic == time) and concern.no_time is voiced
    excludes: [too_dear]
  distrust:
    story: Was cheated once.
    says: Who are you?
    surfaces: agent.ask
    as: user.object(about == trust)
    eased: agent.reassure(topic == trust) and concern.distrust is voiced
    needs: [too_dear]
tasks:
  win:
    OPEN:
      - {when: user.accept, go: DONE}
      - {when: user.refuse, go: LOST}
      - {after: 10m, go: LOST}
    DONE: {end: good}
    LOST: {end: bad}
words:
  user.greet: ["{{ persona.greeting }}."]
  user.accept: [All right.]
  user.refuse: [No.]
"""


def read(folder: Path, text: str = TEXT) -> Scenario:
    path = folder / "small.yaml"
    path.write_text(text)
    loaded = load(path)
    assert loaded.scenario is not None, [diagnostic.message for diagnostic in loaded.diagnostics]
    return loaded.scenario


def everybody() -> dict[tuple[object, ...], Fraction]:
    """Whom the text above describes, written out by hand: (trust, background, patience, age, concerns) to probability."""
    out: dict[tuple[object, ...], Fraction] = {}
    ages = {20: 1, 30: 1, 40: 3, 50: 3, 60: 1, 70: 1}
    sets = [("too_dear",), ("no_time",), ("too_dear", "distrust")]
    for trust, (background, share), patience, (age, weight), had in product(
        (1, 2, 3), (("bakery", 3), ("kiosk", 1)), ("short", "long"), ages.items(), sets
    ):
        if age >= 50 and patience != "long":
            continue
        if background == "kiosk" and ("no_time" in had or age >= 70):
            continue
        if trust == 3 and "distrust" in had:
            continue
        out[trust, background, patience, age, had] = Fraction(share * weight * (4 if "too_dear" in had else 6))
    total = sum(out.values())
    return {person: weight / total for person, weight in out.items()}


def test_bindings_are_everybody_with_their_probability(tmp_path: Path) -> None:
    persons = Persons(read(tmp_path))
    wanted = everybody()
    found = {
        tuple(persons.binding(d.values).values()): Fraction(d.weight, persons.population.total) for d in persons.all()
    }
    assert found == wanted
    assert persons.population.count == len(wanted)
    names = list(persons.binding(persons.all()[0].values))
    assert names == ["first_trust", "persona.background", "persona.patience", "persona.age", "persona.concerns"]


def test_the_graph_has_a_root_edge_for_everybody(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path))
    root = made.graph.out(0)
    wanted = everybody()
    assert {tuple(value for _, value in edge.args): edge.chance for edge in root} == {
        person: pytest.approx(float(chance)) for person, chance in wanted.items()
    }
    assert not [d for d in made.diagnostics if d.severity == "error"]


def test_bindings_without_rules_keep_the_order_of_their_declarations(tmp_path: Path) -> None:
    before, rest = TEXT.split("personas:\n")
    lines = [line for line in before.splitlines(keepends=True) if "persona" not in line]
    plain = "".join(lines).replace("parameters:\n", "parameters:\n  mood: one of low | high\n")
    text = plain + "tasks:\n" + rest.split("tasks:\n")[1].replace("{{ persona.greeting }}", "Hello")
    found = Semantics(read(tmp_path, text)).bindings
    assert [tuple(b.values()) for b in found] == list(product(("low", "high"), (1, 2, 3)))


def test_who_lacks_a_concern_never_voices_it_and_does_not_resist_for_it(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path))
    for node, config in enumerate(made.graph.configs[1:], 1):
        binding = made.graph.bindings[config.binding]  # type: ignore[attr-defined]
        for name in ("too_dear", "no_time", "distrust"):
            state = made.graph.readable[node].get(f"concern.{name}")
            if state is not None:
                assert (state == "absent") == (name not in binding["persona.concerns"])  # type: ignore[operator]


def test_what_is_needed_comes_out_first(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path))
    seen = Counter(
        (view["concern.too_dear"], view["concern.distrust"])
        for view in made.graph.readable
        if "concern.distrust" in view and view["concern.distrust"] != "absent"
    )
    assert ("hidden", "hidden") in seen
    assert ("voiced", "voiced") in seen
    assert all(first != "hidden" for first, second in seen if second != "hidden")


def test_a_sample_of_a_space_too_large_to_list(tmp_path: Path) -> None:
    wide = "".join(f"      habit_{n}: int 0..9\n" for n in range(9))
    text = TEXT.replace("      greeting:", wide + "      greeting:")
    with pytest.raises(OverBudget) as raised:
        compile_scenario(read(tmp_path, text))
    assert "different persons" in raised.value.diagnostic.message
    scenario = read(tmp_path, text.replace("turns: 6\n", "turns: 6\nsample: 40\n"))
    assert Persons(scenario).population.count > 10**10
    made = compile_scenario(scenario, analyse=False)
    assert len(made.graph.bindings) == 40 == len({tuple(b.values()) for b in made.graph.bindings})
    assert made.graph.bindings == compile_scenario(scenario, analyse=False).graph.bindings
    assert all(edge.chance == 1 / 40 for edge in made.graph.out(0))


def test_a_sample_larger_than_the_space_is_everybody(tmp_path: Path) -> None:
    whole, sampled = read(tmp_path), read(tmp_path, TEXT.replace("turns: 6\n", "turns: 6\nsample: 4000\n"))
    assert Semantics(sampled).bindings == Semantics(whole).bindings


def test_a_conflict_names_the_lines_that_make_it(tmp_path: Path) -> None:
    lines = "      - patience is short\n      - first_trust > 1\n      - age > 50\n"
    scenario = read(tmp_path, TEXT.replace("    constraints:\n", "    constraints:\n" + lines))
    with pytest.raises(OverBudget) as raised:
        compile_scenario(scenario)
    found = raised.value.diagnostic
    assert found.name == "nobody-left"
    said = {found.span.text, *(label.span.text for label in found.labels)}
    assert said == {"patience is short", "age > 50", "age >= 50 implies patience is long"}


def test_the_budget_is_held_against_the_bindings_that_are_taken(tmp_path: Path) -> None:
    scenario = read(tmp_path)
    with pytest.raises(OverBudget) as raised:
        compile_scenario(scenario, Budget(states=50))
    assert "different persons" in raised.value.diagnostic.message


def told(folder: Path, text: str) -> list[tuple[str, str]]:
    """The findings about persons: their names and what they point at."""
    found = compile_scenario(read(folder, text)).diagnostics
    return [(d.name, d.span.text) for d in found if d.name in ("idle-constraint", "nobody-has")]


def test_lines_that_exclude_nobody_are_told_once(tmp_path: Path) -> None:
    assert told(tmp_path, TEXT) == []
    again = "      - age >= 60 implies patience is long\n      - age >= 20\n"
    text = TEXT.replace("    concerns: {draw", again + "    concerns: {draw")
    assert told(tmp_path, text) == [
        ("idle-constraint", "age >= 60 implies patience is long"),
        ("idle-constraint", "age >= 20"),
    ]


def test_an_exclusion_among_concerns_of_which_one_is_drawn_is_told(tmp_path: Path) -> None:
    text = TEXT.replace("draw: 1..2, from: [too_dear, no_time, distrust]", "draw: 1, from: [too_dear, no_time]")
    found = told(tmp_path, text.replace("    needs: [too_dear]\n", "    likely: 20%\n"))
    assert found == [("idle-constraint", "too_dear")]


def test_values_and_concerns_that_nobody_has_are_told(tmp_path: Path) -> None:
    lines = "      - age < 60\n      - concern.no_time is absent\n"
    found = told(tmp_path, TEXT.replace("    constraints:\n", "    constraints:\n" + lines))
    assert ("nobody-has", "age") in found
    assert ("nobody-has", "no_time") in found


def test_a_large_bank_is_judged_at_once(tmp_path: Path) -> None:
    body = "story: A story., says: A sentence., surfaces: agent.ask, eased: agent.reassure"
    names = [f"c{number}" for number in range(97)]
    bank = "".join(
        f"  {name}: {{{body}, excludes: [{', '.join(names[n + 1 : n + 4])}]}}\n" for n, name in enumerate(names[:-1])
    )
    text = TEXT.replace("concerns:\n", f"concerns:\n{bank}  c96: {{{body}}}\n").replace(
        "from: [too_dear, no_time, distrust]", f"from: [too_dear, no_time, distrust, {', '.join(names)}]"
    )
    text = text.replace("turns: 6\n", "turns: 6\nsample: 5\n").replace(
        "- age >= 50 implies", "- age > 10\n      - age >= 50 implies"
    )
    scenario = read(tmp_path, text)

    def judged() -> list[Diagnostic]:
        persons = Persons(scenario)
        assert persons.population.count > 10**5
        return [*idle(persons), *nobody_has(persons)]

    assert [finding.span.text for finding in within(3, judged)] == ["age > 10"]
