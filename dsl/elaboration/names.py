"""Names: what a path of words stands for in a scope.

Short names resolve in the order pattern field, event field, own slot or stance, then the one slot, stance, world variable or
parameter of that name; longer paths by what they begin with. Nothing is reported here: a path that stands for nothing is
``None``, one that stands for two things is ``Ambiguous``, and the caller, who knows what is wanted, says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from dramaturg.dsl.immutable import immutable
from dramaturg.dsl.scenario import EventType, Variable
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.spans import NOWHERE, Span
from dramaturg.dsl.types import Type, Value

SHORT = ("slot", "stance")


@immutable
class FieldName:
    """A field of the event at hand."""

    name: str
    type: Type


@immutable
class VariableName:
    variable: Variable


@immutable
class ConstantName:
    type: Type
    value: Value


@immutable
class ConcernText:
    """A further constant of a concern: its type is that of its place."""

    text: str


@immutable
class EventsName:
    """One event, or all of an actor."""

    names: tuple[str, ...]


@immutable
class LatestName:
    event: str
    field: str
    type: Type


@immutable
class NoSuchField:
    """An event is named, but it has no such field."""

    event: EventType
    field: str


@immutable
class MachineName:
    name: str
    states: tuple[str, ...]


@immutable
class ResistanceName:
    person: str


@immutable
class Ambiguous:
    """Several variables share the short name."""

    variables: tuple[Variable, ...]


Meaning: TypeAlias = (
    FieldName
    | VariableName
    | ConstantName
    | ConcernText
    | EventsName
    | LatestName
    | NoSuchField
    | MachineName
    | ResistanceName
    | Ambiguous
)


def resolve(written: tuple[str, ...], scope: Scope, pattern: Mapping[str, Type] | None = None) -> Meaning | None:
    """What a path stands for. ``pattern`` are the fields of the event pattern inside which it is written."""
    if len(written) == 1 and (field := _field(written[0], scope, pattern)) is not None:
        return field
    parts = person_meant(written, scope)
    name = ".".join(parts)
    if len(parts) == 1 and (short := _short(name, scope)) is not None:
        return short
    if name in scope.variables:
        return VariableName(scope.variables[name])
    if name in scope.constants:
        return ConstantName(*scope.constants[name])
    if name in scope.concern_fields:
        return ConcernText(scope.concern_fields[name])
    if name in scope.machines:
        return MachineName(name, scope.machines[name])
    if parts[0] == "task" and ".".join(parts[1:]) in scope.variables:
        return VariableName(scope.variables[".".join(parts[1:])])
    if name in scope.events:
        return EventsName((name,))
    if len(parts) == 1 and (name == "agent" or name in scope.persons):
        acts = tuple(event.name for event in scope.events.values() if event.actor == name)
        return EventsName(acts) if acts else None
    if len(parts) == 2 and parts[1] == "resistance" and parts[0] in scope.persons:
        return ResistanceName(parts[0])
    event = scope.events.get(".".join(parts[:-1]))
    return None if event is None else _latest(event, parts[-1])


def person_meant(parts: tuple[str, ...], scope: Scope) -> tuple[str, ...]:
    """``user`` stands for the one person in the role of user where nobody has that name."""
    if parts[0] == "user" and "user" not in scope.persons:
        users = [name for name, role in scope.persons.items() if role == "user"]
        if len(users) == 1:
            return (users[0], *parts[1:])
    return parts


def _field(name: str, scope: Scope, pattern: Mapping[str, Type] | None) -> FieldName | None:
    for fields in (pattern or {}, scope.fields):
        if name in fields:
            return FieldName(name, fields[name])
    return None


def _short(name: str, scope: Scope) -> VariableName | Ambiguous | None:
    for prefix in scope.own:
        own = scope.variables.get(f"{prefix}.{name}")
        if own is not None:
            return VariableName(own)
    found = _by_short(scope.variables).get(name, ())
    if len(found) > 1:
        return Ambiguous(found)
    return VariableName(found[0]) if found else None


def _by_short(variables: Mapping[str, Variable]) -> Mapping[str, tuple[Variable, ...]]:
    """The variables that a name without a point may mean, in the order in which they were declared."""
    global _latest_shorts
    known, size, shorts = _latest_shorts
    if known is not variables or size != len(variables):
        shorts = {}
        for variable in variables.values():
            shorts[variable.name] = (*shorts.get(variable.name, ()), variable)
            short = _last(variable.name)
            if variable.kind in SHORT and short != variable.name:
                shorts[short] = (*shorts.get(short, ()), variable)
        _latest_shorts = variables, len(variables), shorts
    return shorts


_latest_shorts: tuple[Mapping[str, Variable], int, dict[str, tuple[Variable, ...]]] = {}, 0, {}
"""What was asked last: all expressions of a file are read after one another, against the same variables, which only grow."""


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _latest(event: EventType, field: str) -> LatestName | NoSuchField:
    for declared in event.fields:
        if declared.name == field:
            return LatestName(event.name, field, declared.type)
    return NoSuchField(event, field)


def common_fields(events: Iterable[EventType]) -> dict[str, Type]:
    """The fields that every one of these events has, with one type."""
    out: dict[str, Type] | None = None
    for event in events:
        fields = {field.name: field.type for field in event.fields}
        out = fields if out is None else {name: type for name, type in out.items() if fields.get(name) == type}
    return out or {}


def candidates(parts: tuple[str, ...], scope: Scope, pattern: Mapping[str, Type] | None = None) -> list[str]:
    """Names that an unknown path may have been meant to be, best kinds first."""
    out = [*(pattern or {}), *scope.fields]
    out.extend(_last(v.name) for v in scope.variables.values() if v.kind in SHORT)
    out.extend(
        [*scope.variables, *scope.constants, *scope.concern_fields, *scope.events, *scope.machines, *scope.persons]
    )
    out.append("agent")
    for event in scope.events.values():
        if len(parts) > 1:
            out.extend(f"{event.name}.{field.name}" for field in event.fields)
    return list(dict.fromkeys(out))


def declared_at(meaning: Meaning, scope: Scope) -> Span | None:
    """Where the thing was declared, if an author wrote it."""
    match meaning:
        case VariableName(variable):
            span = variable.span
        case EventsName((name,)) | LatestName(event=name):
            span = scope.events[name].span
        case NoSuchField(event):
            span = event.span
        case MachineName(name):
            span = scope.places.get(name, NOWHERE)
        case _:
            return None
    return None if span.source is NOWHERE.source else span
