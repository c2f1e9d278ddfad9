"""Parts: every value inside the lines of a typed scenario, found by what it is made of.

Whoever asks something of all lines (which variables are set, what is read) asks it here, so that a new kind of line is found
without a word. Expressions are not entered: a ``Guard`` is a part, what it holds is ``core``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from operator import attrgetter

from dramaturg.dsl.scenario import Guard, Scenario
from dramaturg.dsl.spans import Span

PASSED_OVER = ("span", "type", "text", "files", "events", "words", "sets")
"""Not entered. What is declared and worded holds no line. Assignments (``sets``) belong to the part that makes them, which knows
what is given the value."""
_NO_PARTS = ("str", "int", "float", "bool", "str | None", "int | None", "tuple[str, ...]", "Span", "Fraction | None")
"""Fields declared like this hold no part, and are not looked at."""


def parts(scenario: Scenario) -> Sequence[object]:
    """Every part of a scenario but the scenario, outer ones first, in the order of the sections."""
    global _latest
    known, found = _latest
    if known is not scenario:
        found = tuple(_walked(scenario))
        _latest = scenario, found
    return found


_latest: tuple[Scenario | None, tuple[object, ...]] = (None, ())
"""What was walked last: everybody who asks of a scenario asks after one another."""


def _walked(scenario: Scenario) -> list[object]:
    found: list[object] = []
    todo = list(_held(Scenario)(scenario))
    while todo:
        node = todo.pop()
        kind = type(node)
        if kind is tuple:
            if node:
                todo.extend(node[::-1])  # type: ignore[index]
        elif kind in _PLAIN:
            continue
        elif kind is Guard:
            found.append(node)
        elif kind in _HELD:
            found.append(node)
            todo.extend(_HELD[kind](node))
        elif isinstance(node, Mapping):
            todo.extend(reversed(list(node.values())))
        elif is_dataclass(kind):
            found.append(node)
            todo.extend(_held(kind)(node))
    return found


_PLAIN = frozenset({str, int, float, bool, type(None), Span, Fraction})
_HELD: dict[type, Callable[[object], Sequence[object]]] = {}
"""What a part of each kind holds that may be parts, the last one first."""


def _held(kind: type) -> Callable[[object], Sequence[object]]:
    if kind not in _HELD:
        names = [it.name for it in fields(kind) if it.name not in PASSED_OVER and it.type not in _NO_PARTS]
        if len(names) > 1:
            _HELD[kind] = attrgetter(*reversed(names))
        else:
            _HELD[kind] = lambda part: [getattr(part, name) for name in names]
    return _HELD[kind]
