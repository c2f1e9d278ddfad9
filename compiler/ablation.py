"""Ablation: a scenario with one channel of its people switched off, to tell what an agent's result rests on.

``concerns``: nobody has any. ``traits``: everybody is the most typical person, as far as traits and background go; parameters and
concerns still vary. ``stance``: moods stay as they are at the start. Several may be switched off at once: what is left without
traits and stance is the concern channel alone. The result is another scenario, with a name and a digest of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256

from dramaturg.compiler.persons import Persons
from dramaturg.compiler.population import Facet
from dramaturg.dsl import core
from dramaturg.dsl.loading.personas import variable
from dramaturg.dsl.scenario import Guard, Scenario

CHANNELS = ("concerns", "traits", "stance")


def without(scenario: Scenario, channels: Collection[str]) -> Scenario:
    """The scenario without these channels. Raises ValueError for a channel that there is not."""
    unknown = [channel for channel in channels if channel not in CHANNELS]
    if unknown:
        raise ValueError(f"there is no channel {unknown[0]!r}; channels are {', '.join(CHANNELS)}")
    off = [channel for channel in CHANNELS if channel in channels]
    if not off:
        return scenario
    # Traits first: who is typical depends on the concerns that people have.
    if "traits" in off:
        scenario = _typical(scenario)
    if "concerns" in off:
        scenario = _untroubled(scenario)
    if "stance" in off:
        scenario = replace(scenario, cast=tuple(replace(person, feels=()) for person in scenario.cast))
    said = "-".join(off)
    digest = sha256(f"{scenario.digest}\0without {said}".encode()).hexdigest()
    return replace(scenario, name=f"{scenario.name}-without-{said}", digest=digest)


def _untroubled(scenario: Scenario) -> Scenario:
    concerns = tuple(
        replace(concern, drawn=True, likely=Fraction(0), needs=(), excludes=()) for concern in scenario.concerns
    )
    variables = dict(scenario.variables)
    had = variable(concerns)
    if had is not None:
        variables[had.name] = had
    kept = tuple(guard for guard in scenario.constraints if not _of_concerns(guard))
    return replace(scenario, variables=variables, concerns=concerns, draws=(), constraints=kept)


def _of_concerns(guard: Guard) -> bool:
    return any(isinstance(part, core.InState) for part in core.walk(guard.expr))


def _typical(scenario: Scenario) -> Scenario:
    """Each trait, one after the other, has the value that is most frequent among those who are like her so far."""
    persons, variables = Persons(scenario), dict(scenario.variables)
    population = persons.population
    for place, (part, values) in enumerate(zip(persons.variables, persons.domains, strict=True)):
        if part.kind != "trait":
            continue
        shares = population.shares[place]
        best = max(range(len(values)), key=lambda value: (shares[value], -value))
        facet = Facet(part.name, tuple(int(value == best) for value in range(len(values))))
        facets = (*population.facets[:place], facet, *population.facets[place + 1 :])
        population = replace(population, facets=facets)
        variables[part.name] = replace(part, likely=((values[best], Fraction(1)),))
    return replace(scenario, variables=variables)
