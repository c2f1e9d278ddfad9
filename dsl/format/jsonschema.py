"""The JSON Schema of scenario and module files, printed from the shapes that the loader uses.

It serves editors: completion, descriptions and a first look at the form while typing. It says what the loader's first phase
says and no more; conditions are texts to it. The scalars of YAML are texts to the loader, whatever an editor takes them for,
so numbers and booleans are let through wherever a text is. Every choice between forms is told apart by ``if`` and the kind of
the value, never tried out, so that an editor shows the one message that matters. Whatever ``shapes`` holds is in it, shapes
that hold themselves as well. The committed copy is ``grammars/scenario.schema.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.shapes import Each, Forms, Key, Line, Names, Record, Shape

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"
Kind: TypeAlias = Literal["any", "scenario", "module"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLES = {
    "any": "A Dramaturg scenario, or a module of declarations that scenarios use",
    "scenario": "A Dramaturg scenario",
    "module": "A module of declarations that Dramaturg scenarios use",
}


def _completed() -> set[int]:
    """What one file may begin and another complete, so that a file alone need not have every required key: the entries of
    sections that modules share."""
    shared = [*shapes.SHARED, *shapes.MODULE.keys, *shapes.AGENT.keys]
    return {id(key.shape.value) for key in shared if isinstance(key.shape, Names)}


@dataclass(slots=True)
class _Printing:
    """The records met so far, each of which is a definition of its own."""

    names: dict[int, str] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    completed: set[int] = field(default_factory=_completed)


def schema(kind: Kind = "any") -> dict[str, Json]:
    """The JSON Schema (2020-12) of a scenario file, of a module, or of whichever of the two a file is."""
    printing = _Printing()
    head: dict[str, Json] = {
        "$schema": DIALECT,
        "$id": f"urn:dramaturg:schema:{kind}",
        "title": TITLES[kind],
    }
    match kind:
        case "any":
            named = shapes.SCENARIO.key("scenario")
            assert named is not None
            # Beside the choice, so that an empty file is offered the key that makes it a scenario.
            body: dict[str, Json] = {
                "type": "object",
                "properties": {"scenario": _key(named, printing)},
                "if": {"type": "object", "required": ["scenario"]},
                "then": _of(shapes.SCENARIO, printing),
                "else": _of(shapes.MODULE, printing),
            }
        case "scenario":
            body = _of(shapes.SCENARIO, printing)
        case "module":
            body = _of(shapes.MODULE, printing)
    defined: dict[str, Json] = {}
    for record in _growing(printing.records):
        defined[printing.names[id(record)]] = _record(record, printing)
    return {**head, **body, "$defs": dict(sorted(defined.items()))}


def text(kind: Kind = "any") -> str:
    """The schema as it is committed: stable order, two blanks of indentation, a line end at the end."""
    return json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"


def _growing(records: list[Record]) -> Iterator[Record]:
    """The records of a list that grows while it is walked."""
    at = 0
    while at < len(records):
        yield records[at]
        at += 1


def _of(shape: Shape, printing: _Printing) -> dict[str, Json]:
    match shape:
        case Line():
            return _line(shape)
        case Each(item, what):
            return {"type": "array", "items": _of(item, printing), "description": f"a list, {what} in each item"}
        case Names():
            return _names(shape, printing)
        case Record():
            return {"$ref": f"#/$defs/{_named(shape, printing)}"}
        case Forms():
            return _forms(shape, printing)


def _named(record: Record, printing: _Printing) -> str:
    """The name of a record's definition, from what it is: "a stream entry" is ``stream_entry``."""
    if id(record) not in printing.names:
        stem = re.sub(r"\W+", "_", re.sub(r"^(an?|the) ", "", record.what))
        name, number = stem, 2
        while name in printing.names.values():
            name, number = f"{stem}_{number}", number + 1
        printing.names[id(record)] = name
        printing.records.append(record)
    return printing.names[id(record)]


def _line(shape: Line) -> dict[str, Json]:
    if shape.choices:
        return {"enum": [*shape.choices]}
    what, example = shapes.READINGS[shape.reads]
    out: dict[str, Json] = {"description": what, "examples": [example]}
    if shape.reads == "yes/no":
        return {**out, "enum": ["yes", "no", True, False]}
    if shape.reads == "slug":
        return {**out, "type": ["string", "number", "boolean"], "pattern": f"^(?:{shapes.SLUG})$"}
    # Some blank is not a text: an empty one says nothing.
    filled: dict[str, Json] = {} if shape.reads == "template" else {"pattern": r"\S"}
    return {**out, "type": ["string", "number", "boolean"], **filled}


def _names(shape: Names, printing: _Printing) -> dict[str, Json]:
    return {
        "type": ["object", "null"],
        "description": f"a map that names {shape.what} on each line",
        "patternProperties": {f"^(?:{shape.pattern})$": _entry(shape, printing)},
        "additionalProperties": False,
    }


def _entry(shape: Names, printing: _Printing) -> dict[str, Json]:
    """What the author gives a name of her own; nothing at all where it may be left empty."""
    value = _of(shape.value, printing)
    if shape.empty:
        return {"if": {"not": {"type": "null"}}, "then": value, "description": shape.what}
    return value


def _forms(shape: Forms, printing: _Printing) -> dict[str, Json]:
    """The forms, told apart by the kind of the value: what remains after lists and maps is a text."""
    kinds: list[Json] = []
    if shape.line is not None:
        kinds += ["string", "number", "boolean"]
    if shape.list is not None:
        kinds.append("array")
    if shape.map is not None:
        kinds.append("object")
        if shape.line is None:
            kinds.append("null")
    out: dict[str, Json] = {"type": kinds}
    branches: list[dict[str, Json]] = []
    if shape.list is not None:
        branches.append({"if": {"type": "array"}, "then": _of(shape.list, printing)})
    if shape.map is not None:
        branches.append({"if": {"type": "object"}, "then": _of(shape.map, printing)})
    if shape.line is not None:
        branches.append({"if": {"type": ["string", "number", "boolean"]}, "then": _of(shape.line, printing)})
    return {**out, "allOf": [*branches]}


def _record(shape: Record, printing: _Printing) -> dict[str, Json]:
    required: list[Json] = [key.name for key in shape.keys if key.required]
    demanded = required if id(shape) not in printing.completed else []
    out: dict[str, Json] = {
        "type": "object" if demanded else ["object", "null"],
        "description": shape.what,
        "properties": {key.name: _key(key, printing) for key in shape.keys},
        "additionalProperties": False,
    }
    if demanded:
        out["required"] = demanded
    if shape.rest is not None:
        # A key that the record knows is not one that the author makes up, though its letters would allow it.
        known = "|".join(re.escape(key.name) for key in shape.keys)
        pattern = f"^(?!(?:{known})$)(?:{shape.rest.pattern})$" if known else f"^(?:{shape.rest.pattern})$"
        out["patternProperties"] = {pattern: _entry(shape.rest, printing)}
    return out


def _key(key: Key, printing: _Printing) -> dict[str, Json]:
    """The value of a key, with what an editor shows of the key."""
    value = _of(key.shape, printing)
    if not key.about:
        return value
    said = [key.about]
    if isinstance(key.shape, Line) and not key.shape.choices:
        what, example = shapes.READINGS[key.shape.reads]
        said.append(f"{what}, such as `{example}`")
    if key.required:
        said.append("required")
    return {**value, "description": "; ".join(said)}
