"""Indexing: finding every name in a scenario and its modules, as the loader understood them.

The trees of all files are walked along the shapes of the format, modules included, so that a declaration which the scenario
replaces and a concern which it leaves in the bank are found as well. What a key or a line names follows from the shape that it
fits: a new key that reads a guard is indexed without a word here. Names come from the loader's own inventory and are looked
up by the loader's own rules (``indexing_lines``); a test renames every name of every scenario that ships and holds the result
against the original, so the two cannot drift apart unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory, entries, items, scalar, text
from dramaturg.dsl.declarations.inventory import resolve as variable_named
from dramaturg.dsl.editing.indexing_lines import (
    Here,
    at_hand,
    choice,
    declaration,
    event_path,
    event_symbol,
    expression,
    field_symbol,
    path,
    variable_symbol,
    wording,
)
from dramaturg.dsl.editing.occurrences import Index, Occurrence, Symbol
from dramaturg.dsl.elaboration.place import Place
from dramaturg.dsl.expressions.surface import Path
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.shapes import Each, Forms, Line, Names, Record, Shape
from dramaturg.dsl.load import Understood
from dramaturg.dsl.modules.needs import KINDS, Argument, typed
from dramaturg.dsl.scope import CONCERN_STATES
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar
from dramaturg.dsl.types import Enum, Type

DECLARED = {
    "a parameter": "variable",
    "a world variable": "variable",
    "a slot": "variable",
    "a stance variable": "variable",
    "a type": "type",
    "an event": "event",
    "a move": "move",
    "an act": "act",
    "a persona": "persona",
    "a trait": "trait",
    "a person": "person",
    "a concern": "concern",
    "a constant of the concern": "constant",
    "a task": "task",
    "a state": "state",
    "a trigger": "trigger",
    "a shift": "shift",
    "a rule": "rule",
    "a check": "check",
    "a recording": "recording",
    "a parameter of the module": "need",
}
"""What the format calls an entry whose key its author makes up, and the kind of symbol that it declares."""

BEFORE = ("when", "to", "until", "otherwise")
"""Keys beside a ``when`` or ``to`` in whose lines the fields of its event may not be read."""


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where the walk has come to."""

    here: Here
    owner: str = ""
    """The task, person, persona, concern or recording that names below belong to."""
    person: str = ""
    """Whose moves ``do`` names."""
    events: tuple[str, ...] = ()
    """The events whose fields are declared or given below."""
    expected: Type | None = None
    """The type of the value below."""
    key: str = ""


def index(seen: Understood) -> Index:
    """Every occurrence of every name, in the scenario's own file and in all modules that it brings in; of a file that is no
    scenario, none."""
    if seen.names is None or seen.tree is None:
        return Index(())
    trees: list[tuple[Map, Record]] = [(seen.tree, shapes.SCENARIO)]
    trees += [(module.tree, shapes.MODULE) for module in seen.library.modules]
    here = _here(seen.names, [tree for tree, _ in trees])
    given = {it.scalar.span: it for module in seen.library.modules for it in module.arguments.values()}
    files = {source.path for source in seen.library.sources}
    walk = _Walk(seen.names, _plays([tree for tree, _ in trees]), files, given)
    found = (one for tree, shape in trees for one in walk.node(tree, shape, _Stand(here)))
    return Index(_parameters(found, seen.library.spliced))


def _parameters(found: Iterable[Occurrence], spliced: list[Scalar]) -> Iterator[Occurrence]:
    """What was put into the lines of a module stands in its argument; in the module stands the parameter."""
    places = {
        (span.path, span.start): Occurrence(Symbol("need", f"{_stem(span.path)}:{piece.name}"), span)
        for line in spliced
        for piece in line.pieces
        if piece.given is not None and (span := line.part(piece.start, piece.end)).text == piece.name
    }
    yield from (one for one in found if (one.span.path, one.span.start) not in places)
    yield from places.values()


def _stem(path: str) -> str:
    return path.removesuffix(".yaml")


def _here(found: Inventory, trees: list[Map]) -> Here:
    """The scope of the whole, with the concerns that were left in their banks, and where constants and traits were written."""
    known = {key.name for key in shapes.CONCERN.keys}
    machines = dict(found.scope.machines)
    constants: dict[str, tuple[Scalar, ...]] = {}
    traits: dict[str, str] = {}
    for tree in trees:
        for entry in entries(tree.get("concerns")):
            machines.setdefault(f"concern.{entry.key.text}", CONCERN_STATES)
            for inner in entries(entry.value):
                if inner.key.text not in known and isinstance(inner.value, Scalar):
                    full = f"concern.{entry.key.text}.{inner.key.text}"
                    constants[full] = (*constants.get(full, ()), inner.value)
        for label, persona in _personas(tree):
            for trait in entries(persona.get("traits")):
                full = f"persona.{trait.key.text}"
                if found.places.get(full) == trait.key.span or (
                    full in found.variables and found.variables[full].span == trait.key.span
                ):
                    traits[full] = label
    return Here(found, replace(found.scope, machines=machines), constants=constants, traits=traits)


def _personas(tree: Map) -> Iterator[tuple[str, Map]]:
    for entry in entries(tree.get("personas")):
        if isinstance(entry.value, Map):
            yield entry.key.text, entry.value
    people = [e for e in tree.entries if e.key.text == "user"]
    for entry in (*people, *entries(tree.get("cast"))):
        inline = entry.value.get("persona") if isinstance(entry.value, Map) else None
        if isinstance(inline, Map):
            yield entry.key.text, inline


def _plays(trees: list[Map]) -> dict[str, tuple[str, ...]]:
    """The events that the rows of each recording are played as."""
    out: dict[str, tuple[str, ...]] = {}
    for tree in trees:
        for line in items(tree.get("stream")):
            if isinstance(line, Map) and line.get("play") is not None and line.get("emit") is not None:
                out[text(line.get("play"))] = (*out.get(text(line.get("play")), ()), text(line.get("emit")))
    return out


@dataclass(frozen=True, slots=True)
class _Walk:
    found: Inventory
    plays: dict[str, tuple[str, ...]]
    files: set[str] = field(default_factory=set)
    given: Mapping[Span, Argument] = field(default_factory=dict)
    """What stands for the parameters of modules, by its place."""

    def node(self, node: Node, shape: Shape, at: _Stand) -> Iterator[Occurrence]:
        match shape, node:
            case Forms(line=line), Scalar():
                if line is not None:
                    yield from self.line(node, line, at)
            case Forms(list=listed), _ if not isinstance(node, Map):
                if listed is not None:
                    yield from self.node(node, listed, at)
            case Forms(map=inner), Map():
                if inner is not None:
                    yield from self.node(node, inner, at)
            case Line(), Scalar():
                yield from self.line(node, shape, at)
            case Each(item), _:
                for part in items(node):
                    yield from self.node(part, item, at)
            case Names(), Map():
                for entry in node.entries:
                    yield from self.named(entry, shape, at)
            case Record(), Map():
                yield from self.record(node, shape, at)

    # Maps whose keys the author makes up

    def named(self, entry: Entry, shape: Names, at: _Stand) -> Iterator[Occurrence]:
        name, kind = entry.key.text, DECLARED.get(shape.what)
        span = entry.key.part(0, len(name))
        if kind is not None:
            full = f"{_stem(span.path)}:{name}" if kind == "need" else self._full(kind, shape.what, name, at)
            yield Occurrence(Symbol(kind, full), span, True)
        match shape.what:
            case "a task":
                at = replace(at, owner=name, here=at.here.within(name))
            case "a person":
                at = replace(at, owner=name, person=name, here=at.here.within(name))
            case "a persona" | "a concern" | "a recording":
                events = self.plays.get(name, (f"recording {name}",)) if shape.what == "a recording" else ()
                at = replace(at, owner=name, events=events)
            case "an event":
                at = replace(at, events=(name,))
            case "a move":
                at = replace(at, events=(f"{at.person}.{name}",))
            case "an act":
                at = replace(at, events=(f"agent.{name}",))
            case "a field":
                for event in at.events:
                    yield Occurrence(field_symbol(event, name, at.here), span, True)
            case "an argument of a module":
                yield Occurrence(Symbol("need", f"{at.owner}:{name}"), span)
            case "an argument" | "a field of the row":
                for event in at.events:
                    yield Occurrence(field_symbol(event, name, at.here), span)
                at = replace(at, expected=self._field(at.events, name))
            case "an assignment":
                quiet = replace(self.found, sink=[])
                variable = variable_named(entry.key, quiet, at.owner or None)
                if variable is not None:
                    yield from path(
                        Path(tuple(name.split(".")), at=(0, len(name))), self._alone(entry.key, at), at.here, {}
                    )
                    at = replace(at, expected=variable.type)
            case "a trait" if (trait := self.found.variables.get(f"persona.{name}")) is not None:
                at = replace(at, expected=trait.type)
            case "a value, or a range of values" if at.expected is not None:
                yield from expression(entry.key, "value", at.here, at.expected)
            case "a background" if (which := self.found.variables.get("persona.background")) is not None:
                if isinstance(which.type, Enum) and name in which.type.members:
                    yield Occurrence(choice(which.type, name), span, True)
            case "wordings":
                yield from event_path(name, entry.key, (0, len(name)), at.here)
                at = replace(at, events=(name,))
        yield from self.node(entry.value, shape.value, replace(at, key=name))

    def _full(self, kind: str, what: str, name: str, at: _Stand) -> str:
        match kind:
            case "act":
                return f"agent.{name}"
            case "move":
                return f"{at.person}.{name}"
            case "trait" | "state" | "constant":
                return f"{at.owner}.{name}"
            case "variable" if what in ("a slot", "a stance variable"):
                return f"{at.owner}.{name}"
        return name

    def _field(self, events: tuple[str, ...], name: str) -> Type | None:
        declared = (self.found.events[event] for event in events if event in self.found.events)
        return next((field.type for event in declared for field in event.fields if field.name == name), None)

    def _alone(self, line: Scalar, at: _Stand) -> Place:
        """A place in which only variables have names: no field of an event hides the variable that is set."""
        return Place(line, replace(at.here.scope, fields={}), [])

    # Maps with known keys

    def record(self, node: Map, shape: Record, at: _Stand) -> Iterator[Occurrence]:
        if shape.what in ("a concern", "a shift"):
            person = text(node.get("of")) or text(node.get("as")).partition(".")[0]
            person = person if person in self.found.persons else self.found.principal()
            at = replace(at, person=person, here=at.here.within(person))
        if shape is shapes.PERSONA:
            at = replace(at, here=at.here.within("persona"))
        if shape is shapes.USE:
            named = scalar(node.get("module"))
            at = replace(at, owner=(self._module(named.text, named.span.path) or "") if named is not None else "")
        around = at.here.during(at_hand(scalar(node.get("when")) or scalar(node.get("to")), at.here))
        given = self._given(node, shape, at) or at.events
        for entry in node.entries:
            key = shape.key(entry.key.text)
            if key is None:
                if shape.rest is not None:
                    yield from self.named(entry, shape.rest, at)
                continue
            inner = replace(at, key=key.name, here=at.here if key.name in BEFORE else around, events=given)
            if key.name == "user" and shape is shapes.SCENARIO:
                inner = replace(inner, owner="user", person="user", here=inner.here.within("user"))
            elif key.name == "set" and shape.what == "a stream entry" and given:
                inner = replace(inner, here=at.here.during(self._carried(given)))
            elif key.name == "as" and shape.what == "a concern":
                inner = replace(inner, here=at.here)
            yield from self.node(entry.value, key.shape, inner)

    def _given(self, node: Map, shape: Record, at: _Stand) -> tuple[str, ...]:
        """The event whose fields stand under ``with``."""
        full = ""
        if shape.key("do") is not None:
            full = f"{at.person}.{text(node.get('do'))}"
        elif shape.key("emit") is not None:
            full = text(node.get("emit"))
        elif shape.key("as") is not None:
            full = text(node.get("as")).partition("(")[0].strip()
        return (full,) if full in self.found.events else ()

    def _carried(self, events: tuple[str, ...]) -> dict[str, tuple[Type, tuple[str, ...]]]:
        return {it.name: (it.type, (event,)) for event in events for it in self.found.events[event].fields}

    # Lines

    def line(self, line: Scalar, shape: Line, at: _Stand) -> Iterator[Occurrence]:
        if not line.text.strip():
            return
        match shape.reads:
            case "guard" | "pattern":
                yield from expression(line, "guard", at.here)
            case "check" | "norm":
                yield from expression(line, "check", at.here)
            case "value":
                yield from expression(line, "value", at.here, at.expected)
            case "declaration" | "type":
                if not (at.key and line.style != "plain" and f"persona.{at.key}" in self.found.constants):
                    yield from declaration(line, at.here, (at.owner,) if at.owner else ())
            case "constant" if at.expected is not None:
                yield from expression(line, "value", at.here, at.expected)
            case "template":
                for event in at.events:
                    if event in self.found.events:
                        yield from wording(line, self.found.events[event], at.here)
            case "argument" if (argument := self.given.get(line.span)) is not None and not argument.words:
                kind = argument.need.kind
                declared = None if kind in KINDS else declare.declaration(typed(argument.need), self.found.types, [])
                expected = declared.type if declared is not None else None
                yield from expression(line, "guard" if kind in KINDS else "value", at.here, expected)
            case "need" if line.text.partition("=")[0].strip() not in KINDS:
                yield from declaration(line, at.here)
            case "concern" | "shift" if f"{shape.reads}.{line.text}" in at.here.scope.machines:
                yield Occurrence(Symbol(shape.reads, line.text), line.part(0, len(line.text)))
            case "event" | "name" | "state" | "path":
                yield from self._name(line, shape.reads, at)

    def _name(self, line: Scalar, reads: str, at: _Stand) -> Iterator[Occurrence]:
        name, span = line.text, line.part(0, len(line.text))
        match at.key:
            case "emit" | "wakes":
                yield from event_path(name, line, (0, len(name)), at.here)
                if name in self.found.persons:
                    yield Occurrence(Symbol("person", name), span)
            case "go":
                if name in self.found.machines.get(f"task.{at.owner}", ()):
                    yield Occurrence(Symbol("state", f"{at.owner}.{name}"), span)
            case "do":
                if f"{at.person}.{name}" in self.found.events:
                    yield Occurrence(event_symbol(f"{at.person}.{name}", at.here), span)
            case "play":
                yield Occurrence(Symbol("recording", name), span)
            case "persona":
                yield Occurrence(Symbol("persona", name), span)
            case "of":
                if name in self.found.persons:
                    yield Occurrence(Symbol("person", name), span)
            case "returns":
                variable = variable_named(line, replace(self.found, sink=[]))
                if variable is not None:
                    yield Occurrence(variable_symbol(variable.name, at.here), span)
            case "uses" | "module":
                if (module := self._module(name, line.span.path)) is not None:
                    yield Occurrence(Symbol("module", module), span)

    def _module(self, name: str, path: str) -> str | None:
        """The module of that name, as seen from a file: beside it or in a folder above."""
        folder = path.rpartition("/")[0]
        while True:
            full = f"{folder}/{name}" if folder else name
            if f"{full}.yaml" in self.files:
                return full
            if not folder:
                return None
            folder = folder.rpartition("/")[0]
