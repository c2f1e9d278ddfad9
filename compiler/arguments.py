"""Argument classes: the ways of filling in an act that a scenario can tell apart.

An act may be made with any arguments of its types, far too many to be edges. But a scenario only looks at arguments through
the patterns that name the act (``agent.follow_up(price <= max_price)``). Two sets of arguments that satisfy the same patterns,
and agree in every field whose value the scenario keeps, are one class; the graph has one edge per class, labelled with a
representative that a person would also have chosen: first the values that patterns ask for, then their neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import prod

from dramaturg.compiler.conditions import subsets
from dramaturg.compiler.evaluate import Context, Eval, Layout, compiled, footprint
from dramaturg.compiler.growth import Budget, refused
from dramaturg.compiler.lowering import all_guards
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.limits import DEFAULT
from dramaturg.dsl.scenario import Act, EventField, Scenario
from dramaturg.dsl.types import Bool, Condition, Enum, ListOf, Number, Optional, SetOf, Text, Type, Value

Args = tuple[tuple[str, Value], ...]

FEW = 4
"""Members of an enum of whose sets every one is tried."""
OTHER_TEXT = "…"
"""Stands for any text that no pattern asks for."""
MAX_COMBINATIONS = 4096
REMEMBERED = 20_000
"""Contexts whose classes are remembered."""


@dataclass(frozen=True, slots=True)
class FieldUse:
    """How the scenario looks at one field of an act."""

    field: EventField
    compared: tuple[Eval, ...]
    """What it is compared with."""
    ordered: bool
    """Some comparison is by order, so neighbours matter."""
    members: tuple[Value, ...]
    kept: bool
    """Its value flows into the state, so every value is a class of its own."""


@dataclass(frozen=True, slots=True)
class ActUse:
    act: Act
    event: str
    patterns: tuple[Eval, ...]
    fields: tuple[FieldUse, ...]
    kept: tuple[str, ...]
    """Its fields whose values flow into the state."""
    read: Callable[[Context], tuple[Value, ...]]
    """All that its classes depend on."""

    def key(self, args: Args, ctx: Context) -> tuple[Value, ...]:
        """The class of these arguments in this context."""
        given = dict(args)
        at = Context(ctx.values, ctx.states, ctx.memory, ctx.before, self.event, given)
        return (*[bool(pattern(at)) for pattern in self.patterns], *[given.get(name) for name in self.kept])


def _default(kind: Type) -> Value:
    match kind:
        case Bool():
            return True
        case Enum(members):
            return members[0]
        case Number(_, lo, _, _):
            return lo or 0
        case Text() | Condition():
            return OTHER_TEXT
        case Optional(inner):
            return _default(inner)
        case ListOf(inner, lo, _):
            return tuple(_default(inner) for _ in range(lo))
        case SetOf():
            return ()
        case _:
            return 0


def _candidates(use: FieldUse, ctx: Context, conditions: Iterable[str]) -> list[Value]:
    kind = use.field.type.inner if isinstance(use.field.type, Optional) else use.field.type
    if isinstance(use.field.type, Optional):
        inner = replace(use, field=replace(use.field, type=kind))
        return [*_candidates(inner, ctx, conditions), None]
    asked: list[Value] = [*use.members]
    for evaluate in use.compared:
        value = evaluate(ctx)
        if value is not None and value not in asked:
            asked.append(value)
    match kind:
        case Bool():
            return [True, False]
        case Enum(members):
            return list(members)
        case Condition():
            return list(conditions)
        case Number() as number:
            step = number.step or 1
            out = [v for v in asked if isinstance(v, int)]
            if use.ordered or out:
                out += [v + by for v in list(out) for by in (-step, step)]
            if not out:
                out = [number.lo or 0]
            seen: list[Value] = []
            for v in out:
                inside = (number.lo is None or v >= number.lo) and (number.hi is None or v <= number.hi)
                if inside and v not in seen:
                    seen.append(v)
            return seen or [_default(kind)]
        case Text():
            return [*asked, OTHER_TEXT]
        case SetOf(Enum(chosen)) if len(chosen) <= FEW:
            return list(subsets(chosen))
        case SetOf(Enum(chosen)):
            return list(dict.fromkeys([*asked, (), *((member,) for member in chosen), chosen]))
        case _:
            return [*asked, _default(kind)]


def _listed(holder: Expr) -> tuple[Value, ...]:
    return holder.value if isinstance(holder, core.Const) and isinstance(holder.value, tuple) else ()


class Arguments:
    """The argument classes of a scenario's acts."""

    def __init__(
        self,
        scenario: Scenario,
        layout: Layout,
        conditions: Callable[[Condition, Context], Iterable[str]],
        classify: Callable[[Value, Condition, Context], Value],
    ):
        """``conditions`` gives the representatives of a condition field, ``classify`` the one that a text falls to."""
        self.budget: Budget | None = None  # of the graph that is explored; None in episodes
        self._conditions = conditions
        self._classify = classify
        self._options: dict[tuple[Value, ...], list[Args]] = {}
        self._uses = {f"agent.{act.name}": self._use(scenario, act, layout) for act in scenario.agent.acts}

    @staticmethod
    def _use(scenario: Scenario, act: Act, layout: Layout) -> ActUse:
        event = f"agent.{act.name}"
        wheres: dict[Expr, None] = {}
        kept: set[str] = set()
        for guard in all_guards(scenario):
            for part in core.walk(guard.expr):
                if isinstance(part, core.Happened) and event in part.events and part.where is not None:
                    wheres.setdefault(part.where)
                elif isinstance(part, core.Latest) and part.event == event:
                    kept.add(part.field)
        effects = [
            guard.expr
            for pairs in (
                *(state.assignments for task in scenario.tasks for state in task.states),
                *(each.fields for task in scenario.tasks for state in task.states for each in state.emissions),
                *(feel.sets for person in scenario.cast for feel in person.feels),
                *(entry.sets for entry in scenario.stream if entry.kind == "when"),
                *(reply.do.fields for person in scenario.cast for reply in person.replies if reply.do is not None),
            )
            for _, guard in pairs
        ]
        flowing = {part.name for expr in effects for part in core.walk(expr) if isinstance(part, core.Field)}
        fields = []
        for field in act.fields:
            compared: list[Eval] = []
            members: list[Value] = []
            ordered = False
            for where in wheres:
                for part in core.walk(where):
                    match part:
                        case core.Compare(op, core.Field(name), other) | core.Compare(op, other, core.Field(name)) if (
                            name == field.name
                        ):
                            compared.append(compiled(other, layout, ""))
                            ordered |= op not in ("==", "!=")
                        case core.Contains(core.Field(name), other) if name == field.name:
                            members += [v for v in _listed(other) if v not in members]
                        case core.Member(core.Field(name), values) if name == field.name:
                            members += [v for v in values if v not in members]
            fields.append(
                FieldUse(field, tuple(compared), ordered, tuple(members), field.name in kept or field.name in flowing)
            )
        conditional = any(isinstance(field.type, Condition) for field in act.fields)
        return ActUse(
            act,
            event,
            tuple(compiled(where, layout, event) for where in wheres),
            tuple(fields),
            tuple(use.field.name for use in fields if use.kept),
            # What a condition is held against depends on the triggers' variables.
            footprint(wheres, layout, layout.variables if conditional else ()),
        )

    def use(self, event: str) -> ActUse:
        return self._uses[event]

    def options(self, event: str, ctx: Context) -> list[Args]:
        """One representative per class of arguments in this context; the likeliest first."""
        use = self._uses[event]
        read = (event, *use.read(ctx))
        options = self._options.get(read)
        if options is None:
            if len(self._options) >= REMEMBERED:
                self._options.clear()
            options = self._options[read] = self._find(use, ctx)
        return options

    def _find(self, use: ActUse, ctx: Context) -> list[Args]:
        per_field = [
            _candidates(f, ctx, self._conditions(f.field.type, ctx) if isinstance(f.field.type, Condition) else ())
            for f in use.fields
        ]
        most = max(self._kept_apart(use, per_field), MAX_COMBINATIONS)
        found: dict[tuple[Value, ...], Args] = {}
        for choice in islice(product(*per_field), most):
            args = tuple((f.field.name, value) for f, value in zip(use.fields, choice, strict=True))
            found.setdefault(self.key(use.event, args, ctx), args)
        return list(found.values())

    def _kept_apart(self, use: ActUse, per_field: Sequence[Sequence[Value]]) -> int:
        """In how many ways an act can be made of which the scenario keeps the very values, so that each is a move of its own.
        Raises OverBudget where they are far too many for one state."""
        sizes = {each.field.name: len(values) for each, values in zip(use.fields, per_field, strict=True) if each.kept}
        count = prod(sizes.values())
        if self.budget is not None and count > MAX_COMBINATIONS * max(self.budget.states / DEFAULT.states, 1):
            raise refused(
                use.act.span,
                f"the act {use.act.name} can be made in {count:,} ways that the scenario keeps apart: too many moves for one state",
                self.budget,
                notes=(f"values: {', '.join(f'{name} {size:,}' for name, size in sizes.items())}",),
                needed=count * DEFAULT.states // MAX_COMBINATIONS,
            )
        return count

    def key(self, event: str, args: Args, ctx: Context) -> tuple[Value, ...]:
        """The class of an act's arguments; a condition field counts by the class of its text."""
        use = self._uses[event]
        given = dict(args)
        classes = tuple(
            self._classify(given.get(f.field.name), f.field.type, ctx)
            for f in use.fields
            if isinstance(f.field.type, Condition)
        )
        return (*use.key(args, ctx), *classes)
