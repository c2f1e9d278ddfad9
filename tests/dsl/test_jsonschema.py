"""The committed JSON Schema is the one that the shapes give, and it accepts and refuses what the loader does."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias  # Any: what a file or a schema holds at a place is what the test is about

import jsonschema
import pytest
import yaml

from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.fit import Fitting, fit, lacking
from dramaturg.dsl.format.jsonschema import Kind, schema, text
from dramaturg.dsl.format.shapes import Each, Forms, Line, Names, Record, Shape
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Map

Data: TypeAlias = "str | int | float | bool | list[Data] | dict[str, Data] | None"

ROOT = Path(__file__).parent.parent.parent
COMMITTED = ROOT / "grammars" / "scenario.schema.json"
SHIPPED = sorted((ROOT / "scenarios").rglob("*.yaml")) + sorted((Path(__file__).parent / "stage").rglob("*.yaml"))
KINDS: tuple[Kind, ...] = ("any", "scenario", "module")
OF_FORM = {"E201", "E202", "E203", "E204", "E205", "E206"}


@cache
def validator(kind: Kind = "any") -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(kind))


def data(content: str) -> Data:
    """The file as an editor's YAML 1.2 reader gives it: `yes` and `no` are texts."""
    return yaml.load(content, Loader=_Core)  # type: ignore[no-any-return]


class _Core(yaml.CSafeLoader):
    """The core schema: nothing but true, false, null and numbers is more than a text."""


_Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag.rsplit(":", 1)[-1] in ("int", "float", "null")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_the_committed_schema_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(), (
        "run: python -m dramaturg schema > grammars/scenario.schema.json"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_a_schema_that_stands_alone(kind: Kind) -> None:
    made = schema(kind)
    jsonschema.Draft202012Validator.check_schema(made)
    refs = set(re.findall(r'"#/\$defs/([^"]+)"', text(kind)))
    assert refs == set(made["$defs"])  # type: ignore[arg-type]
    assert made["$id"] == f"urn:dramaturg:schema:{kind}"


@pytest.mark.parametrize("kind", KINDS)
def test_no_form_is_found_by_trying(kind: Kind) -> None:
    assert not re.search(r'"(anyOf|oneOf)"', text(kind))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_ships_is_valid(path: Path) -> None:
    held = data(path.read_text(encoding="utf-8"))
    assert isinstance(held, dict)
    own: Kind = "scenario" if "scenario" in held else "module"
    assert [error.message for error in validator().iter_errors(held)] == []
    assert validator(own).is_valid(held)
    assert not validator("module" if own == "scenario" else "scenario").is_valid(held)


# --- the loader and the schema agree ----------------------------------------------------------------------------------


def shape_errors(held: Data) -> set[str]:
    """The codes of what the loader has to say of the form of a file alone."""
    source = Source("x.yaml", yaml.safe_dump(held, allow_unicode=True, sort_keys=False, width=10_000).encode())
    tree, problems = read(source)
    assert isinstance(tree, Map)
    assert problems == []
    shape = shapes.SCENARIO if tree.get("scenario") is not None else shapes.MODULE
    found = Fitting()
    fitted = fit(tree, shape, found, "the file")
    if fitted is not None:
        lacking(fitted, shape, Span(source, 0, 0), found)
    return {item.code for item in found.diagnostics}


def spots(held: Data, shape: Shape, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Shape]]:
    """Every place of a file that fits, with its shape."""
    yield path, shape
    match shape, held:
        case Forms(line, items, inner), _:
            form = items if isinstance(held, list) else inner if isinstance(held, dict) else line
            if form is not None:
                yield from spots(held, form, path)
        case Record(), dict():
            for key, value in held.items():
                known = shape.key(key)
                if known is not None:
                    yield from spots(value, known.shape, (*path, key))
                elif shape.rest is not None:
                    yield from spots(value, shape.rest.value, (*path, key))
        case Names(value=value), dict():
            for key, inner_value in held.items():
                yield from spots(inner_value, value, (*path, key))
        case Each(item=item), list():
            for number, inner_value in enumerate(held):
                yield from spots(inner_value, item, (*path, number))


def changed(held: Data, path: tuple[str | int, ...], change: Callable[[Any], Any]) -> Data:
    """A copy with the value at a path changed."""
    if not path:
        return change(held)  # type: ignore[no-any-return]
    out: Any = copy.deepcopy(held)
    at = out
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = change(at[path[-1]])
    return out  # type: ignore[no-any-return]


def mistakes(held: Data) -> Iterator[tuple[str, Data]]:
    """Every mistake of form that one edit makes in a file."""
    assert isinstance(held, dict)
    whole = shapes.SCENARIO if "scenario" in held else shapes.MODULE
    for path, shape in spots(held, whole):
        where = "/".join(map(str, path))
        match shape:
            case Record():
                yield f"{where}: a stranger", changed(held, path, lambda value: {**(value or {}), "-": 1})
                for key in shape.keys:
                    if key.required:
                        yield f"{where}: no {key.name}", changed(held, path, partial(without, key.name))
            case Line(_, choices) if path:
                yield f"{where}: a list", changed(held, path, lambda value: [value])
                yield f"{where}: a map", changed(held, path, lambda value: {"a": value})
                if choices:
                    yield f"{where}: another word", changed(held, path, lambda value: "xyzzy")
            case Each() if path:
                yield f"{where}: a text", changed(held, path, lambda value: 7)
            case Names() if path:
                yield f"{where}: a bad name", changed(held, path, lambda value: {**(value or {}), "1-": {}})


def without(name: str, value: Any) -> Any:
    return {key: inner for key, inner in value.items() if key != name} if isinstance(value, dict) else value


STAGE = Path(__file__).parent / "stage" / "travel" / "delayed-train.yaml"


FILES = {
    STAGE: 200,
    ROOT / "scenarios" / "work" / "coding-session.yaml": 150,
    ROOT / "scenarios" / "acts" / "outbound.yaml": 40,
    ROOT / "scenarios" / "personas" / "shoppers.yaml": 5,
}
"""Files, and how many wrong ones at least are made of each that both refuse."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_loader_and_the_schema_refuse_the_same_files(path: Path) -> None:
    held = data(path.read_text(encoding="utf-8"))
    tried = 0
    for what, wrong in mistakes(held):
        refused = bool(shape_errors(wrong) & OF_FORM)
        valid = validator().is_valid(wrong)
        # What one file begins another may complete: only the whole scenario can miss a key of those.
        if refused and valid:
            assert ": no " in what, what
        assert refused or valid, what
        tried += refused and not valid
    assert tried >= FILES[path]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("horizon: 8h", "horizn: 8h"),
        ("  wakes: [user", "  wake: [user"),
        ("{kind: says, with: {price", "{kind: say, with: {price"),
        ("  opens: {do: ask_status}", "  opens: ask_status"),
        ("    FAILED: {end: bad}", "    failed: {end: bad}"),
        ("if: fare <= max_price and", "fi: fare <= max_price and"),
    ],
)
def test_slips_of_form_are_invalid(before: str, after: str) -> None:
    content = STAGE.read_text(encoding="utf-8")
    assert before in content
    assert not validator().is_valid(data(content.replace(before, after)))


# --- what an editor shows ---------------------------------------------------------------------------------------------


def offered(path: tuple[str, ...], kind: Kind = "any") -> dict[str, Any]:
    """The keys that an editor offers inside a map at a path, as it finds them: by following references and forms."""
    made = schema(kind)

    def resolved(part: Any) -> Iterator[Any]:
        yield part
        if "$ref" in part:
            yield from resolved(made["$defs"][part["$ref"].removeprefix("#/$defs/")])  # type: ignore[index]
        for branch in part.get("allOf", []):
            if branch["if"] == {"type": "object"}:
                yield from resolved(branch["then"])
        if "not" in part.get("if", {}) or part.get("if", {}).get("required"):
            yield from resolved(part["then"])

    places: list[Any] = [made]
    for step in path:
        below = []
        for place in places:
            for part in resolved(place):
                if step in part.get("properties", {}):
                    below.append(part["properties"][step])
                else:
                    patterns = part.get("patternProperties", {})
                    below += [value for pattern, value in patterns.items() if re.search(pattern, step)]
                if step == "-" and "items" in part:
                    below.append(part["items"])
        places = below
    return {
        name: value
        for place in places
        for part in resolved(place)
        for name, value in part.get("properties", {}).items()
    }


PATHS: dict[tuple[str, ...], Record] = {
    (): shapes.SCENARIO,
    ("agent",): shapes.AGENT,
    ("agent", "acts", "offer"): shapes.ACT,
    ("user", "replies", "-"): shapes.REPLY,
    ("user", "opens"): shapes.MOVE,
    ("triggers", "due"): shapes.TRIGGER,
    ("stream", "-"): shapes.STREAM_ENTRY,
    ("concerns", "late"): shapes.CONCERN,
    ("shifts", "cheaper"): shapes.SHIFT,
    ("tasks", "trip", "OPEN", "do", "-"): shapes.TRANSITION,
    ("recordings", "morning"): shapes.RECORDING,
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids="/".join)
def test_an_editor_offers_the_keys_of_each_place_and_says_what_they_are(path: tuple[str, ...]) -> None:
    keys = offered(path)
    assert set(keys) == {key.name for key in PATHS[path].keys}
    assert all(keys[key.name].get("description", "").startswith(key.about) for key in PATHS[path].keys)


def test_an_empty_file_is_offered_the_key_of_a_scenario() -> None:
    assert "scenario" in schema()["properties"]  # type: ignore[operator]


def test_choices_and_examples_are_offered() -> None:
    act = offered(("agent", "acts", "offer"))
    assert act["kind"]["enum"] == ["says", "does", "silent"]
    assert act["takes"]["examples"] == ["30m"]
    assert act["takes"]["description"] == "how long it takes; a duration, such as `30m`"


def test_a_shape_that_holds_itself_is_printed_once() -> None:
    """What ``shapes`` may come to hold: a state with states of its own."""
    state = Record("a nest", (shapes.Key("about", Line("text"), "what it is"),))
    inner = Names(state, "a nest", pattern=shapes.STATE, empty=True)
    object.__setattr__(state, "keys", (*state.keys, shapes.Key("nests", inner, "nests inside")))
    before = shapes.MODULE
    try:
        shapes.MODULE = Record("a module", (shapes.Key("nests", inner, "nests"),))
        made = schema("module")
    finally:
        shapes.MODULE = before
    check = jsonschema.Draft202012Validator(made)
    assert check.is_valid({"nests": {"A": {"nests": {"B": {"about": "x"}, "C": None}}}})
    assert not check.is_valid({"nests": {"A": {"nests": {"B": {"abut": "x"}}}}})
