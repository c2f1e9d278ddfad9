"""``dramaturg emit``: training corpora from scenarios."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.status import Status

    from dramaturg.compiler.compiled import Compiled
    from dramaturg.runtime.benchmark import Benchmark


@click.command(short_help="Write training corpora: sft, dpo, kto, reward, grpo, distill.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The folder of the corpora.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="What chance depends on.")
@click.option("--episodes", type=click.IntRange(min=1), default=240, show_default=True, help="Episodes per scenario.")
@click.option(
    "--benchmark",
    "benchmarks",
    type=click.Path(path_type=Path),
    help="A directory of `bench build`, whose held-out bindings stay held out; else its default is built.",
)
def emit(paths: tuple[Path, ...], out: Path, seed: int, episodes: int, benchmarks: Path | None) -> None:
    """Write every corpus of the scenarios in PATHS, as JSONL and Parquet, with a manifest.

    Rows of held-out bindings go into files of their own (NAME.heldout.jsonl), which no trainer reads.
    """
    from dramaturg.commands.library import compiled, find
    from dramaturg.commands.screen import console, write
    from dramaturg.training.emit import emit as emit_all

    made = [compiled(path) for path in find(paths)]
    items = [_benchmark(one, benchmarks, seed) for one in made]
    with console().status("…") as status:
        manifest = emit_all(made, items, out, seed=seed, episodes=episodes, progress=_progress(status))
    write("\n".join(f"{name:<8} {rows:>8}" for name, rows in manifest.rows.items()))


def _benchmark(made: Compiled, folder: Path | None, seed: int) -> Benchmark:
    if folder is not None:
        from dramaturg.commands.bench import read

        return read(folder, made)
    from dramaturg.runtime import benchmark

    return benchmark.build(made, seed=seed)


def _progress(status: Status) -> Callable[[str, int, int], None]:
    """Says how far the episodes of a scenario are."""
    return lambda scenario, done, total: status.update(f"{scenario}: episode {done} of {total}")
