"""Naming: pass one of the loader, which enters every name of an assembled scenario into the inventory.

Variables and the alphabet of events have modules of their own; here are the named types, the cast and the machines.
"""

from __future__ import annotations

from dramaturg.dsl.declarations import alphabet, declare, variables
from dramaturg.dsl.declarations.inventory import SPOKEN, Inventory, claim, entries, listed, scalar, text
from dramaturg.dsl.declarations.states import written
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.expressions.spelling import twins
from dramaturg.dsl.format.shapes import CONCERN
from dramaturg.dsl.scenario import EventField, EventType
from dramaturg.dsl.scope import ABSENT, CONCERN_STATES, SHIFT_STATES, TRIGGER_STATES, UNDONE, Scope
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Map, Node, Scalar, Seq
from dramaturg.dsl.types import Enum, Text, Type

_OWNERS = {"agent": ("agent",), "user": ("user", "cast"), "task": ("tasks",)}
"""What names begin with, and the sections of which one has to be there for them."""


def take(tree: Map, sink: list[Diagnostic], broken: set[str]) -> Inventory:
    """Pass one: every name of an assembled scenario."""
    found = Inventory(tree, sink, broken)
    for whose, sections in _OWNERS.items():  # what lacks them is told; what speaks of them is not told as well
        if all(tree.get(section) is None for section in sections):
            broken.add(whose)
    _types(found)
    _people(found)
    variables.enter(found)
    alphabet.enter(found)
    _machines(found)
    sink.extend(twins(_declared(tree)))
    found.scope = Scope(
        variables=found.variables,
        events=found.events,
        machines=found.machines,
        concern_fields=found.concern_fields,
        persons=found.persons,
        constants=found.constants,
        types=found.types,
        places=found.places,
    )
    alphabet.complete(found)
    return found


def _declared(node: Node) -> list[Scalar]:
    """Every key of the tree, once per name: what an author has made up, and the words of the format."""
    first: dict[str, Scalar] = {}
    todo: list[Node] = [node]
    while todo:
        at = todo.pop()
        if type(at) is Map:
            for entry in at.entries:
                first.setdefault(entry.key.text, entry.key)
            todo.extend([entry.value for entry in at.entries[::-1] if type(entry.value) is not Scalar])
        elif type(at) is Seq:
            todo.extend(at.items[::-1])
    return list(first.values())


def _types(found: Inventory) -> None:
    for entry in found.section("types"):
        line = scalar(entry.value)
        if line is None:
            continue
        declared = declare.declaration(line, found.types, found.sink)
        if declared is None:
            found.broken.add(entry.key.text)
        elif not isinstance(declared.type, Enum) or declared.start is not None:
            found.sink.append(
                diagnose(
                    "not-an-enum", line.span, "a named type is `one of …`", notes=["for instance: one of cost | effort"]
                )
            )
            found.broken.add(entry.key.text)
        else:
            found.types[entry.key.text] = Enum(declared.type.members, entry.key.text)


def _people(found: Inventory) -> None:
    both = [e for e in found.tree.entries if e.key.text in ("user", "cast")]
    if {e.key.text for e in both} == {"user", "cast"}:
        found.sink.append(
            diagnose(
                "user-and-cast",
                both[1].key.span,
                "a scenario has either `user` or `cast`",
                labels=[Label(both[0].key.span, "the other one is here")],
                notes=["`user` is a cast of one person named user"],
            )
        )
    for name, body in found.people():
        if name.text in found.persons:
            continue
        if not claim(name, "a person", found):
            continue
        found.persons[name.text] = text(body.get("role")) or "user"
    if not found.persons and not both:
        found.sink.append(
            diagnose(
                "no-people", _name_of(found), "nobody is on stage but the agent", notes=["add `user:` with its moves"]
            )
        )
    elif found.persons and "user" not in found.persons.values():
        found.sink.append(
            diagnose(
                "no-people", both[0].key.span, "nobody in the cast has `role: user`, and somebody must want something"
            )
        )


def _name_of(found: Inventory) -> Span:
    named = found.tree.get("scenario")
    return named.span if named is not None else found.tree.span


def _machines(found: Inventory) -> None:
    def enter(kind: str, key: Scalar, states: tuple[str, ...]) -> None:
        found.machines[f"{kind}.{key.text}"] = states
        found.places[f"{kind}.{key.text}"] = key.span

    for entry in found.section("tasks"):
        states = tuple(dict.fromkeys(state.name for state in written(entry.value)))
        enter("task", entry.key, states)
        damaged = isinstance(entry.value, Map) and entry.value.damaged
        if not states and not damaged and entry.key.text not in found.broken:
            found.sink.append(diagnose("no-states", entry.key.span, f"the task `{entry.key.text}` has no states"))
            found.broken.add(entry.key.text)
    known = {key.name for key in CONCERN.keys}
    for entry in found.section("concerns"):
        drawn = entry.key.text in found.drawn
        enter("concern", entry.key, (*CONCERN_STATES, ABSENT) if drawn else CONCERN_STATES)
        for inner in entries(entry.value):
            if inner.key.text not in known:
                found.concern_fields[f"concern.{entry.key.text}.{inner.key.text}"] = text(inner.value)
                found.places[f"concern.{entry.key.text}.{inner.key.text}"] = inner.key.span
    for entry in found.section("triggers"):
        enter("trigger", entry.key, TRIGGER_STATES)
    taken_back = _taken_back(found)
    for entry in found.section("shifts"):
        enter("shift", entry.key, (*SHIFT_STATES, UNDONE) if entry.key.text in taken_back else SHIFT_STATES)
    concerns = tuple(entry.key.text for entry in found.section("concerns"))
    for person in found.persons:
        full = f"{person}.voice"
        kind: Type = Enum(concerns) if concerns else Text()
        found.events[full] = EventType(full, person, (EventField("concern", kind, "user"),), SPOKEN)


def _taken_back(found: Inventory) -> set[str]:
    """The shifts that another undoes or is told instead of; any may be, where it cannot be told which one was meant."""
    bodies = {entry.key.text: entry.value for entry in found.section("shifts") if isinstance(entry.value, Map)}
    ties = [
        (own, name)
        for own, body in bodies.items()
        for key in ("undoes", "instead_of")
        for name in listed(body.get(key))
    ]
    if any(name not in bodies or name == own for own, name in ties):
        return set(bodies)
    return {name for _, name in ties}
