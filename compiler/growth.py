"""Growth: how large a state graph may become, and whether one can still stay within that.

Three things make a graph explode: more bindings than there may be states, a value so fine that its draws or regions alone are
too many, and variables that walk over their ranges side by side. The first two are seen at once. The third is foreseen: each
time the graph has doubled, what still grows is extrapolated to the range that it walks on, in the steps seen so far;
several together only as far as they have so far taken their values independently of each other. Only a forecast far
over the budget counts.

What multiplies in any other way (machines, memories, shifts side by side) shows in the front: the configurations that are known and
not yet looked at. A graph that comes to an end has a front that shrinks; one whose front has kept growing with the graph over
three doublings is given up (``Front``). All of it is counted in states and moves, never in seconds, so that every machine
gives the same verdict. Whatever is missed ends at the budget itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

from dramaturg.compiler.configuration import Config
from dramaturg.compiler.factors import COSTS, Factor, Part, factors
from dramaturg.compiler.persons import Persons
from dramaturg.compiler.population import TooEntangled
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.limits import DEFAULT, VARIABLE
from dramaturg.dsl.scenario import Guard, Scenario
from dramaturg.dsl.spans import Span

STATES, MOVES = 2000, 10_000
"""Growth is looked at first when so many of either have been found, then each time they have doubled."""
STANDING = -1
"""What a clock or a memory shows that does not run: no step on its way."""
GROWING = 1.1
"""A part grows where its values became so many times as many while the configurations doubled."""
INDEPENDENT = 0.3
"""Parts are independent where they have taken so much of the product of their values."""
FRONT, EARLY = 8000, 1000
"""States at which the front is held against what it was at so many; both grow with a budget that was raised."""
SPREADING, STILL = 3.4, 1.25
"""It explodes where its front became so many times as large meanwhile (half as many again at each doubling), and so many times
as large since the last doubling."""
THIN = 0.25
"""A front of less than this share of the states known is looked at once more: a graph that comes to an end may have one as well."""
WIDE = 40
"""Parts that a configuration may have before its moves cost more: the front is then looked at earlier, in proportion."""
FAR = 3
"""A forecast counts where it is so many times the budget."""

Causes = Mapping[str, tuple[Guard, str]]
"""Variables that are kept value by value though draws set them: the guard that is to blame, and how it reads the variable."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How large a state graph may become."""

    states: int = DEFAULT.states
    edges: int = 400_000

    @staticmethod
    def of(states: int) -> Budget:
        """So many states, and as many moves as go with them."""
        return Budget(states, max(400_000, 7 * states))


class OverBudget(Exception):
    """Exploration was given up; the diagnostic says why, which is mostly what multiplied the configurations."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def refused(
    span: Span,
    message: str,
    budget: Budget,
    *,
    notes: Sequence[str] = (),
    labels: Sequence[Label] = (),
    needed: int = 0,
    cheaper: str = "give it a coarser step or a smaller range, shorten the clock",
) -> OverBudget:
    """The diagnostic, with how to stay within the budget (``cheaper``) and how to raise it."""
    enough = 1 << max(needed, 4 * budget.states).bit_length()
    raised = f"or raise the limit with {VARIABLE}=states={enough} (check and diff: --max-states {enough})"
    if needed > 100 * budget.states:
        raised = f"or raise the limit with {VARIABLE}=states=… (check and diff: --max-states), though far beyond {budget.states:,}"
    note = f"{cheaper}, {raised}"
    return OverBudget(diagnose("state-graph-over-budget", span, message, labels=labels, notes=(*notes, note)))


def too_fine(scenario: Scenario, name: str, values: int, what: str, budget: Budget) -> OverBudget:
    """A variable that alone is too much."""
    return refused(
        scenario.variables[name].span,
        f"the variable {name} may take {values:,} values, and {what}: too many for a graph of {budget.states:,} states",
        budget,
        needed=values,
    )


def people(scenario: Scenario) -> Persons:
    """The persons of a scenario. Raises OverBudget where there is nobody, or where they cannot be counted."""
    persons = Persons(scenario)
    try:
        if not persons.population.count:
            raise OverBudget(_nobody(persons))
    except TooEntangled as tied:
        raise OverBudget(_too_tight(persons, tied)) from tied
    return persons


def bindings(scenario: Scenario, budget: Budget) -> None:
    """Raises OverBudget where there is nobody, or where there are more bindings than there may be states."""
    persons = people(scenario)
    count = persons.population.count
    if min(count, scenario.sample or count) > budget.states:
        raise _too_many(persons, count, budget)


def _too_many(persons: Persons, count: int, budget: Budget) -> OverBudget:
    """Says what multiplies the bindings: each variable with its values, and the sets of concerns."""
    scenario = persons.scenario
    if len(persons.population.facets) == 1 and persons.variables:
        what = "each is an episode of its own"
        return too_fine(scenario, persons.variables[0].name, count, what, budget)
    sizes = {variable.name: len(values) for variable, values in zip(persons.variables, persons.domains, strict=True)}
    parts = [f"{name} {size:,}" for name, size in sizes.items()]
    span = max(persons.variables, key=lambda v: sizes[v.name]).span if sizes else scenario.span
    if persons.concerns:
        parts.append(f"{len(persons.concerns)} concerns that are drawn")
        if not sizes:
            span = next(concern.span for concern in scenario.concerns if concern.drawn)
    notes = [f"values: {', '.join(parts)}"]
    if scenario.sample is None:
        notes.append(
            "or write `sample: 200` beside `turns`: then 200 of them are drawn, and the graph is made of those"
        )
    what = "different persons" if persons.personal else "bindings of the parameters"
    message = (
        f"there are {count:,} {what}, each an episode of its own: too many for a graph of {budget.states:,} states"
    )
    return refused(span, message, budget, notes=notes, needed=count)


def _nobody(persons: Persons) -> Diagnostic:
    """No person keeps all constraints: the smallest lines that are to blame."""
    origins = persons.conflict()
    labels = [Label(origin.span, "and this") for origin in origins[1:]]
    message = "nobody is left: " + (
        "no person can keep these lines together" if len(origins) > 1 else "no person can keep this line"
    )
    notes = ["without any one of them there would be somebody"] if len(origins) > 1 else []
    return diagnose("nobody-left", origins[0].span, message, labels=labels, notes=notes)


def _too_tight(persons: Persons, tied: TooEntangled) -> Diagnostic:
    origins = [persons.origins[label] for label in tied.rules]
    labels = [Label(origin.span, "together with this") for origin in origins[1:]]
    message = "these constraints tie so many traits together that it cannot be counted who is left"
    note = "speak of fewer traits in one line, or give them coarser steps"
    return diagnose("constraints-too-tight", origins[0].span, message, labels=labels, notes=[note])


BINDINGS = 3
"""Bindings whose graphs are made before those of the others are foreseen."""


def too_many_bindings(scenario: Scenario, made: int, of: int, states: int, budget: Budget) -> OverBudget | None:
    """What to say where the bindings, ``made`` of them with so many ``states``, will far exceed the budget together."""
    expected = states * of // made
    if made < BINDINGS or states < FRONT or expected <= budget.states * 3 // 2:
        return None
    variables = [v for v in scenario.variables.values() if v.kind == "parameter"]
    return refused(
        variables[0].span if variables else scenario.span,
        f"{of:,} bindings of the parameters, each an episode of its own, have about {states // made:,} states each: too many "
        f"for a graph of {budget.states:,} states",
        budget,
        notes=(
            f"{made} of them were enough to see it",
            "or write `sample: 5` beside `turns`: then 5 of them are drawn, and the graph is made of those",
        ),
        needed=expected,
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    """A part that still grows."""

    part: Part
    values: list[Hashable]
    seen: int
    room: int
    """The values it may take, in the steps seen so far."""


def _walk(part: Part, configs: Sequence[Config]) -> _Walk | None:
    if part.most is None:
        return None
    values = [part.value(config) for config in configs]
    early = len(set(values[: len(values) // 2]))
    numbers = {value for value in values if isinstance(value, int) and not isinstance(value, bool)}
    seen = numbers if part.variable else numbers - {STANDING}
    if len(seen) < 8 or len(seen) < GROWING * early:
        return None
    least = min(seen)
    step = reduce(gcd, (value - least for value in seen), 0)
    return _Walk(part, values, len(seen), max(part.most // max(step, 1) + 1, len(seen)))


def foreseen(
    all_parts: Sequence[Part], configs: Sequence[Config], moves: float, budget: Budget, causes: Causes
) -> OverBudget | None:
    """What to say where these configurations, in the order in which they were found, are bound to become far too many.

    ``moves`` is how many each of them has on average.
    """
    walks = [walk for part in all_parts if (walk := _walk(part, configs)) is not None]
    walks.sort(key=lambda walk: -walk.seen)
    chosen: list[_Walk] = []
    joint: list[tuple[Hashable, ...]] = [()] * len(configs)
    seen, room = 1, 1
    for walk in walks:
        wider = [(*old, value) for old, value in zip(joint, walk.values, strict=True)]
        together = len(set(wider))
        if together >= INDEPENDENT * seen * walk.seen:
            chosen.append(walk)
            joint, seen, room = wider, together, room * walk.room
    expected = len(configs) * room // seen
    many = expected > FAR * budget.states
    if not chosen or not (many or expected * moves > FAR * budget.edges):
        return None
    outlook = (
        f"{_round(expected)} are" if many else f"{_round(expected)} with {_round(int(expected * moves))} moves are"
    )
    names = " and ".join(f"{walk.part.name} ({walk.room:,} values)" for walk in chosen)
    return refused(
        chosen[0].part.span,
        f"the state graph cannot stay within {budget.states:,} states: {names} {'walk' if len(chosen) > 1 else 'walks'} "
        f"over {'their ranges' if len(chosen) > 1 else 'its range'}",
        budget,
        labels=[
            Label(causes[walk.part.variable][0].span, f"{walk.part.variable} is kept value by value: {how}")
            for walk in chosen
            if walk.part.variable in causes
            for how in (causes[walk.part.variable][1],)
        ],
        notes=(f"{len(configs):,} states were enough to see it; about {outlook} to be expected",),
        needed=max(expected, int(expected * moves) // 7),
    )


class Front:
    """How many configurations of a binding are known and not yet looked at, noted each time that their number has doubled."""

    def __init__(self, all_parts: Sequence[Part], budget: Budget) -> None:
        self._parts, self._budget = all_parts, budget
        scale = max(budget.states / DEFAULT.states, 1) / max(len(all_parts) / WIDE, 1)
        self.next = max(int(EARLY * scale), 100)
        self._noted: list[int] = []
        self._doubted = False

    def refusal(self, configs: Sequence[Config], looked_at: int) -> OverBudget | None:
        """What to say where the graph spreads on, ``looked_at`` of these configurations having been looked at. To be asked when
        ``next`` are known."""
        self.next *= 2
        self._noted.append(len(configs) - looked_at)
        doublings = (FRONT // EARLY).bit_length() - 1
        if len(self._noted) <= doublings:
            return None
        before, last, now = self._noted[-1 - doublings], self._noted[-2], self._noted[-1]
        if now < SPREADING * before or now < STILL * last:
            return None
        if now < THIN * len(configs) and not self._doubted:
            self._doubted = True
            return None
        dearest = factors(self._parts, configs)
        worst = dearest[0].part
        return refused(
            worst.span,
            f"the state graph spreads without an end in sight; what multiplies it most: {_named(dearest[:3])}",
            self._budget,
            notes=(
                *_next_in_line(dearest[3:]),
                f"{len(configs):,} states were enough to see it: {now:,} of them lead on to others, after {last:,} at half as many",
            ),
            cheaper=worst.cheaper,
        )


def too_many_moves(
    all_parts: Sequence[Part], configs: Sequence[Config], made: int, looked_at: int, budget: Budget
) -> OverBudget | None:
    """What to say where the configurations known so far will alone have far too many moves, ``made`` by those looked at."""
    expected = len(configs) * made // looked_at
    if expected <= FAR * budget.edges:
        return None
    widest = sorted(factors(all_parts, configs), key=lambda factor: -factor.values)
    return refused(
        widest[0].part.span,
        f"the state graph has too many moves: {made // looked_at:,} from each state, where {widest[0].part.name} takes "
        f"{widest[0].values:,} values",
        budget,
        notes=(
            f"{len(configs):,} states are known and will have about {_round(expected)} moves; {budget.edges:,} are allowed",
        ),
        needed=expected // 7,
    )


def _round(number: int) -> str:
    unit = 10 ** max(len(str(number)) - 2, 0)
    return f"{number // unit * unit:,}"


def spent(all_parts: Sequence[Part], configs: Sequence[Config], budget: Budget) -> OverBudget:
    """What to say where the budget is used up: which part costs the most among the configurations seen."""
    dearest = factors(all_parts, configs)
    worst = dearest[0].part
    return refused(
        worst.span,
        f"the state graph grows past {budget.states:,} states or {budget.edges:,} moves; what multiplies it most: "
        f"{_named(dearest[:3])}",
        budget,
        notes=_next_in_line(dearest[3:]),
        cheaper=worst.cheaper,
    )


def _named(dearest: Sequence[Factor]) -> str:
    """The dearest parts, as far as they cost anything; where none does by itself, the one with the most values."""
    named = [factor for factor in dearest if factor.times >= COSTS] or dearest[:1]
    return ", ".join(map(str, named))


def _next_in_line(rest: Sequence[Factor]) -> tuple[str, ...]:
    """What costs something as well, and what the numbers say."""
    runners = [str(factor) for factor in rest[:3] if factor.times >= COSTS]
    means = "×2.0 means: twice as many states as there would be without it"
    return (f"then {', '.join(runners)}; {means}",) if runners else (means,)
