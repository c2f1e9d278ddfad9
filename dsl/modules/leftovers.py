"""Leftovers: what a module declares and a scenario neither takes nor keeps, looked at all the same.

A concern that nobody chose and a state that the scenario declares anew are read by nobody, and a mistake in them would
wait for the next scenario. So their form is checked here: keys that must be there, amounts that are none, states that do not
exist. Names and conditions are not: they may belong to the scenarios that do take them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeAlias

from dramaturg.dsl.declarations import declare
from dramaturg.dsl.declarations.inventory import Inventory
from dramaturg.dsl.diagnostics import Diagnostic, Fix, diagnose
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.fit import Fitting, lacking
from dramaturg.dsl.format.shapes import Each, Forms, Line, Names, Record, Shape
from dramaturg.dsl.modules.uses import Module
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

Reader: TypeAlias = Callable[[Scalar, list[Diagnostic]], object]
READERS: dict[str, Reader] = {
    "duration": declare.duration,
    "wait": declare.wait,
    "turns": declare.wait,
    "gap": declare.gap,
    "chance": declare.chance,
    "whole": partial(declare.whole, least=0),
    "yes/no": declare.yes_no,
}


def lacking_parts(modules: Iterable[Module], tree: Map, found: Fitting) -> None:
    """Keys that must be there and are neither in a module's declaration nor in what the scenario adds to it. They are missing in
    the module: the scenario only adds."""
    for key, entry, kept in _declared(modules, tree):
        shape = key.value
        if (
            isinstance(kept, Map)
            and kept is not entry.value
            and isinstance(entry.value, Map)
            and isinstance(shape, Record)
        ):
            both = {inner.key.text for inner in (*entry.value.entries, *kept.entries)}
            if any(part.required and part.name not in both for part in shape.keys) and not kept.damaged:
                lacking(entry.value, shape, entry.key.span, found, entry.key.text)


def check(modules: Iterable[Module], names: Inventory) -> None:
    """Look at the declarations of ``modules`` that the scenario does not have, or not as they stand there."""
    for key, entry, kept in _declared(modules, names.tree):
        if kept is None:
            found = Fitting(names.sink, names.broken)
            lacking(entry.value, key.value, entry.key.span, found, entry.key.text)
            _plain(entry.value, key.value, names)
            if key.value is shapes.CONCERN:
                _of_itself(entry, names.sink)
        elif kept is not entry.value and isinstance(kept, Map) and isinstance(entry.value, Map):
            _replaced(key, entry.value, kept, names)


def _declared(modules: Iterable[Module], tree: Map) -> Iterator[tuple[Names, Entry, Node | None]]:
    """Every declaration of a module, with the shape of its section and what the scenario has under that name."""
    for module in modules:
        for section in module.tree.entries:
            key = shapes.MODULE.key(section.key.text)
            if key is None or not isinstance(key.shape, Names) or not isinstance(section.value, Map):
                continue
            taken = tree.get(section.key.text)
            if section.key.text == "acts":
                agent = tree.get("agent")
                taken = agent.get("acts") if isinstance(agent, Map) else None
            for entry in section.value.entries:
                yield key.shape, entry, taken.get(entry.key.text) if isinstance(taken, Map) else None


def _replaced(section: Names, base: Map, kept: Map, names: Inventory) -> None:
    """The entries of a declaration that the scenario has put others in place of."""
    shape = section.value
    for inner in base.entries:
        if kept.get(inner.key.text) is inner.value or not isinstance(shape, Record):
            continue
        key = shape.key(inner.key.text)
        value = key.shape if key is not None else shape.rest.value if shape.rest is not None else None
        if value is not None:
            _plain(inner.value, value, names)
            if section is shapes.TASKS and key is None:
                _targets(inner.value, sorted({*_states(base), *_states(kept)}), names.sink)


def _of_itself(entry: Entry, sink: list[Diagnostic]) -> None:
    """A concern that waits for itself."""
    needed = entry.value.get("needs") if isinstance(entry.value, Map) else None
    for item in needed.items if isinstance(needed, Seq) else ():
        if isinstance(item, Scalar) and item.text == entry.key.text:
            message = f"`{item.text}` needs `{item.text}`: it can never come out"
            sink.append(diagnose("needs-in-circle", item.span, message))


def _states(node: Node) -> set[str]:
    """Every state that is declared in a task, however deep."""
    inner = (
        [entry.value for entry in node.entries]
        if isinstance(node, Map)
        else node.items
        if isinstance(node, Seq)
        else []
    )
    own = {entry.key.text for entry in node.entries} if isinstance(node, Map) else set[str]()
    named = {name for name in own if re.fullmatch(shapes.STATE, name)}
    return named.union(*(_states(one) for one in inner))


def _targets(body: Node, states: list[str], sink: list[Diagnostic]) -> None:
    """The states that transitions lead to."""
    lines = body.items if isinstance(body, Seq) else ()
    if isinstance(body, Map):
        inner = body.get("do")
        lines = inner.items if isinstance(inner, Seq) else ()
    for line in lines:
        if not isinstance(line, Map):
            continue
        go = line.get("go")
        if go is None and line.get("set") is None and not line.damaged:
            sink.append(diagnose("no-effect", line.span, "this transition neither goes anywhere nor sets anything"))
        if isinstance(go, Scalar) and re.fullmatch(shapes.STATE, go.text) and go.text not in states:
            near = closest(go.text, states)
            said = f"; did you mean `{near}`?" if near else ""
            fixes = [Fix(f"replace it with `{near}`", ((go.span, near),))] if near else []
            sink.append(diagnose("unknown-state", go.span, f"there is no state `{go.text}`{said}", fixes=fixes))


def _plain(node: Node, shape: Shape, names: Inventory) -> None:
    """Amounts, durations and the like that stand for themselves."""
    match shape, node:
        case Line(reads), Scalar():
            reader = READERS.get(reads)
            if reader is not None and node.text.strip():
                reader(node, names.sink)
            elif reads == "declaration" and node.style == "plain" and node.text.strip() and names.sound(node):
                declare.declaration(node, names.types, names.sink)
        case Each(item), Seq():
            for one in node.items:
                _plain(one, item, names)
        case Record(), Map():
            for entry in node.entries:
                key = shape.key(entry.key.text)
                if key is not None:
                    _plain(entry.value, key.shape, names)
                elif shape.rest is not None:
                    _plain(entry.value, shape.rest.value, names)
        case Names(value), Map():
            for entry in node.entries:
                _plain(entry.value, value, names)
        case Forms(), _:
            form = shape.line if isinstance(node, Scalar) else shape.list if isinstance(node, Seq) else shape.map
            if form is not None:
                _plain(node, form, names)
