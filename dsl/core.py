"""Core expressions: what an authored expression means once its names, types and units are known.

The surface tree (``surface``) keeps what was written; the elaborator turns it into these values, in which every name is
resolved, every literal is in base units and sugar is gone. The compiler reads nothing else. A core expression compares by
structure, so equal monitors are shared.

Evaluation context (defined by ``compiler.semantics``): a valuation of variables, the locations of machines, the memory of
past operators, and at most one current event with its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TypeAlias

from dramaturg.dsl.immutable import immutable
from dramaturg.dsl.types import Value, Wait


@immutable
class Const:
    """A literal, in base units."""

    value: Value


@immutable
class Var:
    """A parameter, world variable, task slot (``TASK.SLOT``), stance variable (``PERSON.NAME``) or trait (``persona.NAME``).

    ``name`` is the key of ``Scenario.variables``.
    """

    name: str


@immutable
class Field:
    """A field of the current event; inside ``Happened.where`` of the matched event. None when there is no event."""

    name: str


@immutable
class Latest:
    """``EVENT.field``: the field's value at the event's latest occurrence (now included), None before the first."""

    event: str
    field: str


@immutable
class Happened:
    """The current event is one of ``events`` (full names such as ``agent.follow_up``) and ``where`` holds of its fields."""

    events: tuple[str, ...]
    where: Expr | None = None


@immutable
class InState:
    """A machine (``task.NAME``, ``concern.NAME``, ``trigger.NAME``, ``shift.NAME``) is in one of these states.

    Concern states: hidden, voiced, eased, hardened, and absent where it is drawn. Trigger states: idle, open, served, missed.
    Shift: waiting, done, and undone where another takes it back.
    """

    machine: str
    states: tuple[str, ...]


@immutable
class Resistance:
    """``user.resistance``: the summed weight of a person's concerns that are not eased."""

    person: str


@immutable
class Arith:
    """``+ - * /`` on integers in base units. For ``*`` and ``/`` one side is a plain number and ``scale`` divides it out.

    With ``wrap`` the result is taken modulo it: times of day go round.
    """

    op: str
    left: Expr
    right: Expr
    scale: int = 1
    wrap: int = 0


@immutable
class Compare:
    """``== != < <= > >=``. Comparing an unknown (None) is false, except ``!=`` which is then true."""

    op: str
    left: Expr
    right: Expr


@immutable
class Member:
    """The value is one of these constants (enum members)."""

    item: Expr
    values: tuple[Value, ...]


@immutable
class Contains:
    """``x in xs``: the set or list holds the value; false where either is unknown."""

    item: Expr
    holder: Expr


@immutable
class Size:
    """``count(xs)``: how many members a set or list has."""

    item: Expr


@immutable
class Altered:
    """``topics + cost``, ``topics - cost``: the set with a member (``op`` ``+``) or without it, in the order of ``members``."""

    op: str
    holder: Expr
    item: Expr
    members: tuple[Value, ...]


@immutable
class Known:
    """``x is known``."""

    item: Expr


@immutable
class Not:
    item: Expr


@immutable
class And:
    items: tuple[Expr, ...]


@immutable
class Or:
    items: tuple[Expr, ...]


@immutable
class Held:
    """``P for D``: P has held at every instant of the last D."""

    item: Expr
    wait: Wait


@immutable
class InLast:
    """``P in last D``: P held at some instant of the last D, now included (n turns: this turn or one of the n before)."""

    item: Expr
    wait: Wait


@immutable
class Since:
    """``P since Q``: Q has happened, and P held ever since (both now included)."""

    left: Expr
    right: Expr


@immutable
class Once:
    """``once P``, or ``once P since Q``: P at or after the latest Q, or ever if there was no Q. Now included."""

    item: Expr
    since: Expr | None = None


@immutable
class Earlier:
    """``earlier P``: at some step strictly before this one; ``earlier P in last D``: and within the last D."""

    item: Expr
    wait: Wait | None = None


@immutable
class Count:
    """``count(P)``: in how many steps P held so far, now included, saturating at ``cap`` (from what it is compared with)."""

    item: Expr
    cap: int


@immutable
class Matches:
    """``condition matches TRIGGER``: the condition text in a field (or the armed one) equals the trigger's ``when``."""

    item: Expr
    trigger: str


@immutable
class Judged:
    """``judged "…" else ATOM``: a model decides where one is configured, ATOM elsewhere."""

    question: str
    otherwise: Expr


@immutable
class Uniform:
    """``lo..hi`` as a value: a uniform draw on the grid of the field that it fills. Legal only in ``with``."""

    lo: Expr
    hi: Expr


@immutable
class Spread:
    """``centre +- radius`` as a value: a uniform draw on the field's grid within the radius. Legal in ``with`` and ``every``."""

    centre: Expr
    radius: Expr


@immutable
class Pick:
    """``one of a | b`` as a value: a uniform draw among constants. Legal only in ``with``."""

    values: tuple[Value, ...]


Expr: TypeAlias = (
    Const
    | Var
    | Field
    | Latest
    | Happened
    | InState
    | Resistance
    | Arith
    | Compare
    | Member
    | Contains
    | Size
    | Altered
    | Known
    | Not
    | And
    | Or
    | Held
    | InLast
    | Since
    | Once
    | Earlier
    | Count
    | Matches
    | Judged
    | Uniform
    | Spread
    | Pick
)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct sub-expressions, in reading order."""
    return _BELOW[type(expr)](expr)


def walk(expr: Expr) -> list[Expr]:
    """The expression and everything below it, parents first."""
    if type(expr) in _LEAVES:
        return [expr]
    out, todo = [], [expr]
    while todo:
        at = todo.pop()
        out.append(at)
        below = _BELOW[type(at)](at)
        if below:
            todo.extend(below[::-1])
    return out


_LEAVES = frozenset({Const, Var, Field, Latest, InState, Resistance, Pick})


def _one(expr: Happened | Once | _Around) -> tuple[Expr, ...]:
    """What stands below a node of one sub-expression, or of one and perhaps another."""
    match expr:
        case Happened(_, where):
            return () if where is None else (where,)
        case Once(item, since):
            return (item,) if since is None else (item, since)
    return (expr.item,)


_Around: TypeAlias = Member | Size | Known | Not | Held | InLast | Earlier | Count | Matches

_BELOW: Mapping[type, Callable[..., tuple[Expr, ...]]] = {
    **dict.fromkeys(_LEAVES, lambda expr: ()),
    **dict.fromkeys((And, Or), attrgetter("items")),
    **dict.fromkeys((Compare, Arith, Since), attrgetter("left", "right")),
    **dict.fromkeys((Happened, Once, Member, Size, Known, Not, Held, InLast, Earlier, Count, Matches), _one),
    Contains: attrgetter("item", "holder"),
    Altered: attrgetter("holder", "item"),
    Judged: lambda expr: (expr.otherwise,),
    Uniform: attrgetter("lo", "hi"),
    Spread: attrgetter("centre", "radius"),
}
"""What stands directly below a node, by its kind: asked of every node of every file, so it is looked up and not matched."""


def is_event(expr: Expr) -> bool:
    """Whether the expression speaks of the current event (outside past operators), and so fires per occurrence."""
    match expr:
        case Happened() | Field():
            return True
        case Held() | InLast() | Since() | Once() | Earlier() | Count():
            return False
        case _:
            return any(is_event(child) for child in children(expr))
