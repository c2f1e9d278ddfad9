"""Rosters: a scenario's persons as a reader sees them: how many there are, how often each value occurs, and some drawn from them.

Every figure is exact. ``record`` is the whole as plain data, ``text`` and ``table`` show it to a person and to a spreadsheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import TypeAlias

from dramaturg.compiler.persons import Persons
from dramaturg.compiler.population import Drawn, Population, Tally
from dramaturg.dsl.declarations.personas import BACKGROUND, CONCERNS
from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.scenario import Persona, Scenario

Plain: TypeAlias = "str | int | list[Plain] | dict[str, Plain]"
LAYERS = ("parameters", "background", "traits", "concerns")


@dataclass(frozen=True, eq=False)
class Roster:
    """The persons of a scenario and those that were drawn. Raises ``TooEntangled`` where they cannot be counted."""

    persons: Persons
    seed: int
    drawn: tuple[Drawn, ...]
    who: str = ""
    """The member of the cast who is shown; empty: the one whose persona varies, or else the user, with everybody's concerns."""

    @property
    def scenario(self) -> Scenario:
        return self.persons.scenario

    @property
    def space(self) -> int:
        """How many persons there are."""
        return self.persons.population.count

    @cached_property
    def layers(self) -> Mapping[str, int]:
        """How many ways each layer alone can be, by name; layers that do not vary are left out."""
        own = len(self.persons.variables)
        sizes = dict.fromkeys(LAYERS, 1)
        for variable, facet in zip(self.persons.variables, self.persons.population.facets, strict=False):
            sizes[_layer(variable.name)] *= sum(weight > 0 for weight in facet.weights)
        whole = self.persons.population
        rules = tuple(
            replace(rule, facets=tuple(place - own for place in rule.facets))
            for rule in whole.rules
            if rule.facets and min(rule.facets) >= own and (isinstance(rule, Tally) or "constraint" not in rule.label)
        )
        sizes["concerns"] = Population(whole.facets[own:], rules).count
        return {layer: size for layer, size in sizes.items() if size > 1}

    @cached_property
    def shares(self) -> Mapping[str, Mapping[str, Fraction]]:
        """How often each value of each varying part, and each drawn concern, occurs among the persons."""
        found, total = self.persons.population.shares, self.persons.population.total
        out: dict[str, Mapping[str, Fraction]] = {}
        for variable, values, weights in zip(self.persons.variables, self.persons.domains, found, strict=False):
            out[variable.name] = {
                show(value, variable.type): Fraction(weight, total)
                for value, weight in zip(values, weights, strict=True)
            }
        concerns = found[len(self.persons.variables) :]
        if concerns:
            had = zip(self.persons.concerns, concerns, strict=True)
            out[CONCERNS] = {name: Fraction(weights[1], total) for name, weights in had}
        return out

    def probability(self, drawn: Drawn) -> Fraction:
        return Fraction(drawn.weight, self.persons.population.total)

    @property
    def _persona(self) -> Persona | None:
        """The persona that is shown."""
        if self.who:
            return next(p.persona for p in self.scenario.cast if p.name == self.who)
        those = [(p.role, p.persona) for p in self.scenario.cast if p.persona is not None]
        varied = [persona for _, persona in those if persona.traits or persona.backgrounds or persona.varies]
        return next(iter([*varied, *(persona for role, persona in those if role == "user")]), None)

    def person(self, drawn: Drawn) -> dict[str, Plain]:
        """One person, layer by layer."""
        binding = self.persons.binding(drawn.values)
        persona = self._persona
        shown = {v.name: show(binding[v.name], v.type) for v in self.persons.variables}
        constants = self.scenario.variables
        traits: dict[str, Plain] = {}
        if persona is not None:
            traits |= {name: show(value, persona.kinds[name]) for name, value in persona.traits.items()}
        traits |= {name: shown[f"persona.{name}"] for name in (persona.varies if persona else ())}
        background = persona.background if persona is not None else ""
        if persona is not None and persona.backgrounds:
            background = persona.backgrounds[shown[BACKGROUND]]
        had = binding.get(CONCERNS, ())
        assert isinstance(had, tuple)
        return {
            "background": background,
            "traits": traits,
            "concerns": [
                c.name for c in self.scenario.concerns if (not c.drawn or c.name in had) and self.who in ("", c.person)
            ],
            "parameters": {name: value for name, value in shown.items() if constants[name].kind == "parameter"},
        }

    def record(self) -> dict[str, Plain]:
        """Everything as plain data. Probabilities are fractions, as text."""
        people: list[Plain] = [
            {"number": number, "probability": str(self.probability(one)), **self.person(one)}
            for number, one in enumerate(self.drawn)
        ]
        return {
            "scenario": self.scenario.name,
            "seed": self.seed,
            "space": self.space,
            "layers": dict(self.layers),
            "shares": {name: {value: str(share) for value, share in of.items()} for name, of in self.shares.items()},
            "persons": people,
        }

    def table(self) -> str:
        """The persons that were drawn, as CSV with a line of names."""
        out = io.StringIO()
        lines = csv.writer(out, lineterminator="\n")
        rows = [(one, self.person(one)) for one in self.drawn]
        named = [
            (layer, name) for layer in ("parameters", "traits") for name in (_map(rows[0][1], layer) if rows else {})
        ]
        lines.writerow(["number", "probability", *(name for _, name in named), "concerns", "background"])
        for number, (one, person) in enumerate(rows):
            cells = [_map(person, layer)[name] for layer, name in named]
            concerns = person["concerns"]
            assert isinstance(concerns, list)
            had = " ".join(str(name) for name in concerns)
            lines.writerow([number, str(self.probability(one)), *cells, had, person["background"]])
        return out.getvalue()

    def text(self) -> str:
        """The space, how often what occurs, and the persons that were drawn."""
        sizes = self.layers
        parts = " × ".join(f"{layer} {size:,}" for layer, size in sizes.items())
        left = prod(sizes.values())
        less = f", of {left:,} that the layers alone would give" if left > self.space else ""
        lines = [f"space: {_counted(self.space)}{f' ({parts}{less})' if parts else ''}", ""]
        if self.shares:
            width = max(len(_short(name)) for name in self.shares)
            for name, of in self.shares.items():
                told = ", ".join(f"{value} {_percent(share)}" for value, share in of.items())
                lines.append(f"{_short(name):<{width}}  {told}")
            lines.append("")
        for number, one in enumerate(self.drawn):
            person, chance = self.person(one), self.probability(one)
            lines.append(
                f"#{number}  probability {_percent(chance)}{f' ({chance})' if chance.denominator < 10**6 else ''}"
            )
            concerns = person["concerns"]
            assert isinstance(concerns, list)
            layers = {
                "background": str(person["background"]),
                "traits": ", ".join(f"{name} = {value}" for name, value in _map(person, "traits").items()),
                "concerns": ", ".join(str(name) for name in concerns),
                "parameters": ", ".join(f"{name} = {value}" for name, value in _map(person, "parameters").items()),
            }
            lines += [f"    {layer:<10}  {said}" for layer, said in layers.items() if said]
        return "\n".join(lines).rstrip() + "\n"


def roster(scenario: Scenario, count: int, seed: int, *, distinct: bool = False, who: str = "") -> Roster:
    """So many persons drawn from a scenario; with ``distinct`` none comes twice. ValueError where ``who`` is not in the cast."""
    names = [person.name for person in scenario.cast]
    if who and who not in names:
        raise ValueError(f"there is no person {who!r} in {scenario.name}; there is {', '.join(names)}")
    persons = Persons(scenario)
    return Roster(persons, seed, tuple(persons.drawn(count, seed, distinct=distinct)), who)


def _layer(name: str) -> str:
    if name == BACKGROUND:
        return "background"
    return "traits" if name.startswith("persona.") else "parameters"


def _short(name: str) -> str:
    return name.removeprefix("persona.")


def _map(person: dict[str, Plain], layer: str) -> dict[str, Plain]:
    found = person[layer]
    assert isinstance(found, dict)
    return found


def _counted(space: int) -> str:
    return "1 person" if space == 1 else f"{space:,} persons"


def _percent(share: Fraction) -> str:
    """A share with four figures."""
    return f"{float(share * 100):.4g} %"
