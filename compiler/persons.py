"""Persons: everybody whom a scenario's personas, parameters and concerns allow, as a population of bindings.

A person is a value of every parameter and every trait that varies, and the set of drawn concerns that she has. Constraints,
draws, needs and exclusions become rules over these facets, ``likely`` becomes weights, and ``population`` counts and draws. The
probability of a person is the product of her parts' likelihoods, as if all were drawn independently and whoever breaks a rule
had not been drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

from dramaturg.compiler.chance import Stream, key
from dramaturg.compiler.evaluate import Context, Layout, compiled
from dramaturg.compiler.population import Combination, Drawn, Facet, Population, Rule, Tally, conflict
from dramaturg.dsl import core
from dramaturg.dsl.elaboration.kinds import domain
from dramaturg.dsl.scenario import Scenario, Variable
from dramaturg.dsl.scope import ABSENT
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Value

Binding = Mapping[str, Value]
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule was written, and what it says."""

    span: Span
    text: str


@dataclass(frozen=True, eq=False)
class Persons:
    """The persons of one scenario. Raises ``TooEntangled`` once they are counted where rules tie too much together."""

    scenario: Scenario

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """Parameters and traits that vary, in order of declaration."""
        return tuple(v for v in self.scenario.parameters if v.kind != "concerns")

    @cached_property
    def domains(self) -> tuple[list[Value], ...]:
        return tuple(domain(variable.type) for variable in self.variables)

    @cached_property
    def concerns(self) -> tuple[str, ...]:
        """Concerns that are drawn, in order of declaration; as facets they follow the variables: absent, there."""
        return tuple(concern.name for concern in self.scenario.concerns if concern.drawn)

    @property
    def personal(self) -> bool:
        """Whether anything but parameters tells persons apart."""
        return bool(self.concerns) or any(variable.kind == "trait" for variable in self.variables)

    @cached_property
    def origins(self) -> Mapping[str, Origin]:
        """Of each rule where it was written, by label."""
        out = {f"constraint {n}": Origin(g.span, g.text) for n, g in enumerate(self.scenario.constraints)}
        for concern in self.scenario.concerns:
            for tie in concern.needs:
                out[f"needs {concern.name} {tie.name}"] = Origin(tie.span, f"{concern.name} needs {tie.name}")
            for tie in concern.excludes:
                out[f"excludes {concern.name} {tie.name}"] = Origin(tie.span, f"{concern.name} excludes {tie.name}")
        for draw in self.scenario.draws:
            count = str(draw.least) if draw.least == draw.most else f"{draw.least} to {draw.most}"
            out[f"draw {draw.person}"] = Origin(draw.span, f"{count} of {', '.join(draw.concerns)}")
        return out

    @cached_property
    def population(self) -> Population:
        facets = [
            Facet(variable.name, _weights(variable, values))
            for variable, values in zip(self.variables, self.domains, strict=True)
        ]
        for concern in self.scenario.concerns:
            if concern.drawn:
                chance = HALF if concern.likely is None else concern.likely
                facets.append(Facet(concern.name, _whole((1 - chance, chance))))
        return Population(tuple(facets), tuple(self._rules()))

    def binding(self, values: Combination) -> Binding:
        """The values of a combination by name."""
        own = len(self.variables)
        out = {
            variable.name: kinds[value]
            for variable, kinds, value in zip(self.variables, self.domains, values[:own], strict=True)
        }
        for variable in self.scenario.parameters:
            if variable.kind == "concerns":
                had = zip(self.concerns, values[own:], strict=True)
                out[variable.name] = tuple(name for name, there in had if there)
        return out

    def all(self) -> list[Drawn]:
        """Everybody, in the order of the declarations; of concerns those with the first come first."""
        own = len(self.variables)
        return sorted(self.population, key=lambda d: (d.values[:own], tuple(-there for there in d.values[own:])))

    def drawn(self, count: int, seed: int, *, distinct: bool = False, purpose: str = "person") -> Iterator[Drawn]:
        """Draws that depend on the scenario's name, the seed and their number alone."""

        def chance(number: int) -> Stream:
            return Stream(key(self.scenario.name, purpose, seed, number))

        return self.population.sample(count, chance, distinct=distinct)

    def bindings(self) -> tuple[tuple[Binding, float], ...]:
        """What the graph is made of, each with its probability: everybody, or ``sample`` of them, who then count alike."""
        wanted = self.scenario.sample
        if wanted is not None and wanted < self.population.count:
            chosen = {d.values for d in self.drawn(wanted, 0, distinct=True, purpose="sample")}
            own = len(self.variables)
            order = sorted(chosen, key=lambda values: (values[:own], tuple(-there for there in values[own:])))
            return tuple((self.binding(values), 1 / len(order)) for values in order)
        total = self.population.total
        return tuple((self.binding(d.values), float(Fraction(d.weight, total))) for d in self.all())

    def conflict(self) -> tuple[Origin, ...]:
        """Lines that nobody can keep together, each of them needed for that; none where somebody is left."""
        labels = dict.fromkeys(conflict(self.population))
        return tuple(self.origins[label] for label in labels)

    def _rules(self) -> Iterator[Rule | Tally]:
        place = {variable.name: n for n, variable in enumerate(self.variables)}
        place |= {f"concern.{name}": len(self.variables) + n for n, name in enumerate(self.concerns)}
        for number, guard in enumerate(self.scenario.constraints):
            for part in _conjuncts(guard.expr):
                yield self._rule(f"constraint {number}", part, place)
        for draw in self.scenario.draws:
            places = tuple(place[f"concern.{name}"] for name in draw.concerns)
            yield Tally(f"draw {draw.person}", places, draw.least, draw.most)
        for concern in self.scenario.concerns:
            own = place.get(f"concern.{concern.name}")
            for tie in concern.needs:
                other = place.get(f"concern.{tie.name}")
                if own is not None and other is not None:
                    yield Rule(f"needs {concern.name} {tie.name}", (own, other), lambda a, b: not a or bool(b))
            for tie in concern.excludes:
                other = place.get(f"concern.{tie.name}")
                if own is not None and other is not None:
                    yield Rule(f"excludes {concern.name} {tie.name}", (own, other), lambda a, b: not (a and b))

    def _rule(self, label: str, expr: core.Expr, place: Mapping[str, int]) -> Rule:
        names = list(dict.fromkeys(part.name for part in core.walk(expr) if isinstance(part, core.Var)))
        asked = list(dict.fromkeys(part.machine for part in core.walk(expr) if isinstance(part, core.InState)))
        layout = Layout(
            variables={name: n for n, name in enumerate(names)},
            machines={machine: n for n, machine in enumerate(asked)},
            weights=(),
            cells={},
            matcher=lambda *_: False,
        )
        test = compiled(expr, layout)
        values = [self.domains[place[name]] for name in names]

        def holds(*row: int) -> bool:
            mine = tuple(kinds[value] for kinds, value in zip(values, row[: len(names)], strict=True))
            states = tuple("hidden" if there else ABSENT for there in row[len(names) :])
            return bool(test(Context(mine, states, (), ())))

        return Rule(label, tuple(place[name] for name in (*names, *asked)), holds)


def _conjuncts(expr: core.Expr) -> Iterator[core.Expr]:
    if isinstance(expr, core.And):
        for item in expr.items:
            yield from _conjuncts(item)
    else:
        yield expr


def _weights(variable: Variable, values: list[Value]) -> tuple[int, ...]:
    if not variable.likely:
        return (1,) * len(values)
    likely = dict(variable.likely)
    return _whole(tuple(likely.get(value, Fraction(0)) for value in values))


def _whole(shares: tuple[Fraction, ...]) -> tuple[int, ...]:
    """Shares as the smallest whole numbers in the same proportion."""
    scale = lcm(*(share.denominator for share in shares))
    return tuple(int(share * scale) for share in shares)
