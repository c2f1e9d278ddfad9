"""``init``: each template is a scenario with nothing wrong with it, written where nothing was."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from dramaturg.cli import run
from dramaturg.commands.init import SCHEMA, TEMPLATES


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_clean_plays_and_passes_its_gate(template: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "here", "--template", template]) == 0
    said = capsys.readouterr().out.splitlines()
    commands = [line.split()[1:] for line in said if line.startswith("  dramaturg ")]
    assert [command[0] for command in commands] == ["check", "simulate", "graph"]
    file = commands[0][1]
    assert run(["check", "--strict", "--no-cache", file]) == 0
    assert capsys.readouterr().out == ""
    for command in commands[1:]:
        assert run(command) == 0
    assert "It ends well" in capsys.readouterr().out
    assert run(["fmt", "--check", "here"]) == 0
    assert run(["bench", "build", file, "-o", "bench"]) == 0
    assert run(["bench", "run", file, "-o", "bench"]) == 0
    capsys.readouterr()
    assert run(["bench", "report", file, "-o", "bench"]) == 0
    (gate,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"| {Path(file).stem} |")]
    assert gate.split("|")[2].strip() == "passed"


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_file_names_the_schema_and_fits_it(template: str) -> None:
    assert run(["init", "--template", template]) == 0
    schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
    files = sorted(Path().rglob("*.yaml"))
    assert len(files) == {"minimal": 1}.get(template, 3)
    for path in files:
        head, text = path.read_text(encoding="utf-8").split("\n", 1)
        named = head.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve() == Path(SCHEMA).resolve()
        jsonschema.Draft202012Validator(schema).validate(yaml.load(text, Loader=yaml.CSafeLoader))


def test_a_name_may_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "tales/my-first.yaml", "--template", "travel"]) == 0
    assert Path("tales/my-first.yaml").read_text(encoding="utf-8").split("\n")[1] == "scenario: my-first"
    assert Path("tales/personas/travellers.yaml").is_file()
    assert run(["check", "tales/my-first.yaml"]) == 0
    assert run(["init", "tales/a name.yaml"]) == 2


def test_nothing_is_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    Path("words").mkdir()
    Path("words/platforms.yaml").write_text("mine", encoding="utf-8")
    assert run(["init", "--template", "travel"]) == 2
    assert capsys.readouterr().err == "dramaturg: words/platforms.yaml is there already; nothing was written\n"
    assert sorted(path.name for path in Path().rglob("*")) == ["platforms.yaml", "words"]
    assert Path("words/platforms.yaml").read_text(encoding="utf-8") == "mine"


def test_a_second_scenario_shares_the_schema() -> None:
    Path(SCHEMA).write_text("{}", encoding="utf-8")
    assert run(["init"]) == 0
    assert Path(SCHEMA).read_text(encoding="utf-8") == "{}"
