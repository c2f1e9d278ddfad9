"""The main job: every scenario, then what needs them all, into one directory that is complete or absent."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dramaturg.building import manifest
from dramaturg.building.artefacts import Built, Job, build
from dramaturg.building.staging import staged
from dramaturg.building.workers import run
from dramaturg.runtime.record import Json

if TYPE_CHECKING:
    from dramaturg.building.trained import Trained

PARTS = ".parts"


class Broken(Exception):
    """Some scenarios do not compile; nothing was written."""

    def __init__(self, failed: Sequence[Built]) -> None:
        super().__init__(", ".join(one.name for one in failed))
        self.failed = tuple(failed)


@dataclass(frozen=True, slots=True)
class Order:
    """What to build."""

    paths: tuple[Path, ...]
    out: Path
    seed: int
    agents: tuple[str, ...]
    train: bool
    processes: int


def make(
    order: Order, heard: Callable[[str, str], None], done: Callable[[Built], None]
) -> tuple[list[Built], Trained | None]:
    """Build everything in ``order.out``.

    Raises Broken, ``artefacts.SameName`` or ``staging.Occupied``, and then leaves it as it was. ``heard`` is told what
    is being done (of which scenario, what), ``done`` of each scenario that is finished.
    """
    with staged(order.out) as stage:
        parts = stage / PARTS
        jobs = [Job(path, stage, parts, order.seed, order.agents) for path in order.paths]
        built = run(build, jobs, order.processes, heard, done)
        if failed := [one for one in built if one.failed]:
            raise Broken(failed)
        built.sort(key=lambda one: one.name)
        heard("all", "corpora")
        from dramaturg.building.corpora import assemble

        assemble([parts / one.name for one in built], stage / "corpora")
        shutil.rmtree(parts)
        trained: Trained | None = None
        if order.train:
            from dramaturg.building.trained import train

            trained = train(order.paths, stage, order.agents, order.seed, order.processes, heard)
        heard("all", "manifest")
        manifest.write(stage, _parts(order, built, trained))
    return built, trained


def _parts(order: Order, built: Sequence[Built], trained: Trained | None) -> dict[str, Json]:
    parts: dict[str, Json] = {
        "versions": manifest.versions(manifest.READ + (manifest.TRAINED if trained else ())),
        "seed": order.seed,
        "agents": order.agents,
        "scenarios": [
            {
                "scenario": one.name,
                "family": one.family,
                "digest": one.digest,
                "bindings": one.bindings,
                "states": one.states,
                "edges": one.edges,
                "checks": one.checks,
                "proved": one.proved,
                "items": one.items,
                "gate": one.gate,
                "rows": dict(one.rows),
            }
            for one in built
        ],
    }
    if trained is not None:
        parts["training"] = trained.record()
    return parts
