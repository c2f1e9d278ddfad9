"""``check --fix`` and ``--diff``: what is written, what is refused, and what they say."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dramaturg.cli import run
from tests.checkout import ROOT

TRIP = Path("travel") / "flight-watch.yaml"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("travel", "personas", "concerns", "acts", "words", "tasks", "triggers"):
        shutil.copytree(ROOT / "scenarios" / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spoil(path: Path, old: str, new: str) -> bytes:
    before = path.read_bytes()
    assert before.count(old.encode()) >= 1
    path.write_bytes(before.replace(old.encode(), new.encode()))
    return before


def test_fix_writes_and_says_what_it_did(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = spoil(TRIP, "horizon:", "horizn:")
    os.chmod(TRIP, 0o640)
    assert run(["check", "--fix", str(TRIP)]) == 0
    assert TRIP.read_bytes() == before
    assert TRIP.stat().st_mode & 0o777 == 0o640
    assert [name for name in os.listdir("travel") if not name.endswith(".yaml")] == [], "no draft is left behind"
    err = capsys.readouterr().err
    assert f"fixed {TRIP}:5:1: E201 unknown-key: replace it with `horizon`" in err
    assert "1 mistake fixed in 1 file" in err


def test_what_cannot_be_fixed_is_said_and_is_1(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(TRIP, "horizon:", "horizn:")
    spoil(TRIP, "turns: 19", "turns: many")
    assert run(["check", "--fix", str(TRIP)]) == 1
    out, err = capsys.readouterr()
    assert "turns: many" in out
    assert "horizn" not in out
    assert err.rstrip().endswith("1 error left in 1 scenario")
    assert b"horizon: 21d" in TRIP.read_bytes()


def test_diff_writes_nothing_and_is_1(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(TRIP, "horizon:", "horizn:")
    held = TRIP.read_bytes()
    assert run(["check", "--diff", str(TRIP)]) == 1
    out, err = capsys.readouterr()
    assert TRIP.read_bytes() == held
    assert out.startswith(f"--- {TRIP}\n+++ {TRIP}\n@@ ")
    assert "-horizn: 21d\n+horizon: 21d\n" in out
    assert err == "dramaturg: 1 file would change; nothing was written\n"


def test_diff_of_what_is_well_is_0(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--diff", str(TRIP)]) == 0
    assert capsys.readouterr().out == ""


def test_a_module_of_several_scenarios_is_mended_once(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(TRIP, library / "travel" / "other.yaml")
    module = library / "personas" / "travellers.yaml"
    before = spoil(module, "background:", "backgroud:")
    assert run(["check", "--diff", "travel"]) == 1
    assert capsys.readouterr().out.count("+++ ") == 1
    assert run(["check", "--fix", "travel"]) == 0
    assert module.read_bytes() == before


def test_a_link_out_of_the_root_is_not_written_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "elsewhere" / "outside.yaml"
    outside.parent.mkdir()
    shutil.copy(ROOT / "tests" / "dsl" / "stage" / "travel" / "delayed-train.yaml", outside)
    spoil(outside, "horizon:", "horizn:")
    held = outside.read_bytes()
    (tmp_path / "here" / "work").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "work")
    Path("linked.yaml").symlink_to(outside)
    assert run(["check", "--fix", "linked.yaml"]) == 2
    assert "is a link that leads out of its folder" in capsys.readouterr().err
    assert outside.read_bytes() == held


def test_unsafe_fixes_without_fix_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--unsafe-fixes", "."]) == 2
