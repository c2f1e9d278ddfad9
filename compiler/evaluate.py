"""Core expressions as Python closures over a context.

A scenario's expressions are compiled once into closures; evaluating one is then a few calls. The context holds a valuation,
the machines' states, the memory of past operators before and after the step, and at most one current event. Nothing here
changes state: memory is advanced by ``monitors``.

Most of what a scenario says is about one event or another. An expression may be specialised to the event of a step: what
speaks of other events is then constant, constants are folded, and whoever judges many expressions at a step leaves out those
that came to nothing (``Constant``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from dramaturg.compiler.statecharts import Statechart
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.elaboration.effects import effect
from dramaturg.dsl.types import Value

Eval = Callable[["Context"], Value]
RELIEVED = ("eased", "absent")
"""States of a concern in which it adds nothing to resistance."""


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
    charts: Mapping[str, Statechart] = field(default_factory=dict)
    """Machines whose states lie in each other: what a configuration keeps of them is a key, not a state's name."""
    decide: Callable[[str, bool], bool] | None = None
    """What is supposed of a question of judgement, given what its ``else`` says; None where that decides."""


COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "==": lambda a, b: a is not None and b is not None and a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a is not None and b is not None and a < b,  # type: ignore[operator]
    "<=": lambda a, b: a is not None and b is not None and a <= b,  # type: ignore[operator]
    ">": lambda a, b: a is not None and b is not None and a > b,  # type: ignore[operator]
    ">=": lambda a, b: a is not None and b is not None and a >= b,  # type: ignore[operator]
}
"""Comparisons; the elaborator has made sure that both sides are of one ordered type (hence the ignores)."""


def arith(op: str, left: Value, right: Value, scale: int, wrap: int = 0) -> Value:
    """Integer arithmetic in base units; None where a side is unknown. Division rounds to the nearest unit, halves up.

    With ``wrap`` a sum or difference is taken modulo it.
    """
    if left is None or right is None:
        return None
    assert isinstance(left, int) and isinstance(right, int)
    match op:
        case "+":
            return (left + right) % wrap if wrap else left + right
        case "-":
            return (left - right) % wrap if wrap else left - right
        case "*":
            return (2 * left * right + scale) // (2 * scale)
        case "/":
            return (2 * left * scale + right) // (2 * right) if right else None
    raise AssertionError(f"unknown operator {op}")


def contains(item: Value, holder: Value) -> bool:
    """Whether a set or list holds a value; false where either is unknown."""
    return item is not None and isinstance(holder, tuple) and item in holder


def altered(op: str, holder: Value, item: Value, members: tuple[Value, ...]) -> Value:
    """A set with a member, or without it; None where either is unknown."""
    if item is None or not isinstance(holder, tuple):
        return None
    return tuple(m for m in members if (m == item and op == "+") or (m != item and m in holder))


@dataclass(frozen=True, slots=True)
class Constant:
    """An expression that came to one value."""

    value: Value

    def __call__(self, ctx: Context) -> Value:
        return self.value


def constant(evaluate: Eval | None, value: bool) -> bool:
    """Whether an expression is constant, and true or false as asked."""
    return isinstance(evaluate, Constant) and bool(evaluate.value) == value


def number(cell: Value) -> int:
    """A memory cell that counts."""
    assert isinstance(cell, int)
    return cell


def compiled(expr: Expr, layout: Layout, event: str | None = None) -> Eval:
    """The closure that evaluates ``expr``; with ``event``, only where that is the step's event (empty: where there is none).

    Draws (``Uniform``, ``Spread``, ``Pick``) are not values: see ``draws``.
    """

    def of(part: Expr) -> Eval:
        return compiled(part, layout, event)

    match expr:
        case core.Const(value):
            return Constant(value)
        case core.Var(name):
            index = layout.variables[name]
            return lambda ctx: ctx.values[index]
        case core.Field(name):
            if event == "":
                return Constant(None)
            return lambda ctx: ctx.args.get(name) if ctx.args is not None else None
        case core.Happened(events, where):
            if event is None:
                return _happened(frozenset(events), None if where is None else of(where))
            if event not in events:
                return Constant(False)
            return Constant(True) if where is None else _truth(of(where))
        case core.InState(machine, states):
            at = layout.machines[machine]
            if machine in layout.charts:
                return _inside(layout.charts[machine], at, frozenset(states))
            if len(states) == 1:
                (state,) = states
                return lambda ctx: ctx.states[at] == state
            allowed = frozenset(states)
            return lambda ctx: ctx.states[at] in allowed
        case core.Resistance(person):
            parts = tuple((layout.machines[m], w) for p, m, w in layout.weights if p == person)
            return lambda ctx: sum(w for i, w in parts if ctx.states[i] not in RELIEVED)
        case core.Arith(op, left, right, scale, wrap):
            a, b = of(left), of(right)
            return lambda ctx: arith(op, a(ctx), b(ctx), scale, wrap)
        case core.Contains(item, holder):
            a, b = of(item), of(holder)
            return lambda ctx: contains(a(ctx), b(ctx))
        case core.Size(item):
            a = of(item)
            return lambda ctx: _size(a(ctx))
        case core.Altered(op, holder, item, choices):
            a, b = of(holder), of(item)
            return lambda ctx: altered(op, a(ctx), b(ctx), choices)
        case core.Compare(op, left, right):
            return _compare(op, of(left), of(right))
        case core.Member(item, values):
            a, members = of(item), frozenset(values)
            return lambda ctx: a(ctx) in members
        case core.Known(item):
            a = of(item)
            return lambda ctx: a(ctx) is not None
        case core.Not(item):
            a = of(item)
            return Constant(not a.value) if isinstance(a, Constant) else lambda ctx: not a(ctx)
        case core.And(items):
            return conjunction(tuple(of(i) for i in items))
        case core.Or(items):
            return _any(tuple(of(i) for i in items))
        case core.Matches(item, trigger):
            a, matcher = of(item), layout.matcher
            return lambda ctx: matcher(a(ctx), trigger, ctx.values)
        case core.Judged(question, otherwise):
            a, decide = of(otherwise), layout.decide
            return a if decide is None else lambda ctx: decide(question, bool(a(ctx)))
        case core.Latest(name, field):
            return _latest(name, field, layout.cells[expr], event)
        case core.Once(item, since):
            return _once(of(item), None if since is None else of(since), layout.cells[expr])
        case core.Since(left, right):
            a, b, cell = of(left), of(right), layout.cells[expr]
            return lambda ctx: bool(a(ctx)) and (bool(b(ctx)) or bool(ctx.memory[cell]))
        case core.Earlier(_, wait):
            cell = layout.cells[expr]
            return (lambda ctx: ctx.before[cell]) if wait is None else (lambda ctx: number(ctx.before[cell]) > 0)
        case core.Count(item, cap):
            a, cell = of(item), layout.cells[expr]
            return lambda ctx: min(cap, number(ctx.before[cell]) + (1 if a(ctx) else 0))
        case core.Held(item, wait):
            a, cell = of(item), layout.cells[expr]
            span = wait.ms if wait.ms is not None else wait.turns
            assert span is not None
            return lambda ctx: bool(a(ctx)) and number(ctx.memory[cell]) >= span
        case core.InLast(item, _):
            a, cell = of(item), layout.cells[expr]
            return lambda ctx: bool(a(ctx)) or number(ctx.memory[cell]) > 0
        case core.Uniform() | core.Spread() | core.Pick():
            raise AssertionError("a draw is enumerated, not evaluated")
    raise AssertionError(f"unknown expression {expr!r}")


def _size(holder: Value) -> Value:
    return len(holder) if isinstance(holder, tuple) else None


def _inside(chart: Statechart, at: int, states: frozenset[str]) -> Eval:
    """Whether one of the states is active."""
    known: dict[str, bool] = {}

    def evaluate(ctx: Context) -> Value:
        key = ctx.states[at]
        found = known.get(key)
        if found is None:
            found = known[key] = not states.isdisjoint(chart.active(key))
        return found

    return evaluate


def _happened(events: frozenset[str], where: Eval | None) -> Eval:
    if where is None:
        return lambda ctx: ctx.event in events
    return lambda ctx: ctx.event in events and bool(where(ctx))


def _truth(evaluate: Eval) -> Eval:
    return Constant(bool(evaluate.value)) if isinstance(evaluate, Constant) else lambda ctx: bool(evaluate(ctx))


def _compare(op: str, left: Eval, right: Eval) -> Eval:
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(COMPARE[op](left.value, right.value))
    if op == "!=":
        return lambda ctx: left(ctx) != right(ctx)
    if op == "==" and isinstance(right, Constant) and right.value is not None:
        value = right.value
        return lambda ctx: left(ctx) == value
    test = COMPARE[op]
    return lambda ctx: test(left(ctx), right(ctx))


def _latest(name: str, field: str, cell: int, event: str | None) -> Eval:
    if event is None:
        return lambda ctx: ctx.args.get(field) if ctx.event == name and ctx.args is not None else ctx.memory[cell]
    if event != name:
        return lambda ctx: ctx.memory[cell]
    return lambda ctx: ctx.args.get(field) if ctx.args is not None else ctx.memory[cell]


def conjunction(parts: tuple[Eval, ...]) -> Eval:
    """Whether all of these hold, judged from the first on."""
    if any(constant(part, False) for part in parts):
        return Constant(False)
    parts = tuple(part for part in parts if not constant(part, True))
    if not parts:
        return Constant(True)
    if len(parts) == 1:
        return _truth(parts[0])

    def evaluate(ctx: Context) -> Value:
        for part in parts:
            if not part(ctx):
                return False
        return True

    return evaluate


def _any(parts: tuple[Eval, ...]) -> Eval:
    if any(constant(part, True) for part in parts):
        return Constant(True)
    parts = tuple(part for part in parts if not constant(part, False))
    if not parts:
        return Constant(False)
    if len(parts) == 1:
        return _truth(parts[0])

    def evaluate(ctx: Context) -> Value:
        for part in parts:
            if part(ctx):
                return True
        return False

    return evaluate


def _once(item: Eval, since: Eval | None, cell: int) -> Eval:
    if constant(item, True):
        return Constant(True)
    if since is None or constant(since, False):
        if constant(item, False):
            return lambda ctx: bool(ctx.memory[cell])
        return lambda ctx: bool(item(ctx)) or bool(ctx.memory[cell])
    return lambda ctx: bool(item(ctx)) or (bool(ctx.memory[cell]) and not since(ctx))


def footprint(
    exprs: Iterable[Expr], layout: Layout, aside: Iterable[str] = ()
) -> Callable[[Context], tuple[Value, ...]]:
    """A function from a context to all that these expressions read in it, the event and its fields apart.

    ``aside`` are names of variables that are read beside them.
    """
    variables, machines, cells = {layout.variables[name] for name in aside}, set[int](), set[int]()
    for expr in exprs:
        found = effect(expr)
        variables.update(layout.variables[name] for name in found.reads)
        machines.update(layout.machines[machine] for machine in found.machines)
        machines.update(layout.machines[machine] for person, machine, _ in layout.weights if person in found.people)
        if found.triggers:
            variables |= set(layout.variables.values())
        cells.update(layout.cells[part] for part in core.walk(expr) if part in layout.cells)
    values, states, memory = tuple(sorted(variables)), tuple(sorted(machines)), tuple(sorted(cells))

    def read(ctx: Context) -> tuple[Value, ...]:
        return (
            *[ctx.values[i] for i in values],
            *[ctx.states[i] for i in states],
            *[ctx.memory[i] for i in memory],
            *[ctx.before[i] for i in memory],
        )

    return read
