"""The schema as ajv reads it in its strict mode: compiled without a complaint, its verdicts are those of Python's validator.

ajv is run by node; without it these are skipped (``benchmarks/node.py`` says where it is looked for).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any  # a schema and the files held against it are JSON

import pytest
from benchmarks import node

from dramaturg.dsl.format.jsonschema import EDITORS, schema
from tests.dsl.test_jsonschema import FILES, KINDS, SHIPPED, data, mistakes, validator

MISSING = node.lacking("ajv")
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING or "ajv is there")

SCRIPT = """
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
const { schema, editors, instances } = JSON.parse(readFileSync("asked.json", "utf-8"));
const logger = { log() {}, warn(what) { throw new Error(what); }, error(what) { throw new Error(what); } };
// A value that may be written as a text, a list or a map has several types: that is meant.
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, logger });
ajv.addVocabulary(editors);
const check = ajv.compile(schema);
console.log(JSON.stringify(instances.map((instance) => check(instance))));
"""


def verdicts(folder: Path, made: dict[str, Any], instances: list[Any]) -> list[bool]:
    asked = {"schema": made, "editors": EDITORS, "instances": instances}
    (folder / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    (folder / "ask.mjs").write_text(SCRIPT, encoding="utf-8")
    ended = node.run("ask.mjs", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    held: list[bool] = json.loads(ended.stdout)
    return held


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_compiled_in_strict_mode(tmp_path: Path, kind: Any) -> None:
    assert verdicts(tmp_path, dict(schema(kind)), []) == []


def test_its_verdicts_are_the_same(tmp_path: Path) -> None:
    right = [data(path.read_text(encoding="utf-8")) for path in SHIPPED]
    wrong = [made for path in FILES for _, made in mistakes(data(path.read_text(encoding="utf-8")))]
    assert len(wrong) > 400
    found = verdicts(tmp_path, dict(schema()), [*right, *wrong])
    assert all(found[: len(right)])
    assert found == [validator().is_valid(held) for held in [*right, *wrong]]
