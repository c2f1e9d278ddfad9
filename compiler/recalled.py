"""Recalled: what a draw keeps of the moment before the step that it belongs to.

Whether a line with a chance is taken is drawn once the step is over, but what the line sets and raises is computed before it, as
for any line. So a draw that is owed keeps those values that its task's assignments read and that have changed since: mostly none at
all, and then the configuration is the one that it would be without.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dramaturg.compiler.configuration import Config, Kept, TaskDraw
from dramaturg.compiler.evaluate import Context, Layout
from dramaturg.dsl import core
from dramaturg.dsl.elaboration.effects import effect
from dramaturg.dsl.scenario import Task
from dramaturg.dsl.types import Value


class Read(NamedTuple):
    """Places of a configuration that a task's assignments read."""

    values: tuple[int, ...]
    states: tuple[int, ...]
    memory: tuple[int, ...]


def read_by(task: Task, layout: Layout) -> Read:
    """What the lines of a task that may be drawn may read for what they set and raise; nothing where none is drawn."""
    values, states, memory = set[int](), set[int](), set[int]()
    if all(line.chance >= 1 for state in task.states for line in state.transitions):
        return Read((), (), ())
    for expr in _computed(task):
        found = effect(expr)
        values.update(layout.variables[name] for name in found.reads)
        states.update(layout.machines[machine] for machine in found.machines)
        states.update(layout.machines[machine] for person, machine, _ in layout.weights if person in found.people)
        memory.update(layout.cells[part] for part in core.walk(expr) if part in layout.cells)
    return Read(tuple(sorted(values)), tuple(sorted(states)), tuple(sorted(memory)))


def _computed(task: Task) -> Iterator[core.Expr]:
    for state in task.states:
        yield from (guard.expr for _, guard in state.assignments)
        yield from (guard.expr for emission in state.emissions for _, guard in emission.fields)


def recall(duty: TaskDraw, read: Read, before: Config, after: Config) -> TaskDraw:
    """The draw with what it needs of ``before``, a step that led to ``after``, beside what it keeps of earlier ones."""
    known = {(part, place): value for part, place, value in duty.kept}

    def kept(part: str, places: tuple[int, ...], was: tuple[Value, ...], now: tuple[Value, ...]) -> Iterator[Kept]:
        for place in places:
            value = known.get((part, place), was[place])
            if value != now[place]:
                yield part, place, value

    return duty._replace(
        kept=(
            *kept("value", read.values, before.values, after.values),
            *kept("state", read.states, before.states, after.states),
            *kept("memory", read.memory, before.memory, after.memory),
        )
    )


def as_before(duty: TaskDraw, now: Context) -> Context:
    """The context in which the lines of a draw compute what they set."""
    if not duty.kept:
        return now
    parts: dict[str, list[Value]] = {
        "value": list(now.values),
        "state": list(now.states),
        "memory": list(now.memory),
    }
    for part, place, value in duty.kept:
        parts[part][place] = value
    memory = tuple(parts["memory"])
    return Context(
        tuple(parts["value"]), tuple(str(state) for state in parts["state"]), memory, memory, now.event, now.args
    )
