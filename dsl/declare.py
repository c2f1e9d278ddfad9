"""Declaration lines and the small amounts beside them: ``TYPE [RANGE] [step Q] [= START]``, waits, gaps and chances.

The same line declares a parameter, a world variable, a slot, a field and a stance variable. START is handed back as the
scalar that it is, because it may name what is declared later: ``elaborate.value`` reads it once the scope is complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import Enum, Type, Wait


@dataclass(frozen=True, slots=True)
class Declaration:
    """A type, and the scalar that gives the start where there is one."""

    type: Type
    start: Scalar | None = None


def declaration(scalar: Scalar, types: Mapping[str, Enum], sink: list[Diagnostic]) -> Declaration | None:
    """Read a declaration line. ``types`` are the named types. In ``condition on a | b`` the names stay as written
    (``elaborate.condition_type`` resolves them)."""
    raise NotImplementedError


def duration(scalar: Scalar, sink: list[Diagnostic]) -> int | None:
    """``8h``, ``1h30m``, ``20s`` in milliseconds."""
    raise NotImplementedError


def wait(scalar: Scalar, sink: list[Diagnostic]) -> Wait | None:
    """``30m`` or ``2 turns``."""
    raise NotImplementedError


def gap(scalar: Scalar, sink: list[Diagnostic]) -> tuple[int, int] | None:
    """``1h``, ``5m..15m`` or ``10m +- 5m``: the least and the greatest gap in milliseconds, the least above zero."""
    raise NotImplementedError


def chance(scalar: Scalar, sink: list[Diagnostic]) -> float | None:
    """``30%``, from 0 % to 100 %, as a fraction."""
    raise NotImplementedError


def yes_no(scalar: Scalar, sink: list[Diagnostic]) -> bool | None:
    """``yes`` or ``no``."""
    raise NotImplementedError


def whole(scalar: Scalar, sink: list[Diagnostic], least: int = 0) -> int | None:
    """A whole number, at least ``least``."""
    raise NotImplementedError
