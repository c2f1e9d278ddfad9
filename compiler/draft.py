"""Drafts: a configuration under construction, together with what the construction found out.

A step changes a draft piece by piece: values are assigned, machines enter states. Beside it the draft collects violations, windows
served, duties that arose, places in the text. What changes it is in ``step``, ``settle`` and ``clocks``; ``stage`` turns it into a
move.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from dramaturg.compiler.configuration import Args, Armed, Config, Duty
from dramaturg.compiler.evaluate import Context, Eval
from dramaturg.compiler.lowering import saturated
from dramaturg.compiler.tables import Sets, Tables
from dramaturg.dsl.scenario import Guard
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Value

_Part = TypeVar("_Part")


def put(parts: tuple[_Part, ...], index: int, part: _Part) -> tuple[_Part, ...]:
    """The tuple with one part replaced. The same tuple where that changes nothing: most steps leave most of a draft as it was,
    and what configurations share is compared by identity."""
    return parts if parts[index] is part else (*parts[:index], part, *parts[index + 1 :])


@dataclass(slots=True)
class Draft:
    """A configuration in the making."""

    tables: Tables
    binding: int
    values: tuple[Value, ...]
    states: tuple[str, ...]
    clocks: tuple[int, ...]
    levels: tuple[bool, ...]
    memory: tuple[Value, ...]
    armed: Armed | None
    stream: tuple[tuple[int, int], ...]
    now: int
    duties: list[Duty] = field(default_factory=list)
    """New obligations, first things first."""
    wake: bool = False
    seen: list[Hashable] = field(default_factory=list)
    """What the agent sees beside the event itself."""
    violations: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)
    """The author's texts of the conditions that made something happen."""
    written: set[int] = field(default_factory=set)
    """Variables that were assigned."""

    @staticmethod
    def of(tables: Tables, config: Config) -> Draft:
        binding, _, values, states, clocks, levels, memory, armed, stream, now = config
        return Draft(tables, binding, values, states, clocks, levels, memory, armed, stream, now)

    def context(self, event: str = "", args: Args = (), before: tuple[Value, ...] | None = None) -> Context:
        return Context(
            self.values,
            self.states,
            self.memory,
            self.memory if before is None else before,
            event,
            dict(args) if event else None,
        )

    def config(self, agenda: tuple[Duty, ...]) -> Config:
        return Config(
            self.binding,
            agenda,
            self.values,
            self.states,
            self.clocks,
            self.levels,
            self.memory,
            self.armed,
            self.stream,
            self.now,
        )

    def assign(self, sets: Sets, ctx: Context) -> None:
        for index, evaluate, kind in sets:
            self.values = put(self.values, index, saturated(evaluate(ctx), kind))
            self.written.add(index)

    def enter(self, machine: int, state: str, clock: int) -> None:
        self.states = put(self.states, machine, state)
        self.clocks = put(self.clocks, machine, clock)

    def level(self, machine: int, level: bool) -> None:
        self.levels = put(self.levels, machine, level)

    def because(self, guard: Guard | None) -> None:
        if guard is not None:
            self.guards.append(guard.text)

    def violate(self, what: str) -> None:
        if what not in self.violations:
            self.violations.append(what)


def allowed(condition: Eval | None, ctx: Context) -> bool:
    return condition is None or bool(condition(ctx))
