"""Operands: expressions that have a value other than yes or no, elaborated.

``operand`` reads a tree for its value. ``expected`` is what its place asks for; it gives plain digits their family, bare words
their enum and ``count`` its bound, and it is not a promise: the caller compares the type that comes back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dramaturg.dsl import core
from dramaturg.dsl.elaboration import names, truths
from dramaturg.dsl.elaboration.kinds import agree, bare, kind_name
from dramaturg.dsl.elaboration.place import Place, Typed
from dramaturg.dsl.expressions import amounts, idioms, surface
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.expressions.surface import At, Surface
from dramaturg.dsl.types import (
    DAY,
    MONEY_SCALE,
    NUMBER_SCALE,
    Bool,
    Enum,
    ListOf,
    Number,
    Optional,
    SetOf,
    Text,
    TimeOfDay,
    Type,
)

SCALES = {"int": 1, "number": NUMBER_SCALE, "percent": 10_000}
"""What one is in base units, for the families that are plain ratios."""


def operand(tree: Surface, place: Place, expected: Type | None = None) -> Typed | None:
    """The value of a tree, or None where an error was added."""
    match tree:
        case surface.Number():
            return _number(tree, place, expected)
        case surface.Quantity(text):
            return _amount(text, tree, place)
        case surface.Clock(text):
            try:
                return Typed(core.Const(amounts.clock(text)), TimeOfDay())
            except ValueError as error:
                place.say("bad-amount", tree.at, str(error))
                return None
        case surface.Quote(text):
            return Typed(core.Const(text), Text())
        case surface.Path():
            return _named(tree, place, expected)
        case surface.Negative(item):
            return _negative(tree, item, place, expected)
        case surface.Sum(op, left, right):
            return _arithmetic(tree, op, left, right, place, expected)
        case surface.Call(surface.Path(("count",)), items):
            return _count(tree, items, place, expected)
        case surface.Draw() | surface.Spread() | surface.Pick():
            place.say("draw-not-allowed", tree.at, "a random draw cannot stand here; only `with` may draw its values")
            return None
    expr = truths.truth(tree, place)
    return None if expr is None else Typed(expr, Bool())


NOTHING = ("unknown", "null", "none", "None", "nil", "undefined", "empty", "missing")
"""How an unknown value is called elsewhere."""


def nothing(tree: Surface, item: Surface, negated: bool, word: surface.Path, place: Place) -> None:
    """Complain about a comparison with nothing: what may be unknown is asked for with ``is known``, what may be empty counted."""
    text = place.text(item.at)
    meaning = place.meaning(item) if isinstance(item, surface.Path) else None
    if isinstance(meaning, names.VariableName) and isinstance(meaning.variable.type, SetOf | ListOf):
        meant = f"count({text}) {'>' if negated else '=='} 0"
        message = f"`{word.text}` is no value here; whether `{text}` is empty is asked with `{meant}`"
        place.say("unknown-name", word.at, message, fixes=[(f"write `{meant}`", ((tree.at, meant),))])
        return
    meant = f"{text} is known" if negated else f"{text} is not known"
    place.say(
        "unknown-name",
        word.at,
        f"`{word.text}` is no value; whether `{text}` is unknown is asked with `{meant}`",
        fixes=[(f"write `{meant}`", ((tree.at, meant),))],
    )


def needs_type(tree: Surface, place: Place) -> bool:
    """Whether a tree takes its type from the other side: digits, an unresolved word, a constant of a concern."""
    match tree:
        case surface.Number():
            return True
        case surface.Negative(item):
            return needs_type(item, place)
        case surface.Call(surface.Path(("count",))):
            return True
        case surface.Path(parts) as path:
            meaning = place.meaning(path)
            return isinstance(meaning, names.ConcernText) or (meaning is None and len(parts) == 1)
    return False


def _number(tree: surface.Number, place: Place, expected: Type | None) -> Typed | None:
    wanted = bare(expected) if expected is not None else None
    family = "int" if "." not in tree.text else "number"
    if isinstance(wanted, Number):
        family = wanted.family
    if family not in amounts.PLAIN:
        meant = amounts.with_unit(tree.text, family)
        fixes = [] if meant is None else [(f"write `{meant}`", ((tree.at, meant),))]
        assert isinstance(wanted, Number)
        note = f"Write it with its unit, such as `{amounts.example(wanted)}`."
        place.say(
            "bad-amount",
            tree.at,
            f"`{tree.text}` has no unit; {amounts.family_name(family)} is wanted",
            note,
            fixes=fixes,
        )
        return None
    try:
        return Typed(core.Const(amounts.plain(tree.text, family)), Number(family))
    except ValueError as error:
        place.say("bad-amount", tree.at, str(error))
        return None


def _amount(text: str, tree: Surface, place: Place) -> Typed | None:
    try:
        family, value = amounts.quantity(text)
    except ValueError as error:
        meant = idioms.amount_meant(text)
        message = str(error) if meant is None else f"`{text}` is written `{meant}` here"
        place.say(
            "bad-amount", tree.at, message, fixes=[] if meant is None else [(f"write `{meant}`", ((tree.at, meant),))]
        )
        return None
    return Typed(core.Const(value), Number(family))


def _named(tree: surface.Path, place: Place, expected: Type | None) -> Typed | None:
    """A name that has a value, or a choice of the enum that is wanted."""
    meaning = place.meaning(tree)
    wanted = bare(expected) if expected is not None else None
    choice = isinstance(wanted, Enum) and len(tree.parts) == 1 and tree.text in wanted.members
    typed = value_of(meaning, tree, place, expected) if meaning is not None else None
    if choice:
        assert isinstance(wanted, Enum)
        chosen = isinstance(meaning, names.ConstantName) and meaning.value == tree.text
        if typed is None or chosen or not agree(typed.type, wanted):
            return Typed(core.Const(tree.text), wanted)
        place.say(
            "ambiguous-name",
            tree.at,
            f"`{tree.text}` is both a name and a choice of {amounts.show_type(wanted)}",
            "Rename one of the two.",
            labels=[(typed.declared, "the name is declared here")],
        )
        return None
    if typed is not None:
        return typed
    if meaning is None:
        unknown(tree, place, wanted)
    else:
        truths.misused(meaning, tree, place)
    return None


def value_of(meaning: names.Meaning | None, tree: surface.Path, place: Place, expected: Type | None) -> Typed | None:
    """The value that a name stands for; None where it stands for none (nothing is reported)."""
    declared = None if meaning is None else names.declared_at(meaning, place.scope)
    match meaning:
        case names.FieldName(name, type):
            typed = Typed(core.Field(name), type, declared)
        case names.VariableName(variable):
            typed = Typed(core.Var(variable.name), variable.type, declared)
        case names.LatestName(event, field, type):
            typed = Typed(core.Latest(event, field), Optional(bare(type)), declared)
        case names.ConstantName(type, value):
            return Typed(core.Const(value), type)
        case names.ConcernText(text):
            return _concern_text(text, expected)
        case names.ResistanceName(person):
            return Typed(core.Resistance(person), Number("int", lo=0))
        case _:
            return None
    if place.known and typed.expr in place.known:
        return Typed(typed.expr, bare(typed.type), declared)
    return typed


def _concern_text(text: str, expected: Type | None) -> Typed:
    try:
        if expected is not None:
            return Typed(core.Const(amounts.read_value(text, expected)), expected)
    except ValueError:
        pass  # it is a text then, and the comparison says that the types differ
    return Typed(core.Const(text), Text())


def unknown(tree: surface.Path, place: Place, wanted: Type | None = None) -> None:
    """Complain about a name that stands for nothing, with what it may have been meant to be."""
    name = tree.text
    if name in ("true", "false", "True", "False"):
        meant = "yes" if name.lower() == "true" else "no"
        message = f"`{name}` is written `{meant}` here"
        place.say("unknown-name", tree.at, message, fixes=[(f"write `{meant}`", ((tree.at, meant),))])
        return
    if isinstance(wanted, Text) and len(tree.parts) == 1:
        message = f"nothing is named `{name}` here; a text stands between double quotes"
        place.say("unknown-name", tree.at, message, fixes=[(f'write `"{name}"`', ((tree.at, f'"{name}"'),))])
        return
    near = closest(name, wanted.members) if isinstance(wanted, Enum) else None
    other = closest(name, names.candidates(tree.parts, place.scope, place.pattern)) if place.allowed is None else None
    if isinstance(wanted, Enum) and len(tree.parts) == 1 and (near or not other):
        tail = f"; did you mean `{near}`?" if near else ""
        place.say(
            "unknown-member",
            tree.at,
            f"`{name}` is not one of {', '.join(wanted.members)}{tail}",
            fixes=[(f"write `{near}`", ((tree.at, near),))] if near else [],
        )
        return
    if place.allowed is not None:
        near = closest(name, [short for full in place.allowed for short in (full, full.rpartition(".")[2])])
        code, message = "hidden-from-condition", f"`{name}` may not be named in this condition"
        notes = [f"It may name {', '.join(f'`{full}`' for full in place.allowed)}."]
    else:
        code, message = "unknown-name", f"nothing is named `{name}` here"
        if (event := event_meant(name, place)) is not None:
            place.say(
                code, tree.at, f"{message}; did you mean `{event}`?", fixes=[(f"write `{event}`", ((tree.at, event),))]
            )
            return
        if (state := _state_meant(name, place)) is not None and place.pattern is None:
            fixes = [(f"write `{state}`", ((tree.at, state),))]
            place.say(code, tree.at, message, f"`{name}` is a state; write `{state}`.", fixes=fixes)
            return
        machine = next((it for it in place.scope.machines if it.partition(".")[2] == name), None)
        if machine is not None and re.match(r"\s+is\b", place.scalar.text[tree.at[1] :]) and place.allowed is None:
            tail = f"; did you mean `{machine}`?"
            place.say(code, tree.at, message + tail, fixes=[(f"write `{machine}`", ((tree.at, machine),))])
            return
        notes = [note] if (note := _kind_hint(name, place)) else []
        near = None if notes else other
    tail = f"; did you mean `{near}`?" if near else ""
    fixes = [(f"write `{near}`", ((tree.at, near),))] if near else []
    place.say(code, tree.at, message + tail, *notes, fixes=fixes)


def event_meant(name: str, place: Place) -> str | None:
    """The one event whose last word an unknown name is (``remind`` for ``agent.remind``); None where several are, or none."""
    ends = [event for event in place.scope.events if event.endswith(f".{name}") and not event.startswith("result.")]
    if len(ends) != 1 and (acts := [event for event in ends if event.startswith("agent.")]):
        return acts[0]
    return ends[0] if len(ends) == 1 else None


def _state_meant(name: str, place: Place) -> str | None:
    """``task.trip is DONE`` for ``DONE``."""
    if not name.isupper():
        return None
    return next((f"{it} is {name}" for it, states in place.scope.machines.items() if name in states), None)


def _kind_hint(name: str, place: Place) -> str:
    """What an unknown bare word is elsewhere: a state, a machine, the field of an event."""
    for machine, states in place.scope.machines.items():
        if machine.partition(".")[2] == name and states:  # one without states has been complained about
            return f"Write `{machine} is {states[-1]}`, with the state that is meant."
    for event in place.scope.events.values():
        if any(field.name == name for field in event.fields):
            return (
                f"`{event.name}` has a field of that name; write `{event.name}.{name}`, or `{event.name}({name} == …)`."
            )
    return ""


def _negative(tree: Surface, item: Surface, place: Place, expected: Type | None) -> Typed | None:
    typed = operand(item, place, expected)
    if typed is None:
        return None
    if not isinstance(typed.type, Number):
        _not_a_number(typed, item, place, "-")
        return None
    if isinstance(typed.expr, core.Const) and isinstance(typed.expr.value, int):
        return Typed(core.Const(-typed.expr.value), typed.type)
    return Typed(core.Arith("-", core.Const(0), typed.expr), Number(typed.type.family))


def _not_a_number(typed: Typed, tree: Surface, place: Place, op: str) -> None:
    if isinstance(typed.type, Optional):
        may_be_unknown(typed, tree, place)
        return
    place.say(
        "type-mismatch",
        tree.at,
        f"`{op}` works on numbers and amounts; `{place.text(tree.at)}` is {kind_name(typed.type)}",
        labels=[(typed.declared, "declared here")],
    )


def may_be_unknown(typed: Typed, tree: Surface, place: Place) -> None:
    text = place.text(tree.at)
    place.say(
        "may-be-unknown",
        tree.at,
        f"`{text}` may be unknown here",
        f"Say what holds then: `{text} is known and …`.",
        labels=[(typed.declared, "declared here")],
    )


def _arithmetic(
    tree: Surface, op: str, left: Surface, right: Surface, place: Place, expected: Type | None
) -> Typed | None:
    """``+ - * /``. Scales follow from the real values: a product or quotient in base units is divided out once."""
    additive = op in "+-"
    hint = expected if additive else None
    if needs_type(left, place) and not needs_type(right, place):
        second = operand(right, place, hint)
        first = None if second is None else operand(left, place, second.type if additive else _ratio(expected))
    else:
        first = operand(left, place, hint if additive else (expected if op == "/" else None))
        second = None if first is None else operand(right, place, _beside(first) if additive else _ratio(expected))
    if first is None or second is None:
        return None
    if additive and (special := _clocks_and_sets(tree, op, left, first, right, second, place)) is not None:
        return special.typed
    for typed, side in ((first, left), (second, right)):
        if not isinstance(typed.type, Number):
            _not_a_number(typed, side, place, op)
            return None
    assert isinstance(first.type, Number) and isinstance(second.type, Number)
    if additive:
        if first.type.family != second.type.family:
            _mixed(tree, op, left, first, right, second, place)
            return None
        return Typed(core.Arith(op, first.expr, second.expr), Number(first.type.family))
    family = (
        "percent" if op == "*" and _multiple(first, second) else _product(op, first.type.family, second.type.family)
    )
    if family is None:
        _mixed(tree, op, left, first, right, second, place)
        return None
    if isinstance(second.expr, core.Const) and op == "/" and second.expr.value == 0:
        place.say("type-mismatch", right.at, "this divides by zero")
        return None
    one, other, out = _one(first.type.family), _one(second.type.family), _one(family)
    scale = one * other // out if op == "*" else other * out // one
    return Typed(core.Arith(op, first.expr, second.expr, max(1, scale)), Number(family))


@dataclass(frozen=True, slots=True)
class _Special:
    """A sum that is none of numbers; without a value where an error was added."""

    typed: Typed | None


def _beside(typed: Typed) -> Type:
    """What stands on the other side of a ``+``: a member beside a set, a duration beside a time of day, else the same."""
    kind = bare(typed.type)
    return kind.inner if isinstance(kind, SetOf) else Number("duration") if isinstance(kind, TimeOfDay) else typed.type


def _clocks_and_sets(
    tree: Surface, op: str, left: Surface, first: Typed, right: Surface, second: Typed, place: Place
) -> _Special | None:
    """Times of day, which go round at midnight, and sets with one member more or less; None where the sides are neither."""
    for typed, side in ((first, left), (second, right)):
        if isinstance(typed.type, Optional) and isinstance(typed.type.inner, TimeOfDay | SetOf):
            may_be_unknown(typed, side, place)
            return _Special(None)
    duration = isinstance(second.type, Number) and second.type.family == "duration"
    match first.type, second.type:
        case TimeOfDay(), _ if duration:
            return _Special(Typed(core.Arith(op, first.expr, second.expr, wrap=DAY), TimeOfDay()))
        case Number("duration"), TimeOfDay() if op == "+":
            return _Special(Typed(core.Arith(op, first.expr, second.expr, wrap=DAY), TimeOfDay()))
        case TimeOfDay(), TimeOfDay() if op == "-":
            return _Special(Typed(core.Arith(op, first.expr, second.expr, wrap=DAY), Number("duration")))
        case SetOf(enum), Enum(members) if members == enum.members:
            return _Special(Typed(core.Altered(op, first.expr, second.expr, enum.members), first.type))
        case (TimeOfDay(), _) | (_, TimeOfDay()) | (SetOf(), _) | (_, SetOf()):
            notes = {TimeOfDay: "To a time of day a duration is added, as in `opening + 30m`.", SetOf: _SET_NOTE}
            kind = first.type if isinstance(first.type, TimeOfDay | SetOf) else second.type
            _mixed(tree, op, left, first, right, second, place, notes[type(kind)])
            return _Special(None)
    return None


_SET_NOTE = "To a set one member is added, as in `topics + cost`, or taken from it, as in `topics - cost`."


def unit_hint(left: Surface, first: Typed, right: Surface, second: Typed, place: Place) -> list[str]:
    """What would be right beside an amount of another unit."""
    one, other = bare(first.type), bare(second.type)
    if not (isinstance(one, Number) and isinstance(other, Number)):
        return []
    if {one.family, other.family} == {"length", "duration"}:
        return ["`m` is minutes here; metres are written as part of a kilometre, 500 of them as `0.5 km`."]
    subject, kind = (right, other) if isinstance(first.expr, core.Const) else (left, one)
    return [
        f"Beside `{place.text(subject.at)}` stands {amounts.family_name(kind.family)}, such as `{amounts.example(kind)}`."
    ]


def unit_fix(first: Typed, right: Surface, second: Typed, place: Place) -> list[tuple[str, tuple[tuple[At, str], ...]]]:
    """``500m`` beside a length are metres."""
    one = bare(first.type)
    match second.expr, second.type:
        case core.Const(int(value)), Number("duration") if isinstance(one, Number) and one.family == "length":
            if value % 60_000 == 0 and place.text(right.at).rstrip().endswith("m"):
                meant = amounts.show_amount(value // 60_000, "length")
                return [(f"write `{meant}`", ((right.at, meant),))]
    return []


def _ratio(expected: Type | None) -> Type | None:
    """What the plain side of a product is expected to be: digits with a point are a number."""
    return expected if isinstance(expected, Number) and expected.family in amounts.PLAIN else None


def _one(family: str) -> int:
    return SCALES.get(family, MONEY_SCALE)


def _multiple(first: Typed, second: Typed) -> bool:
    """Whether a product is so many times a percentage, as in ``risk * 2``, not a share of a number, as in ``seats * 50%``."""
    for share, times in ((first, second), (second, first)):
        match share.type, times.type, share.expr, times.expr:
            case Number("percent"), Number("int" | "number"), core.Const(), _:
                return False
            case Number("percent"), Number("int" | "number"), _, core.Const():
                return True
    return False


def _product(op: str, left: str, right: str) -> str | None:
    """The family of a product or quotient; None where it has none."""
    plain = [family for family in (left, right) if family in SCALES]
    if op == "/" and left == right:
        return "int" if left == "int" else "number"
    if not plain:
        return None
    if op == "/":
        return None if right not in SCALES else ("number" if (left, right) == ("int", "number") else left)
    if len(plain) == 1:
        return left if right in SCALES else right
    for family in ("number", "int", "percent"):
        if family in (left, right):
            return family
    return None


def _mixed(
    tree: Surface, op: str, left: Surface, first: Typed, right: Surface, second: Typed, place: Place, *more: str
) -> None:
    notes = [*more]
    kinds = (first.type, second.type)
    if op in "+-" and isinstance(second.type, Number) and second.type.family == "percent":
        notes.append("A share of an amount is a product, such as `fare * 110%`.")
    numbers = all(isinstance(kind, Number) for kind in kinds)
    place.say(
        "mixed-units" if numbers else "type-mismatch",
        tree.at,
        f"`{place.text(left.at)}` is {kind_name(kinds[0])} and `{place.text(right.at)}` is "
        f"{kind_name(kinds[1])}; `{op}` cannot join them",
        *notes,
        labels=[(first.declared, "declared here"), (second.declared, "declared here")],
    )


def _sized(item: surface.Path | surface.Sum, place: Place) -> _Special | None:
    """``count(topics)``: how many members a set or list has; None where the name is neither."""
    if isinstance(item, surface.Sum):
        typed = operand(item, place)
        if typed is None:
            return _Special(None)
    else:
        typed = value_of(place.meaning(item), item, place, None)
    kind = None if typed is None else bare(typed.type)
    if typed is None or not isinstance(kind, SetOf | ListOf):
        return None
    if isinstance(typed.type, Optional):
        may_be_unknown(typed, item, place)
        return _Special(None)
    most = len(kind.inner.members) if isinstance(kind, SetOf) else kind.hi
    return _Special(Typed(core.Size(typed.expr), Number("int", lo=0, hi=most), typed.declared))


def _count(tree: Surface, items: tuple[Surface, ...], place: Place, expected: Type | None) -> Typed | None:
    """``count(P)``, which counts no further than one past what it is compared with."""
    if len(items) != 1:
        place.say("not-a-pattern", tree.at, "`count` counts one thing, as in `count(user.object) >= 2`")
        return None
    if isinstance(items[0], surface.Path | surface.Sum) and (sized := _sized(items[0], place)) is not None:
        return sized.typed
    counted = truths.truth(items[0], place)
    if counted is None:
        return None
    wanted = bare(expected) if expected is not None else None
    if not isinstance(wanted, Number) or wanted.hi is None:
        place.say(
            "count-without-bound",
            tree.at,
            "`count` needs a bound: compare it with a number or with a name that has a range",
        )
        return None
    return Typed(core.Count(counted, max(1, wanted.hi + 1)), Number("int", lo=0, hi=wanted.hi + 1))
