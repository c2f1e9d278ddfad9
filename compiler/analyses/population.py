"""Constraints that exclude nobody, and values and concerns that nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.persons import Persons
from dramaturg.compiler.population import Rule, Tally
from dramaturg.compiler.solution import Solution
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.expressions.amounts import show


def diagnostics(graph: StateGraph, solution: Solution) -> Iterator[Diagnostic]:
    """Nothing of a scenario whose persons are told apart by parameters alone, without any rule."""
    persons = Persons(graph.scenario)
    if persons.population.rules:
        yield from idle(persons)
        yield from nobody_has(persons)


def idle(persons: Persons) -> Iterator[Diagnostic]:
    """Each constraint is held against those before it, so that of two that say the same the second is told."""
    everybody = replace(persons.population, rules=())
    kept: tuple[Rule | Tally, ...] = ()
    before = everybody.count
    labels = dict.fromkeys(rule.label for rule in persons.population.rules)
    for label in (label for label in labels if label.startswith("constraint")):
        more = (*kept, *(rule for rule in persons.population.rules if rule.label == label))
        left = replace(everybody, rules=more).count
        if left == before:
            alone = replace(everybody, rules=more[len(kept) :]).count
            origin = persons.origins[label]
            whom = "nobody" if alone == everybody.count else "nobody whom the lines above leave"
            yield diagnose("idle-constraint", origin.span, f"`{origin.text}` excludes {whom}")
        kept, before = more, left
    for concern in persons.scenario.concerns:
        for tie in concern.excludes:
            single = [d for d in persons.scenario.draws if d.most == 1 and {concern.name, tie.name} <= set(d.concerns)]
            if single:
                labels_of = [Label(single[0].span, "one person has one of them anyway")]
                message = f"that `{concern.name}` excludes `{tie.name}` changes nothing"
                yield diagnose("idle-constraint", tie.span, message, labels=labels_of)


def nobody_has(persons: Persons) -> Iterator[Diagnostic]:
    """Values that are declared (and not ruled out by ``likely``) though no person has them."""
    shares, own = persons.population.shares, len(persons.variables)
    for facet, weights, variable, values in zip(
        persons.population.facets, shares, persons.variables, persons.domains, strict=False
    ):
        missing = [
            show(value, variable.type)
            for value, weight, wanted in zip(values, weights, facet.weights, strict=True)
            if wanted and not weight
        ]
        if missing:
            said = f"{', '.join(missing[:4])}{' and others' if len(missing) > 4 else ''}"
            name = variable.name.removeprefix("persona.")
            yield diagnose("nobody-has", variable.span, f"nobody's `{name}` is {said}: the constraints exclude it")
    spans = {concern.name: concern.span for concern in persons.scenario.concerns}
    for name, weights in zip(persons.concerns, shares[own:], strict=True):
        if not weights[1]:
            labels = [Label(o.span, "because of this") for o in persons.origins.values() if name in o.text.split()]
            yield diagnose("nobody-has", spans[name], f"nobody has the concern `{name}`", labels=labels[:3])
