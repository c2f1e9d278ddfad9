"""Values: what is put into a field, a variable or a start, elaborated against the type of its place.

Where a draw is allowed, a range, a spread and ``one of`` are random values on the field's grid. For a text the words of the file
are the text itself, unless they are a name in scope or stand in quotes of the language: nobody quotes a greeting twice.
"""

from __future__ import annotations

import re

from dramaturg.dsl import core
from dramaturg.dsl.elaboration import happenings, names
from dramaturg.dsl.elaboration.grids import off_step
from dramaturg.dsl.elaboration.kinds import agree, bare, kind_name
from dramaturg.dsl.elaboration.operands import may_be_unknown, operand, unknown
from dramaturg.dsl.elaboration.place import Place, Typed
from dramaturg.dsl.expressions import amounts, surface
from dramaturg.dsl.expressions.spelling import WORD
from dramaturg.dsl.expressions.surface import Surface
from dramaturg.dsl.scenario import EventType, Guard
from dramaturg.dsl.types import Bool, Condition, Enum, ListOf, Number, Optional, SetOf, Text, Type, Value

_PATH = re.compile(rf"{WORD}(\.{WORD})*")

_CHANGE = re.compile(r"\S[ \t]*[+-]")
"""Where a set is changed rather than listed."""

DRAWN = ("uniform", "random", "randint", "range", "between")
"""How a draw from a range is called elsewhere."""

EMPTY = "none"
"""How a set or a list without members is written."""


def literal(place: Place, expected: Type) -> core.Expr | None:
    """The value of a text, a condition or a list, which are read as they stand; None where the scalar is an expression."""
    text = place.scalar.text.strip()
    kind = bare(expected)
    if not isinstance(kind, Text | Condition | ListOf | SetOf):
        return None
    if isinstance(expected, Optional) and text == "unknown":
        return core.Const(None)
    if isinstance(kind, SetOf) and (_CHANGE.search(text) or text.startswith("(")):
        return None
    if _PATH.fullmatch(text) and place.meaning(_path(place)) is not None:
        return _as_name(_path(place), place, kind)
    if isinstance(kind, Text):
        quoted = len(text) > 1 and text[0] == text[-1] == '"'
        return None if quoted else core.Const(place.scalar.text)
    if isinstance(kind, Condition):
        return core.Const(text)
    if text == EMPTY and not (isinstance(kind.inner, Enum) and EMPTY in kind.inner.members):
        text = ""
    try:
        return core.Const(amounts.read_value(text, kind))
    except ValueError as error:
        if not _stranger(place, kind):
            place.say("bad-amount", (0, len(place.scalar.text)), str(error))
        return None


def _stranger(place: Place, kind: ListOf | SetOf) -> bool:
    """Whether one of the listed choices is none of the type's, which is said where it stands."""
    if not isinstance(kind.inner, Enum):
        return False
    for part in re.finditer(r"[^,|]+", place.scalar.text):
        word = part[0].strip()
        if word and word not in kind.inner.members:
            start = part.start() + part[0].index(word)
            unknown(surface.Path((word,), at=(start, start + len(word))), place, kind.inner)
            return True
    return False


def _path(place: Place) -> surface.Path:
    """A scalar that is one name, as such."""
    text = place.scalar.text
    start = len(text) - len(text.lstrip())
    return surface.Path(tuple(text.strip().split(".")), at=(start, len(text.rstrip())))


def _as_name(path: surface.Path, place: Place, kind: Type) -> core.Expr | None:
    meaning = place.meaning(path)
    if isinstance(kind, Text) and isinstance(meaning, names.EventsName | names.MachineName):
        return core.Const(path.text)
    if isinstance(kind, Text | Condition):
        return None
    typed = operand(path, place, kind)
    if typed is not None and not agree(typed.type, kind):
        _wrong_kind(typed, path, place, kind)
        return None
    return None if typed is None else typed.expr


def value(tree: Surface, place: Place, expected: Type, draws: bool) -> core.Expr | None:
    """The tree as a value of the type, draws where they are allowed."""
    kind = bare(expected)
    if isinstance(expected, Optional) and isinstance(tree, surface.Path) and tree.parts == ("unknown",):
        return core.Const(None)
    if draws and isinstance(tree, surface.Draw | surface.Spread | surface.Pick):
        return _draw(tree, place, kind)
    if (
        isinstance(tree, surface.Call)
        and tree.path.text in DRAWN
        and len(tree.items) == 2
        and place.meaning(tree.path) is None
    ):
        meant = "..".join(place.text(item.at) for item in tree.items)
        message = f"`{place.text(tree.at)}` is written `{meant}` here"
        place.say("unknown-name", tree.at, message, fixes=[(f"write `{meant}`", ((tree.at, meant),))])
        return None
    typed = operand(tree, place, expected)
    if typed is None:
        return None
    if not agree(typed.type, kind):
        _wrong_kind(typed, tree, place, kind)
        return None
    if isinstance(typed.type, Optional) and not isinstance(expected, Optional):
        may_be_unknown(typed, tree, place)
        return None
    return typed.expr if _in_range(typed, tree, place, kind) else None


def _wrong_kind(typed: Typed, tree: Surface, place: Place, kind: Type) -> None:
    numbers = isinstance(bare(typed.type), Number) and isinstance(kind, Number)
    place.say(
        "mixed-units" if numbers else "type-mismatch",
        tree.at,
        f"`{place.text(tree.at)}` is {kind_name(typed.type)}, where {kind_name(kind)} is wanted",
        labels=[(typed.declared, "declared here")],
    )


def _in_range(typed: Typed, tree: Surface, place: Place, kind: Type) -> bool:
    """A literal outside the range of its place is a mistake; a computed value saturates."""
    if isinstance(kind, Number) and isinstance(typed.expr, core.Const) and isinstance(typed.expr.value, int):
        try:
            amounts.within(typed.expr.value, kind)
        except ValueError as error:
            place.say("out-of-range", tree.at, str(error))
            return False
        off_step(typed.expr.value, tree, kind, place)
    return True


def _draw(tree: surface.Draw | surface.Spread | surface.Pick, place: Place, kind: Type) -> core.Expr | None:
    match tree:
        case surface.Pick(choices):
            return _pick(choices, place, kind)
        case surface.Draw(first, second) | surface.Spread(first, second):
            if not isinstance(kind, Number):
                place.say(
                    "draw-not-allowed",
                    tree.at,
                    f"{kind_name(kind)} cannot be drawn from a range",
                    "A choice is drawn with `one of a | b`.",
                )
                return None
            low, high = value(first, place, kind, False), value(second, place, _free(kind), False)
            if low is None or high is None:
                return None
            if isinstance(tree, surface.Spread):
                return core.Spread(low, high)
            if isinstance(low, core.Const) and isinstance(high, core.Const) and _above(low.value, high.value):
                place.say("draw-not-allowed", tree.at, "this range is empty: its low end is above its high end")
                return None
            if value(second, place, kind, False) is None:
                return None
            return core.Uniform(low, high)


def _free(kind: Number) -> Number:
    """The type without its range: a radius is no value of the field."""
    return Number(kind.family)


def _above(low: Value, high: Value) -> bool:
    return isinstance(low, int) and isinstance(high, int) and low > high


def _pick(choices: tuple[Surface, ...], place: Place, kind: Type) -> core.Expr | None:
    out: list[Value] = []
    for choice in choices:
        if isinstance(kind, Bool) and isinstance(choice, surface.Path) and choice.parts[0] in ("yes", "no"):
            out.append(choice.parts[0] == "yes")
            continue
        expr = value(choice, place, kind, False)
        if expr is None:
            return None
        if not isinstance(expr, core.Const):
            place.say("draw-not-allowed", choice.at, "`one of` draws among fixed choices")
            return None
        out.append(expr.value)
    return core.Pick(tuple(dict.fromkeys(out)))


def arguments(tree: Surface, event: EventType, place: Place) -> tuple[tuple[str, Guard], ...] | None:
    """The arguments that ``EVENT(a == x and b == y)`` fixes, in the order of the event's fields."""
    types = {field.name: field.type for field in event.fields}
    given: dict[str, Guard] = {}
    for item in tree.items if isinstance(tree, surface.Call) else ():
        for part in item.items if isinstance(item, surface.And) else (item,):
            match part:
                case surface.Compare("==", surface.Path((name,)) as path, right):
                    pass
                case surface.OneOf(surface.Path((name,)) as path, (right,), negated=False):
                    pass
                case _:
                    only = next(iter(types)) if len(types) == 1 and not isinstance(part, surface.Compare) else None
                    place.say(
                        "not-a-pattern",
                        part.at,
                        "a move to make fixes its fields with `==`, as in `user.object(about == cost)`",
                        fixes=[] if only is None else [(f"write `{only} ==`", ((part.at[:1] * 2, f"{only} == "),))],
                    )
                    return None
            if name not in types:
                happenings.no_such_field(event, name, path.at, place)
                return None
            expr = value(right, place, types[name], False)
            if expr is None:
                return None
            given[name] = Guard(expr, place.text(right.at), place.span(right.at))
    return tuple((name, given[name]) for name in types if name in given)
