"""Core expressions as Python closures over a context.

A scenario's expressions are compiled once into closures; evaluating one is then a few calls. The context holds a valuation,
the machines' states, the memory of past operators before and after the step, and at most one current event. Nothing here
changes state: memory is advanced by ``monitors``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.types import Value

Eval = Callable[["Context"], Value]


@dataclass(slots=True)
class Context:
    """What an expression is evaluated in."""

    values: tuple[Value, ...]
    """Variables, in the order of ``Layout.variables``."""
    states: tuple[str, ...]
    """Machine states, in the order of ``Layout.machines``."""
    memory: tuple[Value, ...]
    """Cells of past operators. For guards: before the step; for facts: after it."""
    before: tuple[Value, ...]
    """Cells before the step, which ``earlier`` reads."""
    event: str = ""
    args: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each name is kept in a configuration."""

    variables: Mapping[str, int]
    machines: Mapping[str, int]
    weights: tuple[tuple[str, str, int], ...]
    """(person, concern machine, weight) for ``user.resistance``."""
    cells: Mapping[Expr, int]
    """Past operator to its memory cell."""
    matcher: Callable[[Value, str, tuple[Value, ...]], bool]
    """``condition matches TRIGGER``: (condition text, trigger name, valuation) to verdict."""


COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "==": lambda a, b: a is not None and b is not None and a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a is not None and b is not None and a < b,  # type: ignore[operator]
    "<=": lambda a, b: a is not None and b is not None and a <= b,  # type: ignore[operator]
    ">": lambda a, b: a is not None and b is not None and a > b,  # type: ignore[operator]
    ">=": lambda a, b: a is not None and b is not None and a >= b,  # type: ignore[operator]
}
"""Comparisons; the elaborator has made sure that both sides are of one ordered type (hence the ignores)."""


def arith(op: str, left: Value, right: Value, scale: int) -> Value:
    """Integer arithmetic in base units; None where a side is unknown. Division rounds to the nearest unit, halves up."""
    if left is None or right is None:
        return None
    assert isinstance(left, int) and isinstance(right, int)
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return (2 * left * right + scale) // (2 * scale)
        case "/":
            return (2 * left * scale + right) // (2 * right) if right else None
    raise AssertionError(f"unknown operator {op}")


def compiled(expr: Expr, layout: Layout) -> Eval:
    """The closure that evaluates ``expr``. Draws (``Uniform``, ``Spread``, ``Pick``) are not values: see ``draws``."""
    match expr:
        case core.Const(value):
            return lambda ctx: value
        case core.Var(name):
            index = layout.variables[name]
            return lambda ctx: ctx.values[index]
        case core.Field(name):
            return lambda ctx: ctx.args.get(name) if ctx.args is not None else None
        case core.Happened(events, where):
            return _happened(frozenset(events), None if where is None else compiled(where, layout))
        case core.InState(machine, states):
            at = layout.machines[machine]
            allowed = frozenset(states)
            return lambda ctx: ctx.states[at] in allowed
        case core.Resistance(person):
            parts = tuple((layout.machines[m], w) for p, m, w in layout.weights if p == person)
            return lambda ctx: sum(w for i, w in parts if ctx.states[i] != "eased")
        case core.Arith(op, left, right, scale):
            a, b = compiled(left, layout), compiled(right, layout)
            return lambda ctx: arith(op, a(ctx), b(ctx), scale)
        case core.Compare(op, left, right):
            a, b, test = compiled(left, layout), compiled(right, layout), COMPARE[op]
            return lambda ctx: test(a(ctx), b(ctx))
        case core.Member(item, values):
            a, members = compiled(item, layout), frozenset(values)
            return lambda ctx: a(ctx) in members
        case core.Known(item):
            a = compiled(item, layout)
            return lambda ctx: a(ctx) is not None
        case core.Not(item):
            a = compiled(item, layout)
            return lambda ctx: not a(ctx)
        case core.And(items):
            return _all(tuple(compiled(i, layout) for i in items))
        case core.Or(items):
            return _any(tuple(compiled(i, layout) for i in items))
        case core.Matches(item, trigger):
            a, matcher = compiled(item, layout), layout.matcher
            return lambda ctx: matcher(a(ctx), trigger, ctx.values)
        case core.Judged(_, otherwise):
            return compiled(otherwise, layout)
        case core.Latest(event, field):
            cell = layout.cells[expr]
            return lambda ctx: ctx.args.get(field) if ctx.event == event and ctx.args is not None else ctx.memory[cell]
        case core.Once(item, since):
            return _once(compiled(item, layout), None if since is None else compiled(since, layout), layout.cells[expr])
        case core.Since(left, right):
            a, b, cell = compiled(left, layout), compiled(right, layout), layout.cells[expr]
            return lambda ctx: bool(a(ctx)) and (bool(b(ctx)) or bool(ctx.memory[cell]))
        case core.Earlier(_):
            cell = layout.cells[expr]
            return lambda ctx: ctx.before[cell]
        case core.Count(item, cap):
            a, cell = compiled(item, layout), layout.cells[expr]
            return lambda ctx: min(cap, int(ctx.before[cell] or 0) + (1 if a(ctx) else 0))
        case core.Held(item, wait):
            a, cell = compiled(item, layout), layout.cells[expr]
            span = wait.ms if wait.ms is not None else wait.turns
            assert span is not None
            return lambda ctx: bool(a(ctx)) and int(ctx.memory[cell] or 0) >= span
        case core.InLast(item, _):
            a, cell = compiled(item, layout), layout.cells[expr]
            return lambda ctx: bool(a(ctx)) or int(ctx.memory[cell] or 0) > 0
        case core.Uniform() | core.Spread() | core.Pick():
            raise AssertionError("a draw is enumerated, not evaluated")
    raise AssertionError(f"unknown expression {expr!r}")


def _happened(events: frozenset[str], where: Eval | None) -> Eval:
    if where is None:
        return lambda ctx: ctx.event in events
    return lambda ctx: ctx.event in events and bool(where(ctx))


def _all(parts: tuple[Eval, ...]) -> Eval:
    def evaluate(ctx: Context) -> Value:
        for part in parts:
            if not part(ctx):
                return False
        return True

    return evaluate


def _any(parts: tuple[Eval, ...]) -> Eval:
    def evaluate(ctx: Context) -> Value:
        for part in parts:
            if part(ctx):
                return True
        return False

    return evaluate


def _once(item: Eval, since: Eval | None, cell: int) -> Eval:
    if since is None:
        return lambda ctx: bool(item(ctx)) or bool(ctx.memory[cell])
    return lambda ctx: bool(item(ctx)) or (bool(ctx.memory[cell]) and not since(ctx))
