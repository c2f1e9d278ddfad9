"""Texts laid over the disk: they stand for files everywhere that a file is read, and may reach no further than files may."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import Loaded, load
from dramaturg.dsl.reading.reader import NOTHING_OVER

STAGE = Path(__file__).parent / "stage"
MAIN = STAGE / "travel" / "delayed-train.yaml"


def texts(root: Path) -> dict[Path, bytes]:
    return {root / path.relative_to(STAGE): path.read_bytes() for path in STAGE.rglob("*.yaml")}


def errors(loaded: Loaded) -> list[Diagnostic]:
    return [d for d in loaded.diagnostics if d.severity == "error"]


@pytest.mark.parametrize("with_root", [True, False])
def test_a_scenario_on_no_disk_is_the_one_on_the_disk(with_root: bool) -> None:
    nowhere = Path(os.path.abspath("no-such-folder")) / "inside"
    laid = load(nowhere / MAIN.relative_to(STAGE), nowhere if with_root else None, texts(nowhere))
    real = load(MAIN, STAGE if with_root else None)
    assert laid.scenario is not None and laid.scenario == real.scenario
    assert laid.scenario.digest == real.scenario.digest
    assert laid.sources != () and [s.path for s in laid.sources] == [s.path for s in real.sources]


def test_an_unsaved_buffer_hides_the_file(tmp_path: Path) -> None:
    shutil.copytree(STAGE, tmp_path / "stage")
    path = tmp_path / "stage" / MAIN.relative_to(STAGE)
    changed = path.read_bytes().replace(b"turns:", b"truns:", 1)
    assert "unknown-key" not in {d.name for d in load(path).diagnostics}
    assert "unknown-key" in {d.name for d in load(path, overlay={path: changed}).diagnostics}
    assert load(path, overlay=NOTHING_OVER).diagnostics == load(path).diagnostics


def test_an_unsaved_module_hides_the_file(tmp_path: Path) -> None:
    shutil.copytree(STAGE, tmp_path / "stage")
    path = tmp_path / "stage" / MAIN.relative_to(STAGE)
    module = next(p for p in sorted((tmp_path / "stage").rglob("*.yaml")) if p.parent.name == "acts")
    said = errors(load(path, overlay={module: b"acts: [\n"}))
    assert [d.span.path for d in said] == [module.relative_to(tmp_path / "stage").as_posix()]


def test_a_misspelt_module_is_guessed_among_unsaved_ones() -> None:
    nowhere = Path(os.path.abspath("no-such-folder"))
    laid = texts(nowhere)
    path = nowhere / MAIN.relative_to(STAGE)
    laid[path] = laid[path].replace(b"acts/assistant", b"acts/asistant", 1)
    said = errors(load(path, nowhere, laid))
    assert [(d.name, "`acts/assistant`" in d.message) for d in said] == [("missing-module", True)]


def test_an_unsaved_buffer_is_bounded_as_a_file_is(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    path = inside / "small.yaml"
    laid = {path: b"scenario: x\nuses: [link/people]\n", inside / "link" / "people.yaml": b"types: {m: one of a | b}\n"}
    loaded = load(path, inside, laid)
    assert "outside-root" in {d.name for d in loaded.diagnostics}
    assert [source.path for source in loaded.sources] == ["small.yaml"]
    assert [d.name for d in load(path, inside, {path: b"#" * 2_000_000}).diagnostics] == ["file-too-large"]
