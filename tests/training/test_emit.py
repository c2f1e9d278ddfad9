"""Emission: the same bytes twice, held-out bindings apart, every row valid, every hash true."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest

from dramaturg.runtime.benchmark import HELDOUT, TRAIN
from dramaturg.training import files, manifest
from dramaturg.training.corpora import corpora
from dramaturg.training.corpora.sft import SftRow
from dramaturg.training.demonstrations import plans
from dramaturg.training.emit import Leak, emit, guard, hidden_texts
from tests.training.played import compiled, items, turns

EPISODES = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("corpora")
    emit([compiled()], [items()], out, episodes=EPISODES, heldout_episodes=8)
    return out


def test_the_same_inputs_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """In another directory, another process and under another hash seed."""
    code = (
        "from pathlib import Path; from tests.training.played import compiled, items; "
        "from dramaturg.training.emit import emit; "
        f"emit([compiled()], [items()], Path({str(tmp_path / 'again')!r}), episodes={EPISODES}, heldout_episodes=8)"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=root, env={**os.environ, "PYTHONHASHSEED": "7"}, timeout=120
    )
    again = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert again == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_manifest_tells_what_is_there(folder: Path) -> None:
    told = manifest.read(folder)
    assert manifest.verify(folder) == []
    assert {file.path for file in told.files} == {path.name for path in folder.iterdir()} - {manifest.NAME}
    for file in told.files:
        if file.path.endswith(".jsonl"):
            assert len((folder / file.path).read_bytes().splitlines()) == file.rows
    assert told.sources[0].episodes == {TRAIN: EPISODES, HELDOUT: 8}
    assert all(count > 0 for count in told.rows.values())
    assert sum(told.signatures.values()) == told.rows["dpo"]


def test_a_changed_file_is_found(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "kto.jsonl").open("ab") as out:
        out.write(b"\n")
    assert manifest.verify(tmp_path) == ["kto.jsonl"]
    (tmp_path / manifest.NAME).unlink()
    with pytest.raises(ValueError, match="no folder of corpora"):
        manifest.verify(tmp_path)


def test_held_out_bindings_are_in_no_training_file(folder: Path) -> None:
    source = manifest.read(folder).sources[0]
    assert source.heldout_bindings
    assert not set(source.heldout_bindings) & set(source.train_bindings)
    for corpus in corpora():
        for stem, allowed in (
            (corpus.name, source.train_bindings),
            (f"{corpus.name}.heldout", source.heldout_bindings),
        ):
            rows = files.read(folder / f"{stem}.jsonl", corpus.row)
            assert rows, stem
            assert {row.binding for row in rows} <= set(allowed)


def test_a_held_out_family_is_held_out_whole(tmp_path: Path) -> None:
    held = replace(items(), items=tuple(replace(item, split=HELDOUT) for item in items().items))
    told = emit([compiled()], [held], tmp_path, episodes=4, heldout_episodes=4)
    assert set(told.rows.values()) == {0}
    assert (tmp_path / "sft.heldout.jsonl").read_bytes()


def test_parquet_holds_the_rows_of_the_jsonl(folder: Path) -> None:
    for corpus in corpora():
        rows = [orjson.loads(line) for line in (folder / f"{corpus.name}.jsonl").read_bytes().splitlines()]
        assert pq.read_table(folder / f"{corpus.name}.parquet").to_pylist() == rows


def test_no_two_dialogues_teach_the_same(folder: Path) -> None:
    from dramaturg.training.corpora.sft import taught

    seen: set[str] = set()
    for row in files.read(folder / "sft.jsonl", SftRow):
        assert isinstance(row, SftRow)
        texts = set(taught(row))
        assert not texts <= seen
        seen |= texts


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"scenario": 1}\n')
    with pytest.raises(ValueError, match=r"x\.jsonl, line 1, is no row of SftRow"):
        files.read(tmp_path / "x.jsonl", SftRow)


def test_a_leak_is_caught_before_anything_is_written() -> None:
    secrets = hidden_texts(compiled().scenario)
    assert set(secrets) >= {"SECRET-STORY", "concern.secret_concern", "user.secret_mood"}
    for corpus in corpora():
        for row in corpus.rows(turns()):
            guard(corpus, row, secrets)
            with pytest.raises(Leak):
                guard(corpus, row, [*secrets, "follow_up"])
            break


def test_every_script_of_the_benchmark_is_demonstrated() -> None:
    train = [item for item in items().items if item.split == TRAIN]
    planned = plans(items(), TRAIN, 100)
    assert {(item.binding, item.script) for item in train} <= {(plan.binding, plan.script) for plan in planned}
    assert not {plan.binding for plan in planned} & items().heldout()
    assert plans(items(), "none", 5) == []


def test_a_benchmark_of_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another version"):
        emit([compiled()], [replace(items(), digest="x")], tmp_path)
    assert not list(tmp_path.iterdir())
