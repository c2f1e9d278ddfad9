"""Factors: the parts of configurations, and how many times as many states there are because of each.

A configuration is made of parts: variables, machines, clocks, memories, what the agent has armed. How many values a part has
taken says little of what it costs, as parts move together (a clock of twenty ticks beside a calendar that counts the same days
costs nothing). What it costs is how many configurations differ in nothing else: their number over the number of
those that are left when the part is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dramaturg.compiler.configuration import Config
from dramaturg.compiler.lowering import all_guards
from dramaturg.compiler.tables import Tables
from dramaturg.dsl import core
from dramaturg.dsl.scenario import Guard, Scenario
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Condition, Number, Optional, Type, Wait

LOOKED_AT = 8_000
"""Configurations that are enough to tell."""
COSTS = 1.05
"""A part that makes fewer times as many states is not worth naming."""
LONG = 60
"""Characters of a condition that are quoted."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of configurations: a variable, a clock, a machine, a memory, or what is armed."""

    name: str
    """As the message says it."""
    span: Span
    value: Callable[[Config], Hashable]
    """Its value; ``GONE`` where the configuration has none."""
    most: int | None
    """The largest value it may have, less the least; None where it does not walk."""
    cheaper: str
    """What makes it cost less."""
    variable: str = ""


GONE = object()
_CLOCKS = {
    "concern": ("the turns that {} lasts", "let it last fewer turns"),
    "shift": ("how often {} was told", "let it happen less often"),
    "trigger": ("the clock of {}", "give it a shorter window"),
    "task": ("the clock of {}", "shorten it, or count it in coarser steps"),
}
"""By kind of machine what its clock counts, and what makes it cost less."""
_MACHINES = {
    "task": "give it fewer states",
    "concern": "let fewer concerns come out in one episode (`concerns: {draw: 1, from: …}` in the persona)",
    "trigger": "fewer windows at a time cost less",
    "shift": "fewer changes of mind in one episode cost less",
}


def parts(tables: Tables) -> list[Part]:
    """The parts of a scenario's configurations."""

    def variable(index: int, name: str, span: Span) -> Part:
        return Part(
            f"the variable {name}",
            span,
            lambda c: c.values[index] if c.values else GONE,
            _span(tables.variables[index].type) if name in walking else None,
            "give it a coarser step or a smaller range",
            name,
        )

    def clock(index: int, kind: str, name: str, span: Span, most: int | None) -> Part:
        what, cheaper = _CLOCKS[kind]
        return Part(what.format(name), span, lambda c: c.clocks[index] if c.clocks else GONE, most, cheaper)

    def machine(index: int, name: str, span: Span) -> Part:
        cheaper = _MACHINES[name.partition(".")[0]]
        return Part(f"the machine {name}", span, lambda c: c.states[index] if c.edges else GONE, None, cheaper)

    def cell(index: int, operator: core.Expr) -> Part:
        guard = written.get(operator)
        what = f"what `{_short(guard.text)}` remembers" if guard is not None else "what a condition remembers"
        span = guard.span if guard is not None else scenario.span
        cheaper = "ask for less of the past, or for less long"
        return Part(what, span, lambda c: c.memory[index] if c.memory else GONE, _wait(operator), cheaper)

    scenario = tables.scenario
    remembering = {type(operator) for operator in tables.operators}
    written: dict[core.Expr, Guard] = {}
    for guard in all_guards(scenario) if remembering else ():
        for part in core.walk(guard.expr):
            if type(part) in remembering:
                written.setdefault(part, guard)
    walking = _walking(scenario)
    spans = [
        each.span for group in (scenario.tasks, scenario.concerns, scenario.triggers, scenario.shifts) for each in group
    ]
    longest: list[int | None] = [
        max((line.source.after or 0 for lines in task.lines.values() for line in lines), default=0)
        for task in tables.tasks
    ]
    longest += [None] * len(tables.concerns)
    longest += [t.source.within.ms if t.source.within is not None else None for t in tables.triggers]
    longest += [None] * len(tables.shifts)
    inner = [
        clock(place, "task", f"{name} of task.{task.source.name}", at.span, most)
        for task in tables.tasks
        for at in task.source.states
        for name, (place, most) in task.clocks.items()
        if at.name == name
    ]
    return [
        *(variable(i, v.name, v.span) for i, v in enumerate(tables.variables)),
        *(machine(i, name, spans[i]) for i, name in enumerate(tables.machines)),
        *(clock(i, name.partition(".")[0], name, spans[i], longest[i]) for i, name in enumerate(tables.machines)),
        *inner,
        *(cell(i, operator) for i, operator in enumerate(tables.operators)),
        *_armed(tables),
    ]


def _armed(tables: Tables) -> list[Part]:
    """What the agent has armed, where there is an act that does."""
    for act in tables.scenario.agent.acts:
        if any(isinstance(field.type, Condition) for field in act.fields):
            cheaper = "let its condition be `on` fewer names: it can be meant for fewer windows then"
            return [Part("what the agent has armed", act.span, lambda c: c.armed if c.edges else GONE, None, cheaper)]
    return []


def _short(text: str) -> str:
    """A condition as a message quotes it."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONG else f"{flat[: LONG - 1].rstrip()}…"


def _walking(scenario: Scenario) -> frozenset[str]:
    """Variables that something sets which may happen any number of times."""
    effects = [
        *(entry.sets for entry in scenario.stream if entry.kind in ("every", "when")),
        *(state.assignments for task in scenario.tasks for state in task.states),
        *(feel.sets for person in scenario.cast for feel in person.feels),
    ]
    return frozenset(name for pairs in effects for name, _ in pairs)


def _span(kind: Type) -> int | None:
    inner = kind.inner if isinstance(kind, Optional) else kind
    if isinstance(inner, Number) and inner.lo is not None and inner.hi is not None:
        return inner.hi - inner.lo
    return None


def _wait(operator: core.Expr) -> int | None:
    match operator:
        case core.Held(_, wait) | core.InLast(_, wait) | core.Earlier(_, Wait() as wait):
            return wait.ms
        case core.Count(_, cap):
            return cap
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Factor:
    """What a part costs."""

    times: float
    """How many times as many configurations there are because of it."""
    values: int
    """How many values it has taken."""
    part: Part

    def __str__(self) -> str:
        return (
            f"{self.part.name} (×{self.times:.1f})"
            if self.times >= COSTS
            else f"{self.part.name} ({self.values:,} values)"
        )


Hashes: TypeAlias = NDArray[np.uint64]


def factors(all_parts: Sequence[Part], configs: Sequence[Config]) -> list[Factor]:
    """What each part costs among these configurations, the dearest first; parts that cost nothing by their number of values.

    O(parts x configurations): a configuration is known by the sum of the hashes of its parts, so it is known without one of
    them by a subtraction. Two of different parts are taken for one with a probability of about 10^-10.
    """
    live = [config for config in configs[:LOOKED_AT] if config.edges]
    if not live:
        return [Factor(1.0, 1, part) for part in all_parts]
    # What belongs to a configuration and is nobody's fault: what is owed, what is to come, when it is.
    others = [(config.agenda, config.stream, config.now, config.binding) for config in live]
    columns: list[Hashes] = []
    counts: list[int] = []
    read: list[Sequence[Hashable]] = [others, *([part.value(config) for config in live] for part in all_parts)]
    for column, values in enumerate(read):
        known = {value: number for number, value in enumerate(dict.fromkeys(values))}
        columns.append(_hashed(column, np.fromiter(map(known.__getitem__, values), np.uint64, len(values))))
        counts.append(len(known))
    whole = np.sum(columns, axis=0, dtype=np.uint64)
    total = len(np.unique(whole))
    found = [
        Factor(total / len(np.unique(whole - column)), count, part)
        for column, count, part in zip(columns[1:], counts[1:], all_parts, strict=True)
    ]
    return sorted(found, key=lambda factor: (-round(factor.times, 2), -factor.values))


def _hashed(column: int, numbers: Hashes) -> Hashes:
    """The numbers of a column, spread over 64 bits (splitmix64, Steele et al. 2014): the same on every machine."""
    mixed = numbers + np.uint64(column << 40)
    mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
