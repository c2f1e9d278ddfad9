"""Ablations: each switches one channel off and leaves the others as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.cli import run
from dramaturg.compiler.ablation import without
from dramaturg.compiler.compiled import compile_scenario
from dramaturg.compiler.persons import Persons
from dramaturg.dsl.scenario import Scenario
from tests.compiler.test_persons import TEXT, everybody, read

MOODY = TEXT.replace("  opens: {do: greet}\n", "  opens: {do: greet}\n  stance: {mood: int 0..3 = 2}\n").replace(
    "personas:\n", "  feels:\n    - {to: agent.ask, set: {mood: mood - 1}}\npersonas:\n"
)


def bindings(scenario: Scenario, name: str) -> set[object]:
    persons = Persons(scenario)
    return {persons.binding(drawn.values)[name] for drawn in persons.all()}


def views(scenario: Scenario, name: str) -> set[str]:
    return {view[name] for view in compile_scenario(scenario, analyse=False).graph.readable if name in view}


def test_without_concerns_nobody_resists(tmp_path: Path) -> None:
    whole = read(tmp_path, MOODY)
    ablated = without(whole, ["concerns"])
    assert bindings(ablated, "persona.concerns") == {()}
    assert views(ablated, "concern.too_dear") == {"absent"}
    assert {"1", "2"} <= views(ablated, "user.mood") <= views(whole, "user.mood")
    assert bindings(ablated, "persona.age") == bindings(whole, "persona.age")


def test_without_traits_everybody_is_typical(tmp_path: Path) -> None:
    ablated = without(read(tmp_path), ["traits"])
    fixed = [bindings(ablated, f"persona.{name}") for name in ("background", "patience", "age")]
    assert [len(values) for values in fixed] == [1, 1, 1]
    assert bindings(ablated, "first_trust") == {1, 2, 3}
    assert bindings(ablated, "persona.concerns") == {("too_dear",), ("no_time",), ("too_dear", "distrust")}
    ((background,), (patience,), (age,)) = fixed
    shares: dict[object, float] = {}
    for person, chance in everybody().items():
        shares[person[1]] = shares.get(person[1], 0) + float(chance)
    assert background == max(shares, key=lambda value: shares[value])
    of_those = {p: c for p, c in everybody().items() if p[1] == background and p[2] == patience}
    assert sum(c for p, c in of_those.items() if p[3] == age) == max(
        sum(c for p, c in of_those.items() if p[3] == other) for other in range(20, 80, 10)
    )


def test_without_stance_moods_stay(tmp_path: Path) -> None:
    assert views(without(read(tmp_path, MOODY), ["stance"]), "user.mood") == {"2"}


def test_what_is_ablated_is_another_scenario(tmp_path: Path) -> None:
    whole = read(tmp_path)
    one, other = without(whole, ["concerns"]), without(whole, ["stance", "concerns"])
    assert other == without(whole, ["concerns", "stance"])
    assert (one.name, other.name) == ("small-without-concerns", "small-without-concerns-stance")
    assert len({whole.digest, one.digest, other.digest}) == 3
    assert without(whole, []) is whole
    with pytest.raises(ValueError, match="no channel 'mood'"):
        without(whole, ["mood"])


def test_a_benchmark_of_the_ablation_lies_beside_the_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(tmp_path)
    file, out = str(tmp_path / "small.yaml"), str(tmp_path / "out")
    assert run(["bench", "build", file, "-o", out, "--per-class", "1", "--ablate", "concerns"]) == 0
    assert run(["bench", "run", file, "-o", out, "--ablate", "concerns"]) == 0
    assert run(["bench", "report", file, "-o", out, "--ablate", "concerns"]) == 0
    assert "small-without-concerns" in capsys.readouterr().out
    assert run(["bench", "run", file, "-o", out]) == 2
    assert "bench build" in capsys.readouterr().err
