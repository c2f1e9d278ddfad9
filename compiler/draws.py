"""Draws: every way in which the fields of a move can fall, with its probability.

``5m..30m``, ``fare +- 30 EUR`` and ``one of a | b`` draw uniformly on the grid of the field that they fill. A draw that would
leave the field's range saturates at its end. Several drawn fields are independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from dramaturg.compiler.evaluate import Context, Eval, Layout, compiled
from dramaturg.dsl import core
from dramaturg.dsl.scenario import EventType, Guard
from dramaturg.dsl.types import Number, Type, Value

Args = tuple[tuple[str, Value], ...]
Drawer = tuple[str, Type, core.Expr, tuple[Eval, ...]]


def drawers(fields: tuple[tuple[str, Guard], ...], event: EventType | None, layout: Layout) -> tuple[Drawer, ...]:
    """A move's ``with``, ready to enumerate: per declared field of the event its type, expression and operands."""
    given = dict(fields)
    out: list[Drawer] = []
    for field in event.fields if event is not None else ():
        guard = given.get(field.name)
        expr: core.Expr = core.Const(None) if guard is None else guard.expr
        parts: tuple[Eval, ...]
        match expr:
            case core.Uniform(lo, hi):
                parts = (compiled(lo, layout), compiled(hi, layout))
            case core.Spread(centre, radius):
                parts = (compiled(centre, layout), compiled(radius, layout))
            case core.Pick():
                parts = ()
            case _:
                parts = (compiled(expr, layout),)
        out.append((field.name, field.type, expr, parts))
    return tuple(out)


def _options(drawer: Drawer, ctx: Context) -> list[tuple[Value, float]]:
    _, kind, expr, parts = drawer
    match expr:
        case core.Uniform():
            lo, hi = parts[0](ctx), parts[1](ctx)
        case core.Spread():
            centre, radius = parts[0](ctx), parts[1](ctx)
            assert isinstance(centre, int) and isinstance(radius, int)
            lo, hi = centre - radius, centre + radius
        case core.Pick(values):
            return [(value, 1 / len(values)) for value in values]
        case _:
            value = parts[0](ctx)
            if isinstance(kind, Number) and isinstance(value, int) and not isinstance(value, bool):
                value = kind.clamp(value)
            return [(value, 1.0)]
    assert isinstance(kind, Number) and isinstance(lo, int) and isinstance(hi, int)
    step = kind.step or 1
    base = kind.lo or 0
    first = base + -(-(lo - base) // step) * step
    grid = [kind.clamp(value) for value in range(first, hi + 1, step)] or [kind.clamp(lo)]
    weights: dict[Value, float] = {}
    for at in grid:
        weights[at] = weights.get(at, 0.0) + 1 / len(grid)
    return list(weights.items())


def combinations(all_drawers: Sequence[Drawer], ctx: Context) -> int:
    """How many outcomes there are at most, without enumerating them."""
    total = 1
    for _, kind, expr, parts in all_drawers:
        match expr:
            case core.Uniform():
                lo, hi = parts[0](ctx), parts[1](ctx)
                width = hi - lo if isinstance(lo, int) and isinstance(hi, int) else 0
            case core.Spread():
                radius = parts[1](ctx)
                width = 2 * radius if isinstance(radius, int) else 0
            case core.Pick(values):
                total *= len(values)
                continue
            case _:
                continue
        assert isinstance(kind, Number)
        total *= max(width, 0) // (kind.step or 1) + 1
    return total


def outcomes(all_drawers: Sequence[Drawer], ctx: Context) -> list[tuple[Args, float]]:
    """Every combination of field values, with its probability; one empty combination where there are no fields."""
    per_field = [[(drawer[0], value, weight) for value, weight in _options(drawer, ctx)] for drawer in all_drawers]
    out = []
    for choice in product(*per_field):
        weight = 1.0
        for _, _, part in choice:
            weight *= part
        out.append((tuple((name, value) for name, value, _ in choice), weight))
    return out
