"""Populations against enumeration: counts, weights, ranks, shares, draws and conflicts."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from fractions import Fraction
from functools import partial
from itertools import combinations, pairwise, product

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.compiler.chance import Stream, key
from dramaturg.compiler.population import (
    Combination,
    Drawn,
    Facet,
    Population,
    Rule,
    Tally,
    TooEntangled,
    conflict,
    uniform,
)
from tests.clock import within


def stream(*parts: str | int) -> Stream:
    return Stream(key(*parts))


@st.composite
def populations(draw: st.DrawFn) -> tuple[Population, dict[str, frozenset[tuple[int, ...]]]]:
    """A small population and, of each rule, the tuples that it allows."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=0, max_size=5))
    facets = tuple(
        Facet(f"f{n}", tuple(draw(st.lists(st.integers(0, 5), min_size=size, max_size=size))))
        for n, size in enumerate(sizes)
    )
    allowed: dict[str, frozenset[tuple[int, ...]]] = {}
    rules: list[Rule | Tally] = []
    for number in range(draw(st.integers(0, 4)) if sizes else 0):
        places = tuple(draw(st.permutations(range(len(sizes))))[: draw(st.integers(1, 3))])
        label = f"r{number}"
        if draw(st.booleans()):
            least = draw(st.integers(0, 2))
            rules.append(Tally(label, places, least, least + draw(st.integers(0, 2))))
            continue
        space = list(product(*(range(sizes[p]) for p in places)))
        rows = frozenset(draw(st.sets(st.sampled_from(space)))) if draw(st.booleans()) else frozenset(space[::2])
        allowed[label] = rows
        rules.append(Rule(label, places, lambda *row, rows=rows: row in rows))
    return Population(facets, tuple(rules)), allowed


def brute(population: Population) -> dict[Combination, int]:
    """Every combination with its weight, by trying them all."""
    out = {}
    for values in product(*(range(len(facet.weights)) for facet in population.facets)):
        weight = 1
        for facet, value in zip(population.facets, values, strict=True):
            weight *= facet.weights[value]
        for rule in population.rules:
            mine = tuple(values[place] for place in rule.facets)
            if isinstance(rule, Tally):
                weight *= rule.least <= sum(value != 0 for value in mine) <= rule.most
            else:
                weight *= rule.holds(*mine)
        if weight:
            out[values] = weight
    return out


@settings(max_examples=300, deadline=None)
@given(populations())
def test_counts_weights_ranks_and_shares_are_those_of_enumeration(
    made: tuple[Population, dict[str, frozenset[tuple[int, ...]]]],
) -> None:
    population, _ = made
    wanted = brute(population)
    assert population.count == len(wanted)
    assert population.total == sum(wanted.values())
    listed = list(population)
    assert {drawn.values: drawn.weight for drawn in listed} == wanted
    assert len(listed) == len(wanted)
    assert all(population.weight(values) == weight for values, weight in wanted.items())
    for drawn in listed:
        assert population.at(drawn.start + drawn.weight - 1) == drawn
    for place, facet in enumerate(population.facets):
        for value in range(len(facet.weights)):
            share = sum(weight for values, weight in wanted.items() if values[place] == value)
            assert population.shares[place][value] == share


@settings(max_examples=200, deadline=None)
@given(populations())
def test_a_conflict_is_minimal_and_is_one_where_a_solver_finds_one(
    made: tuple[Population, dict[str, frozenset[tuple[int, ...]]]],
) -> None:
    population, allowed = made
    solver = z3.Solver()
    names = [z3.Int(facet.name) for facet in population.facets]
    for name, facet in zip(names, population.facets, strict=True):
        solver.add(z3.Or([name == value for value, weight in enumerate(facet.weights) if weight]))
    tracked: dict[str, list[z3.BoolRef]] = {}
    for rule in population.rules:
        mine = [names[place] for place in rule.facets]
        if isinstance(rule, Tally):
            some = z3.Sum([z3.If(name != 0, 1, 0) for name in mine])
            tracked[rule.label] = [some >= rule.least, some <= rule.most]
        else:
            rows = [
                z3.And([name == value for name, value in zip(mine, row, strict=True)]) for row in allowed[rule.label]
            ]
            tracked[rule.label] = [z3.Or(rows)]

    def satisfiable(labels: frozenset[str]) -> bool:
        solver.push()
        for label in labels:
            solver.add(*tracked[label])
        found = solver.check() == z3.sat
        solver.pop()
        return bool(found)

    assert (population.total > 0) == satisfiable(frozenset(tracked))
    found = frozenset(conflict(population))
    if population.total:
        assert not found
    else:
        assert not satisfiable(found)
        assert all(satisfiable(found - {label}) or not satisfiable(frozenset()) for label in found)


def large() -> Population:
    return Population(
        tuple(Facet(f"f{n}", tuple(range(1, 11))) for n in range(16)),
        (
            *(Rule(f"r{n}", (n, n + 1), lambda a, b: a <= b or a - b > 6) for n in range(0, 15, 2)),
            Tally("few", tuple(range(16)), 3, 14),
        ),
    )


LARGE = large()
"""10^16 combinations before the rules."""


def test_a_large_space_is_counted_and_drawn_from_at_once() -> None:
    def drawing() -> list[Drawn]:
        anew = large()
        assert 10**12 < anew.count < 10**16
        return list(anew.sample(100, lambda n: stream("large", 1, n), distinct=True))

    drawn = within(2, drawing)  # 0.1 s measured; nothing that enumerates 10^12 would ever end
    assert len({one.values for one in drawn}) == 100
    assert all(LARGE.weight(one.values) == one.weight > 0 for one in drawn)


def test_a_bank_of_a_hundred_with_exclusions_is_counted() -> None:
    population = Population(
        tuple(Facet(f"c{n}", (1, 1)) for n in range(97)),
        (Tally("draw", tuple(range(97)), 1, 3), *(Rule(f"x{n}", (n, n + 1), lambda a, b: not (a and b)) for n in range(96))),
    )  # fmt: skip
    wanted = sum(
        1 for size in (1, 2, 3) for those in combinations(range(97), size) if all(b - a > 1 for a, b in pairwise(those))
    )
    assert population.count == wanted


def test_rules_that_tie_everything_together_are_refused() -> None:
    facets = tuple(Facet(f"f{n}", (1,) * 10) for n in range(8))
    tied = Population(facets, (Rule("sum", tuple(range(8)), lambda *row: sum(row) % 7 == 3),))
    with pytest.raises(TooEntangled) as raised:
        _ = tied.count
    assert raised.value.rules == ("sum",)


SMALL = Population(
    (Facet("age", (1, 3, 1)), Facet("patience", (2, 1)), Facet("tone", (3, 7))),
    (Rule("old", (0, 1), lambda age, patience: age < 2 or patience == 1),),
)


def critical(freedom: int) -> float:
    """Beyond this a chi-square of so many degrees of freedom lies with a probability of about 10^-4 (Wilson-Hilferty)."""
    spread = 2 / (9 * freedom)
    return float(freedom * (1 - spread + 3.719 * spread**0.5) ** 3)


def test_draws_come_as_often_as_their_weight_says() -> None:
    draws = 20_000
    seen = Counter(drawn.values for drawn in SMALL.sample(draws, lambda n: stream("small", 7, n)))
    wanted = {drawn.values: Fraction(drawn.weight, SMALL.total) for drawn in SMALL}
    assert sum(wanted.values()) == 1
    assert set(seen) == set(wanted)
    square = sum((seen[v] - draws * float(p)) ** 2 / (draws * float(p)) for v, p in wanted.items())
    assert square < critical(len(wanted) - 1)


def test_draws_without_replacement_are_successive_draws_from_what_is_left() -> None:
    population = Population((Facet("x", (1, 2, 3)),))
    wanted = {(a, b): Fraction(a + 1, 6) * Fraction(b + 1, 6 - (a + 1)) for a in range(3) for b in range(3) if a != b}
    seen: Counter[tuple[int, ...]] = Counter()
    draws = 12_000
    for number in range(draws):
        pair = population.sample(2, partial(stream, "pair", number), distinct=True)
        seen[tuple(drawn.values[0] for drawn in pair)] += 1
    square = sum((seen[v] - draws * float(p)) ** 2 / (draws * float(p)) for v, p in wanted.items())
    assert square < critical(len(wanted) - 1)


def test_a_small_space_is_exhausted_by_distinct_draws() -> None:
    drawn = list(SMALL.sample(100, lambda n: stream("all", n), distinct=True))
    assert sorted(one.values for one in drawn) == sorted(one.values for one in SMALL)


def test_thousands_of_distinct_draws_are_those_of_a_list_that_shrinks() -> None:
    population = Population((Facet("x", tuple(range(1, 701))), Facet("y", (1, 2))))
    order = [drawn.values for drawn in population]
    left = {drawn.values: drawn.weight for drawn in population}
    for number, drawn in enumerate(population.sample(1000, partial(stream, "shrinking"), distinct=True)):
        rank = uniform(stream("shrinking", number), sum(left.values()))
        for values in order:
            if rank < left[values]:
                break
            rank -= left[values]
        assert drawn.values == values
        left[values] = 0


def test_large_numbers_are_drawn_evenly() -> None:
    count = 3 * 2**70
    thirds = Counter(uniform(stream("big", n), count) // 2**70 for n in range(3000))
    assert set(thirds) == {0, 1, 2}
    assert sum((hits - 1000) ** 2 / 1000 for hits in thirds.values()) < critical(2)
    assert uniform(stream("one"), 1) == 0


DRAW = """
from tests.compiler.test_population import LARGE, stream
print([d.values for d in LARGE.sample(5, lambda n: stream("again", n))])
"""


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_draws_the_same(hash_seed: str) -> None:
    import os

    told = subprocess.run(
        [sys.executable, "-c", DRAW], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": hash_seed}
    )  # fmt: skip
    assert told.stdout.strip() == str([d.values for d in LARGE.sample(5, lambda n: stream("again", n))])
