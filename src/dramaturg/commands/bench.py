"""``dramaturg bench``: build a benchmark, run agents on it, and report what they reached.

All three share one directory, with a folder per scenario: ``NAME/benchmark.json`` and ``NAME/runs/AGENT.jsonl``. The
directory that ``dramaturg build`` makes is laid out in the same way, so an agent can be run on it directly.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dramaturg.commands.outcome import NOTHING, REFUSED, Outcome

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled
    from dramaturg.runtime.benchmark import Benchmark, Run

PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
ABLATE = click.option(
    "--ablate",
    multiple=True,
    type=click.Choice(["concerns", "traits", "stance"]),
    help="Switch this channel of the people off: a benchmark of its own, NAME-without-….",
)
SPLIT = click.option("--split", type=click.Choice(["train", "heldout"]), help="Only the items of this split.")


@click.group()
def bench() -> None:
    """Measure agents on benchmarks that are read off the state graph."""


@bench.command()
@PATHS
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The directory of the benchmark.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="What chance depends on.")
@click.option(
    "--per-class", type=click.IntRange(min=1), default=2, show_default=True, help="Items per branch and shifts."
)
@click.option("--hold-out", "families", multiple=True, metavar="FAMILY", help="Hold out every item of this family.")
@ABLATE
def build(
    paths: tuple[Path, ...], out: Path, seed: int, per_class: int, families: tuple[str, ...], ablate: tuple[str, ...]
) -> None:
    """Find the items: bindings × branches × shifts, until every line that can be shown is."""
    from dramaturg.commands.library import compiled, find
    from dramaturg.commands.screen import write
    from dramaturg.runtime import benchmark
    from dramaturg.runtime.journal import atomic_write

    for path in find(paths):
        made = benchmark.build(compiled(path, ablate), seed=seed, per_class=per_class, heldout_families=families)
        atomic_write(place(out, made.scenario), benchmark.to_json(made))
        kinds = ", ".join(
            f"{sum(item.branch == branch for item in made.items)} {branch}"
            for branch in ("positive", "negative", "lost")
        )
        held = len(made.heldout())
        write(f"{made.scenario}: {len(made.items)} items ({kinds}), {held} binding{'' if held == 1 else 's'} held out")


@bench.command()
@PATHS
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The directory of the benchmark.")
@click.option("--agent", "names", multiple=True, help="An agent to run; the trivial ones always run as well.")
@SPLIT
@ABLATE
def run(paths: tuple[Path, ...], out: Path, names: tuple[str, ...], split: str | None, ablate: tuple[str, ...]) -> None:
    """Run agents on the items, and go on where an interrupted run stopped."""
    from dramaturg.commands.library import compiled, find
    from dramaturg.commands.screen import write
    from dramaturg.runtime import benchmark
    from dramaturg.runtime.agents import TRIVIAL, agent

    try:
        agents = [agent(name) for name in dict.fromkeys((*TRIVIAL, *names))]
    except ValueError as error:
        raise Outcome(REFUSED, str(error)) from error
    for path in find(paths):
        made = compiled(path, ablate)
        items = read(out, made)
        for policy in agents:
            journal = place(out, items.scenario).parent / "runs" / f"{file_name(policy.name, split)}.jsonl"
            try:
                result = benchmark.run(items, made, policy, split=split or "", journal=journal)
            except ValueError as error:
                raise Outcome(REFUSED, f"{error}; remove it to run anew") from error
            counts = ", ".join(f"{key} {count}" for key, count in result.counts.items())
            write(f"{items.scenario}: {policy.name}: {counts}")
            failed = next((one.error for one in result.results if one.error), "")
            if failed:
                print(f"{items.scenario}: {failed}", file=sys.stderr)


@bench.command()
@PATHS
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The directory of the benchmark.")
@click.option(
    "--format", "form", type=click.Choice(["markdown", "html", "json"]), default="markdown", show_default=True
)
@SPLIT
@ABLATE
def report(paths: tuple[Path, ...], out: Path, form: str, split: str | None, ablate: tuple[str, ...]) -> None:
    """Print what the runs reached, with 95 % intervals and the trivial agents beside."""
    from dramaturg.commands.library import compiled, find
    from dramaturg.commands.screen import write
    from dramaturg.runtime import benchmark
    from dramaturg.runtime import report as reports

    runs: list[Run] = []
    for path in find(paths):
        made = compiled(path, ablate)
        items = read(out, made)
        journals = sorted((place(out, items.scenario).parent / "runs").glob("*.jsonl"))
        wanted = [path for path in journals if path.stem.partition("@")[2] in ("", split)]
        found = [benchmark.read_run(items, made, journal) for journal in wanted]
        order = {name: index for index, name in enumerate(("oracle", "silent", "eager", "random"))}
        latest = {one.agent: one for one in found}  # a run of just this split stands for the one of everything
        runs += sorted(latest.values(), key=lambda one: (order.get(one.agent, len(order)), one.agent))
    if not runs:
        raise Outcome(NOTHING, f"nothing to do: no runs in {out}; `dramaturg bench run` makes them")
    try:
        data = reports.report(runs, split=split or "")
    except ValueError as error:
        raise Outcome(REFUSED, str(error)) from error
    match form:
        case "html":
            from dramaturg.runtime.page import html

            write(html(data))
        case "json":
            write(reports.to_json(data))
        case _:
            write(reports.markdown(data))


def place(out: Path, scenario: str) -> Path:
    """The benchmark file of a scenario."""
    return out / scenario / "benchmark.json"


def file_name(agent: str, split: str | None = None) -> str:
    """An agent's name as the name of a file: what separates folders or is not allowed everywhere becomes ``_``."""
    plain = "".join(c if c.isalnum() or c in "._-" else "_" for c in agent)
    return f"{plain}@{split}" if split else plain


def read(out: Path, made: Compiled) -> Benchmark:
    """The benchmark of a scenario. Ends the command where there is none, or one of another version."""
    from dramaturg.runtime import benchmark
    from dramaturg.runtime.record import BadRecord

    path = place(out, made.scenario.name)
    try:
        items = benchmark.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Outcome(REFUSED, f"there is no {path}; `dramaturg bench build` makes it") from error
    except (BadRecord, UnicodeDecodeError) as error:
        raise Outcome(REFUSED, f"{path} is no benchmark: {error}") from error
    if items.digest != made.scenario.digest:
        raise Outcome(REFUSED, f"{path} was built from another version of {made.scenario.name}; build it again")
    return items
