"""Configurations as a reader sees them: every name with its value in the author's words, and what a move changed.

Configurations share most of their parts, so what is said of a part is remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dramaturg.compiler.configuration import (
    AgentTurn,
    Config,
    Duty,
    Forced,
    GapDraw,
    Opening,
    Over,
    Owed,
    Raised,
    ResultDue,
    ShiftDraw,
    StreamDue,
    TaskDraw,
)
from dramaturg.compiler.tables import Tables
from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.types import Value

Texts = Mapping[str, str]
REMEMBERED = 20_000
"""Parts of configurations whose texts are remembered."""


class Reader:
    """Says what configurations of one scenario are."""

    def __init__(self, tables: Tables, aside: Collection[str] = ()) -> None:
        """Variables that are put ``aside`` are not spoken of: bindings that share a node may differ in them."""
        self._tables = tables
        self._aside = frozenset(aside)
        self._parts: dict[tuple[tuple[str, ...], tuple[Value, ...]], Texts] = {}

    def readable(self, config: Config) -> Texts:
        """Name to value text; ``next`` says whose turn it is."""
        out = dict(self._named(config))
        if config.armed is not None:
            out["armed"] = config.armed.known_as
        out["next"] = _next(config.agenda[0], self._tables) if config.agenda else "time passes"
        return out

    def _named(self, config: Config) -> Texts:
        """Machines and variables. Once a graph's episode is over, only its tasks are kept."""
        key = (config.states, config.values)
        found = self._parts.get(key)
        if found is None:
            if len(self._parts) >= REMEMBERED:
                self._parts.clear()
            found = dict(zip(self._tables.machines, config.states, strict=False))
            for variable, value in zip(self._tables.variables, config.values, strict=False):
                if variable.name in self._aside:
                    continue
                found[variable.name] = "unknown" if value is None else show(value, variable.type)
            self._parts[key] = found
        return found

    def effect(self, before: Config, after: Config) -> str:
        """What changed from one configuration to the next; whose turn it is left out."""
        parts: list[str] = []
        if before.states is not after.states or before.values is not after.values:
            old = self._named(before)
            parts += [
                f"{name}: {old[name]} → {text}" if name in old and "." in name else f"{name} = {text}"
                for name, text in self._named(after).items()
                if old.get(name) != text
            ]
        armed = after.armed
        if armed is not None and (before.armed is None or before.armed.known_as != armed.known_as):
            parts.append(f"armed = {armed.known_as}")
        return "; ".join(parts)


def _next(duty: Duty, tables: Tables) -> str:
    match duty:
        case AgentTurn(asked, _):
            return "the agent answers" if asked else "the agent may act"
        case Opening(person):
            return f"{tables.people[person].name} opens"
        case Owed(person=person):
            return f"{tables.people[person].name} may answer"
        case Forced(person, machine):
            return f"{tables.people[person].name} speaks ({machine})"
        case ShiftDraw(shift):
            return f"chance: {tables.shifts[shift].source.name}"
        case TaskDraw(task=task):
            return f"chance: {tables.tasks[task].source.name}"
        case Raised(event=event):
            return f"{event} happens"
        case ResultDue(act):
            return f"the result of {act}"
        case StreamDue(entry, _):
            source = tables.stream[entry].source
            return f"the world: {source.emit or source.kind}"
        case GapDraw(entry):
            return f"chance: when {tables.stream[entry].source.emit or 'it'} comes next"
        case Over(end):
            return f"over: {end}"
    raise AssertionError(f"unknown duty {duty!r}")
