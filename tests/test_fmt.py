"""``fmt``: what it writes, what it only says, and what it leaves alone."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from dramaturg.cli import run

UNTIDY = b"about:   People.   # who\n\n\npersonas:\n    neighbour:  {background: kind}\n"
TIDY = b"about: People.   # who\n\npersonas:\n  neighbour: {background: kind}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "people.yaml").write_bytes(UNTIDY)
    (tmp_path / "tidy.yaml").write_bytes(TIDY)
    return tmp_path


def test_files_are_put_in_order_and_keep_their_mode(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.chmod("personas/people.yaml", 0o600)
    assert run(["fmt", "."]) == 0
    assert Path("personas/people.yaml").read_bytes() == TIDY
    assert Path("personas/people.yaml").stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr().err == "1 of 2 files changed\n"
    assert run(["fmt", "."]) == 0
    assert capsys.readouterr().err == "0 of 2 files changed\n"


def test_check_lists_and_is_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fmt", "--check", "."]) == 1
    out, err = capsys.readouterr()
    assert out == "personas/people.yaml\n"
    assert err == "dramaturg: 1 of 2 files would change; nothing was written\n"
    assert Path("personas/people.yaml").read_bytes() == UNTIDY
    assert run(["fmt", "--check", "tidy.yaml"]) == 0


def test_diff_prints_and_is_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fmt", "--diff", "."]) == 1
    out = capsys.readouterr().out
    assert "-about:   People.   # who\n-\n+about: People.   # who\n" in out
    assert "tidy.yaml" not in out
    assert Path("personas/people.yaml").read_bytes() == UNTIDY


def test_a_dash_is_stdin_and_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UNTIDY)))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written))
    assert run(["fmt", "-"]) == 0
    assert written.getvalue() == TIDY


def test_what_cannot_be_read_is_left_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.yaml").write_bytes(b"a:   [1\nb: 2\n")
    assert run(["fmt", "."]) == 1
    err = capsys.readouterr().err
    assert "error[E122] unclosed" in err
    assert "broken.yaml:1:6" in err
    assert Path("broken.yaml").read_bytes() == b"a:   [1\nb: 2\n"
    assert Path("personas/people.yaml").read_bytes() == TIDY, "the others are put in order all the same"


def test_a_link_out_of_its_folder_is_not_written_through(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "link.yaml").symlink_to(folder / "personas" / "people.yaml")
    assert run(["fmt", "inner"]) == 2
    assert "is a link that leads out of its folder" in capsys.readouterr().err
    assert Path("personas/people.yaml").read_bytes() == UNTIDY


def test_nothing_to_do_is_3(tmp_path: Path) -> None:
    assert run(["fmt", str(tmp_path)]) == 3
