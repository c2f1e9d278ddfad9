"""``dramaturg train``: teach a model from corpora."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dramaturg.commands.outcome import REFUSED, Outcome

if TYPE_CHECKING:
    from rich.status import Status


@click.group()
def train() -> None:
    """Teach a model from corpora."""


@train.command(short_help="Fine-tune on dialogues, the tiny model from nothing by default.")
@click.argument("corpora", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The folder of the model.")
@click.option("--base", type=click.Path(path_type=Path), help="A folder with a model to begin from.")
@click.option("--lora", is_flag=True, help="Adapt the base by LoRA, and merge the adapters into it.")
@click.option("--steps", type=click.IntRange(min=1), help="Training steps; DRAMATURG_TRAIN_STEPS where not given.")
@click.option("--batch", type=click.IntRange(min=1), help="Dialogues per step.")
@click.option("--learning-rate", "rate", type=click.FloatRange(min=0, min_open=True), help="At its highest.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="What chance depends on.")
def sft(
    corpora: tuple[Path, ...],
    out: Path,
    base: Path | None,
    lora: bool,
    steps: int | None,
    batch: int | None,
    rate: float | None,
    seed: int,
) -> None:
    """Train on the dialogues in CORPORA (folders that `emit` or `build` wrote), through TRL.

    Without a base the tiny model is built and trained from nothing. The result is an agent: local:FOLDER.
    """
    from dramaturg.building import trained
    from dramaturg.commands.screen import console, write

    try:
        trained.ready()
        from dramaturg.training import sft as trainer

        settings = trainer.Settings(seed=seed, lora=lora)
        settings = replace(settings, steps=steps or trained.steps())
        settings = replace(settings, batch=batch or settings.batch, learning_rate=rate or settings.learning_rate)
        with console().status("…") as status:
            done = trainer.train(corpora, out, base=base, settings=settings, progress=_progress(status))
    except ValueError as error:
        raise Outcome(REFUSED, str(error)) from error
    write(
        f"{out}: {done.parameters:,} parameters, {len(done.losses)} steps on {done.rows:,} dialogues "
        f"of at most {done.tokens:,} tokens, loss {done.losses[0]:.3f} → {done.losses[-1]:.3f}"
    )


def _progress(status: Status) -> Callable[[int, int, float], None]:
    return lambda at, total, loss: status.update(f"step {at} of {total}, loss {loss:.3f}")
