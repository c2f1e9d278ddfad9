"""Staging: whole or absent, and never in the place of something that no build made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dramaturg.building.staging import MANIFEST, Occupied, staged, sweep

KILLED = """
import os, signal, sys
from pathlib import Path
from dramaturg.building.staging import staged
with staged(Path(sys.argv[1])) as stage:
    (stage / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def build(place: Path, text: str = "{}") -> None:
    with staged(place) as stage:
        (stage / MANIFEST).write_text(text)


def test_a_build_appears_at_the_end(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "build"
    with staged(place) as stage:
        (stage / MANIFEST).write_text("{}")
        assert not place.exists()
    assert [path.name for path in place.iterdir()] == [MANIFEST]
    assert [path.name for path in place.parent.iterdir()] == ["build"]


def test_a_failed_build_leaves_nothing_and_keeps_the_earlier_one(tmp_path: Path) -> None:
    place = tmp_path / "build"
    build(place, "first")
    with pytest.raises(RuntimeError), staged(place):
        raise RuntimeError("halfway")
    assert (place / MANIFEST).read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["build"]


def test_a_build_replaces_an_earlier_one_whole(tmp_path: Path) -> None:
    place = tmp_path / "build"
    with staged(place) as stage:
        (stage / MANIFEST).write_text("first")
        (stage / "gone").write_text("")
    build(place, "second")
    assert {path.name: path.read_text() for path in place.iterdir()} == {MANIFEST: "second"}


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_what_no_build_made_is_never_replaced(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "precious"
    if kind == "file":
        place.write_text("thesis")
    elif kind == "directory":
        place.mkdir()
        (place / "thesis").write_text("thesis")
    else:
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Occupied), staged(place):
        pytest.fail("the place was given out")
    assert place.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL and no advisory locks here")
def test_a_killed_build_is_swept_by_the_next(tmp_path: Path) -> None:
    place = tmp_path / "build"
    build(place, "first")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(place)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (place / MANIFEST).read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 2
    build(place, "second")
    assert [path.name for path in tmp_path.iterdir()] == ["build"]
    assert (place / MANIFEST).read_text() == "second"


def test_a_build_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "build"
    with staged(place) as stage:
        (stage / MANIFEST).write_text("mine")
        assert sweep(place) == []
        assert stage.is_dir()
    assert (place / MANIFEST).read_text() == "mine"


def test_an_earlier_build_is_put_back_after_a_kill_between_the_renames(tmp_path: Path) -> None:
    place = tmp_path / "build"
    build(place, "first")
    stage = tmp_path / ".build.building-abc"
    stage.mkdir()
    (stage / ".lock").touch()
    os.rename(place, stage / "earlier")
    sweep(place)
    assert (place / MANIFEST).read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["build"]
