"""``dramaturg diff``: what it prints, and how it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from dramaturg.cli import run
from tests.compiler.test_difference import SMALL


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old" / "tea.yaml"
    path.parent.mkdir()
    path.write_text(SMALL, encoding="utf-8")
    return path


def edited(old: Path, *edits: tuple[str, str]) -> Path:
    path = old.parent.parent / "new" / "tea.yaml"
    path.parent.mkdir(exist_ok=True)
    text = SMALL
    for was, now in edits:
        assert was in text
        text = text.replace(was, now)
    path.write_text(text, encoding="utf-8")
    return path


def test_layout_is_no_change(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = edited(old, ("  cups: int 1..3", "  cups:   int 1..3   # of tea"))
    assert run(["diff", str(old), str(new), "--exit-code"]) == 0
    assert capsys.readouterr().out == "tea.yaml: no change in meaning\n"


def test_a_change_is_told_with_what_follows(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = edited(old, ("if: cups > 1", "if: cups > 2"))
    assert run(["diff", str(old), str(new)]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[:3] == [
        "tea.yaml: the meaning changed",
        "  ~ stream · at 10m if cups > 1 emit kettle.hums · if: cups > 1 → cups > 2",
        "      at cups=2 the old one holds, the new one does not",
    ]
    assert "    bindings of both versions: 1 changed, with their benchmark items; 2 as before\n" in said
    assert "corpora distill, dpo, grpo, kto, reward, sft: rows come, go or are labelled otherwise" in said
    assert run(["diff", str(old), str(new), "--exit-code", "--no-graph"]) == 1
    again = capsys.readouterr()
    assert "the state graphs were not compared" in again.out
    assert again.err == "dramaturg: the meaning differs: tea.yaml\n"


def test_wordings_alone_are_no_change_of_meaning(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = edited(old, ("triggers:", 'words:\n  agent.tell: ["Tea!"]\ntriggers:'))
    assert run(["diff", str(old), str(new), "--exit-code"]) == 0
    said = capsys.readouterr().out
    assert "only wordings changed" in said and "only texts in rows change" in said


def test_tools_read_json_and_people_markdown(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = edited(old, ("within: 1 turn", "within: 2 turns"))
    assert run(["diff", str(old), str(new), "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["change"] == "meaning" and one["changes"][0]["path"] == ["triggers", "ready", "within"]
    assert one["graph"]["bindings"]["both"] == 3 and set(one["corpora"]) == {
        "sft",
        "dpo",
        "kto",
        "reward",
        "grpo",
        "distill",
    }
    assert run(["diff", str(old), str(new), "--format", "markdown"]) == 0
    assert "- `~ triggers · ready · within: 1 turn → 2 turns`\n  - 1 turn longer\n" in capsys.readouterr().out


def test_folders_are_compared_scenario_by_scenario(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = edited(old, ("turns: 4", "turns: 5"))
    new.with_name("more.yaml").write_text(SMALL.replace("scenario: tea", "scenario: more"), encoding="utf-8")
    assert run(["diff", str(old.parent), str(new.parent), "--no-graph", "--exit-code"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("more.yaml: a new scenario\ntea.yaml: the meaning changed\n  ~ turns: 4 → 5\n")
    assert said.err.endswith("the meaning differs: more.yaml, tea.yaml\n")
    assert run(["diff", str(old.parent), str(new)]) == 2


def test_what_does_not_load_is_refused_with_its_errors(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = edited(old, ("go: SERVED", "go: SERVD"))
    assert run(["diff", str(old), str(new)]) == 1
    assert "unknown-state" in capsys.readouterr().err


def test_a_commit_of_git_is_compared_with_what_is_there_now(
    old: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = old.parent
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "tea.yaml"], ["commit", "-q", "-m", "Make tea"]):
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True)
    old.write_text(SMALL.replace("within: 1 turn", "within: 2 turns"), encoding="utf-8")
    monkeypatch.chdir(folder)
    assert run(["diff", "HEAD:tea.yaml", "tea.yaml", "--exit-code", "--no-graph"]) == 1
    assert "within: 1 turn → 2 turns" in capsys.readouterr().out
    for wrong, says in (
        ("HEAD:tee.yaml", "there is no tee.yaml at HEAD"),
        ("nowhere:tea.yaml", "nowhere"),
        ("tee.yaml", "there is no tee.yaml"),
    ):
        assert run(["diff", wrong, "tea.yaml"]) == 2
        assert says in capsys.readouterr().err
