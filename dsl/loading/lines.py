"""Lines: reading the single lines of an assembled scenario, each only where it is worth reading.

Thin wrappers over the elaborator for pass two of the loader. A line that is absent, empty, or mentions a name whose declaration
was broken is passed over in silence: the mistake has been reported where it was made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from dramaturg.dsl import core
from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory, entries, items, pick, resolve, scalar
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.elaboration import elaborate
from dramaturg.dsl.elaboration.kinds import bare
from dramaturg.dsl.scenario import EventType, Guard, MoveSpec, Tie, Variable
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import NOWHERE, Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar
from dramaturg.dsl.types import Number, Optional, Type

T = TypeVar("T")

Assignments = tuple[tuple[str, Guard], ...]


def small(node: Node | None, read: Callable[[Scalar, list[Diagnostic]], T | None], default: T, found: Inventory) -> T:
    """A duration, chance, yes/no or the like; the default where it is absent or wrong."""
    line = scalar(node)
    if line is None or not line.text.strip():
        return default
    value = read(line, found.sink)
    return default if value is None else value


def guard(node: Node | None, scope: Scope, found: Inventory) -> Guard | None:
    line = scalar(node)
    return elaborate.guard(line, scope, found.sink) if line is not None and found.ready(line) else None


def timed(body: Map, key: str, meant: str, found: Inventory) -> bool:
    """Whether a time stands where a condition is wanted (``until: 30m``), which is said: it belongs behind the key ``meant``."""
    line = scalar(body.get(key))
    if line is None or not line.text[:1].isdigit() or body.get(meant) is not None or declare.wait(line, []) is None:
        return False
    at = next(entry.key.span for entry in body.entries if entry.key.text == key)
    message = f"`{key}` takes a condition; the time `{line.text.strip()}` stands behind `{meant}`"
    found.sink.append(diagnose("not-yes-no", at, message, fixes=[Fix(f"write `{meant}`", ((at, meant),))]))
    return True


def pattern(node: Node | None, scope: Scope, found: Inventory) -> Guard | None:
    line = scalar(node)
    return elaborate.pattern(line, scope, found.sink) if line is not None and found.ready(line) else None


def at_hand(when: Guard | None, scope: Scope) -> Scope:
    """The scope once ``when`` has fired: the fields of the event that it speaks of may be read."""
    return scope if when is None else given(when, scope.during(elaborate.fields_of(when.expr, scope)))


def given(condition: Guard | None, scope: Scope) -> Scope:
    """The scope where a condition holds: what cannot be unknown then."""
    return scope if condition is None else scope.knowing(elaborate.known_in(condition.expr))


def whole(least: int) -> Callable[[Scalar, list[Diagnostic]], int | None]:
    return lambda line, sink: declare.whole(line, sink, least)


def arguments(
    node: Node | None,
    event: EventType,
    at: Span,
    scope: Scope,
    found: Inventory,
    given: Mapping[str, Guard] | None = None,
    draws: bool = True,
    doubtful: bool = False,
) -> Assignments:
    """``with``: a value for every field of the event, draws allowed or not. ``given`` are those fixed already.

    Where the line that would hold ``with`` is damaged it is ``doubtful`` whether there is none, and none is missed.
    """
    types = {field.name: field.type for field in event.fields}
    out = dict(given or {})
    written: set[str] = set(out)
    for entry in entries(node):
        name = entry.key.text
        if name not in types:
            pick(entry.key, types, f"`{event.name}` has no field {{}}", "unknown-field", found)
            written.update(types)  # the misspelt one may be any of those missing
            continue
        written.add(name)
        said = len(found.sink)
        value = _value(entry, types[name], scope, found, draws)
        found.sink[said:] = [_of_field(it, event, name) for it in found.sink[said:]]
        if value is not None:
            out[name] = value
    lacking = [f.name for f in event.fields if f.name not in written and not isinstance(f.type, Optional)]
    if (
        lacking
        and not (node.damaged if isinstance(node, Map) else doubtful and node is None)
        and not any(name in found.broken for name in (*lacking, *event.name.split(".")))
    ):
        names = " and ".join(f"`{name}`" for name in lacking)
        found.sink.append(
            diagnose(
                "missing-argument",
                at,
                f"`{event.name}` is made without {names}: give it under `with`",
                labels=[Label(field.span, "declared here") for field in event.fields if field.name in lacking],
            )
        )
    return tuple((name, out[name]) for name in types if name in out)


def _of_field(said: Diagnostic, event: EventType, name: str) -> Diagnostic:
    """With the declaration of the field whose type a value does not have."""
    field = next(it for it in event.fields if it.name == name)
    if said.name not in ("type-mismatch", "mixed-units") or "wanted" not in said.message or field.span == NOWHERE:
        return said
    return replace(said, labels=(*said.labels, Label(field.span, "declared here")))


def _value(entry: Entry, expected: Type, scope: Scope, found: Inventory, draws: bool) -> Guard | None:
    line = scalar(entry.value)
    if line is None or not found.ready(line):
        return None
    value = elaborate.value(line, scope, expected, found.sink, draws)
    if value is None:
        return None
    if isinstance(value.expr, core.Uniform | core.Spread) and _stepless(expected):
        found.sink.append(
            diagnose(
                "drawn-without-step",
                line.span,
                f"`{entry.key.text}` is drawn at random, but its declaration has no step to draw on",
                notes=["end its range with a step, such as `step 10 EUR`"],
            )
        )
        return None
    return value


def _stepless(kind: Type) -> bool:
    match kind:
        case Optional(inner):
            return _stepless(inner)
        case Number(family, step=None):
            return family != "int"
        case _:
            return False


def assignments(
    node: Node | None, kinds: tuple[str, ...], scope: Scope, found: Inventory, own: str | None = None
) -> Assignments:
    """``set``: variables of these kinds and their new values."""
    out = []
    for entry in entries(node):
        if not found.ready(entry.key):
            continue
        variable = resolve(entry.key, found, own)
        if variable is None:
            continue
        if variable.kind not in kinds or (
            variable.kind == "stance" and own and not variable.name.startswith(own + ".")
        ):
            found.sink.append(_may_not_set(entry.key, variable))
            continue
        if (change := _change(entry, variable)) is not None:
            found.sink.append(change)
            continue
        value = _value(entry, variable.type, scope, found, draws=False)
        if value is not None:
            out.append((variable.name, value))
    return tuple(out)


_CHANGE = re.compile(r"([+-]) ?([^\W_][^-+*/()]*)")


def _change(entry: Entry, variable: Variable) -> Diagnostic | None:
    """What to say of ``mood: +1``, and of ``mood: -1`` where no value is below zero: by how much, in place of what it becomes."""
    line, kind = scalar(entry.value), bare(variable.type)
    change = None if line is None else _CHANGE.fullmatch(line.text.strip())
    if change is None or line is None or not isinstance(kind, Number):
        return None
    if change[1] == "-" and (kind.lo is None or kind.lo < 0):
        return None
    meant = f"{entry.key.text} {change[1]} {change[2]}"
    message = f"`set` says what `{entry.key.text}` becomes, not by how much it changes: write `{meant}`"
    return diagnose("bad-expression", line.span, message, fixes=[Fix(f"write `{meant}`", ((line.span, meant),))])


def _may_not_set(name: Scalar, variable: Variable) -> Diagnostic:
    why = {
        "parameter": "is a parameter, and keeps its value for the whole episode",
        "trait": "is a trait, and keeps its value for the whole episode",
        "stance": "is a stance, which only that person's `feels` change",
        "slot": "is a slot, which only its task changes",
        "world": "is a world variable, which only the stream and tasks change",
    }[variable.kind]
    return diagnose("not-settable", name.span, f"`{name.text}` {why}", labels=[Label(variable.span, "declared here")])


def made(node: Node | None, person: str, scope: Scope, found: Inventory) -> MoveSpec | None:
    """``do`` with its ``with``: a move of this person, None for ``nothing`` (and where it is wrong)."""
    if not isinstance(node, Map):
        return None
    name = scalar(node.get("do"))
    if name is None or name.text == "nothing" or not found.ready(name):
        return None
    full = f"{person}.{name.text}"
    event = found.events.get(full)
    if event is None or event.actor != person or name.text == "voice":
        moves = [other.split(".", 1)[1] for other, it in found.events.items() if it.actor == person]
        moves = [move for move in moves if move != "voice"]
        meant = pick(name, [*moves, "nothing"], f"`{person}` has no move {{}}", "unknown-move", found)
        if meant is None or meant == "nothing":
            return None
        full = f"{person}.{meant}"
        event = found.events[full]
    return MoveSpec(full, arguments(node.get("with"), event, name.span, scope, found, doubtful=node.damaged), name.span)


def exactly_one(node: Map, keys: Iterable[str], what: str, found: Inventory) -> str | None:
    """Which of these keys is there; None (and a diagnostic) where that is none or several."""
    keys = tuple(keys)
    there = [entry for entry in node.entries if entry.key.text in keys]
    if len(there) == 1:
        return there[0].key.text
    options = " or ".join(f"`{key}`" for key in keys)
    if there:
        found.sink.append(
            diagnose(
                "either-or",
                there[1].key.span,
                f"{what} has either {options}, not several of them",
                labels=[Label(there[0].key.span, "the other one is here")],
            )
        )
    elif not node.damaged:
        at = node.entries[0].key.span if node.entries and not node.flow else node.span
        found.sink.append(diagnose("either-or", at, f"{what} needs {options}"))
    return None


def whose(body: Map, found: Inventory) -> str | None:
    """The person whom a concern or a shift belongs to; None (and a diagnostic) where there is no such person."""
    named = scalar(body.get("of"))
    if named is None:
        return found.principal() if found.persons else None
    if named.text not in found.persons:
        pick(named, found.persons, "there is no person {}", "unknown-person", found)
        return None
    return named.text


def told(body: Map, person: str, scope: Scope, found: Inventory) -> MoveSpec | None:
    """``as`` with its ``with``: the move with which a concern or a shift is told."""
    line = scalar(body.get("as"))
    if line is None or not found.ready(line):
        return None
    spec = elaborate.move(line, scope, found.sink)
    if spec is None:
        return None
    event = found.events[spec.event]
    if event.actor != person:
        moves = [name for name, it in found.events.items() if it.actor == person and not name.endswith(".voice")]
        found.sink.append(
            diagnose(
                "not-a-move",
                line.span,
                f"`{spec.event}` is not a move of `{person}`",
                labels=[Label(event.span, "declared here")] if event.span != NOWHERE else [],
                notes=["moves are " + ", ".join(f"`{move}`" for move in moves)] if moves else [],
            )
        )
        return None
    filled = arguments(body.get("with"), event, line.span, scope, found, dict(spec.fields), doubtful=body.damaged)
    return MoveSpec(spec.event, filled, spec.span)


def _listed(item: Scalar, known: Collection[str], code: str) -> Diagnostic | None:
    """What to say of several names that stand in one text, ``needs: dear and rival``."""
    names = re.split(r"\s*(?:,|;|\||\band\b)\s*", item.text.strip())
    if len(names) < 2 or not all(name in known for name in names):
        return None
    meant = f"[{', '.join(names)}]"
    fixes = [Fix(f"write `{meant}`", ((item.span, meant),))] if item.style == "plain" else []
    return diagnose(code, item.span, f"several names are written as a list, `{meant}`", fixes=fixes)


def ties(node: Node | None, section: str, what: str, found: Inventory) -> tuple[Tie, ...]:
    """Names of entries of a section (``what`` one is called), each one told where there is none of that name."""
    known = [entry.key.text for entry in found.section(section)]
    out = []
    for item in (node,) if isinstance(node, Scalar) else items(node):
        if not isinstance(item, Scalar) or not item.text.strip():
            continue
        unknown = item.text not in known
        if unknown and (listed := _listed(item, known, f"unknown-{what}")) is not None:
            found.sink.append(listed)
            continue
        meant = pick(item, known, f"there is no {what} {{}}", f"unknown-{what}", found) if unknown else item.text
        if meant is not None:
            out.append(Tie(meant, item.span))
    return tuple(out)
