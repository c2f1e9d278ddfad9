"""``dramaturg build``: the main job. Every scenario to graph, proofs, benchmark, episodes and corpora, and a model from them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dramaturg.commands.outcome import FINDINGS, REFUSED, Outcome

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from dramaturg.building.artefacts import Built
    from dramaturg.building.trained import Trained


@click.command(short_help="Build everything: graphs, proofs, benchmarks, corpora, a model.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The directory to build.")
@click.option("--train", is_flag=True, help="Train the tiny model on the corpora, and measure it on held-out bindings.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="What chance depends on.")
@click.option("--agents", default="", metavar="NAME,…", help="Agents to run beside the four trivial ones.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes at once.  [default: one per core]")
def build(paths: tuple[Path, ...], out: Path, train: bool, seed: int, agents: str, jobs: int | None) -> None:
    """Build everything there is to build from the scenarios in PATHS.

    For each: the state graph (Mermaid, DOT, GraphML, JSON), findings, proofs, benchmark, runs, report and reference
    episodes; for all together the corpora, and a manifest with the hash of every file. The directory appears at the
    end, whole; an earlier build in its place is replaced. The same inputs and seed give the same bytes.
    """
    from dramaturg.building.artefacts import SameName
    from dramaturg.building.library import Broken, Order, make
    from dramaturg.building.staging import Occupied
    from dramaturg.commands.library import attempt, find, refusal
    from dramaturg.commands.screen import console
    from dramaturg.runtime.agents import TRIVIAL, agent

    names = tuple(dict.fromkeys((*TRIVIAL, *filter(None, (name.strip() for name in agents.split(","))))))
    files = tuple(find(paths))
    try:
        for name in names:
            agent(name)
        if train:
            from dramaturg.building.trained import ready

            ready()
        order = Order(files, out, seed, names, train, jobs or os.cpu_count() or 1)
        screen = console()
        with screen.status("…") as status:
            progress = Progress(screen, status, len(files))
            built, trained = make(order, progress.heard, progress.done)
    except (Occupied, SameName, ValueError) as error:
        raise Outcome(REFUSED, str(error)) from error
    except Broken as broken:
        raise refusal([attempt(one.path, analyse=True) for one in broken.failed]) from broken
    show(built, trained)
    print(f"built {len(built)} scenario{'s' * (len(built) != 1)} in {out}", file=sys.stderr)
    if failed := [one.name for one in built if not one.gate]:
        raise Outcome(FINDINGS, f"the gate does not hold for {', '.join(failed)}")


class Progress:
    """What is being done, on one line of a terminal; elsewhere a line per finished scenario."""

    def __init__(self, screen: Console, status: Status, total: int) -> None:
        self._screen, self._status = screen, status
        self._now: dict[str, str] = {}
        self._left = total
        self._total = total

    def heard(self, who: str, what: str) -> None:
        if not self._screen.is_terminal and who == "tiny":
            self._screen.print(f"{who}: {what}")
        self._now[who] = what
        self._update()

    def done(self, built: Built) -> None:
        self._left -= 1
        self._now.pop(built.path.stem, None)
        self._screen.print(f"[{self._total - self._left}/{self._total}] {built.name or built.path.stem}", markup=False)
        self._update()

    def _update(self) -> None:
        self._status.update(" · ".join(f"{who}: {what}" for who, what in self._now.items()) or "…")


def show(built: Sequence[Built], trained: Trained | None) -> None:
    """The summary, on stdout."""
    from rich.table import Table

    from dramaturg.commands.screen import console

    screen = console(sys.stdout)
    table = Table("scenario", "bindings", "states", "edges", "proved", "items", "gate", *_corpora(built))
    for column in table.columns[1:]:
        column.justify = "right"
    for one in built:
        rows = dict(one.rows)
        table.add_row(
            one.name,
            f"{one.bindings}",
            f"{one.states:,}",
            f"{one.edges:,}",
            f"{one.proved}/{one.checks}",
            f"{one.items}",
            "holds" if one.gate else "FAILS",
            *(f"{rows[name]:,}" for name in _corpora(built)),
        )
    screen.print(table)
    for one in built:
        for reason in one.reasons:
            screen.print(f"{one.name}: {reason}", markup=False)
    if trained is not None:
        screen.print(f"\nTask completion on held-out bindings ({trained.title}), with 95 % intervals")
        result = Table("scenario", *trained.agents)
        for column in result.columns[1:]:
            column.justify = "right"
        for name, cells in trained.table():
            result.add_row(name, *cells)
        screen.print(result)


def _corpora(built: Sequence[Built]) -> list[str]:
    return list(dict.fromkeys(name for one in built for name, _ in one.rows))
