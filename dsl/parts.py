"""Parts: every value inside a typed scenario, found by what it is made of.

Whoever asks something of all lines (which variables are set, what is read) asks it here, so that a new kind of line is found
without a word. Expressions are not entered: a ``Guard`` is a part, what it holds is ``core``'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction

from dramaturg.dsl.scenario import Guard, Scenario, Wording
from dramaturg.dsl.spans import Span

PASSED_OVER = ("span", "type", "text", "files", "sets")
"""Not entered. Assignments (``sets``) belong to the part that makes them, which knows what is given the value."""


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


def _walked(scenario: Scenario) -> Iterator[object]:
    todo: list[object] = [getattr(scenario, name) for name in reversed(_names(Scenario))]
    while todo:
        node = todo.pop()
        kind = type(node)
        if kind in _PLAIN:
            continue
        if kind is tuple:
            todo.extend(reversed(node))  # type: ignore[call-overload]
        elif kind is Guard or kind is Wording:
            yield node
        elif isinstance(node, Mapping):
            todo.extend(reversed(list(node.values())))
        elif kind in _NAMES or is_dataclass(kind):
            yield node
            todo.extend([getattr(node, name) for name in reversed(_names(kind))])


_PLAIN = frozenset({str, int, float, bool, type(None), Span, Fraction})
_NAMES: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    if kind not in _NAMES:
        _NAMES[kind] = tuple(it.name for it in fields(kind) if it.name not in PASSED_OVER)
    return _NAMES[kind]
