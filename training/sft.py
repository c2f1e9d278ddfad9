"""Supervised fine-tuning through TRL: the embedded tiny model from nothing, or a model of one's own, whole or by LoRA.

Rows come as dialogues and are tokenised here, masks checked three ways (``masks``), so the trainer neither guesses a
mask nor truncates. The result is a folder that appears whole: the model as safetensors, its tokenizer with the template that it was
trained with, and ``training.json``, which says from what, how, and with which loss at each step. Same rows, settings, seed,
library versions and number of threads: same weights.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from dramaturg import __version__
from dramaturg.training import files, manifest, masks, tiny
from dramaturg.training.corpora.sft import SftRow

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LOG = "training.json"
FORMAT = "dramaturg-training/1"
LIBRARIES = ("torch", "transformers", "trl", "peft", "tokenizers", "datasets", "accelerate")

SMALL = 50_000_000
"""Parameters of a model that a GPU would only slow down."""

Progress = Callable[[int, int, float], None]
"""(steps done, steps in all, loss of the last step)"""


TINY_RATE, LORA_RATE, WHOLE_RATE = 3e-3, 2e-4, 1e-5


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is trained."""

    steps: int | None = None
    """None: as many as ``passes`` over the dialogues take."""
    passes: float = 4.095
    batch: int = 4
    learning_rate: float | None = None
    """At its highest. None: ``TINY_RATE``, or for a model that already knows something ``LORA_RATE`` or ``WHOLE_RATE``."""
    warmup: float = 0.05
    """Share of the steps over which the learning rate rises; then it falls along a cosine."""
    weight_decay: float = 0.01
    seed: int = 0
    max_tokens: int = tiny.CONTEXT
    """A longer row is an error."""
    lora: bool = False
    lora_rank: int = 16

    def steps_on(self, rows: int) -> int:
        """The number of steps on so many dialogues."""
        return self.steps or max(1, ceil(self.passes * rows / self.batch))

    def rate(self, from_nothing: bool) -> float:
        """The learning rate at its highest."""
        if self.learning_rate is not None:
            return self.learning_rate
        return TINY_RATE if from_nothing else LORA_RATE if self.lora else WHOLE_RATE


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training."""

    path: Path
    losses: tuple[float, ...]
    """Mean loss per trained token, step by step."""
    rows: int
    tokens: int
    """Of the longest row."""
    seconds: float
    parameters: int

    @property
    def steps_per_second(self) -> float:
        return len(self.losses) / self.seconds if self.seconds else 0.0


class CannotTrain(ValueError):
    """Nothing to train on, or nothing to train with."""


def train(
    corpora: Sequence[Path],
    out: Path,
    *,
    base: Path | None = None,
    settings: Settings = Settings(),  # frozen
    progress: Progress | None = None,
) -> Trained:
    """Train on the ``sft`` corpus of these folders (each with its manifest) and put the model at ``out``.

    Without ``base`` the tiny model is built and trained whole. Raises CannotTrain where there are no rows, where a folder was
    changed since it was emitted, where ``out`` holds something else, or where ``base`` has no usable chat template; MaskError
    where a row is too long or its mask is in doubt.
    """
    if out.exists() and not (out / LOG).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise CannotTrain(f"{out} exists and holds no {LOG} of an earlier training")
    if settings.lora and base is None:
        raise CannotTrain("LoRA adapts a model that exists: name one as base")
    settings = replace(settings, learning_rate=settings.rate(base is None))
    rows, sources = read_rows(corpora)
    settings = replace(settings, steps=settings.steps_on(len(rows)))
    out.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        trained = _train(rows, sources, stage, base, settings, progress)
        if out.exists():
            shutil.rmtree(out)
        stage.chmod(0o755)
        stage.rename(out)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return Trained(out, *trained)


def read_rows(corpora: Sequence[Path]) -> tuple[list[SftRow], dict[str, str]]:
    """The sft rows of folders of corpora, in their order, and the hash of each folder's file by scenario."""
    rows: list[SftRow] = []
    sources: dict[str, str] = {}
    for folder in corpora:
        changed = manifest.verify(folder)
        if changed:
            raise CannotTrain(f"{folder} was changed since it was emitted: {', '.join(changed)}")
        found = [row for row in files.read(folder / "sft.jsonl", SftRow) if isinstance(row, SftRow)]
        rows += found
        names = " ".join(source.scenario for source in manifest.read(folder).sources)
        sources[names] = manifest.digest(folder / "sft.jsonl")
    if not rows:
        raise CannotTrain(f"there are no sft rows in {', '.join(map(str, corpora))}")
    return rows, sources


def _train(
    rows: list[SftRow],
    sources: dict[str, str],
    stage: Path,
    base: Path | None,
    settings: Settings,
    progress: Progress | None,
) -> tuple[tuple[float, ...], int, int, float, int]:
    _quiet()
    if "OMP_NUM_THREADS" not in os.environ and base is None:
        # Where cores are shared two threads of so small a model wait for each other several times longer than they work.
        import torch

        torch.set_num_threads(1)
    tokenizer, model = _tiny(rows, settings.seed) if base is None else _based(base)
    data = [masks.tokens(tokenizer, row, settings.max_tokens) for row in rows]
    begun = time.perf_counter()
    model, losses = _fit(model, tokenizer, data, settings, stage / "scratch", progress)
    seconds = time.perf_counter() - begun
    shutil.rmtree(stage / "scratch", ignore_errors=True)
    model.save_pretrained(stage)
    tokenizer.save_pretrained(stage)
    longest, parameters = max(len(item.input_ids) for item in data), int(model.num_parameters())
    document = {
        "format": FORMAT,
        "versions": {"dramaturg": __version__, **{name: version(name) for name in LIBRARIES}},
        "base": "tiny" if base is None else base.name,
        "settings": asdict(settings),
        "sources": sources,
        "rows": len(rows),
        "longest": longest,
        "parameters": parameters,
        "losses": losses,
    }
    (stage / LOG).write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return tuple(losses), len(rows), longest, seconds, parameters


def _tiny(rows: Sequence[SftRow], seed: int) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    tokenizer = tiny.tokenizer(row.messages for row in rows)
    return tokenizer, tiny.model(tokenizer, seed)


def _based(base: Path) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    """A model from a folder, with a chat template that marks what is generated."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if not base.is_dir():
        raise CannotTrain(f"{base} is no folder with a model")
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True, trust_remote_code=False)
    if "generation" not in (tokenizer.chat_template or ""):
        if {tiny.START, tiny.END} - set(tokenizer.get_vocab()):
            raise CannotTrain(
                f"the chat template of {base} does not mark what is generated, and its tokenizer has no ChatML"
            )
        tokenizer.chat_template = tiny.chat_template()
        tokenizer.eos_token = tiny.END
    model = AutoModelForCausalLM.from_pretrained(
        base, local_files_only=True, trust_remote_code=False, use_safetensors=True
    )
    return tokenizer, model


def _fit(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    data: Sequence[masks.Tokens],
    settings: Settings,
    scratch: Path,
    progress: Progress | None,
) -> tuple[PreTrainedModel, list[float]]:
    """The trained model, adapters merged into it, and the loss at each step."""
    import torch
    from datasets import Dataset
    from transformers import PrinterCallback, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
    from trl import SFTConfig, SFTTrainer

    losses: list[float] = []
    steps = settings.steps_on(len(data))

    class Listener(TrainerCallback):  # type: ignore[misc]  # transformers is not typed for mypy
        def on_log(
            self,
            args: TrainingArguments,
            state: TrainerState,
            control: TrainerControl,
            logs: dict[str, float] | None = None,
            **_rest: object,
        ) -> None:
            if logs is not None and "loss" in logs:
                losses.append(round(float(logs["loss"]), 6))
                if progress is not None:
                    progress(state.global_step, steps, losses[-1])

    gpu = torch.cuda.is_available() and model.num_parameters() > SMALL
    config = SFTConfig(
        output_dir=str(scratch),
        max_steps=steps,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=settings.batch,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, round(settings.warmup * steps)),
        weight_decay=settings.weight_decay,
        adam_beta2=0.98,
        seed=settings.seed,
        data_seed=settings.seed,
        max_length=None,
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        use_cpu=not gpu,
        bf16=gpu,
        gradient_checkpointing=gpu,
        dataloader_pin_memory=gpu,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    dataset = Dataset.from_list([{"input_ids": item.input_ids, "labels": item.labels} for item in data])
    trainer = SFTTrainer(
        model=model,
        args=config,
        train_dataset=dataset,
        processing_class=tokenizer,
        callbacks=[Listener()],
        peft_config=_lora(settings) if settings.lora else None,
    )
    trainer.remove_callback(PrinterCallback)  # our own listener tells
    trainer.train()
    trained = trainer.model
    if settings.lora:
        trained = trained.merge_and_unload()
    return trained, losses


def _lora(settings: Settings) -> object:
    from peft import LoraConfig

    return LoraConfig(
        r=settings.lora_rank,
        lora_alpha=2 * settings.lora_rank,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def _quiet() -> None:
    """Keep libraries from talking over our own progress, and from looking for anything on the network."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
    from datasets import disable_progress_bars
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    disable_progress_bars()
