"""What the lines of a scenario name: expressions, declarations and wordings, each read for its names alone.

An expression is parsed as the loader parses it, and every path in it is asked of ``Place.meaning`` in the scope in which the
loader reads it; here the answer is kept together with the characters that it was about. Nothing is reported, and a line with
a mistake in it gives what can be told of the rest. Which line is read in which scope is said by ``indexing``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory
from dramaturg.dsl.editing.occurrences import Occurrence, Symbol
from dramaturg.dsl.elaboration import names, operands
from dramaturg.dsl.elaboration.happenings import extent
from dramaturg.dsl.elaboration.kinds import agree, bare
from dramaturg.dsl.elaboration.place import Place
from dramaturg.dsl.expressions import surface
from dramaturg.dsl.expressions.mistakes import Mistake, words
from dramaturg.dsl.expressions.parser import Entry, parse
from dramaturg.dsl.expressions.surface import At, Surface
from dramaturg.dsl.scenario import EventType
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.tree import Scalar
from dramaturg.dsl.types import Condition, Enum, ListOf, Optional, SetOf, Text, Type
from dramaturg.dsl.wording import placeholders
from dramaturg.dsl.wording.allowlist import structure

BUILT_IN = ("concern", "trigger", "shift")
"""Machines whose states nobody declares."""

Carriers = Mapping[str, tuple[str, ...]]
"""The name of a field at hand to the events that it may be a field of."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where a line stands: what it may speak of."""

    found: Inventory
    scope: Scope
    carriers: Carriers = field(default_factory=dict)
    """Of the fields in ``scope.fields``."""
    constants: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    """Where the text of ``concern.NAME.KEY`` was written."""
    traits: Mapping[str, str] = field(default_factory=dict)
    """The persona that a trait in view (``persona.NAME``) is declared by."""

    def during(self, fields: Mapping[str, tuple[Type, tuple[str, ...]]]) -> Here:
        """With the fields of an event at hand."""
        types = {name: type for name, (type, _) in fields.items()}
        carriers = {**self.carriers, **{name: events for name, (_, events) in fields.items()}}
        return replace(self, scope=self.scope.during(types), carriers=carriers)

    def within(self, *owner: str) -> Here:
        return replace(self, scope=self.scope.within(*owner))


def choice(kind: Enum, member: str) -> Symbol:
    return Symbol("choice", f"{'|'.join(kind.members)}:{member}")


def field_symbol(event: str, name: str, here: Here) -> Symbol:
    """A field of an event; that of a result is the variable whose value it carries."""
    if event.startswith("result.") and name in here.found.variables:
        return variable_symbol(name, here)
    return Symbol("field", f"{event}.{name}")


def variable_symbol(full: str, here: Here) -> Symbol:
    if full.startswith("persona."):
        return Symbol("trait", f"{here.traits.get(full, 'persona')}.{full.removeprefix('persona.')}")
    return Symbol("variable", full)


def event_symbol(full: str, here: Here) -> Symbol:
    head, _, last = full.partition(".")
    if head in ("agent", "result"):
        return Symbol("act", f"agent.{last}")
    return Symbol("move" if head in here.found.persons else "event", full)


# --- paths ------------------------------------------------------------------------------------------------------------


def event_path(text: str, scalar: Scalar, at: At, here: Here) -> Iterator[Occurrence]:
    """The full name of an event, written at these characters."""
    event = here.found.events.get(text)
    if event is not None:
        parts = tuple(text.split("."))
        yield from _event(event, parts, _places(parts, scalar, at), scalar, here)


def _places(parts: tuple[str, ...], scalar: Scalar, at: At) -> list[At]:
    """The characters of each part of a path."""
    out, cursor = [], at[0]
    for part in parts:
        start = scalar.text.find(part, cursor, at[1])
        start = cursor if start < 0 else start
        cursor = start + len(part)
        out.append((start, cursor))
    return out


def _event(
    event: EventType, parts: tuple[str, ...], places: list[At], scalar: Scalar, here: Here
) -> Iterator[Occurrence]:
    if event.actor == "world":
        yield Occurrence(Symbol("event", event.name), scalar.part(places[0][0], places[len(parts) - 1][1]))
        return
    if parts[0] == event.actor and event.actor in here.found.persons:
        yield Occurrence(Symbol("person", event.actor), scalar.part(*places[0]))
    implied = event.name in here.found.implied and scalar.part(0, len(scalar.text)) == event.span
    yield Occurrence(event_symbol(event.name, here), scalar.part(*places[1]), implied)


def path(tree: surface.Path, place: Place, here: Here, carriers: Carriers) -> Iterator[Occurrence]:
    """What the parts of a path name; nothing where it stands for nothing."""
    parts, scalar = tree.parts, place.scalar
    places = _places(parts, scalar, tree.at)
    spans = [scalar.part(*at) for at in places]
    match place.meaning(tree):
        case names.FieldName(name):
            for event in (carriers if place.pattern and name in place.pattern else here.carriers).get(name, ()):
                yield Occurrence(field_symbol(event, name, here), spans[-1])
        case names.VariableName(variable):
            symbol = variable_symbol(variable.name, here)
            yield Occurrence(symbol, spans[-1])
            owner = variable.name.partition(".")[0]
            if len(parts) > 1 and parts[-2] == owner and variable.kind in ("slot", "stance"):
                yield Occurrence(Symbol("task" if variable.kind == "slot" else "person", owner), spans[-2])
        case names.ConstantName():
            yield Occurrence(variable_symbol(".".join(parts), here), spans[-1])
        case names.ConcernText():
            yield Occurrence(Symbol("concern", parts[1]), spans[1])
            yield Occurrence(Symbol("constant", ".".join(parts[1:])), spans[2])
        case names.EventsName((name,)) if len(parts) > 1 or parts[0] == name:
            yield from _event(place.scope.events[name], parts, places, scalar, here)
        case names.EventsName():
            if parts[0] in here.found.persons:
                yield Occurrence(Symbol("person", parts[0]), spans[0])
        case names.LatestName(name, last):
            yield from _event(place.scope.events[name], parts[:-1], places[:-1], scalar, here)
            yield Occurrence(field_symbol(name, last, here), spans[-1])
        case names.NoSuchField(event):
            yield from _event(event, parts[:-1], places[:-1], scalar, here)
        case names.MachineName():
            yield Occurrence(Symbol(parts[0], parts[1]), spans[1])
        case names.ResistanceName(person):
            if parts[0] == person:
                yield Occurrence(Symbol("person", person), spans[0])


# --- expressions ------------------------------------------------------------------------------------------------------


def expression(scalar: Scalar, entry: Entry, here: Here, expected: Type | None = None) -> Iterator[Occurrence]:
    """Everything that an expression names. ``expected`` is the type that its place asks for."""
    kind = None if expected is None else bare(expected)
    if isinstance(kind, SetOf | ListOf):
        yield from _listed(scalar, kind)
        return
    tree = parse(scalar.text, entry)
    if not isinstance(tree, Mistake):
        if isinstance(kind, Text) and not isinstance(tree, surface.Path):
            return
        yield from walk(tree, Place(scalar, here.scope, []), here, {}, expected)


def walk(
    tree: Surface, place: Place, here: Here, carriers: Carriers, expected: Type | None = None
) -> Iterator[Occurrence]:
    match tree:
        case surface.Path():
            yield from _word(tree, place, here, carriers, expected)
        case surface.Call(surface.Path(("count",)), items):
            for item in items:
                yield from walk(item, place, here, carriers)
        case surface.Call(called, items) as tree:
            yield from path(called, place, here, carriers)
            meaning = place.meaning(called)
            if isinstance(meaning, names.EventsName):
                inside = {name: (name_type, events) for name, (name_type, events) in fields(meaning, here).items()}
                place = place.inside({name: name_type for name, (name_type, _) in inside.items()}, extent(tree))
                carriers = {name: events for name, (_, events) in inside.items()}
            for item in items:
                yield from walk(item, place, here, carriers)
        case surface.OneOf(item, choices):
            yield from walk(item, place, here, carriers)
            yield from _choices(item, choices, place, here, carriers)
        case surface.Compare(_, left, right):
            yield from walk(left, place, here, carriers, _type(right, place))
            yield from walk(right, place, here, carriers, _type(left, place))
        case surface.IsIn(item, holder):
            whole = _type(holder, place)
            kind = None if whole is None else bare(whole)
            yield from walk(item, place, here, carriers, kind.inner if isinstance(kind, SetOf | ListOf) else None)
            yield from walk(holder, place, here, carriers)
        case surface.Matches(item, named):
            yield from walk(item, place, here, carriers)
            start = named.at[1] - len(named.parts[-1])
            if f"trigger.{named.parts[-1]}" in place.scope.machines:
                yield Occurrence(Symbol("trigger", named.parts[-1]), place.scalar.part(start, named.at[1]))
        case surface.Pick(choices):
            for item in choices:
                yield from walk(item, place, here, carriers, expected)
        case _:
            for item in surface.children(tree):
                yield from walk(item, place, here, carriers)


def _word(
    tree: surface.Path, place: Place, here: Here, carriers: Carriers, expected: Type | None
) -> Iterator[Occurrence]:
    """A path, or the choice of an enum where one is wanted (``operands._named`` says which)."""
    kind = None if expected is None else bare(expected)
    if isinstance(kind, Enum):
        own = _type(tree, place)
        if tree.text in kind.members and (own is None or not agree(own, kind)):
            yield Occurrence(choice(kind, tree.text), place.span(tree.at))
            return
        meaning = place.meaning(tree)
        if isinstance(meaning, names.ConcernText) and meaning.text in kind.members:
            for written in here.constants.get(tree.text, ()):
                if written.text == meaning.text:
                    yield Occurrence(choice(kind, meaning.text), written.part(0, len(written.text)))
    yield from path(tree, place, here, carriers)


def _type(tree: Surface, place: Place) -> Type | None:
    """The type of a path's value; None for what is no path or has none."""
    if not isinstance(tree, surface.Path):
        return None
    meaning = place.meaning(tree)
    if meaning is None or isinstance(meaning, names.ConcernText):
        return None
    typed = operands.value_of(meaning, tree, place, None)
    return None if typed is None else typed.type


def _choices(
    item: Surface, choices: tuple[Surface, ...], place: Place, here: Here, carriers: Carriers
) -> Iterator[Occurrence]:
    """``x is A | B``: the states of a machine, or the choices of an enum."""
    meaning = place.meaning(item) if isinstance(item, surface.Path) else None
    kind = _type(item, place)
    for each in choices:
        if isinstance(meaning, names.MachineName):
            text = place.text(each.at)
            machine, _, name = meaning.name.partition(".")
            if text in meaning.states:
                full = f"{machine}:{text}" if machine in BUILT_IN else f"{name}.{text}"
                yield Occurrence(Symbol("state", full), place.span(each.at))
        elif not isinstance(each, surface.Path) or (kind is not None and isinstance(bare(kind), Enum)):
            yield from walk(each, place, here, carriers, kind)


def fields(meaning: names.EventsName, here: Here) -> dict[str, tuple[Type, tuple[str, ...]]]:
    """The fields that all of these events have, with the events."""
    events = [here.scope.events[name] for name in meaning.names]
    return {name: (type, meaning.names) for name, type in names.common_fields(events).items()}


def at_hand(scalar: Scalar | None, here: Here) -> dict[str, tuple[Type, tuple[str, ...]]]:
    """The fields that may be read once this line (a ``when`` or ``to``) has fired, and the events that carry them."""
    tree = parse(scalar.text, "guard") if scalar is not None and scalar.text.strip() else None
    return {} if tree is None or isinstance(tree, Mistake) else _at_hand(tree, here)


def _at_hand(tree: Surface, here: Here) -> dict[str, tuple[Type, tuple[str, ...]]]:
    match tree:
        case surface.Call(called) | (surface.Path() as called):
            meaning = names.resolve(called.parts, here.scope)
            return fields(meaning, here) if isinstance(meaning, names.EventsName) else {}
        case surface.And(items):
            out: dict[str, tuple[Type, tuple[str, ...]]] = {}
            for item in items:
                out.update(_at_hand(item, here))
            return out
        case surface.Or(items):
            first, *rest = [_at_hand(item, here) for item in items]
            return {
                name: (type, (*events, *(event for other in rest for event in other[name][1])))
                for name, (type, events) in first.items()
                if all(name in other and other[name][0] == type for other in rest)
            }
    return {}


# --- declarations, lists and wordings ---------------------------------------------------------------------------------


def declaration(scalar: Scalar, here: Here, owner: tuple[str, ...] = ()) -> Iterator[Occurrence]:
    """A declaration line: its named type or its choices, the names of a condition, and its start."""
    declared = declare.declaration(scalar, here.found.types, [])
    if declared is None:
        return
    listed = list(words(scalar.text))
    ends = len(scalar.text) - (len(declared.start.text) if declared.start is not None else 0)
    kind = bare(declared.type)
    inner = kind.inner if isinstance(kind, SetOf | ListOf) else kind
    enum = inner.inner if isinstance(inner, Optional) else inner
    for at, word in enumerate(listed):
        if word.at[1] > ends:
            break
        if isinstance(enum, Enum) and enum.name is not None and word.text == enum.name:
            yield Occurrence(Symbol("type", enum.name), scalar.part(*word.at))
        elif isinstance(enum, Enum) and enum.name is None and at and word.text in enum.members:
            yield Occurrence(choice(enum, word.text), scalar.part(*word.at), True)
    if isinstance(kind, Condition):
        yield from _conditioned(kind, scalar, here)
    if declared.start is not None:
        yield from expression(declared.start, "value", here.within(*owner) if owner else here, declared.type)


def _conditioned(kind: Condition, scalar: Scalar, here: Here) -> Iterator[Occurrence]:
    cursor = max(0, scalar.text.find(" on "))
    place = Place(scalar, Scope(variables=here.scope.variables, own=here.scope.own), [])
    for name in kind.names:
        start = scalar.text.find(name, cursor)
        if start >= 0:
            cursor = start + len(name)
            yield from path(surface.Path(tuple(name.split(".")), at=(start, cursor)), place, here, {})


def _listed(scalar: Scalar, kind: SetOf | ListOf) -> Iterator[Occurrence]:
    """The members of a set or list of choices, which is read as it stands."""
    inner = kind.inner.inner if isinstance(kind.inner, Optional) else kind.inner
    if isinstance(inner, Enum):
        for word in words(scalar.text):
            if word.text in inner.members:
                yield Occurrence(choice(inner, word.text), scalar.part(*word.at))


def wording(scalar: Scalar, event: EventType, here: Here) -> Iterator[Occurrence]:
    """The names that an authored text shows: fields of the event that it words before all others."""
    if "{" not in scalar.text:
        return
    own = {declared.name: declared.type for declared in event.fields}
    place = Place(scalar, here.scope, [])
    for tag in structure(scalar)[0]:
        for name in placeholders.names(tag):
            if name.dotted in own:
                yield Occurrence(field_symbol(event.name, name.dotted, here), scalar.part(name.start, name.end))
            else:
                parts = tuple(name.dotted.split("."))
                yield from path(surface.Path(parts, at=(name.start, name.end)), place, here, {})
            asked = placeholders.compared(tag, name)
            tree = surface.Path(tuple(name.dotted.split(".")), at=(name.start, name.end))
            typed = own.get(name.dotted) or _type(tree, place)
            kind = None if typed is None else bare(typed)
            if asked is not None and isinstance(kind, Enum) and asked.text[1:-1] in kind.members:
                yield Occurrence(choice(kind, asked.text[1:-1]), scalar.part(asked.start + 1, asked.end - 1))
