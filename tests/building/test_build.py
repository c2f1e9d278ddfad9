"""The build: complete, reproducible to the byte, and absent where it was not finished."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.checkout import ROOT

SCENES = Path(__file__).parent / "scenes"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="no POSIX signals here")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dramaturg", *arguments]


def build(cwd: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("build", *arguments),
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def bytes_of(folder: Path) -> dict[str, str]:
    """Every file below a folder and the hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def second_scene(folder: Path) -> Path:
    """A copy of the scenes with one more, so that there is something to do for two workers."""
    shutil.copytree(SCENES, folder)
    text = (folder / "tea-timer.yaml").read_text(encoding="utf-8")
    (folder / "egg-timer.yaml").write_text(text.replace("tea", "egg"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Two scenarios, built by two workers."""
    cwd = tmp_path_factory.mktemp("built")
    second_scene(cwd / "scenes")
    ran = build(cwd, "scenes", "-o", "out", "--jobs", "2", PYTHONHASHSEED="1")
    assert ran.returncode == 0, ran.stderr
    return cwd / "out", ran


def test_everything_is_there_and_the_manifest_knows_it(
    built: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    out, _ = built
    for name in ("tea-timer", "egg-timer"):
        expected = {"graph.mermaid", "graph.dot", "graph.graphml", "graph.json", "findings.json", "proofs.json"}
        expected |= {"benchmark.json", "episodes.jsonl", "report.html", "report.json", "report.md", "runs"}
        assert {path.name for path in (out / name).iterdir()} == expected
    for corpus in ("sft", "dpo", "kto", "reward", "grpo", "distill"):
        assert (out / "corpora" / f"{corpus}.jsonl").is_file()
        assert (out / "corpora" / f"{corpus}.parquet").is_file()
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    found = bytes_of(out)
    del found["manifest.json"]
    assert {path: entry["sha256"] for path, entry in manifest["files"].items()} == found
    assert [row["scenario"] for row in manifest["scenarios"]] == ["egg-timer", "tea-timer"]
    assert all(row["proved"] == row["checks"] == 2 and row["gate"] for row in manifest["scenarios"])


def test_the_summary_is_on_stdout_and_progress_is_not(
    built: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, ran = built
    assert "tea-timer" in ran.stdout
    assert "2/2" in ran.stdout
    assert "built 2 scenarios" in ran.stderr
    assert "[" not in ran.stdout.replace("[0m", "")


def test_nothing_in_a_build_says_where_or_when(built: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, _ = built
    for path in out.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert str(out.parent).encode() not in data, path
            assert str(ROOT).encode() not in data, path


def test_the_same_build_has_the_same_bytes(
    built: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """In another directory, under another hash seed, with another number of processes."""
    elsewhere = tmp_path / "quite" / "elsewhere"
    second_scene(elsewhere / "other")
    ran = build(elsewhere, "other", "-o", "out", "--jobs", "1", PYTHONHASHSEED="2")
    assert ran.returncode == 0, ran.stderr
    assert bytes_of(elsewhere / "out") == bytes_of(built[0])


def test_a_broken_scenario_is_1_and_leaves_the_earlier_build(tmp_path: Path) -> None:
    shutil.copytree(SCENES, tmp_path / "scenes")
    assert build(tmp_path, "scenes", "-o", "out").returncode == 0
    before = bytes_of(tmp_path / "out")
    text = (tmp_path / "scenes" / "tea-timer.yaml").read_text(encoding="utf-8")
    (tmp_path / "scenes" / "tea-timer.yaml").write_text(text.replace("go: SERVED", "go: SERVD"), encoding="utf-8")
    ran = build(tmp_path, "scenes", "-o", "out")
    assert ran.returncode == 1
    assert "scenes/tea-timer.yaml:" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert bytes_of(tmp_path / "out") == before
    assert {path.name for path in tmp_path.iterdir()} == {"scenes", "out"}


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    shutil.copytree(SCENES, tmp_path / "scenes")
    shutil.copy(tmp_path / "scenes" / "tea-timer.yaml", tmp_path / "scenes" / "again.yaml")
    ran = build(tmp_path, "scenes", "-o", "out")
    assert ran.returncode == 2
    assert "two scenarios are called tea-timer" in ran.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"scenes"}


def test_what_no_build_made_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    ran = build(tmp_path, str(SCENES), "-o", "out")
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"


def halfway(cwd: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A build that is under way: its process, and the directory in which it is being written."""
    process = subprocess.Popen(
        command("build", *arguments, "-o", "out"), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        stages = [path for path in cwd.glob(".out.building-*/content/*") if not path.name.startswith(".")]
        if stages:
            yield process, stages[0].parent.parent
            return
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.005)
    pytest.fail("the build never began to write")


@POSIX
def test_a_killed_build_leaves_nothing_where_it_was_to_appear(tmp_path: Path) -> None:
    shutil.copytree(SCENES, tmp_path / "scenes")
    for process, stage in halfway(tmp_path, "scenes"):
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert stage.is_dir()
    assert not (tmp_path / "out").exists()
    assert build(tmp_path, "scenes", "-o", "out").returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"scenes", "out"}


@POSIX
def test_the_workers_of_a_killed_build_end(tmp_path: Path) -> None:
    second_scene(tmp_path / "scenes")
    for process, stage in halfway(tmp_path, "scenes", "--jobs", "2"):
        process.kill()
        process.communicate()  # returns when everybody who holds the pipes has gone, workers included
        assert stage.is_dir()
    assert not (tmp_path / "out").exists()


@POSIX
@pytest.mark.parametrize(
    ("sent", "code", "word"), [(signal.SIGTERM, 143, "terminated"), (signal.SIGINT, 130, "interrupted")]
)
def test_a_signal_ends_a_build_cleanly(tmp_path: Path, sent: signal.Signals, code: int, word: str) -> None:
    second_scene(tmp_path / "scenes")
    for process, _ in halfway(tmp_path, "scenes", "--jobs", "2"):
        process.send_signal(sent)
        _, err = process.communicate(timeout=30)
        assert process.returncode == code
        assert err.rstrip().splitlines()[-1] == f"dramaturg: {word}"
        assert "Traceback" not in err
    assert {path.name for path in tmp_path.iterdir()} == {"scenes"}


@pytest.mark.slow
def test_the_library_builds_to_the_same_bytes_twice(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "deeper" / "two"
    second.parent.mkdir()
    for cwd, out, seed in ((tmp_path, first, "1"), (second.parent, second, "2")):
        ran = build(cwd, str(ROOT / "scenarios"), "-o", str(out), PYTHONHASHSEED=seed)
        assert ran.returncode == 0, ran.stderr
    assert bytes_of(first) == bytes_of(second)
