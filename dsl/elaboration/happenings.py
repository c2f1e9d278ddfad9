"""Happenings: event patterns, elaborated.

``agent.ask(topic == purpose)`` is an event with conditions on its fields; ``agent``, ``user`` or the name of a member of the
cast stand for everything that she does. Inside the parentheses the event's own fields come before all other names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dramaturg.dsl import core
from dramaturg.dsl.elaboration import names, operands, truths
from dramaturg.dsl.elaboration.kinds import bare
from dramaturg.dsl.elaboration.place import Place
from dramaturg.dsl.expressions import surface
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.expressions.surface import At, Surface
from dramaturg.dsl.scenario import EventType
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.types import Enum, Type


def called(tree: surface.Call, place: Place) -> core.Expr | None:
    """``EVENT(condition on its fields)``."""
    meaning = place.meaning(tree.path)
    if meaning is None:
        operands.unknown(tree.path, place)
        return None
    if not isinstance(meaning, names.EventsName):
        if isinstance(meaning, names.NoSuchField | names.Ambiguous):
            truths.misused(meaning, tree.path, place)
        else:
            message = f"`{tree.path.text}` is not an event, so it takes no parentheses"
            place.say("not-a-pattern", tree.path.at, message)
        return None
    events = [place.scope.events[name] for name in meaning.names]
    inside = place.inside(names.common_fields(events), extent(tree))
    conditions = []
    for item in tree.items:
        if (strange := _strange_field(item, events, inside)) is not None:
            no_such_field(events[0], strange.text, strange.at, place)
            return None
        condition = truths.truth(item, inside)
        if condition is None:
            return None
        conditions.append(condition)
    if not conditions:
        return core.Happened(meaning.names)
    where = conditions[0] if len(conditions) == 1 else core.And(tuple(conditions))
    return core.Happened(meaning.names, where)


def extent(tree: surface.Call) -> At:
    """A pattern from its name to its last condition, whatever stands around it."""
    return tree.path.at[0], (tree.items or (tree.path,))[-1].at[1]


def _strange_field(item: Surface, events: list[EventType], place: Place) -> surface.Path | None:
    """The word on the left of a comparison that is meant as a field, where the one event in question has none of that name."""
    if len(events) != 1:
        return None
    match item:
        case surface.Compare(_, surface.Path((name,)) as path, _) | surface.OneOf(surface.Path((name,)) as path):
            known = place.meaning(path)
            return path if known is None and name not in (place.pattern or {}) else None
        case surface.And(items):
            for inner in items:
                if (found := _strange_field(inner, events, place)) is not None:
                    return found
        case (surface.Path((_,)) as path) | surface.Not(surface.Path((_,)) as path):
            return path if place.meaning(path) is None else None
    return None


def no_such_field(event: EventType, field: str, at: At, place: Place) -> None:
    """Complain about a field that an event does not have."""
    fields = [declared.name for declared in event.fields]
    near = closest(field, fields)
    tail = f"; did you mean `{near}`?" if near else ""
    notes = [f"Its fields are {', '.join(fields)}."] if fields else [f"`{event.name}` carries no fields."]
    start = at[1] - len(field)
    kinds = {it.name: bare(it.type) for it in event.fields}
    having = [name for name, kind in kinds.items() if isinstance(kind, Enum) and field in kind.members]
    if not near and len(having) == 1 and re.match(r"\s*(?:[),]|and\b|or\b|$)", place.scalar.text[at[1] :]):
        near = f"{having[0]} == {field}"
        tail = f"; did you mean `{near}`?"
    place.say(
        "unknown-field",
        at,
        f"`{event.name}` has no field `{field}`{tail}",
        *notes,
        labels=[(names.declared_at(names.EventsName((event.name,)), place.scope), "declared here")],
        fixes=[(f"write `{near}`", (((start, at[1]), near),))] if near else [],
    )


def pattern(tree: Surface, place: Place) -> core.Expr | None:
    """Only an event pattern, or several joined by ``or``."""
    match tree:
        case surface.Or(items):
            parts = [pattern(item, place) for item in items]
            found = [part for part in parts if part is not None]
            return core.Or(tuple(found)) if len(found) == len(parts) else None
        case surface.Call(path) if path.parts != ("count",):
            return called(tree, place)
        case surface.Path():
            meaning = place.meaning(tree)
            if meaning is None or isinstance(meaning, names.EventsName | names.NoSuchField):
                return truths.truth(tree, place)
    place.say(
        "not-a-pattern",
        tree.at,
        f"`{place.text(tree.at)}` is not an event; name one, as in `agent.ask` or `agent.ask(topic == purpose)`",
        "Other conditions belong under `if`.",
    )
    return None


def fields_at_hand(expr: core.Expr, scope: Scope) -> Mapping[str, Type]:
    """The fields that may be read once the expression has fired: those that every matching event has."""
    match expr:
        case core.Happened(events):
            return names.common_fields(scope.events[name] for name in events)
        case core.And(items):
            out: dict[str, Type] = {}
            for item in items:
                out.update(fields_at_hand(item, scope))
            return out
        case core.Or(items):
            first, *rest = [fields_at_hand(item, scope) for item in items]
            return {name: type for name, type in first.items() if all(other.get(name) == type for other in rest)}
    return {}
