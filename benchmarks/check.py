"""How long ``check`` takes for each scenario: cold (a process of its own, nothing remembered) and warm (likewise, checked before).

Wall and CPU time, medians of five. The peer is the loading of the same YAML with the C loader of PyYAML and nothing else, in this
process: what no checker can be faster than. On a machine with much else to do only the CPU time means anything.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import yaml

from benchmarks.clock import dramaturg, say, spent, timed
from dramaturg.commands.library import find

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
RUNS = 5


def loaded(path: Path) -> object:
    return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        for path in find([SCENARIOS]):
            cold = partial(dramaturg, "check", "--no-cache", str(path))
            warm = partial(dramaturg, "check", str(path), XDG_CACHE_HOME=cache, DRAMATURG_CACHE="on")
            say(f"{path.stem}: yaml.CSafeLoader", timed(partial(loaded, path), RUNS))
            for name, work, goal in (("cold", cold, 1.0), ("warm", warm, 0.5)):
                work()
                wall, cpu = spent(work, RUNS)
                say(f"{path.stem}: check, {name}, wall", wall, goal)
                say(f"{path.stem}: check, {name}, CPU", cpu, goal)


if __name__ == "__main__":
    main()
