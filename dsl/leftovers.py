"""Leftovers: what a module declares and a scenario neither takes nor keeps, looked at all the same.

A concern that nobody chose and a state that the scenario declares anew are read by nobody, and a mistake in them would
wait for the next scenario. So their form is checked here: keys that must be there, amounts that are none, states that do not
exist. Names and conditions are not: they may belong to the scenarios that do take them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from dramaturg.dsl import declare, shapes
from dramaturg.dsl.diagnostics import Diagnostic, Fix, diagnose
from dramaturg.dsl.fit import Fitting, lacking
from dramaturg.dsl.shapes import Each, Forms, Line, Names, Record, Shape
from dramaturg.dsl.suggest import closest
from dramaturg.dsl.tree import Map, Node, Scalar, Seq
from dramaturg.dsl.uses import Module

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


def check(modules: Iterable[Module], tree: Map, found: Fitting) -> None:
    """Look at the declarations of ``modules`` that are not in ``tree``, the assembled scenario."""
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
                kept = taken.get(entry.key.text) if isinstance(taken, Map) else None
                if kept is entry.value:
                    continue
                if kept is None:
                    lacking(entry.value, key.shape.value, entry.key.span, found, entry.key.text)
                    _plain(entry.value, key.shape.value, found.diagnostics)
                elif isinstance(kept, Map) and isinstance(entry.value, Map):
                    _replaced(section.key.text, entry.value, kept, key.shape.value, found.diagnostics)


def _replaced(section: str, base: Map, kept: Map, shape: Shape, sink: list[Diagnostic]) -> None:
    """The entries of a declaration that the scenario has put others in place of."""
    names = sorted({*_states(base), *_states(kept)})
    for inner in base.entries:
        if kept.get(inner.key.text) is inner.value or not isinstance(shape, Record):
            continue
        key = shape.key(inner.key.text)
        value = key.shape if key is not None else shape.rest.value if shape.rest is not None else None
        if value is not None:
            _plain(inner.value, value, sink)
            if section == "tasks" and key is None:
                _targets(inner.value, names, sink)


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
        go = line.get("go") if isinstance(line, Map) else None
        if isinstance(go, Scalar) and re.fullmatch(shapes.STATE, go.text) and go.text not in states:
            near = closest(go.text, states)
            said = f"; did you mean `{near}`?" if near else ""
            fixes = [Fix(f"replace it with `{near}`", ((go.span, near),))] if near else []
            sink.append(diagnose("unknown-state", go.span, f"there is no state `{go.text}`{said}", fixes=fixes))


def _plain(node: Node, shape: Shape, sink: list[Diagnostic]) -> None:
    """Amounts, durations and the like that stand for themselves."""
    match shape, node:
        case Line(reads), Scalar():
            reader = READERS.get(reads)
            if reader is not None and node.text.strip():
                reader(node, sink)
        case Each(item), Seq():
            for one in node.items:
                _plain(one, item, sink)
        case Record(), Map():
            for entry in node.entries:
                key = shape.key(entry.key.text)
                if key is not None:
                    _plain(entry.value, key.shape, sink)
                elif shape.rest is not None:
                    _plain(entry.value, shape.rest.value, sink)
        case Names(value), Map():
            for entry in node.entries:
                _plain(entry.value, value, sink)
        case Forms(), _:
            form = shape.line if isinstance(node, Scalar) else shape.list if isinstance(node, Seq) else shape.map
            if form is not None:
                _plain(node, form, sink)
