"""Training, for real and briefly: the loss falls, the model that is saved plays, and LoRA adapts it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from dramaturg.runtime import benchmark
from dramaturg.runtime.agents import agent
from dramaturg.runtime.local import Local
from dramaturg.training.emit import emit
from dramaturg.training.sft import LOG, CannotTrain, Settings, Trained, train
from tests.training.played import compiled, items, turns

pytestmark = pytest.mark.train

BRIEF = Settings(steps=30, batch=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("corpora")
    emit([compiled()], [items()], out, episodes=16, heldout_episodes=4)
    return out


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train([folder], tmp_path_factory.mktemp("models") / "tiny", settings=BRIEF)


def test_the_loss_falls(trained: Trained) -> None:
    assert len(trained.losses) == BRIEF.steps
    assert sum(trained.losses[-5:]) < 0.5 * sum(trained.losses[:5])
    assert 800_000 < trained.parameters < 1_100_000


def test_what_is_saved_says_where_it_comes_from_and_is_safetensors_only(trained: Trained, folder: Path) -> None:
    names = {path.name for path in trained.path.iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", LOG} <= names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".py"))]
    log = orjson.loads((trained.path / LOG).read_bytes())
    assert log["losses"] == list(trained.losses)
    assert log["settings"]["seed"] == 0
    assert set(log["sources"]) == {"flights"}
    assert not [path for path in trained.path.parent.iterdir() if path != trained.path]  # nothing half-written stays


def test_the_saved_model_plays_as_a_local_agent(trained: Trained) -> None:
    local = agent(f"local:{trained.path}")
    assert isinstance(local, Local)
    assert local.name == "local:tiny"
    result = benchmark.run(items(), compiled(), local, split="heldout")
    assert result.counts["n_error"] == 0
    answers = [turn.answer for trace in result.traces for turn in trace.turns]
    assert all(answer.raw for answer in answers)  # the model spoke, for better or worse


def test_a_batch_answers_as_its_members_do(trained: Trained) -> None:
    local = Local(str(trained.path))
    views = [at.view for at in turns(1, 0, 0)]
    assert local.answer_all(views) == [local.answer(view) for view in views]


def test_training_is_repeatable_and_lora_adapts_a_model(trained: Trained, folder: Path, tmp_path: Path) -> None:
    settings = Settings(steps=2, batch=2, lora=True, lora_rank=4)
    first, second = (train([folder], tmp_path / name, base=trained.path, settings=settings) for name in "ab")
    assert first.losses == second.losses
    assert (first.path / "model.safetensors").read_bytes() == (second.path / "model.safetensors").read_bytes()
    assert (first.path / "model.safetensors").read_bytes() != (trained.path / "model.safetensors").read_bytes()
    assert orjson.loads((first.path / LOG).read_bytes())["base"] == "tiny"
    assert Local(str(first.path)).answer(turns()[0].view).raw


def test_what_cannot_be_trained_on_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotTrain, match="name one as base"):
        train([folder], tmp_path / "x", settings=Settings(lora=True))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(CannotTrain, match="of an earlier training"):
        train([folder], tmp_path / "mine")
    with pytest.raises(ValueError, match="no folder of corpora"):
        train([tmp_path], tmp_path / "x")
    changed = tmp_path / "changed"
    changed.mkdir()
    for path in folder.iterdir():
        (changed / path.name).write_bytes(path.read_bytes())
    (changed / "sft.jsonl").write_bytes(b"")
    with pytest.raises(CannotTrain, match="was changed since"):
        train([changed], tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no folder with a model"):
        agent(f"local:{tmp_path}")


def test_where_nothing_else_is_said_training_passes_over_the_dialogues_so_often() -> None:
    assert [Settings().steps_on(rows) for rows in (1, 703, 1046)] == [2, 720, 1071]
    assert Settings(steps=30).steps_on(1045) == 30
