"""What other tools read, of every diagnostic that the pages show: JSON, SARIF and GitHub's workflow commands.

JSON is held against what ``docs/language.md`` says of it, workflow commands against the way that GitHub's runner takes them
apart, and SARIF against the schema of OASIS and the validator of its editors where somebody has installed them (npm's
``@microsoft/sarif-multitool-linux``; ``benchmarks/node.py`` says where it is looked for).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any  # a log is JSON

import jsonschema
import pytest
from benchmarks import node
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.compiler.compiled import OverBudget, compile_scenario
from dramaturg.dsl.diagnostics import Diagnostic, codes, diagnose
from dramaturg.dsl.load import load
from dramaturg.dsl.messages.exchange import github
from dramaturg.dsl.messages.present import FORMS, in_order, present
from dramaturg.dsl.spans import NOWHERE, Source, Span
from tests.dsl.test_codes import EXAMPLES
from tests.dsl.test_present import DIAGNOSTICS

MULTITOOL = node.folder() / "@microsoft" / "sarif-multitool-linux"
OFFICIAL = MULTITOOL / "sarif-2.1.0.json"
NOT_THERE = f"{node.VARIABLE} names no node_modules folder with @microsoft/sarif-multitool-linux"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Diagnostic]:
    """Everything that is said of the wrong examples, which lie in folders and files that have to be escaped."""
    out = [*DIAGNOSTICS]
    root = tmp_path_factory.mktemp("pages")
    for number, example in enumerate(EXAMPLES):
        if example.side != "Wrong":
            continue
        path = root / f"größe {number}" / "東京 a,b:c%.yaml"
        path.parent.mkdir()
        path.write_text(example.text, encoding="utf-8")
        loaded = load(path)
        out += loaded.diagnostics
        if loaded.scenario is not None:
            try:
                out += compile_scenario(loaded.scenario).diagnostics
            except OverBudget as over:
                out.append(over.diagnostic)
    return out


def test_most_codes_are_seen(found: list[Diagnostic]) -> None:
    assert len({one.code for one in found}) > 125
    assert sum(bool(one.fixes) for one in found) > 30
    assert sum(bool(one.labels) for one in found) > 30
    assert {one.severity for one in found} == {"error", "warning", "note"}
    # Code scanning refuses what has no place.
    assert not [one for one in found if one.span.path.startswith("<")]


# --- json -------------------------------------------------------------------------------------------------------------

POINT = {
    "type": "object",
    "properties": {
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
        "offset": {"type": "integer", "minimum": 0},
    },
    "required": ["line", "column", "offset"],
    "additionalProperties": False,
}
PLACE = {"path": {"type": "string", "minLength": 1}, "start": POINT, "end": POINT}


def thing(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
RECORD = thing(
    code={"type": "string", "pattern": r"^[EWN]\d{3}$"},
    name={"type": "string", "pattern": r"^[a-z]+(-[a-z]+)*$"},
    severity={"enum": ["error", "warning", "note"]},
    message=TEXT,
    notes={"type": "array", "items": TEXT},
    labels={"type": "array", "items": thing(text=TEXT, **PLACE)},
    fixes={
        "type": "array",
        "items": thing(
            title=TEXT,
            safe={"type": "boolean"},
            edits={"type": "array", "minItems": 1, "items": thing(text={"type": "string"}, **PLACE)},
        ),
    },
    **PLACE,
)


def test_json_is_as_documented_for_every_code(found: list[Diagnostic]) -> None:
    text = present(found, "json")
    records = json.loads(text)
    assert len(records) == len(found)
    jsonschema.Draft202012Validator({"type": "array", "items": RECORD}).validate(records)
    page = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
    described = page.split("<!-- json of check -->")[1].split("\n\n", 2)[1]
    assert set(re.findall(r"^\| `(\w+)`", described, re.MULTILINE)) == set(RECORD["properties"])


def test_the_places_in_json_are_where_the_text_is(found: list[Diagnostic]) -> None:
    for one, record in zip(sorted_(found), json.loads(present(found, "json")), strict=True):
        data = one.span.source.data
        assert record["start"]["offset"] <= record["end"]["offset"] <= len(data)
        before = data[: record["start"]["offset"]].decode("utf-8", "replace")
        if one.code not in ("E103", "E104"):
            assert record["start"]["line"] == before.count("\n") + 1
            assert record["start"]["column"] == len(before.rpartition("\n")[2]) + 1


def sorted_(found: list[Diagnostic]) -> list[Diagnostic]:
    return list(in_order(found))


# --- SARIF ------------------------------------------------------------------------------------------------------------


@cache
def official() -> jsonschema.Draft202012Validator:
    held = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(held)
    return jsonschema.Draft202012Validator(held, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.skipif(not OFFICIAL.is_file(), reason=NOT_THERE)
def test_sarif_is_valid_for_every_code_and_for_nothing(found: list[Diagnostic]) -> None:
    nobodys = diagnose("tag", NOWHERE, "nobody wrote this")
    for said in [[], [nobodys], found, *([one] for one in found)]:
        assert [error.message for error in official().iter_errors(json.loads(present(said, "sarif")))] == []
    broken = json.loads(present(found, "sarif"))
    broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not official().is_valid(broken)


@pytest.mark.skipif(not os.access(MULTITOOL / "Sarif.Multitool", os.X_OK), reason=f"{NOT_THERE}, or it may not be run")
def test_sarifs_own_validator_has_nothing_to_say(found: list[Diagnostic], tmp_path: Path) -> None:
    for name, said in {"all": found, "none": []}.items():
        (tmp_path / f"{name}.sarif").write_text(present(said, "sarif"), encoding="utf-8")
    command = [
        str(MULTITOOL / "Sarif.Multitool"),
        "validate",
        "--rule-kind",
        "Sarif;Gh;Ghas",
        "all.sarif",
        "none.sarif",
    ]
    invariant = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    ended = subprocess.run(
        command, cwd=tmp_path, env=invariant, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Analysis completed successfully" in ended.stdout, ended.stdout + ended.stderr
    # SARIF2005 asks for the address of a home page, and there is none.
    assert set(re.findall(r"(?:error|warning) (\w+):", ended.stdout)) <= {"SARIF2005"}


# --- GitHub -----------------------------------------------------------------------------------------------------------

PROPERTY = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
DATA = {"%0D": "\r", "%0A": "\n", "%25": "%"}


def unescaped(text: str, table: Mapping[str, str]) -> str:
    """As the runner does: one after the other, the per cent last."""
    for written, meant in table.items():
        text = text.replace(written, meant)
    return text


def command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner takes it apart: `::name key=value,key=value::data`, on one line."""
    assert not re.search(r"[\r\n]", line)
    assert line.startswith("::")
    head, data = line[2:].split("::", 1)
    name, properties = head.split(" ", 1)
    pairs = dict(part.split("=", 1) for part in properties.split(","))
    return name, {key: unescaped(value, PROPERTY) for key, value in pairs.items()}, unescaped(data, DATA)


def test_the_runner_reads_what_was_meant(found: list[Diagnostic]) -> None:
    for one in found:
        name, properties, data = command(github(one))
        assert name == {"error": "error", "warning": "warning", "note": "notice"}[one.severity]
        assert properties["file"] == one.span.path
        assert properties["title"] == f"{one.code} {one.name}"
        assert int(properties["line"]) <= int(properties["endLine"])
        assert data.startswith(one.message)
        assert all(note in data for note in one.notes)


@given(st.text(min_size=1), st.text(min_size=1).map(lambda name: name.replace("\\", "/")))
def test_no_text_ends_a_command_early(message: str, path: str) -> None:
    source = Source(path, b"x\n")
    _, properties, data = command(github(diagnose("tag", Span(source, 0, 1), message)))
    assert properties["file"] == path
    assert data.startswith(message)
    assert set(properties) == {"file", "line", "endLine", "col", "endColumn", "title"}


def test_names_on_a_disk_may_hold_bytes_that_are_no_text() -> None:
    source = Source("fo\udce9lder/trip.yaml", b"x\n")
    said = [diagnose("tag", Span(source, 0, 1), "m")]
    assert [one["path"] for one in json.loads(present(said, "json"))] == ["fo\ufffdlder/trip.yaml"]
    assert '"fo%E9lder/trip.yaml"' in present(said, "sarif")
    path = Path("/nowhere/tr\udcffip.yaml")
    (one,) = load(path, overlay={path: b"scenario: trip\n"}).diagnostics
    assert (one.code, one.message) == ("E101", "the name of the file `tr\ufffdip.yaml` is not UTF-8")
    for form in FORMS:
        assert present([one], form).encode()


def test_every_code_has_a_rule_that_tools_can_show() -> None:
    every = [diagnose(name, NOWHERE, "said") for name in codes()]
    (run,) = json.loads(present(every, "sarif"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) == len(codes())
    assert all(rule["shortDescription"]["text"] and rule["fullDescription"]["text"] for rule in rules)
