"""Variables: parameters, traits, world variables, slots and stance, each with its type, its view and its start as written."""

from __future__ import annotations

from dramaturg.dsl import core, declare, elaborate
from dramaturg.dsl.diagnostics import diagnose
from dramaturg.dsl.inventory import Inventory, claim, entries, line_and_view, pick, scalar, text
from dramaturg.dsl.scenario import Persona, Variable
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.tree import Entry, Map, Scalar
from dramaturg.dsl.types import Condition, ListOf, Number, Optional, SetOf, Text, TimeOfDay, Type, Value

MOST_VALUES = 10_000
"""Values of one parameter at most; each is an episode of its own."""


def enter(found: Inventory) -> None:
    for entry in found.section("parameters"):
        _variable(entry, "parameter", entry.key.text, "world", found)
    _traits(found)
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
    declared = declare.declaration(line, found.types, found.sink) if line is not None else None
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
            )
        )
        found.broken.add(entry.key.text)
        return
    if kind == "parameter" and not _finite(declared.type):
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
                f"{_KINDS[kind]} such as `{entry.key.text}` needs a start: end the line with `= VALUE`",
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


def _finite(kind: Type) -> bool:
    """Whether the values of a type can be listed."""
    match kind:
        case Optional(inner):
            return _finite(inner)
        case Number():
            try:
                return len(kind.grid()) <= MOST_VALUES
            except ValueError:
                return False
        case Text() | Condition() | TimeOfDay() | ListOf() | SetOf():
            return False
        case _:
            return True


def _traits(found: Inventory) -> None:
    bank = {entry.key.text: entry for entry in found.section("personas")}
    holder: str | None = None
    for name, body in found.people():
        given = body.get("persona")
        if given is None:
            continue
        if isinstance(given, Scalar):
            entry = bank.get(given.text)
            if entry is None:
                pick(given, bank, "there is no persona {}", "unknown-persona", found)
                found.broken.add("persona")
                continue
            label, place, persona = given.text, entry.key.span, entry.value
        else:
            label, place, persona = name.text, name.span, given
        if not isinstance(persona, Map):
            continue
        traits = entries(persona.get("traits"))
        if traits and holder is not None and holder != name.text:
            found.sink.append(
                diagnose(
                    "two-personas",
                    given.span,
                    f"only one person's persona may have traits, and `{holder}`'s has some already",
                )
            )
            continue
        if traits:
            holder = name.text
        values = {entry.key.text: value for entry in traits if (value := _trait(entry, found)) is not None}
        found.personas[name.text] = Persona(label, text(persona.get("background")), values, place)


def _trait(entry: Entry, found: Inventory) -> Value:
    """Declare a trait; its value where that is fixed, None where it varies from episode to episode."""
    full, line = f"persona.{entry.key.text}", scalar(entry.value)
    if line is None:
        return None
    if line.style != "plain":
        # A quoted text is the trait itself: `greeting: "Excuse me,"` is short for `greeting: text = "Excuse me,"`.
        found.constants[full] = (Text(), line.text)
        found.places[full] = entry.key.span
        return line.text
    declared = declare.declaration(line, found.types, found.sink)
    if declared is None:
        found.broken.add(entry.key.text)
        return None
    found.places[full] = entry.key.span
    if declared.start is not None:
        guard = elaborate.value(declared.start, Scope(types=found.types), declared.type, found.sink)
        constant = guard.expr.value if guard is not None and isinstance(guard.expr, core.Const) else None
        if constant is None:
            found.broken.add(entry.key.text)
            return None
        found.constants[full] = (declared.type, constant)
        return constant
    if not _finite(declared.type):
        found.sink.append(
            diagnose(
                "endless-parameter",
                line.span,
                f"the trait `{entry.key.text}` has no start, and too many values to take each in turn",
                notes=["give it a start (`= VALUE`), or a range and a step"],
            )
        )
        found.broken.add(entry.key.text)
        return None
    found.variables[full] = Variable(full, declared.type, "trait", None, "user", entry.key.span)
    return None
