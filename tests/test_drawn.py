"""``simulate --binding drawn``: the person of an episode is drawn by how likely she is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from dramaturg.commands.simulate import choose
from dramaturg.compiler.compiled import compile_scenario
from dramaturg.dsl.types import Value
from tests.compiler.test_persons import read


def test_persons_are_drawn_as_often_as_they_are_likely(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path), analyse=False)
    draws = 5000
    seen = Counter(made.semantics.bindings[choose(made, ("drawn",), seed)]["persona.age"] for seed in range(draws))
    likely: dict[Value, float] = {}
    for binding, chance in zip(made.semantics.bindings, made.semantics.chances, strict=True):
        likely[binding["persona.age"]] = likely.get(binding["persona.age"], 0.0) + chance
    square = sum((seen[age] - draws * share) ** 2 / (draws * share) for age, share in likely.items())
    assert set(seen) == set(likely)
    assert square < 25.7  # five degrees of freedom: exceeded once in 10^4


def test_a_drawn_person_has_what_was_asked_for(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path), analyse=False)
    chosen = {choose(made, ("drawn", "persona.patience=short", "first_trust=2"), seed) for seed in range(50)}
    assert len(chosen) > 5
    for binding in (made.semantics.bindings[index] for index in chosen):
        assert (binding["persona.patience"], binding["first_trust"]) == ("short", 2)
    assert choose(made, ("drawn",), 3) == choose(made, ("drawn",), 3)
    assert choose(made, (), 3) == 0
