"""Conditions that the agent writes: how they are compared with a trigger, and which classes of them the graph knows.

Two guards over bounded variables are equal when they agree on every valuation. They only change where a variable crosses
a constant that either of them mentions, so it is enough to compare them at those critical values and their neighbours on
the grid: exact, and cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.elaboration.effects import effect
from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.scenario import Trigger, Variable
from dramaturg.dsl.types import Bool, Enum, Number, Optional, SetOf, Value, Wait

MAX_VALUATIONS = 1_000_000
"""Valuations at which a condition that an agent wrote is held against the one that is right; where there are more, it is
called unrelated."""

EXACT, WIDE, NARROW, UNRELATED = "exact", "wide", "narrow", "unrelated"


def strip_held(expr: Expr) -> tuple[Expr, int]:
    """A condition without its ``for``, and the ms of it (0 where it has none)."""
    if isinstance(expr, core.Held) and expr.wait.ms is not None:
        return expr.item, expr.wait.ms
    return expr, 0


def substitute(expr: Expr, known: Mapping[str, Value]) -> Expr:
    """The expression with these variables replaced by their present values."""
    match expr:
        case core.Var(name) if name in known:
            return core.Const(known[name])
        case core.Arith(op, left, right, scale, wrap):
            return core.Arith(op, substitute(left, known), substitute(right, known), scale, wrap)
        case core.Contains(item, holder):
            return core.Contains(substitute(item, known), substitute(holder, known))
        case core.Size(item):
            return core.Size(substitute(item, known))
        case core.Compare(op, left, right):
            return core.Compare(op, substitute(left, known), substitute(right, known))
        case core.Member(item, values):
            return core.Member(substitute(item, known), values)
        case core.Known(item):
            return core.Known(substitute(item, known))
        case core.Not(item):
            return core.Not(substitute(item, known))
        case core.And(items):
            return core.And(tuple(substitute(i, known) for i in items))
        case core.Or(items):
            return core.Or(tuple(substitute(i, known) for i in items))
        case core.Held(item, wait):
            return core.Held(substitute(item, known), wait)
        case _:
            return expr


def names(expr: Expr) -> frozenset[str]:
    """The variables that an expression reads."""
    return frozenset(effect(expr).reads)


def fold(expr: Expr) -> Expr:
    """Arithmetic on constants carried out, so that a limit reads as one amount."""
    from dramaturg.compiler.evaluate import arith

    match expr:
        case core.Arith(op, left, right, scale, wrap):
            a, b = fold(left), fold(right)
            if isinstance(a, core.Const) and isinstance(b, core.Const):
                return core.Const(arith(op, a.value, b.value, scale, wrap))
            return core.Arith(op, a, b, scale, wrap)
        case core.Compare(op, left, right):
            return core.Compare(op, fold(left), fold(right))
        case core.Not(item):
            return core.Not(fold(item))
        case core.And(items):
            return core.And(tuple(fold(i) for i in items))
        case core.Or(items):
            return core.Or(tuple(fold(i) for i in items))
        case core.Held(item, wait):
            return core.Held(fold(item), wait)
        case _:
            return expr


def _number_type(expr: Expr, variables: Mapping[str, Variable]) -> Number | None:
    for part in core.walk(expr):
        if isinstance(part, core.Var) and isinstance(part_type := variables[part.name].type, Number):
            return part_type
    return None


def write(expr: Expr, variables: Mapping[str, Variable]) -> str:
    """A condition as text of the language, amounts with their units."""

    def amount(value: Value, beside: Expr) -> str:
        kind = _number_type(beside, variables)
        if kind is not None and isinstance(value, int) and not isinstance(value, bool):
            return show(value, kind)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value)

    def side(at: Expr, beside: Expr) -> str:
        match at:
            case core.Const(value):
                return amount(value, beside)
            case core.Var(name):
                return name
            case core.Arith(op, left, right, _):
                return f"{side(left, beside)} {op} {side(right, beside)}"
            case _:
                return go(at)

    def wait_text(wait: Wait) -> str:
        return show(wait.ms, Number("duration")) if wait.ms is not None else f"{wait.turns} turns"

    def inner(at: Expr) -> str:
        return f"({go(at)})" if isinstance(at, core.And | core.Or | core.Held) else go(at)

    def go(at: Expr) -> str:
        match at:
            case core.Compare(op, left, right):
                return f"{side(left, right)} {op} {side(right, left)}"
            case core.Member(item, values):
                return f"{side(item, item)} is {' | '.join(str(v) for v in values)}"
            case core.Contains(core.Const(value), core.Var(name)):
                return f"{value} in {name}"
            case core.Size(item):
                return f"count({go(item)})"
            case core.Not(item):
                return f"not {inner(item)}"
            case core.And(items):
                return " and ".join(inner(i) for i in items)
            case core.Or(items):
                return " or ".join(inner(i) for i in items)
            case core.Held(item, wait):
                return f"{inner(item)} for {wait_text(wait)}"
            case core.Var(name):
                return name
            case core.Const(value):
                return amount(value, at)
            case core.Known(item):
                return f"{go(item)} is known"
            case _:
                raise ValueError(f"not a condition over present values: {at!r}")

    return go(expr)


def grid(variable: Variable, exprs: tuple[Expr, ...]) -> list[Value]:
    """The values of a variable that these expressions can tell apart: ends of its range, and each constant with its neighbours."""
    kind = variable.type
    match kind:
        case Bool():
            return [False, True]
        case Enum(members):
            return list(members)
        case SetOf(Enum(members)):
            return subsets(members)
        case Optional(inner):
            return [None, *grid(replace(variable, type=inner), exprs)]
        case Number(_, lo, hi, step):
            every = step or 1
            marks: set[int] = set()
            for expr in exprs:
                for part in core.walk(expr):
                    if (
                        isinstance(part, core.Const)
                        and isinstance(part.value, int)
                        and not isinstance(part.value, bool)
                    ):
                        marks |= {part.value - every, part.value, part.value + every}
            if lo is not None:
                marks.add(lo)
            if hi is not None:
                marks.add(hi)
            base = lo or 0
            out: list[Value] = []
            for mark in sorted(marks):
                on_grid = base + round((mark - base) / every) * every
                if (lo is None or on_grid >= lo) and (hi is None or on_grid <= hi) and on_grid not in out:
                    out.append(on_grid)
            return out
        case _:
            raise ValueError(f"a condition cannot read {variable.name}")


def subsets(members: Sequence[Value]) -> list[Value]:
    """Every set of these members, each in their order; the empty one first."""
    out: list[tuple[Value, ...]] = [()]
    for member in members:
        out += [(*chosen, member) for chosen in out]
    return list(out)


def valuations(exprs: tuple[Expr, ...], variables: Mapping[str, Variable]) -> int:
    """How many valuations conditions are held against each other at, without listing them."""
    read = frozenset[str]().union(*(names(expr) for expr in exprs))
    return prod(_count(variables[name], exprs) for name in read)


def _count(variable: Variable, exprs: tuple[Expr, ...]) -> int:
    kind = variable.type.inner if isinstance(variable.type, Optional) else variable.type
    return 1 << len(kind.inner.members) if isinstance(kind, SetOf) else len(grid(variable, exprs))


def relation(
    mine: Expr,
    theirs: Expr,
    variables: Mapping[str, Variable],
    holds: Callable[[Expr, Mapping[str, Value]], bool],
    most: int | None = None,
) -> str:
    """How condition ``mine`` relates to ``theirs``: exact, wide (holds more often), narrow (less often) or unrelated.

    Their ``for`` parts must agree for ``exact``; a longer ``for`` makes a condition narrower. Where there are more than
    ``most`` valuations to look at, they are called unrelated.
    """
    if most is not None and mine != theirs and valuations((mine, theirs), variables) > most:
        return UNRELATED
    (mine, my_wait), (theirs, their_wait) = strip_held(mine), strip_held(theirs)
    read = sorted(names(mine) | names(theirs))
    more = less = False
    for choice in product(*(grid(variables[name], (mine, theirs)) for name in read)):
        valuation = dict(zip(read, choice, strict=True))
        a, b = holds(mine, valuation), holds(theirs, valuation)
        more |= a and not b
        less |= b and not a
    more |= my_wait < their_wait
    less |= my_wait > their_wait
    if not more and not less:
        return EXACT
    if not less:
        return WIDE
    return NARROW if not more else UNRELATED


def of_trigger(trigger: Trigger, allowed: tuple[str, ...], valuation: Mapping[str, Value]) -> Expr:
    """What the agent would have to write to be woken exactly when the trigger may open: names it may not mention are replaced
    by their present values."""
    hidden = {name: value for name, value in valuation.items() if name not in allowed}
    return fold(substitute(trigger.when.expr, hidden))
