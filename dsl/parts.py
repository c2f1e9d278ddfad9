"""Parts: every value inside a typed scenario, found by what it is made of.

Whoever asks something of all lines (which variables are set, what is read) asks it here, so that a new kind of line is found
without a word. Expressions are not entered: a ``Guard`` is a part, what it holds is ``core``'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache

from dramaturg.dsl.scenario import Guard, Scenario, Wording
from dramaturg.dsl.spans import Span

PASSED_OVER = ("span", "type", "text", "files", "sets")
"""Not entered. Assignments (``sets``) belong to the part that makes them, which knows what is given the value."""


def parts(scenario: Scenario) -> Iterator[object]:
    """Every part of a scenario but the scenario, outer ones first, in the order of the sections."""
    todo: list[object] = [getattr(scenario, name) for name in reversed(_names(Scenario))]
    while todo:
        node = todo.pop()
        match node:
            case str() | int() | float() | None | Span():
                continue
            case Mapping():
                todo.extend(reversed(list(node.values())))
            case tuple():
                todo.extend(reversed(node))
            case Guard() | Wording():
                yield node
            case _ if is_dataclass(node) and not isinstance(node, type):
                yield node
                todo.extend([getattr(node, name) for name in reversed(_names(type(node)))])


@cache
def _names(kind: type[Scenario]) -> tuple[str, ...]:
    return tuple(it.name for it in fields(kind) if it.name not in PASSED_OVER)
