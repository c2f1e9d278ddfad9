"""The alphabet: every event that may occur in a step, by its full name.

Events of the world as declared, the moves of people, the acts of the agent, the results of acts, and two that nobody
declares: the silence of an agent that has no act of that kind, and the move that a shift declares by naming it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import (
    ACTORS,
    DONE,
    PREFIXES,
    SPOKEN,
    Inventory,
    claim,
    entries,
    items,
    line_and_view,
    reserved,
    resolve,
    scalar,
    text,
)
from dramaturg.dsl.diagnostics import Label, diagnose
from dramaturg.dsl.elaboration import elaborate
from dramaturg.dsl.expressions.spelling import WORD
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.format.refit import without_start
from dramaturg.dsl.scenario import EventField, EventType
from dramaturg.dsl.tree import Map, Node, Scalar
from dramaturg.dsl.types import Condition, Type


def complete(found: Inventory) -> None:
    """What can only be entered once the declared names are known: implied moves, results, and the names in conditions."""
    _implied_moves(found)
    _results(found)
    _conditions(found)


def fields(node: Node | None, view: str, found: Inventory, skip: Iterable[str] = ("view",)) -> tuple[EventField, ...]:
    """The declared fields of an event, a move, an act or a recording; those that are broken are left out."""
    out = []
    for entry in entries(node):
        if entry.key.text in skip and not isinstance(entry.value, Map):
            continue
        name = entry.key
        if name.text in PREFIXES:
            found.sink.append(reserved(name))
            found.broken.add(name.text)
            continue
        line, own = line_and_view(entry.value)
        declared = (
            declare.declaration(line, found.types, found.sink) if line is not None and found.sound(line) else None
        )
        if declared is None:
            found.broken.add(name.text)
            continue
        if declared.start is not None:
            found.sink.append(
                diagnose(
                    "field-with-start",
                    declared.start.span,
                    f"the field `{name.text}` has no start: it is given each time",
                    fixes=without_start(declared.start.span),
                )
            )
        out.append(EventField(name.text, declared.type, own or view, name.span))
    return tuple(out)


def enter(found: Inventory) -> None:
    for entry in found.section("events"):
        head = entry.key.text.split(".", 1)[0]
        if head in PREFIXES or head in found.persons or head in ACTORS[1:]:
            found.sink.append(
                diagnose(
                    "reserved-word",
                    entry.key.span,
                    f"the name of an event of the world cannot begin with `{head}`",
                    labels=[Label(found.places[head], f"`{head}` is a person")] if head in found.persons else [],
                )
            )
            found.broken.add(entry.key.text.rsplit(".", 1)[-1])
            continue
        if "." not in entry.key.text and not claim(entry.key, "an event", found):
            continue
        body = entry.value if isinstance(entry.value, Map) else None
        view = text(body.get("view")) if body is not None else ""
        view = view or SPOKEN
        found.events[entry.key.text] = EventType(
            entry.key.text, "world", fields(body, view, found), view, entry.key.span
        )
    for person, body in found.people():
        for entry in entries(body.get("moves")):
            if entry.key.text in ("nothing", "voice"):
                found.sink.append(reserved(entry.key))
                found.broken.add(entry.key.text)
                continue
            move = entry.value if isinstance(entry.value, Map) else None
            view = (text(move.get("view")) if move is not None else "") or SPOKEN
            full = f"{person.text}.{entry.key.text}"
            if full in found.variables:
                found.sink.append(
                    diagnose(
                        "name-taken",
                        entry.key.span,
                        f"`{full}` is a stance variable already",
                        labels=[Label(found.variables[full].span, "it is taken here")],
                    )
                )
                continue
            found.events[full] = EventType(full, person.text, fields(move, view, found), view, entry.key.span)
    agent = found.tree.get("agent")
    silent = False
    for entry in entries(agent.get("acts") if isinstance(agent, Map) else None):
        if not isinstance(entry.value, Map):
            continue
        kind = text(entry.value.get("kind"))
        silent = silent or kind == "silent"
        view = SPOKEN if kind == "says" else DONE
        full = f"agent.{entry.key.text}"
        found.events[full] = EventType(
            full, "agent", fields(entry.value.get("with"), view, found, ()), view, entry.key.span
        )
    if not silent:
        found.events["agent.keep_silent"] = EventType("agent.keep_silent", "agent", (), DONE)


_MOVE = re.compile(rf"\s*({WORD})\.({WORD})\s*(\(.*)?", re.DOTALL)


def _implied_moves(found: Inventory) -> None:
    """A shift that names a move which nobody declared declares it; its fields are what ``with`` gives it."""
    for entry in found.section("shifts"):
        if not isinstance(entry.value, Map):
            continue
        named = scalar(entry.value.get("as"))
        match = _MOVE.fullmatch(named.text) if named is not None else None
        if named is None or match is None:
            continue
        person, move, call = match.groups()
        full = f"{person}.{move}"
        if full in found.events or person not in found.persons or call is not None or full in found.variables:
            continue
        declared = [name.split(".", 1)[1] for name, event in found.events.items() if event.actor == person]
        if closest(move, declared) is not None:
            continue  # a misspelling: the elaborator says so, and what was meant
        given = []
        for argument in entries(entry.value.get("with")):
            kind = _type_of(scalar(argument.value), found)
            if kind is None:
                found.sink.append(
                    diagnose(
                        "untold-type",
                        argument.value.span,
                        f"the type of `{argument.key.text}` cannot be told from its value",
                        notes=[f"declare the move `{move}` with its fields"],
                    )
                )
                found.broken.add(move)
                break
            given.append(EventField(argument.key.text, kind, SPOKEN, argument.key.span))
        found.events[full] = EventType(full, person, tuple(given), SPOKEN, named.span)
        found.implied.add(full)


def _type_of(line: Scalar | None, found: Inventory) -> Type | None:
    """The type of a value that speaks of a variable: that variable's."""
    for word in re.findall(rf"{WORD}(?:\.{WORD})*", line.text if line is not None else ""):
        for full, variable in found.variables.items():
            if word in (full, full.rsplit(".", 1)[-1]):
                return variable.type
    return None


def _results(found: Inventory) -> None:
    agent = found.tree.get("agent")
    for entry in entries(agent.get("acts") if isinstance(agent, Map) else None):
        if not isinstance(entry.value, Map):
            continue
        given = [
            EventField(variable.name, variable.type, DONE, item.span)
            for item in items(entry.value.get("returns"))
            if isinstance(item, Scalar) and (variable := resolve(item, found)) is not None
        ]
        if given:
            full = f"result.{entry.key.text}"
            found.events[full] = EventType(full, "result", tuple(given), DONE, entry.key.span)


def _conditions(found: Inventory) -> None:
    """Resolve the names in ``condition on a | b`` now that all variables are known."""
    bodies: Mapping[str, Node] = {e.key.text: e.value for e in entries(_acts(found))}
    for full, event in list(found.events.items()):
        if not any(isinstance(f.type, Condition) for f in event.fields):
            continue
        body = bodies.get(full.split(".", 1)[1]) if event.actor == "agent" else None
        lines = {
            e.key.text: line_and_view(e.value)[0] for e in entries(body.get("with") if isinstance(body, Map) else None)
        }
        changed = []
        for item in event.fields:
            line = lines.get(item.name)
            if isinstance(item.type, Condition) and line is not None:
                if not found.ready(line):
                    found.broken.add(item.name)
                    continue
                kind = elaborate.condition_type(item.type, line, found.scope, found.sink)
                if kind is None:
                    found.broken.add(item.name)
                    continue
                item = replace(item, type=kind)
            elif isinstance(item.type, Condition):
                found.sink.append(
                    diagnose(
                        "stray-condition",
                        item.span,
                        f"`{item.name}` cannot hold a condition; only an argument of an act can",
                    )
                )
                found.broken.add(item.name)
                continue
            changed.append(item)
        found.events[full] = EventType(full, event.actor, tuple(changed), event.view, event.span)


def _acts(found: Inventory) -> Node | None:
    agent = found.tree.get("agent")
    return agent.get("acts") if isinstance(agent, Map) else None
