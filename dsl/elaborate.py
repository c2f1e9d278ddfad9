"""Elaboration: from the text of an expression to a core expression, every name resolved and every type checked.

Each function reads one scalar of the file. It returns None exactly where it has added an error to ``sink`` (warnings may be
added beside a result), and one root mistake gives one diagnostic. Types are checked both ways: literals and enum members take
the type that the other side asks for, nothing is coerced, and nothing but a yes/no is ever true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dramaturg.dsl.core import Expr
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.scenario import Guard, MoveSpec
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import Condition, Type, Wait


@dataclass(frozen=True, slots=True)
class Claim:
    """What stands under ``check`` or ``rules``: an operator and its operands."""

    kind: str
    """always | never | eventually | possible | winnable | leads_to | until"""
    left: Guard
    right: Guard | None = None
    deadline: Wait | None = None


def guard(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Guard | None:
    """A yes/no expression over the present and the past (``when``, ``if``, ``until``, ``surfaces``, …)."""
    raise NotImplementedError


def value(scalar: Scalar, scope: Scope, expected: Type, sink: list[Diagnostic], draws: bool = False) -> Guard | None:
    """A value of the expected type (``with``, ``set``, START). With ``draws`` also ``lo..hi``, ``x +- y``, ``one of a | b``."""
    raise NotImplementedError


def pattern(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Guard | None:
    """An event pattern, with conditions on its fields where wanted (``to``, ``expect``, ``allow``); its core is a ``Happened``
    or an ``Or`` of them."""
    raise NotImplementedError


def move(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> MoveSpec | None:
    """One move or event to make, arguments fixed by equalities (``as: user.object(about == cost)``)."""
    raise NotImplementedError


def check(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Claim | None:
    """A theorem, under ``check``: future operators are legal here."""
    raise NotImplementedError


def rule(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Claim | None:
    """A norm on the agent, under ``rules``: ``never …`` or ``always …`` over the past."""
    raise NotImplementedError


def fields_of(expr: Expr, scope: Scope) -> Mapping[str, Type]:
    """The fields that may be read once ``expr`` (a ``when`` or ``to``) has fired: those that every matching event has."""
    raise NotImplementedError


def condition_type(written: Condition, scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Condition | None:
    """``condition on fare | seats`` with its names resolved to full names of variables."""
    raise NotImplementedError


def agent_condition(text: str, condition: Condition, scope: Scope) -> tuple[Guard | None, tuple[Diagnostic, ...]]:
    """A condition that the agent wrote at run time: a guard over the condition's own names and literals, nothing else."""
    raise NotImplementedError


def names_read(expr: Expr) -> tuple[str, ...]:
    """The full names of the variables that an expression reads, each once, in reading order."""
    raise NotImplementedError
