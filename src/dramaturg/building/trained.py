"""Training within a build: the tiny model learns from the corpora, and is measured where it has learned nothing from.

Held-out bindings are in no training file. The model plays the benchmark's items on them beside the trivial agents, and the
report of that is part of the build.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dramaturg.building.workers import run, say
from dramaturg.runtime.record import Json

if TYPE_CHECKING:
    from dramaturg.runtime.benchmark import Run
    from dramaturg.runtime.intervals import Measure
    from dramaturg.runtime.report import Report

STEPS = "DRAMATURG_TRAIN_STEPS"
"""The environment variable that shortens (or lengthens) training."""
ITEMS = "DRAMATURG_HELDOUT_ITEMS"
"""The environment variable that measures on so many held-out items of each scenario only: for trying the path, not for
figures. An untrained model writes at length, so measuring it takes longer than training it did."""
MODEL = "tiny"
SPLIT = "heldout"
NEEDED = ("torch", "transformers", "trl", "peft", "datasets", "accelerate")


class CannotTrain(ValueError):
    """The training extra is missing, or the number of steps is none."""


def ready() -> None:
    """Raises CannotTrain, before any work is done, where training could not begin."""
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        raise CannotTrain(
            f"training needs {', '.join(missing)}: pip install -c constraints/cpu.txt -e '.[train]' brings them"
        )
    _number(STEPS)
    _number(ITEMS)


def steps() -> int | None:
    """The number of steps that the environment asks for, None where it does not. Raises CannotTrain where it has no number."""
    return _number(STEPS)


def _number(variable: str) -> int | None:
    """A number above zero from the environment, None where the variable is not set."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise CannotTrain(f"{variable} is {text!r}, which is no number above zero")
    return int(text)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model and what it reached on held-out bindings."""

    steps: int
    rows: int
    loss: float
    report: Report
    limit: int | None = None
    """Held-out items of each scenario that were measured, where not all were."""

    @property
    def title(self) -> str:
        trial = f", only {self.limit} items of each scenario" if self.limit else ""
        return f"{self.steps} steps on {self.rows:,} dialogues{trial}"

    @property
    def agents(self) -> tuple[str, ...]:
        return self.report.agents

    def table(self) -> list[tuple[str, list[str]]]:
        """Task completion: a row per scenario and one over all, a cell per agent."""
        from dramaturg.runtime.report import figure_text

        rows = [
            (
                section.scenario,
                [figure_text(section.agents[name].figures["completion"], "%") for name in self.agents],
            )
            for section in self.report.scenarios
        ]
        rows.append(("all, pooled", [figure_text(self._pooled(name), "%") for name in self.agents]))
        return rows

    def record(self) -> dict[str, Json]:
        """What the manifest says of it."""
        completion: dict[str, Json] = {}
        for name in self.agents:
            found = self._pooled(name)
            completion[MODEL if name == f"local:{MODEL}" else name] = {
                "value": found.value if found.value is None else round(found.value, 6),
                "low": found.low if found.low is None else round(found.low, 6),
                "high": found.high if found.high is None else round(found.high, 6),
                "count": found.count,
            }
        return {
            "steps": self.steps,
            "rows": self.rows,
            "loss": self.loss,
            "items_per_scenario": self.limit,
            "completion": completion,
        }

    def _pooled(self, name: str) -> Measure:
        return self.report.overall[name]["pooled"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One scenario on which the model is measured."""

    path: Path
    folder: Path
    """The directory of the build."""
    agents: tuple[str, ...]
    limit: int | None


def train(
    paths: Sequence[Path],
    folder: Path,
    agents: tuple[str, ...],
    seed: int,
    processes: int,
    heard: Callable[[str, str], None],
) -> Trained:
    """Train on ``folder / "corpora"``, put the model at ``folder / "tiny"``, and measure it beside these agents."""
    from dramaturg.runtime import report as reports
    from dramaturg.training import sft

    settings = sft.Settings(seed=seed, steps=steps())

    def progress(at: int, total: int, loss: float) -> None:
        if at == 1 or at == total or at % 25 == 0:
            heard(MODEL, f"step {at} of {total}, loss {loss:.3f}")

    done = sft.train([folder / "corpora"], folder / MODEL, settings=settings, progress=progress)
    heard(MODEL, "held-out bindings")
    limit = _number(ITEMS)
    trials = [Trial(path, folder, agents, limit) for path in paths]
    runs = [one for found in run(measure, trials, processes, heard, lambda _: None) for one in found]
    runs.sort(key=lambda one: one.benchmark.scenario)
    found = reports.report(runs, split=SPLIT)
    (folder / "heldout.json").write_text(reports.to_json(found), encoding="utf-8")
    (folder / "heldout.md").write_text(reports.markdown(found), encoding="utf-8")
    return Trained(len(done.losses), done.rows, done.losses[-1], found, limit)


def measure(trial: Trial) -> list[Run]:
    """The agents' runs on the held-out items of one scenario, the model's last; none where nothing is held out."""
    from dramaturg.commands.bench import file_name, place
    from dramaturg.commands.library import compiled
    from dramaturg.runtime import benchmark
    from dramaturg.runtime.agents import agent

    made = compiled(trial.path)
    path = place(trial.folder, made.scenario.name)
    items = benchmark.from_json(path.read_text(encoding="utf-8"))
    if not items.heldout():
        return []
    say(made.scenario.name, f"held-out run of {MODEL}")
    model = agent(f"local:{trial.folder / MODEL}")
    if trial.limit is not None:
        few = [item for item in items.items if item.split == SPLIT][: trial.limit]
        items = replace(items, items=tuple(few))
        return [benchmark.run(items, made, one) for one in (*map(agent, trial.agents), model)]
    runs = [benchmark.read_run(items, made, path.parent / "runs" / f"{file_name(name)}.jsonl") for name in trial.agents]
    journal = path.parent / "runs" / f"{file_name(model.name, SPLIT)}.jsonl"
    return [*runs, benchmark.run(items, made, model, split=SPLIT, journal=journal)]
