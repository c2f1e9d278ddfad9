"""Elaboration: from the text of an expression to a core expression, every name resolved and every type checked.

Each function reads one scalar of the file. It returns None exactly where it has added an error to ``sink`` (warnings may be
added beside a result), and one root mistake gives one diagnostic. Types are checked both ways: literals and enum members take
the type that the other side asks for, nothing is coerced, and nothing but a yes/no is ever true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dramaturg.dsl.core import Expr
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.elaboration import happenings, names, past, truths, values
from dramaturg.dsl.elaboration.kinds import bare
from dramaturg.dsl.elaboration.place import Place
from dramaturg.dsl.expressions import surface
from dramaturg.dsl.expressions.mistakes import FORWARD, NORMS, Mistake, diagnostic
from dramaturg.dsl.expressions.parser import Entry, parse
from dramaturg.dsl.expressions.spelling import spelled
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.expressions.surface import Surface
from dramaturg.dsl.scenario import Guard, MoveSpec
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import Condition, Enum, ListOf, SetOf, Type, Wait


@dataclass(frozen=True, slots=True)
class Claim:
    """What stands under ``check`` or ``rules``: an operator and its operands."""

    kind: str
    """always | never | eventually | possible | winnable | leads_to | until"""
    left: Guard
    right: Guard | None = None
    deadline: Wait | None = None


def guard(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Guard | None:
    """A yes/no expression over the present and the past (``when``, ``if``, ``until``, ``surfaces``, …)."""
    scalar, tree = _parsed(scalar, "guard", scope, sink)
    return None if tree is None else _guard(tree, Place(scalar, scope, sink))


def value(scalar: Scalar, scope: Scope, expected: Type, sink: list[Diagnostic], draws: bool = False) -> Guard | None:
    """A value of the expected type (``with``, ``set``, START). With ``draws`` also ``lo..hi``, ``x +- y``, ``one of a | b``."""
    before = len(sink)
    if (literal := values.literal(Place(scalar, scope, sink), expected)) is not None:
        return Guard(literal, scalar.text.strip(), scalar.span)
    if isinstance(bare(expected), ListOf | SetOf) and len(sink) > before:
        return None
    scalar, tree = _parsed(scalar, "value", scope, sink)
    expr = None if tree is None else values.value(tree, Place(scalar, scope, sink), expected, draws)
    return None if expr is None else Guard(expr, scalar.text.strip(), scalar.span)


def pattern(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Guard | None:
    """An event pattern, with conditions on its fields where wanted (``to``, ``expect``, ``allow``); its core is a ``Happened``
    or an ``Or`` of them."""
    scalar, tree = _parsed(scalar, "guard", scope, sink)
    expr = None if tree is None else happenings.pattern(tree, Place(scalar, scope, sink))
    return None if expr is None else Guard(expr, scalar.text.strip(), scalar.span)


def move(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> MoveSpec | None:
    """One move or event to make, arguments fixed by equalities (``as: user.object(about == cost)``)."""
    scalar, tree = _parsed(scalar, "guard", scope, sink)
    if tree is None:
        return None
    place = Place(scalar, scope, sink)
    path = tree.path if isinstance(tree, surface.Call) else tree
    meaning = place.meaning(path) if isinstance(path, surface.Path) else None
    if not isinstance(meaning, names.EventsName) or len(meaning.names) != 1:
        if happenings.pattern(tree, place) is not None:
            place.say("not-a-pattern", tree.at, f"`{place.text(tree.at)}` is not one single move")
        return None
    given = values.arguments(tree, scope.events[meaning.names[0]], place)
    return None if given is None else MoveSpec(meaning.names[0], given, scalar.span)


def check(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Claim | None:
    """A theorem, under ``check``: future operators are legal here."""
    scalar, tree = _parsed(scalar, "check", scope, sink)
    if tree is None:
        return None
    return _claim(tree, Place(scalar, scope, sink))


def _claim(tree: Surface, place: Place) -> Claim | None:
    if not isinstance(tree, surface.Claim):
        if _misspelt(tree, FORWARD[:5], place):
            return None
        place.say(
            "not-a-claim",
            tree.at,
            "a check says when its condition holds",
            "Begin with `always`, `never`, `eventually`, `possible` or `winnable`, or write `A leads to B within 1h`.",
        )
        return None
    last = tree.left if tree.right is None else tree.right
    if isinstance(last, surface.IsIn) and isinstance(last.holder, surface.Quantity) and tree.within is None:
        at, time = (last.item.at[1], last.holder.at[0]), last.holder.text
        message = f"by when it has to be is written `within {time}`"
        place.say("bad-expression", (at[1] - 3, last.at[1]), message, fixes=[("write `within`", ((at, " within "),))])
        return None
    left = _guard(tree.left, place)
    right = None if tree.right is None else _guard(tree.right, place)
    deadline = None if tree.within is None else past.wait(tree.within, place)
    if left is None or (tree.right is not None and right is None) or (tree.within is not None and deadline is None):
        return None
    return Claim(tree.kind, left, right, deadline)


def _misspelt(tree: Surface, known: Sequence[str], place: Place) -> bool:
    """Whether what reads as a call begins with one of these words misspelt, as in ``nevr (late)``."""
    if not isinstance(tree, surface.Call) or place.meaning(tree.path) is not None:
        return False
    meant = closest(tree.path.text, known)
    if meant is not None:
        message = f"`{tree.path.text}` cannot stand here; did you mean `{meant}`?"
        place.say("bad-expression", tree.path.at, message, fixes=[(f"write `{meant}`", ((tree.path.at, meant),))])
    return meant is not None


def rule(scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Claim | None:
    """A norm on the agent, under ``rules``: ``never …`` or ``always …`` over the past."""
    scalar, tree = _parsed(scalar, "check", scope, sink)
    if tree is None:
        return None
    if isinstance(tree, surface.Claim) and tree.kind in ("never", "always"):
        return _claim(tree, Place(scalar, scope, sink))
    if _misspelt(tree, NORMS, Place(scalar, scope, sink)):
        return None
    note = "A theorem about the scenario belongs under `check`." if isinstance(tree, surface.Claim) else ""
    Place(scalar, scope, sink).say(
        "not-a-claim", tree.at, "a rule begins with `never` or `always`", *([note] if note else [])
    )
    return None


def fields_of(expr: Expr, scope: Scope) -> Mapping[str, Type]:
    """The fields that may be read once ``expr`` (a ``when`` or ``to``) has fired: those that every matching event has."""
    return happenings.fields_at_hand(expr, scope)


def known_in(expr: Expr) -> tuple[Expr, ...]:
    """The optional values that cannot be unknown where ``expr`` holds."""
    return tuple(truths.known_when(expr, True))


def condition_type(written: Condition, scalar: Scalar, scope: Scope, sink: list[Diagnostic]) -> Condition | None:
    """``condition on fare | seats`` with its names resolved to full names of variables."""
    full: list[str] = []
    place = Place(scalar, scope, sink)
    for name in written.names:
        meaning = names.resolve(tuple(name.split(".")), Scope(variables=scope.variables, own=scope.own))
        start = max(0, scalar.text.find(name, scalar.text.find(" on ")))
        at = (start, start + len(name)) if scalar.text.startswith(name, start) else (0, len(scalar.text))
        match meaning:
            case names.VariableName(variable):
                full.append(variable.name)
            case names.Ambiguous():
                truths.misused(meaning, surface.Path(tuple(name.split(".")), at=at), place)
                return None
            case _:
                near = closest(name, scope.variables)
                tail = f"; did you mean `{near}`?" if near else ""
                place.say(
                    "unknown-name",
                    at,
                    f"no variable is named `{name}`{tail}",
                    fixes=[(f"write `{near}`", ((at, near),))] if near else [],
                )
                return None
    return Condition(tuple(dict.fromkeys(full)))


def agent_condition(text: str, condition: Condition, scope: Scope) -> tuple[Guard | None, tuple[Diagnostic, ...]]:
    """A condition that the agent wrote at run time: a guard over the condition's own names and literals, nothing else."""
    data = text.encode("utf-8", "replace")
    text = data.decode("utf-8")
    scalar = Scalar(text, Span(Source("<condition>", data), 0, len(data)))
    sink: list[Diagnostic] = []
    scalar, tree = _parsed(scalar, "guard", scope, sink)
    if tree is None:
        return None, tuple(sink)
    named = {name: scope.variables[name] for name in condition.names if name in scope.variables}
    place = Place(scalar, Scope(variables=named, types=scope.types), sink, allowed=condition.names)
    found = _guard(tree, place) if _present(tree, place) else None
    return found, tuple(sink)


def _present(tree: Surface, place: Place) -> bool:
    """Whether a condition speaks of present values only, apart from a ``for`` around all of it."""
    todo = [tree.item if isinstance(tree, surface.Timed) and tree.op == "for" else tree]
    while todo:
        at = todo.pop()
        if isinstance(
            at, surface.Timed | surface.Since | surface.Once | surface.Earlier | surface.Judged | surface.Call
        ):
            place.say(
                "not-a-condition",
                at.at,
                f"`{place.text(at.at)}` cannot stand in a condition that is armed",
                "A condition compares present values, joined with `and`, `or` and `not`; all of it may end with `for 10m`.",
            )
            return False
        todo.extend(surface.children(at))
    return True


def _parsed(scalar: Scalar, entry: Entry, scope: Scope, sink: list[Diagnostic]) -> tuple[Scalar, Surface | None]:
    """The tree of an expression, and the scalar that its places count in: its words as they were meant."""
    meant = spelled(scalar, sink, lambda: known_words(scope))
    if meant is None:
        return scalar, None
    tree = parse(meant.text, entry)
    if isinstance(tree, Mistake):
        sink.append(diagnostic(tree, meant))
        return meant, None
    return meant, tree


def known_words(scope: Scope) -> Mapping[str, Span | None]:
    """Every word that a name in scope is made of, and where the first such name was declared."""
    out: dict[str, Span | None] = {}

    def enter(name: str, span: Span | None) -> None:
        for word in name.split("."):
            out.setdefault(word, None if span is None or not span.source.data else span)

    for variable in scope.variables.values():
        enter(variable.name, variable.span)
        kind = bare(variable.type)
        for member in kind.members if isinstance(kind, Enum) else ():
            enter(member, variable.span)
    for event in scope.events.values():
        enter(event.name, event.span)
        for field in event.fields:
            enter(field.name, field.span)
    for machine, states in scope.machines.items():
        for name in (machine, *states):
            enter(name, scope.places.get(machine))
    for other in (*scope.persons, *scope.constants, *scope.concern_fields, *scope.types):
        enter(other, scope.places.get(other))
    for enum in scope.types.values():
        for member in enum.members:
            enter(member, scope.places.get(enum.name or ""))
    for name in scope.fields:
        enter(name, None)
    return out


def _guard(tree: Surface, place: Place) -> Guard | None:
    expr = truths.truth(tree, place)
    return None if expr is None else Guard(expr, place.text(tree.at), place.span(tree.at))
