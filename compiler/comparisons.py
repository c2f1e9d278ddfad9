"""Comparisons of several variables, as functions of the values that these have.

Whoever tries every combination of values takes a comparison apart once and asks thousands of times. What is no constant and no
calculation is a leaf (a variable, a field, what a past operator remembers), and has a place among the values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import TypeAlias

from dramaturg.compiler.evaluate import COMPARE, altered, arith, contains
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.types import Value

Judge: TypeAlias = "Callable[[Sequence[Value]], bool]"
"""Whether a comparison holds with these values of its leaves."""
Place: TypeAlias = "Callable[[Expr], int]"
"""Where among the values that of a leaf stands."""


def judge(expr: core.Compare | core.Contains, place: Place) -> Judge:
    """A comparison as a function of the values of its leaves."""
    if isinstance(expr, core.Contains):
        item, holder = _reader(expr.item, place), _reader(expr.holder, place)
        return lambda values: contains(item(values), holder(values))
    compare = COMPARE[expr.op]
    left, right = _reader(expr.left, place), _reader(expr.right, place)
    return lambda values: compare(left(values), right(values))


def _reader(expr: Expr, place: Place) -> Callable[[Sequence[Value]], Value]:
    match expr:
        case core.Const(value):
            return lambda _: value
        case core.Arith(op, one, other, scale, wrap):
            left, right = _reader(one, place), _reader(other, place)
            return lambda values: arith(op, left(values), right(values), scale, wrap)
        case core.Size(item):
            whole = _reader(item, place)
            return lambda values: len(held) if isinstance(held := whole(values), tuple) else None
        case core.Altered(op, one, other, members):
            holder, part = _reader(one, place), _reader(other, place)
            return lambda values: altered(op, holder(values), part(values), members)
        case _ if is_leaf(expr):
            return itemgetter(place(expr))
        case _:
            raise AssertionError(f"not a value: {expr!r}")


def is_leaf(expr: Expr) -> bool:
    return isinstance(expr, core.Var | core.Field | core.Latest | core.Resistance | core.Count)
