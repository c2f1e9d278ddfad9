"""Counting and drawing persons, against drawing at random until the constraints hold, and against listing everybody.

    python -m benchmarks.persons

The space is that of a persona with twelve traits of ten values under eleven constraints between neighbours: 10^12 combinations
before the constraints. Rejection gives no count, and is measured on few draws; listing is measured on a space small enough to be
listed, and its rate is all that carries over.
"""

from __future__ import annotations

import random
from itertools import product

from benchmarks.clock import say, timed
from dramaturg.compiler.chance import Stream, key
from dramaturg.compiler.population import Facet, Population, Rule

TRAITS, VALUES, DRAWS, FEW = 12, 10, 1000, 25


def space(traits: int) -> Population:
    facets = tuple(Facet(f"t{n}", (1,) * VALUES) for n in range(traits))
    return Population(facets, tuple(Rule(f"r{n}", (n, n + 1), lambda a, b: a <= b + 1) for n in range(traits - 1)))


def drawn(population: Population) -> None:
    for _ in population.sample(DRAWS, lambda n: Stream(key("benchmark", n)), distinct=True):
        pass


def rejected(population: Population) -> None:
    rng = random.Random(1)
    found = 0
    while found < FEW:
        person = tuple(rng.randrange(VALUES) for _ in population.facets)
        found += population.weight(person) > 0


def listed(population: Population) -> None:
    everybody = product(*(range(VALUES) for _ in population.facets))
    assert sum(population.weight(person) > 0 for person in everybody) == population.count


def main() -> None:
    large, small = space(TRAITS), space(5)
    print(f"{VALUES**TRAITS:,} combinations, {large.count:,} persons")
    count = timed(lambda: space(TRAITS).count, 5)
    say("count all of them", count)
    exact = timed(lambda: drawn(space(TRAITS)), 3)
    say(f"draw {DRAWS:,} different ones", exact)
    random_draws = timed(lambda: rejected(large), 1)
    say(f"draw {FEW:,} by rejection", random_draws)
    print(f"{random_draws.median / FEW / (exact.median / DRAWS):,.0f} times as fast a draw")
    say(f"list {VALUES**5:,} combinations", timed(lambda: listed(small), 1))


if __name__ == "__main__":
    main()
