"""Monitors: the bounded memory that past operators need, one cell each.

Past operators can be decided online: each keeps one small value that is advanced at every step, at every settled instant,
when time passes and when an agent turn ends. Equal operators share a cell. (Havelund and Roşu, "Synthesizing monitors for
safety properties", 2002, is the classical account; ours adds saturating clocks and counters.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dramaturg.compiler.evaluate import Constant, Context, Eval, Layout, compiled, constant, number
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.types import Value, Wait

Past = core.Latest | core.Once | core.Since | core.Earlier | core.Count | core.Held | core.InLast
PAST = (core.Latest, core.Once, core.Since, core.Earlier, core.Count, core.Held, core.InLast)


TIMED = (core.Held, core.InLast, core.Earlier)
"""Those whose cells move with time."""


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


Updates = tuple[tuple[int, Callable[[Value, Context], Value]], ...]
"""The cells that may change, each with its next value, given its present one."""


def initial(operators: tuple[Past, ...]) -> tuple[Value, ...]:
    """The cells before anything has happened."""
    out: list[Value] = []
    for operator in operators:
        match operator:
            case core.Latest():
                out.append(None)
            case core.Held():
                out.append(-1)
            case core.Count() | core.InLast() | core.Earlier(_, Wait()):
                out.append(0)
            case _:
                out.append(False)
    return tuple(out)


def _span(wait: Wait) -> int:
    """How long an ``in last`` is remembered: its ms, or the turns that may end before it is forgotten."""
    return wait.ms if wait.ms is not None else (wait.turns or 0) + 1


def updates(operators: tuple[Past, ...], layout: Layout, event: str, *, happens: bool) -> Updates:
    """How cells move at a step with this event (``happens``) or at a settled instant (no event)."""
    out = []
    for index, operator in enumerate(operators):
        update = _update(
            operator, [compiled(child, layout, event) for child in core.children(operator)], event, happens
        )
        if update is not None:
            out.append((index, update))
    return tuple(out)


def _update(operator: Past, parts: list[Eval], event: str, happens: bool) -> Callable[[Value, Context], Value] | None:
    """None where the cell cannot change."""
    item = parts[0] if parts else Constant(False)
    idle = constant(item, False)
    match operator:
        case core.Latest(name, field):
            if not happens or name != event:
                return None
            return lambda old, ctx: old if ctx.args is None else ctx.args.get(field)
        case core.Once(_, None):
            return None if idle else lambda old, ctx: bool(old) or bool(item(ctx))
        case core.Once():
            since = parts[1]
            if idle and constant(since, False):
                return None
            return lambda old, ctx: bool(item(ctx)) or (bool(old) and not since(ctx))
        case core.Since():
            right = parts[1]
            return lambda old, ctx: bool(item(ctx)) and (bool(old) or bool(right(ctx)))
        case core.Count(_, cap):
            return None if idle or not happens else lambda old, ctx: min(cap, number(old) + (1 if item(ctx) else 0))
        case core.Held():
            return lambda old, ctx: max(number(old), 0) if item(ctx) else -1
        case core.InLast(_, wait) | core.Earlier(_, wait):
            if idle:
                return None
            if wait is None:
                return lambda old, ctx: bool(old) or bool(item(ctx))
            span = _span(wait)
            return lambda old, ctx: span if item(ctx) else old


def observe(moving: Updates, ctx: Context) -> tuple[Value, ...]:
    """The cells after a step or a settled instant.

    ``ctx.memory`` are the cells before; operands are judged with the cells before the step, inner operators included.
    """
    cells: list[Value] | None = None
    for index, update in moving:
        old = ctx.memory[index]
        new = update(old, ctx)
        if new is not old:
            if cells is None:
                cells = list(ctx.memory)
            cells[index] = new
    return ctx.memory if cells is None else tuple(cells)


def advance(operators: tuple[Past, ...], cells: tuple[Value, ...], *, ms: int = 0, turns: int = 0) -> tuple[Value, ...]:
    """The cells after time or agent turns have passed."""
    out: list[Value] | None = None
    for index, operator in enumerate(operators):
        if not isinstance(operator, TIMED) or operator.wait is None:
            continue
        wait, old = operator.wait, cells[index]
        by = ms if wait.ms is not None else turns
        assert isinstance(old, int)
        if not isinstance(operator, core.Held):
            new = max(0, old - by)
        else:
            new = min(old + by, number(wait.ms if wait.ms is not None else wait.turns)) if old >= 0 else old
        if new != old:
            out = list(cells) if out is None else out
            out[index] = new
    return cells if out is None else tuple(out)


def deadlines(operators: tuple[Past, ...], cells: tuple[Value, ...]) -> list[int]:
    """In how many ms some cell will change its operator's verdict, if nothing else happens."""
    out = []
    for index, operator in enumerate(operators):
        old = cells[index]
        match operator:
            case core.Held(_, wait) if wait.ms is not None and isinstance(old, int) and 0 <= old < wait.ms:
                out.append(wait.ms - old)
            case core.InLast(_, Wait(ms=int())) | core.Earlier(_, Wait(ms=int())) if isinstance(old, int) and old > 0:
                out.append(old)
    return out
