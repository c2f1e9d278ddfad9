"""Truths: conditions, elaborated. What is yes or no, what is compared, what the past says.

There is no truthiness: a condition is a yes/no, an event that happens, a comparison, a state, or these joined. An unknown
optional is equal to nothing and has no order, so ordering it asks for ``is known`` first, and what ``is known`` grants holds in
the rest of an ``and``, in what an ``implies`` concludes, and after ``is not known`` in the rest of an ``or``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dramaturg.dsl import core
from dramaturg.dsl.diagnostics import Label
from dramaturg.dsl.elaboration import choices, happenings, names, operands, past
from dramaturg.dsl.elaboration.grids import off_step
from dramaturg.dsl.elaboration.kinds import agree, bare, kind_name
from dramaturg.dsl.elaboration.place import Place, Typed
from dramaturg.dsl.expressions import amounts, surface
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.expressions.surface import Surface
from dramaturg.dsl.types import Bool, Condition, Enum, ListOf, Number, Optional, SetOf, TimeOfDay, Type

ENOUGH = 5
"""Mistakes in the parts of one ``and`` or ``or`` after which the rest is not read."""


def truth(tree: Surface, place: Place) -> core.Expr | None:
    """A condition as a core expression, or None where an error was added."""
    match tree:
        case surface.YesNo(value):
            return core.Const(value)
        case surface.And(items):
            return _both(items, place)
        case surface.Or(items):
            return _either(items, place)
        case surface.Implies(left, right):
            return _implies(left, right, place)
        case surface.Not(item):
            inner = truth(item, place)
            return None if inner is None else negated(inner)
        case surface.Compare(op, left, right):
            return _compare(tree, op, left, right, place)
        case surface.OneOf():
            return choices.one_of(tree, place)
        case surface.Between(item, lo, hi):
            return _between(tree, item, lo, hi, place)
        case surface.IsIn(item, holder, negative):
            inside = _contained(item, holder, place)
            return negated(inside) if inside is not None and negative else inside
        case surface.IsKnown(item, negative):
            return _known(item, negative, place)
        case surface.Matches(item, path):
            return _matches(item, path, place)
        case surface.Timed() | surface.Since() | surface.Once() | surface.Earlier():
            return past.past(tree, place)
        case surface.Judged(question, otherwise):
            return past.judged(tree, question.text, otherwise, place)
        case surface.Path():
            return _named(tree, place)
        case surface.Call(surface.Path(("count",))):
            place.say("not-yes-no", tree.at, "a count is a number, not yes or no; compare it, as in `count(…) >= 2`")
            return None
        case surface.Call():
            return happenings.called(tree, place)
    typed = operands.operand(tree, place)
    if typed is not None:
        _not_yes_no(typed, tree, place)
    return None


def negated(expr: core.Expr) -> core.Expr:
    """``not``, with double negation and constants folded."""
    match expr:
        case core.Not(item):
            return item
        case core.Const(bool(value)):
            return core.Const(not value)
    return core.Not(expr)


def _both(items: tuple[Surface, ...], place: Place) -> core.Expr | None:
    out: list[core.Expr | None] = []
    for index, item in enumerate(items):
        if index and isinstance(item, surface.Timed):
            past.warn_of_reach(items[:index], item, place)
        expr = truth(item, place)
        out.append(expr)
        if expr is not None:
            place = place.knowing(known_when(expr, True))
        elif out.count(None) == ENOUGH:
            return None
    past.warn_of_now(items, out, place)
    return _joined(core.And, out)


def _either(items: tuple[Surface, ...], place: Place) -> core.Expr | None:
    out: list[core.Expr | None] = []
    for index, item in enumerate(items):
        if index and isinstance(item, surface.Path) and choices.is_a_or_b(items[index - 1], item, place):
            out.append(None)
            continue
        expr = truth(item, place)
        out.append(expr)
        if expr is not None:
            place = place.knowing(known_when(expr, False))
        elif out.count(None) == ENOUGH:
            return None
    return _joined(core.Or, out)


def _joined(kind: type[core.And] | type[core.Or], items: list[core.Expr | None]) -> core.Expr | None:
    flat: list[core.Expr] = []
    for item in items:
        if item is None:
            return None
        flat.extend(item.items if isinstance(item, kind) else (item,))
    return kind(tuple(flat))


def _implies(left: Surface, right: Surface, place: Place) -> core.Expr | None:
    first = truth(left, place)
    second = truth(right, place if first is None else place.knowing(known_when(first, True)))
    return None if first is None or second is None else core.Or((negated(first), second))


def known_when(expr: core.Expr, value: bool) -> Iterator[core.Expr]:
    """The optional values that cannot be unknown where the condition has this truth value."""
    match expr:
        case core.Known(item) if value:
            yield item
        case core.Compare(op, left, right) if value and op != "!=":
            yield from (side for side in (left, right) if type(side) is not core.Const)
        case core.Member(item) | core.Contains(item) if value:
            yield item
        case core.Happened(_, where) if value and where is not None:
            yield from known_when(where, True)
        case core.Or(items) if value:
            yield from _by_all(items, True)
        case core.And(items) if not value:
            yield from _by_all(items, False)
        case core.Held(item, _) | core.Since(item, _) if value:
            yield from known_when(item, True)
        case core.Not(item):
            yield from known_when(item, not value)
        case core.And(items) if value:
            for item in items:
                yield from known_when(item, True)
        case core.Or(items) if not value:
            for item in items:
                yield from known_when(item, False)


def _by_all(items: tuple[core.Expr, ...], value: bool) -> list[core.Expr]:
    """What cannot be unknown whichever of these has the truth value."""
    first, *rest = [list(known_when(item, value)) for item in items]
    return [each for each in first if all(each in other for other in rest)]


def sides(left: Surface, right: Surface, place: Place) -> tuple[Typed, Typed] | None:
    """Both sides of a comparison; the one that says its type first gives the other its own."""
    if operands.needs_type(left, place) and not operands.needs_type(right, place):
        flipped = sides(right, left, place)
        return None if flipped is None else (flipped[1], flipped[0])
    counting = isinstance(left, surface.Call)
    if counting and operands.needs_type(left, place):
        second = operands.operand(right, place, Number("int"))
        first = None if second is None else operands.operand(left, place, _bounded(second))
    else:
        first = operands.operand(left, place)
        second = None if first is None else operands.operand(right, place, _bounded(first))
    if first is not None and second is None:
        _beside(first, left, right, place)
    return None if first is None or second is None else (first, second)


def _beside(first: Typed, left: Surface, right: Surface, place: Place) -> None:
    """Say of a name that stands for nothing that a yes/no is compared with it: the type of that may be the mistake."""
    if not isinstance(bare(first.type), Bool):
        return
    last = place.sink[-1] if place.sink else None
    if last is not None and last.name == "unknown-name" and last.span == place.span(right.at) and first.declared:
        note = f"`{place.text(left.at)}` is {kind_name(first.type)}."
        labels = (*last.labels, Label(first.declared, "declared here"))
        place.sink[-1] = replace(last, labels=labels, notes=(*last.notes, note))


def _bounded(typed: Typed) -> Type:
    """The type, with the value of a literal as its upper end (``count`` needs to know)."""
    if isinstance(typed.type, Number) and isinstance(typed.expr, core.Const) and isinstance(typed.expr.value, int):
        return Number(typed.type.family, hi=typed.expr.value)
    return typed.type


def _compare(tree: Surface, op: str, left: Surface, right: Surface, place: Place) -> core.Expr | None:
    if op in ("==", "!=") and _said_otherwise(tree, op, left, right, place):
        return None
    both = sides(left, right, place)
    if both is None:
        return None
    first, second = both
    if not agree(first.type, second.type):
        differ(tree, left, first, right, second, place)
        return None
    kind = bare(first.type)
    if isinstance(kind, Condition):
        place.say("type-mismatch", tree.at, "conditions are not compared; write `condition matches TRIGGER`")
        return None
    if op not in ("==", "!="):
        if not isinstance(kind, Number | TimeOfDay):
            place.say(
                "type-mismatch",
                tree.at,
                f"`{op}` asks which is more, but `{place.text(left.at)}` is {kind_name(first.type)}",
                labels=[(first.declared, "declared here")],
            )
            return None
        for typed, side in ((first, left), (second, right)):
            if isinstance(typed.type, Optional):
                operands.may_be_unknown(typed, side, place)
                return None
    if _never(tree, op, left, first, right, second, place):
        return None
    return core.Compare(op, first.expr, second.expr)


def _said_otherwise(tree: Surface, op: str, left: Surface, right: Surface, place: Place) -> bool:
    """Complain about states and unknown values that are compared with ``==``, and about choices in quotes."""
    if isinstance(right, surface.Path) and right.text in operands.NOTHING and place.meaning(right) is None:
        operands.nothing(tree, left, op == "!=", right, place)
        return True
    meaning = place.meaning(left) if isinstance(left, surface.Path) else None
    if isinstance(meaning, names.MachineName) and isinstance(right, surface.Path):
        written, word = place.text((left.at[1], right.at[0])), "is" if op == "==" else "is not"
        at = (left.at[1] + len(written) - len(written.lstrip()), right.at[0] - (len(written) - len(written.rstrip())))
        place.say(
            "type-mismatch",
            at,
            f"the states of `{place.text(left.at)}` are asked with `{word}`, not with `{op}`",
            fixes=[(f"write `{word}`", (((left.at[1], right.at[0]), f" {word} "),))],
        )
        return True
    for one, other in ((left, right), (right, left)):
        if isinstance(one, surface.Quote) and isinstance(other, surface.Path):
            typed = operands.value_of(place.meaning(other), other, place, None)
            kind = None if typed is None else bare(typed.type)
            if kind is not None and choices.quoted_choice(one, kind, place):
                return True
    return False


def _never(tree: Surface, op: str, left: Surface, first: Typed, right: Surface, second: Typed, place: Place) -> bool:
    """Complain where a name is compared with an amount outside of its range, so that the comparison never holds."""
    if isinstance(first.expr, core.Const):
        left, first, right, second, op = right, second, left, first, _MIRRORED.get(op, op)
    kind, constant = bare(first.type), second.expr
    named = isinstance(first.expr, core.Var | core.Field | core.Latest)
    if not named or not isinstance(kind, Number) or not isinstance(constant, core.Const):
        return False
    value = constant.value
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    above = kind.hi is not None and value > kind.hi and op in ("==", ">", ">=")
    below = kind.lo is not None and value < kind.lo and op in ("==", "<", "<=")
    if not above and not below:
        if op in ("==", "!="):
            off_step(value, right, kind, place, first.declared)
        return False
    place.say(
        "out-of-range",
        right.at,
        f"`{place.text(left.at)}` never comes to `{place.text(right.at)}`: it is {amounts.show_type(kind)}",
        labels=[(first.declared, "declared here")],
    )
    return True


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The operator that says the same with its sides exchanged."""


def differ(tree: Surface, left: Surface, first: Typed, right: Surface, second: Typed, place: Place) -> None:
    """Complain that two sides are of different kinds."""
    numbers = isinstance(bare(first.type), Number) and isinstance(bare(second.type), Number)
    place.say(
        "mixed-units" if numbers else "type-mismatch",
        tree.at,
        f"`{place.text(left.at)}` is {kind_name(first.type)} and `{place.text(right.at)}` is "
        f"{kind_name(second.type)}; they cannot be compared",
        *operands.unit_hint(left, first, right, second, place),
        fixes=operands.unit_fix(first, right, second, place),
        labels=[(first.declared, "declared here"), (second.declared, "declared here")],
    )


def _between(tree: Surface, item: Surface, lo: Surface, hi: Surface, place: Place) -> core.Expr | None:
    if _empty(lo, hi, place):
        return None
    low = _compare(tree, ">=", item, lo, place)
    high = None if low is None else _compare(tree, "<=", item, hi, place)
    return None if low is None or high is None else core.And((low, high))


def _contained(item: Surface, holder: Surface, place: Place) -> core.Expr | None:
    """``cost in topics``: the set or list says what kind its members are."""
    whole = operands.operand(holder, place)
    if whole is None:
        return None
    kind = bare(whole.type)
    if not isinstance(kind, SetOf | ListOf):
        text = place.text(item.at)
        place.say(
            "type-mismatch",
            holder.at,
            f"`in` looks into a range, a set or a list; `{place.text(holder.at)}` is {kind_name(whole.type)}",
            f"Write `{text} == {place.text(holder.at)}`, or `{text} in {{…}}` with the choices.",
            labels=[(whole.declared, "declared here")],
        )
        return None
    if isinstance(whole.type, Optional):
        operands.may_be_unknown(whole, holder, place)
        return None
    typed = operands.operand(item, place, kind.inner)
    if typed is None:
        return None
    if not agree(typed.type, kind.inner):
        place.say(
            "type-mismatch",
            item.at,
            f"`{place.text(item.at)}` is {kind_name(typed.type)}; `{place.text(holder.at)}` holds {kind_name(kind.inner)}",
            labels=[(whole.declared, "declared here")],
        )
        return None
    return core.Contains(typed.expr, whole.expr)


def _empty(lo: Surface, hi: Surface, place: Place) -> bool:
    """Complain about a range of fixed amounts that holds nothing."""
    if not all(isinstance(end, surface.Number | surface.Quantity) for end in (lo, hi)):
        return False
    try:
        first, last = (amounts.quantity(place.text(end.at)) for end in (lo, hi))
    except ValueError:  # what is wrong with it is said where it is read
        return False
    if first[0] != last[0] or first[1] <= last[1]:
        return False
    place.say("out-of-range", (lo.at[0], hi.at[1]), "this range is empty: its low end is above its high end")
    return True


def _known(item: Surface, negative: bool, place: Place) -> core.Expr | None:
    typed = operands.operand(item, place)
    if typed is None:
        return None
    if not isinstance(typed.type, Optional) and typed.expr not in place.known:
        place.say(
            "always-known",
            item.at,
            f"`{place.text(item.at)}` is never unknown",
            "Only a name declared with `?` and the field of an event (`EVENT.field`) may be unknown.",
            labels=[(typed.declared, "declared here")],
        )
        return None
    known = core.Known(typed.expr)
    return core.Not(known) if negative else known


def _matches(item: Surface, path: surface.Path, place: Place) -> core.Expr | None:
    typed = operands.operand(item, place)
    if typed is None:
        return None
    if not isinstance(bare(typed.type), Condition):
        place.say(
            "type-mismatch",
            item.at,
            f"`matches` compares a condition with a trigger; `{place.text(item.at)}` is {kind_name(typed.type)}",
        )
        return None
    name = path.text.removeprefix("trigger.")
    if f"trigger.{name}" not in place.scope.machines:
        triggers = [it.removeprefix("trigger.") for it in place.scope.machines if it.startswith("trigger.")]
        near = closest(name, triggers)
        tail = f"; did you mean `{near}`?" if near else ""
        place.say(
            "unknown-name",
            path.at,
            f"no trigger is named `{name}`{tail}",
            fixes=[(f"write `{near}`", ((path.at, near),))] if near else [],
        )
        return None
    return core.Matches(typed.expr, name)


def _named(tree: surface.Path, place: Place) -> core.Expr | None:
    """A bare name as a condition: a yes/no, or an event that happens."""
    meaning = place.meaning(tree)
    if meaning is None:
        operands.unknown(tree, place)
        return None
    if isinstance(meaning, names.EventsName):
        return core.Happened(meaning.names)
    typed = operands.value_of(meaning, tree, place, Bool())
    if typed is None:
        misused(meaning, tree, place)
        return None
    if isinstance(typed.type, Bool):
        return typed.expr
    if isinstance(bare(typed.type), Bool):
        return core.Compare("==", typed.expr, core.Const(True))
    _not_yes_no(typed, tree, place)
    return None


def _not_yes_no(typed: Typed, tree: Surface, place: Place) -> None:
    text = place.text(tree.at)
    match bare(typed.type):
        case Number() as number:
            note = f"Compare it, as in `{text} >= {amounts.example(number)}`."
        case Enum(members):
            note = f"Compare it, as in `{text} is {members[0]}`."
        case _:
            note = "Compare it with something."
    place.say(
        "not-yes-no",
        tree.at,
        f"`{text}` is {kind_name(typed.type)}, where a condition is wanted",
        note,
        labels=[(typed.declared, "declared here")],
    )


def misused(meaning: names.Meaning, tree: surface.Path, place: Place) -> None:
    """Complain about a name that is known, but is not of the kind that its place wants."""
    declared = names.declared_at(meaning, place.scope)
    match meaning:
        case names.Ambiguous(variables):
            listed = " or ".join(f"`{variable.name}`" for variable in variables)
            place.say(
                "ambiguous-name",
                tree.at,
                f"`{tree.text}` could be {listed}",
                "Write the full name of the one that is meant, or rename one.",
                labels=[(variable.span, "declared here") for variable in variables],
            )
        case names.MachineName(name, states):
            place.say(
                "not-yes-no",
                tree.at,
                f"say which state `{name}` is in, as in `{name} is {states[0] if states else 'DONE'}`",
                f"Its states are {', '.join(states)}." if states else "It has no states yet.",
                labels=[(declared, "declared here")],
            )
        case names.NoSuchField(event, field):
            happenings.no_such_field(event, field, tree.at, place)
        case names.EventsName():
            place.say(
                "type-mismatch",
                tree.at,
                f"`{tree.text}` is something that happens, not a value",
                labels=[(declared, "declared here")],
            )
        case _:
            raise AssertionError(f"{meaning!r} has a value")
