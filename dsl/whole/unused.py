"""Unused: names of the scenario's own that nothing reads, and moves that nobody makes.

Whatever is declared in the scenario's own file is looked for in everything that it means: conditions, values, wordings, results and
the conditions that the agent may write. What modules declare is a stock, of which nobody uses all. Not looked for is what counts
without being read: acts (the agent may do them), events that the agent sees and their fields, tasks, triggers, rules and checks.
The typed scenario is walked field by field, whatever its parts are called, so that a new kind of line is read here without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dramaturg.dsl import core
from dramaturg.dsl.declarations.inventory import Inventory, entries, text
from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.scenario import Act, Emission, Guard, MoveSpec, Scenario, StreamEntry
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Map, Seq
from dramaturg.dsl.types import Condition, Enum, ListOf, Optional, SetOf, Type, visible_to_agent
from dramaturg.dsl.whole.parts import parts

KINDS = {
    "parameter": "the parameter",
    "world": "the world variable",
    "slot": "the slot",
    "stance": "the stance variable",
    "trait": "the trait",
}


@dataclass(slots=True)
class Read:
    """What a scenario reads, makes and speaks of."""

    variables: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    """Those that a condition waits for or looks back at."""
    made: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    """Expressions as written: constants are gone from what they were elaborated to."""


def check(scenario: Scenario, found: Inventory, own: str) -> Iterator[Diagnostic]:
    """One warning for each; ``own`` is the path of the scenario's own file."""
    read = _read(scenario)
    yield from _variables(scenario, read, own)
    yield from _constants(found, read, own)
    yield from _events(scenario, read, own)
    yield from _moves(scenario, read, own, found)
    yield from _types(scenario, found, own)
    yield from _personas(found, own)


def _read(scenario: Scenario) -> Read:
    read = Read()
    for variable in scenario.variables.values():
        _of_type(variable.type, read)
    for node in parts(scenario):
        if type(node) is Guard:
            _expression(node, read, None)
            continue
        match node:
            case Act(fields=given, returns=returned):
                read.variables.update(returned)
                for it in given:
                    _of_type(it.type, read)
            case StreamEntry(emit=str(event)) | Emission(event=event) | MoveSpec(event=event):
                read.made.add(event)
        for target, value in getattr(node, "sets", ()):
            _expression(value, read, target)
    worded: set[str] = set()
    for event, wordings in scenario.words.items():
        near = {it.name for it in scenario.events[event].fields} if event in scenario.events else set()
        for name in (name for wording in wordings for name in wording.names):
            if name in near:
                read.fields.add(name)
            else:
                worded.add(name)
    read.texts.extend(worded)
    read.variables.update(it for it in scenario.variables if not worded.isdisjoint(_endings(it)))
    return read


def _endings(name: str) -> list[str]:
    """Every name by which a wording may speak of a variable: ``a.b.c``, ``b.c``, ``c``."""
    words = name.split(".")
    return [".".join(words[start:]) for start in range(len(words))]


def _expression(guard: Guard, read: Read, target: str | None) -> None:
    """What an expression reads; that a variable follows from itself is no reading of it."""
    read.texts.append(guard.text)
    todo = [guard.expr]
    while todo:
        part = todo.pop()
        if type(part) is core.Const:
            continue
        if type(part) is core.Var:
            if part.name != target:
                read.variables.add(part.name)
        elif type(part) is core.Field:
            read.fields.add(part.name)
        elif type(part) is core.Latest:
            read.events.add(part.event)
            read.fields.add(part.field)
        else:
            if type(part) is core.Happened:
                read.events.update(part.events)
            todo.extend(core.children(part))


def _of_type(kind: Type, read: Read) -> None:
    if isinstance(kind, Condition):
        read.variables.update(kind.names)


def _unused(span: Span, what: str, *notes: str) -> Diagnostic:
    return diagnose("unused-name", span, f"nothing reads {what}", notes=notes)


def _variables(scenario: Scenario, read: Read, own: str) -> Iterator[Diagnostic]:
    for name, variable in scenario.variables.items():
        if name in read.variables or variable.kind not in KINDS or variable.span.path != own:
            continue
        if variable.kind == "trait" and (name == "persona.background" or _mentioned(name, read)):
            continue  # which of several backgrounds somebody has, whoever words the moves reads
        short = name.rpartition(".")[2]
        notes = {
            "parameter": ["each of its values makes further episodes, which differ in nothing else"],
            "trait": ["each of its values makes further episodes, which differ in nothing else"],
        }.get(variable.kind, ["it may be set, but nothing depends on it"])
        yield _unused(variable.span, f"{KINDS[variable.kind]} `{short}`", *notes)


def _mentioned(name: str, read: Read) -> bool:
    pattern = rf"(?<![\w.]){re.escape(name)}(?!\w)"
    return any(re.search(pattern, text) for text in read.texts if name in text)


def _constants(found: Inventory, read: Read, own: str) -> Iterator[Diagnostic]:
    """Fixed traits, and further keys of concerns."""
    for name in found.constants:
        span = found.places.get(name)
        if span is not None and span.path == own and not _mentioned(name, read):
            yield _unused(span, f"the trait `{name.rpartition('.')[2]}`")
    for name in found.concern_fields:
        span = found.places.get(name)
        if span is not None and span.path == own and not _mentioned(name, read):
            _, concern, key = name.split(".")
            yield _unused(span, f"`{key}` of the concern `{concern}`")


def _events(scenario: Scenario, read: Read, own: str) -> Iterator[Diagnostic]:
    wakes = set(scenario.agent.wakes)
    for name, event in scenario.events.items():
        if event.actor != "world" or event.span.path != own:
            continue
        seen = visible_to_agent(event.view) and name in read.made
        if not seen and name not in read.events and name not in wakes:
            yield _unused(event.span, f"the event `{name}`", "" if name in read.made else "nothing emits it either")
            continue
        for it in event.fields:
            if not (visible_to_agent(event.view) and visible_to_agent(it.view)) and it.name not in read.fields:
                yield _unused(
                    it.span, f"`{it.name}` of `{name}`", f"and the agent does not see it: its view is {it.view}"
                )


def _moves(scenario: Scenario, read: Read, own: str, found: Inventory) -> Iterator[Diagnostic]:
    for person in scenario.cast:
        for name in person.moves:
            event = scenario.events[name]
            if name not in read.made and event.span.path == own and name not in found.implied:
                yield diagnose(
                    "move-never-made",
                    event.span,
                    f"`{person.name}` never makes the move `{name.partition('.')[2]}`",
                    notes=["no line of `opens`, `replies`, `concerns` or `shifts` makes it"],
                )


def _types(scenario: Scenario, found: Inventory, own: str) -> Iterator[Diagnostic]:
    named: set[str | None] = set()
    for kind in (
        *(variable.type for variable in scenario.variables.values()),
        *(it.type for event in scenario.events.values() for it in event.fields),
        *(kind for kind, _ in found.constants.values()),
    ):
        match kind:
            case Optional(Enum(name=name)) | ListOf(Enum(name=name)) | SetOf(Enum(name=name)) | Enum(name=name):
                named.add(name)
            case Optional(ListOf(Enum(name=name)) | SetOf(Enum(name=name))):
                named.add(name)
    for entry in found.section("types"):
        if entry.key.span.path == own and entry.key.text in found.types and entry.key.text not in named:
            yield diagnose("unused-name", entry.key.span, f"nothing is of the type `{entry.key.text}`")


def _personas(found: Inventory, own: str) -> Iterator[Diagnostic]:
    people = {text(it.get("persona")) for _, it in found.people()}
    for entry in found.section("personas"):
        if entry.key.span.path == own and entry.key.text not in people:
            yield diagnose("unused-name", entry.key.span, f"nobody is a `{entry.key.text}`")
    stream = found.tree.get("stream")
    lines = stream.items if isinstance(stream, Seq) else ()
    played = {text(line.get("play")) for line in lines if isinstance(line, Map)}
    for entry in entries(found.tree.get("recordings")):
        if entry.key.span.path == own and entry.key.text not in played:
            yield diagnose("unused-name", entry.key.span, f"nothing plays the recording `{entry.key.text}`")
