"""What stands below a node of a core expression."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

from dramaturg.dsl import core
from dramaturg.dsl.core import Const, Expr, Var

KINDS = get_args(Expr)


def filled(kind: type) -> tuple[Expr, list[Expr]]:
    """A node of the kind, each of its sub-expressions another variable, and these in reading order."""
    inner: list[Expr] = []

    def another() -> Expr:
        inner.append(Var(f"v{len(inner)}"))
        return inner[-1]

    given: list[object] = []
    for field in fields(kind):
        match field.type:
            case "Expr" | "Expr | None":
                given.append(another())
            case "tuple[Expr, ...]":
                given.append((another(), another()))
            case _:
                given.append(None)
    return kind(*given), inner


def test_every_kind_of_expression_gives_all_that_is_below_it() -> None:
    assert len(KINDS) > 20
    for kind in KINDS:
        node, inner = filled(kind)
        order = sorted(inner, key=str)
        assert sorted(core.children(node), key=str) == order, kind
        assert core.walk(node)[0] is node and sorted(core.walk(node)[1:], key=str) == order


def test_what_may_be_absent_is_left_out() -> None:
    assert core.children(core.Happened(("a",))) == ()
    assert core.children(core.Once(Const(True))) == (Const(True),)
