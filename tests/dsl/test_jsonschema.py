"""The committed JSON Schema is the one that the shapes give, and accepts what the loader accepts."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from dramaturg.dsl.jsonschema import schema, text

ROOT = Path(__file__).parent.parent.parent
COMMITTED = ROOT / "grammars" / "scenario.schema.json"
SHIPPED = sorted((ROOT / "scenarios").rglob("*.yaml")) + sorted((Path(__file__).parent / "stage").rglob("*.yaml"))


def _read(content: str) -> object:
    return yaml.load(content, Loader=yaml.CSafeLoader)


def test_the_committed_schema_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(), (
        "run: python -m dramaturg schema > grammars/scenario.schema.json"
    )


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_ships_is_valid(path: Path) -> None:
    found = list(jsonschema.Draft202012Validator(schema()).iter_errors(_read(path.read_text(encoding="utf-8"))))
    assert found == []


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
    content = (Path(__file__).parent / "stage" / "travel" / "delayed-train.yaml").read_text(encoding="utf-8")
    assert before in content
    assert not jsonschema.Draft202012Validator(schema()).is_valid(_read(content.replace(before, after)))
