"""How long a build of the whole library takes without training, with one process and with several, and whether it repeats.

Determinism is held against the strictest reading: another directory, another ``PYTHONHASHSEED``, another number of processes.
"""

from __future__ import annotations

import filecmp
import os
import tempfile
from pathlib import Path

from benchmarks.clock import Times, dramaturg, say, timed

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
GOAL = 30.0


def differing(left: Path, right: Path) -> list[str]:
    """The files that are not the same byte for byte."""
    names = {p.relative_to(side).as_posix() for side in (left, right) for p in side.rglob("*") if p.is_file()}
    return sorted(filecmp.cmpfiles(left, right, sorted(names), shallow=False)[1:][0]) + sorted(
        filecmp.cmpfiles(left, right, sorted(names), shallow=False)[2]
    )


def main() -> None:
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as scratch:
        first, second = Path(scratch) / "one", Path(scratch) / "deeper" / "two"

        def build(out: Path, processes: int, hashing: str) -> Times:
            arguments = ["build", str(SCENARIOS), "-o", str(out), "--jobs", str(processes)]
            return timed(lambda: dramaturg(*arguments, PYTHONHASHSEED=hashing), 1)

        alone = build(first, 1, "1")
        together = build(second, cores, "2")
        say("build, 1 process", alone)
        say(f"build, {cores} processes", together, GOAL)
        print(f"{'ratio':<44} {alone.median / together.median:8.2f}")
        wrong = differing(first, second)
        print(f"{'files that differ':<44} {len(wrong):8} {' '.join(wrong[:5])}")


if __name__ == "__main__":
    main()
