"""Variables: parameters, traits, world variables, slots and stance, each with its type, its view and its start as written."""

from __future__ import annotations

from dramaturg.dsl.declarations import declare, personas
from dramaturg.dsl.declarations.inventory import Inventory, claim, entries, line_and_view
from dramaturg.dsl.diagnostics import diagnose
from dramaturg.dsl.elaboration.kinds import finite
from dramaturg.dsl.format.refit import without_start
from dramaturg.dsl.scenario import Variable
from dramaturg.dsl.tree import Entry, Map
from dramaturg.dsl.types import Condition, ListOf, Optional, SetOf, Type


def enter(found: Inventory) -> None:
    for entry in found.section("parameters"):
        _variable(entry, "parameter", entry.key.text, "world", found)
    personas.enter(found)
    for entry in found.section("world"):
        _variable(entry, "world", entry.key.text, "world", found)
    for task in found.section("tasks"):
        if isinstance(task.value, Map):
            for entry in entries(task.value.get("slots")):
                _variable(entry, "slot", f"{task.key.text}.{entry.key.text}", "world", found)
    for name, body in found.people():
        for entry in entries(body.get("stance")):
            _variable(entry, "stance", f"{name.text}.{entry.key.text}", "user", found)


_KINDS = {"parameter": "a parameter", "world": "a world variable", "slot": "a slot", "stance": "a stance variable"}


def _variable(entry: Entry, kind: str, full: str, view: str, found: Inventory) -> None:
    if not claim(entry.key, _KINDS[kind], found, full):
        return
    line, own = line_and_view(entry.value)
    declared = declare.declaration(line, found.types, found.sink) if line is not None and found.sound(line) else None
    if declared is None:
        found.broken.add(entry.key.text)
        return
    if kind == "parameter" and declared.start is not None:
        found.sink.append(
            diagnose(
                "parameter-with-start",
                declared.start.span,
                f"the parameter `{entry.key.text}` has no start: it takes each of its values in turn",
                notes=["what starts with one value is a variable under `world`"],
                fixes=without_start(declared.start.span),
            )
        )
        found.broken.add(entry.key.text)
        return
    if kind == "parameter" and not finite(declared.type):
        found.sink.append(
            diagnose(
                "endless-parameter",
                (line or entry.key).span,
                f"the parameter `{entry.key.text}` takes every value of its type, and there are too many to list",
                notes=["give it a range and a step, such as `80 EUR..200 EUR step 40 EUR`"],
            )
        )
        found.broken.add(entry.key.text)
        return
    if kind != "parameter" and declared.start is None:
        found.sink.append(
            diagnose(
                "no-start",
                (line or entry.key).span,
                f"{_KINDS[kind]} such as `{entry.key.text}` needs a start: end the line with {_start_of(declared.type)}",
            )
        )
        found.broken.add(entry.key.text)
        return
    if kind in ("stance", "slot", "world") and isinstance(declared.type, Condition):
        found.sink.append(
            diagnose(
                "stray-condition",
                (line or entry.key).span,
                f"`{entry.key.text}` cannot hold a condition; only an argument of an act can",
            )
        )
        found.broken.add(entry.key.text)
        return
    if declared.start is not None:
        found.starts[full] = declared.start
    found.variables[full] = Variable(full, declared.type, kind, None, own or view, entry.key.span)


def _start_of(type: Type) -> str:
    """What may stand behind the sign, for what can start without a value."""
    match type:
        case Optional():
            return "`= unknown`, or with a value"
        case SetOf() | ListOf(_, 0):
            return "`= none`, or with what it holds"
    return "`= VALUE`"
