"""The journal: torn tails, changed lines, kills; and files that are written whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dramaturg.runtime.journal import Journal, atomic_write, line, read
from dramaturg.runtime.record import Json

RECORDS: list[Json] = [{"n": n, "text": "é | \n" * n} for n in range(5)]


def written(path: Path, upto: int = len(RECORDS)) -> bytes:
    with Journal(path) as journal:
        for record in RECORDS[len(journal.records) : upto]:
            journal.append(record)
    return path.read_bytes()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    data = written(tmp_path / "run.jsonl")
    assert read(tmp_path / "run.jsonl") == (RECORDS, len(data))


def test_a_file_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path / "none.jsonl") == ([], 0)


def test_every_torn_tail_is_set_aside_and_the_run_ends_with_the_same_bytes(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole.jsonl")
    for cut in range(0, len(whole), 7):
        path = tmp_path / f"cut{cut}.jsonl"
        path.write_bytes(whole[:cut])
        assert written(path) == whole
        torn = path.with_name(path.name + ".torn")
        sound = whole[:cut].rfind(b"\n") + 1
        assert (torn.read_bytes() if torn.exists() else b"") == whole[sound:cut]


def test_a_changed_line_ends_the_sound_part(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    data = bytearray(written(path))
    second = data.index(b"\n") + 1
    data[data.index(b'"n":1', second) + 4] = ord("7")
    path.write_bytes(data)
    records, sound = read(path)
    assert records == RECORDS[:1]
    assert sound == second


def test_none_is_a_record_too(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(line(None) + line([1]))
    assert read(path)[0] == [None, [1]]


KILLED = """
import os, signal, sys
from pathlib import Path
from dramaturg.runtime.journal import Journal
journal = Journal(Path(sys.argv[1]))
for n in range(3):
    journal.append({"n": n})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_loses_no_finished_record(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert read(path)[0] == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_an_atomic_write_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.txt"
    atomic_write(path, "old")
    atomic_write(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(path.parent) == ["file.txt"]


def test_a_failed_atomic_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.txt"
    atomic_write(path, "old")

    def broken(_: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="full"):
        atomic_write(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]
