"""How long ``check`` takes for each scenario: cold (a process of its own) and warm (in a process that has checked before).

The peer is the loading of the same YAML with the C loader of PyYAML and nothing else: what no checker can be faster than.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import yaml

from benchmarks.clock import dramaturg, say, timed
from dramaturg.commands.library import attempt, find

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
RUNS = 5


def loaded(path: Path) -> object:
    return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


def main() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    for path in find([SCENARIOS]):
        attempt(path, analyse=True)
        say(f"{path.stem}: yaml.CSafeLoader", timed(partial(loaded, path), RUNS))
        say(f"{path.stem}: check, warm", timed(partial(attempt, path, analyse=True), RUNS), goal=0.5)
        say(f"{path.stem}: check, cold", timed(partial(dramaturg, "check", str(path)), RUNS), goal=1.0)


if __name__ == "__main__":
    main()
