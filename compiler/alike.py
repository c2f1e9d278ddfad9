"""Alike: bindings that differ only in what no line of the scenario reads.

A background, or a trait that only wordings show, tells persons apart to whoever reads a transcript, and to nothing else. The graph
explores one binding of each such class; the others share its nodes, each with a root edge of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dramaturg.compiler.lowering import all_guards, reads
from dramaturg.dsl import core
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.types import Condition, Value


def unread(scenario: Scenario) -> tuple[str, ...]:
    """Parameters and traits that nothing depends on but the words in which something is said."""
    guards = [*all_guards(scenario), *(v.start for v in scenario.variables.values() if v.start is not None)]
    if any(isinstance(part, core.Matches) for guard in guards for part in core.walk(guard.expr)):
        return ()  # a condition is held against windows over all variables
    read = {name for guard in guards for name in reads(guard.expr)}
    read |= {name for act in scenario.agent.acts for name in act.returns}
    read |= {
        name
        for event in scenario.events.values()
        for field in event.fields
        if isinstance(field.type, Condition)
        for name in field.type.names
    }
    return tuple(v.name for v in scenario.parameters if v.kind != "concerns" and v.name not in read)


def classes(bindings: Sequence[Mapping[str, Value]], aside: Sequence[str]) -> tuple[int, ...]:
    """Of each binding the first one that differs from it in nothing but what is put aside."""
    if not aside:
        return tuple(range(len(bindings)))
    first: dict[tuple[Value, ...], int] = {}
    return tuple(
        first.setdefault(tuple(value for name, value in binding.items() if name not in aside), number)
        for number, binding in enumerate(bindings)
    )
