"""Equivalence of guards: whether two conditions of two versions of a scenario hold at the same moments, and where not.

Decided by box arithmetic (``boxes``) over both versions' declared domains at once: a variable may have any value that one of
them allows, a task any state that one of them has. Where the regions differ, a valuation is given that lies in one and not in
the other. Past operators are free yes/no values, tied to what they imply and, where one speaks of less than another of its
kind, to each other: what has held for an hour has held for ten minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd

from dramaturg.compiler.boxes import NO_EVENT, NOWHERE, Region, Space, TooManyBoxes
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.scenario import EventField, EventType, Scenario, Task, TaskState, Variable
from dramaturg.dsl.types import Enum, Number, Optional, Type, Value, Wait

FREE = "‹"
"""How the names of axes begin that stand for what nothing here decides."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an old and a new guard relate."""

    relation: str
    """equal | wider | narrower | differs: the new one holds at the same moments, at more, at fewer, at others; unknown where
    that cannot be decided."""
    lost: str = ""
    """Where the old one holds and the new one does not, in words; empty where there is no such moment, or none can be named."""
    gained: str = ""
    """Where the new one holds and the old one does not."""

    @property
    def same(self) -> bool:
        return self.relation == "equal"


def hull(old: Scenario, new: Scenario) -> Scenario:
    """The new version with everything that the old one has as well: wider ranges, more states, more fields."""
    variables = {**old.variables, **new.variables}
    for name in old.variables.keys() & new.variables.keys():
        one = _joined(old.variables[name].type, new.variables[name].type)
        if one is not None:
            variables[name] = replace(new.variables[name], type=one)
    events: dict[str, EventType] = {**old.events, **new.events}
    for name in old.events.keys() & new.events.keys():
        events[name] = replace(new.events[name], fields=_fields(old.events[name].fields, new.events[name].fields))
    tasks = {task.name: task for task in old.tasks}
    for task in new.tasks:
        before = tasks.get(task.name)
        tasks[task.name] = task if before is None else _with_states(task, before)
    concerns = {it.name: it for it in (*old.concerns, *new.concerns)}
    return replace(
        new,
        variables=dict[str, Variable](variables),
        events=events,
        tasks=tuple(tasks.values()),
        concerns=tuple(concerns.values()),
    )


def _with_states(task: Task, before: Task) -> Task:
    names = {state.name for state in task.states}
    more: list[TaskState] = [state for state in before.states if state.name not in names]
    return replace(task, states=(*task.states, *more))


def _fields(old: tuple[EventField, ...], new: tuple[EventField, ...]) -> tuple[EventField, ...]:
    before = {field.name: field for field in old}
    out = {field.name: field for field in (*old, *new)}
    for field in new:
        joined = _joined(before[field.name].type, field.type) if field.name in before else None
        if joined is not None:
            out[field.name] = replace(field, type=joined)
    return tuple(out.values())


def _joined(old: Type, new: Type) -> Type | None:
    """The type whose values are those of either; None where they have nothing in common."""
    match old, new:
        case Optional(one), Optional(other) | other:
            joined = _joined(one, other)
            return None if joined is None else Optional(joined)
        case _, Optional(other):
            joined = _joined(old, other)
            return None if joined is None else Optional(joined)
        case Number(family, lo, hi, step), Number(other_family, other_lo, other_hi, other_step) if (
            family == other_family
        ):
            if lo is None or other_lo is None or hi is None or other_hi is None:
                return Number(family)
            ticks = gcd(step or 1, other_step or 1, lo - other_lo)
            return Number(family, min(lo, other_lo), max(hi, other_hi), ticks)
        case Enum(members), Enum(others):
            return Enum(tuple(dict.fromkeys((*members, *others))))
        case _ if old == new:
            return new
    return None


class Comparison:
    """Compares guards of an old and a new version."""

    def __init__(self, old: Scenario, new: Scenario) -> None:
        self.scenario = hull(old, new)

    def compare(self, old: Expr | None, new: Expr | None) -> Verdict:
        """How two conditions relate; None stands for one that always holds."""
        if old == new:
            return Verdict("equal")
        if old is not None and new is not None and core.is_event(old) != core.is_event(new):
            return Verdict("unknown")  # one fires per occurrence, the other on becoming true
        space = Space(self.scenario)
        try:
            before = space.region(old if old is not None else core.Const(True))
            after = space.region(new if new is not None else core.Const(True))
            never = self._never(space, old, new)
            lost = space.subtract(space.subtract(before, after), never)
            gained = space.subtract(space.subtract(after, before), never)
        except (TooManyBoxes, ValueError, KeyError, AssertionError, StopIteration):
            # A name that only one version has, or a type that has become another: they cannot mean the same.
            return Verdict("unknown")
        if not lost and not gained:
            return Verdict("equal")
        relation = "differs" if lost and gained else "narrower" if lost else "wider"
        if not (lost.exact and gained.exact):
            relation = "unknown"
        return Verdict(relation, self._said(space, lost), self._said(space, gained))

    def _never(self, space: Space, old: Expr | None, new: Expr | None) -> Region:
        """Where one past operator would hold without another of its kind that it implies."""
        parts = [part for expr in (old, new) if expr is not None for part in core.walk(expr)]
        past = [
            part
            for part in dict.fromkeys(parts)
            if isinstance(part, core.Held | core.InLast | core.Once | core.Earlier)
        ]
        out = NOWHERE
        for one in past:
            for other in past:
                if one != other and self._implies(one, other):
                    out = space.union(out, space.subtract(space.region(one), space.region(other)))
        return out

    def _implies(self, one: Expr, other: Expr) -> bool:
        match one, other:
            case core.Held(item, wait), core.Held(than, less):
                return self._within(item, than) and _at_least(wait, less)
            case core.InLast(item, wait), core.InLast(than, more):
                return self._within(item, than) and _at_least(more, wait)
            case core.Once(item, None), core.Once(than, None):
                return self._within(item, than)
            case core.Earlier(item, wait), core.Earlier(than, more):
                return self._within(item, than) and (more is None or (wait is not None and _at_least(more, wait)))
        return False

    def _within(self, one: Expr, other: Expr) -> bool:
        return self.compare(one, other).relation in ("equal", "wider")

    def _said(self, space: Space, region: Region) -> str:
        """One moment of a region: what happens, and the values that matter. A moment that nothing past decides goes first."""
        if not region:
            return ""
        box = min(region.boxes, key=lambda box: sum(name.startswith(FREE) for name in box.sets))
        found = space.witness(Region((box,)))
        assert found is not None
        event = found.pop("event", NO_EVENT)
        parts = [
            f"{name.removeprefix(f'{event}.')}={self._shown(name, value)}"
            for name, value in found.items()
            if not name.startswith(FREE)
        ]
        if event != NO_EVENT:
            parts.insert(0, str(event))
        return ", ".join(parts)

    def _shown(self, name: str, value: Value) -> str:
        type = self._types.get(name)
        if value is None:
            return "unknown"
        if type is not None and not isinstance(value, str):
            return show(value, type.inner if isinstance(type, Optional) else type)
        return str(value)

    @cached_property
    def _types(self) -> Mapping[str, Type]:
        types = {name: variable.type for name, variable in self.scenario.variables.items()}
        for event in self.scenario.events.values():
            for field in event.fields:
                types[f"{event.name}.{field.name}"] = field.type
                types[f"latest {event.name}.{field.name}"] = field.type
        return types


def _at_least(long: Wait, short: Wait) -> bool:
    """Whether one wait is as long as another, of the same measure."""
    if long.ms is not None and short.ms is not None:
        return long.ms >= short.ms
    return long.turns is not None and short.turns is not None and long.turns >= short.turns
