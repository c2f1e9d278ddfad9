"""The JSON Schema of a scenario file, printed from the shapes that the loader uses.

It serves editors: completion, descriptions and a first look at the form while typing. It says what the loader's first phase
says and no more; conditions are texts to it. The scalars of YAML are texts to the loader, whatever an editor takes them for,
so numbers and booleans are let through wherever a text is. The committed copy is ``grammars/scenario.schema.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeAlias

from dramaturg.dsl import shapes
from dramaturg.dsl.shapes import Each, Forms, Line, Names, Record, Shape

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

DIALECT = "https://json-schema.org/draft/2020-12/schema"

DEFINED: dict[str, Shape] = {
    "module": shapes.MODULE,
    "scenario": shapes.SCENARIO,
    "fields": shapes.FIELDS,
    "stream_entry": shapes.STREAM_ENTRY,
    "act": shapes.ACT,
    "agent": shapes.AGENT,
    "person": shapes.PERSON,
    "persona": shapes.PERSONA,
    "reply": shapes.REPLY,
    "concern": shapes.CONCERN,
    "task": shapes.TASK,
    "state": shapes.STATE_BODY,
    "transition": shapes.TRANSITION,
    "trigger": shapes.TRIGGER,
    "shift": shapes.SHIFT,
    "recording": shapes.RECORDING,
}
"""Shapes that are written once and referred to by name."""

COMPLETED = (shapes.ACT, shapes.CONCERN, shapes.TRIGGER, shapes.RECORDING, shapes.PERSONA)
"""What a module may have begun, so that a file alone need not have every required key."""


def schema() -> dict[str, Json]:
    """The JSON Schema (2020-12) of a scenario file or a module."""
    defined: dict[str, Json] = {name: _of(shape, name) for name, shape in DEFINED.items()}
    return {
        "$schema": DIALECT,
        "title": "A Dramaturg scenario, or a module of declarations that scenarios use",
        "if": {"type": "object", "required": ["scenario"]},
        "then": {"$ref": "#/$defs/scenario"},
        "else": {"$ref": "#/$defs/module"},
        "$defs": defined,
    }


def text() -> str:
    """The schema as it is committed: stable order, two blanks of indentation, a line end at the end."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def write(path: Path) -> None:
    """Write the schema to a file."""
    path.write_text(text(), encoding="utf-8")


def _of(shape: Shape, defining: str | None = None) -> dict[str, Json]:
    if defining is None:
        for name, known in DEFINED.items():
            if known is shape:
                return {"$ref": f"#/$defs/{name}"}
    match shape:
        case Line():
            return _line(shape)
        case Each(item, _):
            return {"type": "array", "items": _of(item)}
        case Names():
            return _names(shape)
        case Record():
            return _record(shape)
        case Forms(line, items, inner):
            forms: list[Json] = [_of(form) for form in (line, items, inner) if form is not None]
            return {"anyOf": forms}


def _line(shape: Line) -> dict[str, Json]:
    if shape.choices:
        return {"enum": [*shape.choices]}
    what, example = shapes.READINGS[shape.reads]
    out: dict[str, Json] = {"description": what, "examples": [example]}
    if shape.reads == "yes/no":
        return {**out, "enum": ["yes", "no", True, False]}
    return {**out, "type": ["string", "number", "boolean"]}


def _names(shape: Names) -> dict[str, Json]:
    value = _of(shape.value)
    if shape.empty:
        value = {"anyOf": [value, {"type": "null"}]}
    return {"type": "object", "patternProperties": {f"^{shape.pattern}$": value}, "additionalProperties": False}


def _record(shape: Record) -> dict[str, Json]:
    properties: dict[str, Json] = {}
    for key in shape.keys:
        value = _of(key.shape)
        properties[key.name] = {**value, "description": key.about} if key.about else value
    out: dict[str, Json] = {"type": "object", "properties": properties, "additionalProperties": False}
    required: list[Json] = [key.name for key in shape.keys if key.required]
    if required and not any(shape is other for other in COMPLETED):
        out["required"] = required
    if shape.rest is not None:
        # A key that the record knows is not one that the author makes up, though its letters would allow it.
        known = "|".join(key.name for key in shape.keys)
        pattern = f"^(?!(?:{known})$){shape.rest.pattern}$" if known else f"^{shape.rest.pattern}$"
        value = _of(shape.rest.value)
        out["patternProperties"] = {pattern: {"anyOf": [value, {"type": "null"}]} if shape.rest.empty else value}
    return out
