"""Monitors: the bounded memory that past operators need, one cell each.

Past operators can be decided online: each keeps one small value that is advanced at every step, at every settled instant,
when time passes and when an agent turn ends. Equal operators share a cell. (Havelund and Roşu, "Synthesizing monitors for
safety properties", 2002, is the classical account; ours adds saturating clocks and counters.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dramaturg.compiler.evaluate import Context, Eval, Layout, compiled
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.types import Value, Wait

Past = core.Latest | core.Once | core.Since | core.Earlier | core.Count | core.Held | core.InLast
PAST = (core.Latest, core.Once, core.Since, core.Earlier, core.Count, core.Held, core.InLast)


def past_operators(exprs: Iterable[Expr]) -> tuple[Past, ...]:
    """The distinct past operators of these expressions, inner ones first."""
    found: dict[Past, None] = {}

    def collect(expr: Expr) -> None:
        for child in core.children(expr):
            collect(child)
        if isinstance(expr, PAST):
            found.setdefault(expr)

    for expr in exprs:
        collect(expr)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Monitor:
    """One operator, its operands as closures, and how its cell moves."""

    operator: Past
    item: Eval | None
    other: Eval | None


def monitors(operators: tuple[Past, ...], layout: Layout) -> tuple[Monitor, ...]:
    out = []
    for operator in operators:
        parts = [compiled(child, layout) for child in core.children(operator)]
        out.append(Monitor(operator, parts[0] if parts else None, parts[1] if len(parts) > 1 else None))
    return tuple(out)


def initial(operators: tuple[Past, ...]) -> tuple[Value, ...]:
    """The cells before anything has happened."""
    out: list[Value] = []
    for operator in operators:
        match operator:
            case core.Latest():
                out.append(None)
            case core.Held():
                out.append(-1)
            case core.Count() | core.InLast():
                out.append(0)
            case _:
                out.append(False)
    return tuple(out)


def _span(wait: Wait) -> int:
    """How long an ``in last`` is remembered: its ms, or the turns that may end before it is forgotten."""
    return wait.ms if wait.ms is not None else (wait.turns or 0) + 1


def observe(all_monitors: tuple[Monitor, ...], ctx: Context, *, event: bool) -> tuple[Value, ...]:
    """The cells after a step (``event``: with its event in scope) or a settled instant.

    ``ctx.memory`` are the cells before; operands are judged with the cells before the step, inner operators included.
    """
    cells = list(ctx.memory)
    for index, monitor in enumerate(all_monitors):
        operator, item, other, old = monitor.operator, monitor.item, monitor.other, ctx.memory[index]
        match operator:
            case core.Latest(name, field):
                if event and ctx.event == name and ctx.args is not None:
                    cells[index] = ctx.args.get(field)
            case core.Once():
                assert item is not None
                cells[index] = bool(item(ctx)) or (bool(old) and not (other is not None and other(ctx)))
            case core.Since():
                assert item is not None and other is not None
                cells[index] = bool(item(ctx)) and (bool(other(ctx)) or bool(old))
            case core.Earlier():
                assert item is not None
                cells[index] = bool(old) or bool(item(ctx))
            case core.Count(_, cap):
                assert item is not None
                if event:
                    cells[index] = min(cap, int(old or 0) + (1 if item(ctx) else 0))
            case core.Held():
                assert item is not None and isinstance(old, int)
                cells[index] = max(old, 0) if item(ctx) else -1
            case core.InLast(_, wait):
                assert item is not None
                if item(ctx):
                    cells[index] = _span(wait)
    return tuple(cells)


def advance(operators: tuple[Past, ...], cells: tuple[Value, ...], *, ms: int = 0, turns: int = 0) -> tuple[Value, ...]:
    """The cells after time or agent turns have passed."""
    if not operators:
        return cells
    out = list(cells)
    for index, operator in enumerate(operators):
        match operator:
            case core.Held(_, wait):
                old, by = cells[index], ms if wait.ms is not None else turns
                limit = wait.ms if wait.ms is not None else wait.turns
                assert isinstance(old, int) and limit is not None
                if old >= 0:
                    out[index] = min(old + by, limit)
            case core.InLast(_, wait):
                old, by = cells[index], ms if wait.ms is not None else turns
                assert isinstance(old, int)
                out[index] = max(0, old - by)
    return tuple(out)


def deadlines(operators: tuple[Past, ...], cells: tuple[Value, ...]) -> list[int]:
    """In how many ms some cell will change its operator's verdict, if nothing else happens."""
    out = []
    for index, operator in enumerate(operators):
        old = cells[index]
        match operator:
            case core.Held(_, wait) if wait.ms is not None and isinstance(old, int) and 0 <= old < wait.ms:
                out.append(wait.ms - old)
            case core.InLast(_, wait) if wait.ms is not None and isinstance(old, int) and old > 0:
                out.append(old)
    return out
