"""Choices: ``x is A | B`` and ``x in {A, B}``, elaborated.

What stands after ``is`` is fixed: the states of a machine, the choices of an enum, yes or no, amounts, texts. A second choice
that was put behind ``or``, as in ``task.trip is A or B``, is recognised here, because ``B`` alone means nothing.
"""

from __future__ import annotations

import re

from dramaturg.dsl import core
from dramaturg.dsl.elaboration import names, operands, truths
from dramaturg.dsl.elaboration.kinds import agree, bare, kind_name
from dramaturg.dsl.elaboration.place import Place, Typed
from dramaturg.dsl.expressions import surface
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.expressions.surface import At, Surface
from dramaturg.dsl.types import Bool, Enum, ListOf, SetOf, Type, Value


def one_of(tree: surface.OneOf, place: Place) -> core.Expr | None:
    """``x is A | B`` and ``x in {A, B}``, of a machine's states, an enum's choices, numbers, texts or yes/no."""
    match tree.choices:
        case (surface.Path((word,)) as path,) if word in operands.NOTHING and place.meaning(path) is None:
            operands.nothing(tree, tree.item, tree.negated, path, place)
            return None
    if isinstance(tree.item, surface.Path):
        meaning = place.meaning(tree.item)
        if isinstance(meaning, names.MachineName):
            expr = _in_states(meaning, tree.choices, place)
            return None if expr is None else (core.Not(expr) if tree.negated else expr)
    item = operands.operand(tree.item, place)
    if item is None:
        return None
    if isinstance(bare(item.type), SetOf | ListOf):
        _of_many(tree, item, place)
        return None
    values: list[Value] = []
    for choice in tree.choices:
        constant = _constant(choice, item, tree.item, place)
        if constant is None:
            return None
        values.append(constant.value)
    if len(values) > 1:
        member = core.Member(item.expr, tuple(dict.fromkeys(values)))
        return core.Not(member) if tree.negated else member
    return core.Compare("!=" if tree.negated else "==", item.expr, core.Const(values[0]))


def _of_many(tree: surface.OneOf, item: Typed, place: Place) -> None:
    """``topics is cost``: a set holds many, so one asks what is in it."""
    held, negated = place.text(tree.item.at), "not in" if tree.negated else "in"
    texts = [place.text(choice.at) for choice in tree.choices]
    meant = (" and " if tree.negated else " or ").join(f"{text} {negated} {held}" for text in texts)
    if len(texts) > 1:
        meant = f"({meant})"
    place.say(
        "type-mismatch",
        tree.at,
        f"`{held}` is {kind_name(item.type)}, which holds several; ask what is in it: `{meant}`",
        labels=[(item.declared, "declared here")],
        fixes=[(f"write `{meant}`", ((tree.at, meant),))],
    )


_THERE = ("present", "there", "active", "held", "given")


def _there(machine: names.MachineName, choice: Surface, place: Place) -> None:
    """``concern.dear is present``: that somebody has a concern is said by what she then is not."""
    asked = re.search(r"\bis(?: +not)? *$", place.scalar.text[: choice.at[0]])
    meant = "is absent" if asked is not None and "not" in asked[0] else "is not absent"
    fixes = [] if asked is None else [(f"write `{meant}`", (((asked.start(), choice.at[1]), meant),))]
    message = f"`{machine.name}` has no state `{place.text(choice.at)}`: write `{machine.name} {meant}`"
    place.say("unknown-state", choice.at, message, fixes=fixes)


def _in_states(machine: names.MachineName, choices: tuple[Surface, ...], place: Place) -> core.Expr | None:
    states = []
    for choice in choices:
        name = place.text(choice.at)
        if name not in machine.states:
            if name in _THERE and "absent" in machine.states and len(choices) == 1:
                _there(machine, choice, place)
                return None
            near = closest(name, machine.states)
            tail = f"; did you mean `{near}`?" if near else ""
            place.say(
                "unknown-state",
                choice.at,
                f"`{machine.name}` has no state `{name}`{tail}",
                f"Its states are {', '.join(machine.states)}.",
                labels=[(names.declared_at(machine, place.scope), "declared here")],
                fixes=[(f"write `{near}`", ((choice.at, near),))] if near else [],
            )
            return None
        states.append(name)
    return core.InState(machine.name, tuple(dict.fromkeys(states)))


def _constant(choice: Surface, item: Typed, subject: Surface, place: Place) -> core.Const | None:
    """One choice after ``is``: a constant of the subject's type."""
    kind = bare(item.type)
    if isinstance(choice, surface.Path):
        if isinstance(kind, Enum) and choice.text in kind.members:
            return core.Const(choice.text)
        if isinstance(kind, Bool) and choice.text in ("yes", "no"):
            return core.Const(choice.text == "yes")
        if isinstance(kind, Enum) and place.meaning(choice) is None:
            operands.unknown(choice, place, kind)
            return None
        if place.meaning(choice) is None and closest(choice.text, ("known",)) is not None:
            message = f"nothing is named `{choice.text}` here; did you mean `known`?"
            place.say("unknown-name", choice.at, message, fixes=[("write `known`", ((choice.at, "known"),))])
            return None
        place.say(
            "type-mismatch",
            choice.at,
            f"after `is` stands a fixed choice; `{place.text(subject.at)}` is {kind_name(item.type)}",
            f"To compare it with another name, write `{place.text(subject.at)} == {choice.text}`.",
            labels=[(item.declared, "declared here")],
        )
        return None
    if quoted_choice(choice, kind, place):
        return None
    typed = operands.operand(choice, place, kind)
    if typed is None:
        return None
    if not agree(typed.type, kind):
        truths.differ(choice, subject, item, choice, typed, place)
        return None
    assert isinstance(typed.expr, core.Const)
    return typed.expr


def quoted_choice(choice: Surface, kind: Type, place: Place) -> bool:
    """Complain about a choice in quotes."""
    if not isinstance(choice, surface.Quote) or not isinstance(kind, Enum) or choice.text not in kind.members:
        return False
    message = f"`{choice.text}` is a choice, not a text; it stands without quotes"
    place.say("type-mismatch", choice.at, message, fixes=[(f"write `{choice.text}`", ((choice.at, choice.text),))])
    return True


def is_a_or_b(before: Surface, item: surface.Path, place: Place) -> bool:
    """``task.trip is A or B``: the second choice stands there as if it were a condition."""
    if len(item.parts) != 1 or place.meaning(item) is not None:
        return False
    edits: tuple[tuple[At, str], ...]
    match before:
        case surface.OneOf(subject, choices, braces=False):
            edits = (((before.at[1], item.at[0]), " | "),)
            listed = " | ".join(place.text(choice.at) for choice in choices)
            word = "is not" if before.negated else "is"
        case surface.Compare("==" | "!=" as op, subject, right):
            word = "is" if op == "==" else "is not"
            edits = (((subject.at[1], right.at[0]), f" {word} "), ((before.at[1], item.at[0]), " | "))
            listed = place.text(right.at)
        case _:
            return False
    if item.text not in _choices_of(subject, place):
        return False
    place.say(
        "is-a-or-b",
        (before.at[0], item.at[1]),
        f"write `{word} {listed} | {item.text}`: after `or` a whole condition is wanted",
        fixes=[(f"write `{word} {listed} | {item.text}`", edits)],
    )
    return True


def _choices_of(subject: Surface, place: Place) -> tuple[str, ...]:
    """The states or choices that a subject may be in; silent."""
    if not isinstance(subject, surface.Path):
        return ()
    meaning = place.meaning(subject)
    if isinstance(meaning, names.MachineName):
        return meaning.states
    typed = operands.value_of(meaning, subject, place, None)
    kind = None if typed is None else bare(typed.type)
    return kind.members if isinstance(kind, Enum) else ()
