"""Timing a command or a function: the median of several runs, and the least of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        return f"{self.median * 1000:8.0f} ms (least {min(self.seconds) * 1000:.0f}, of {len(self.seconds)})"


def timed(work: Callable[[], object], times: int) -> Times:
    """``work`` done several times, one after the other."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return Times(tuple(seconds))


def spent(work: Callable[[], object], times: int) -> tuple[Times, Times]:
    """Wall and CPU time of ``work`` that runs processes, done several times; CPU time is that of the processes."""
    wall, cpu = [], []
    for _ in range(times):
        began, before = time.perf_counter(), os.times()
        work()
        after = os.times()
        wall.append(time.perf_counter() - began)
        cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return Times(tuple(wall)), Times(tuple(cpu))


def dramaturg(*arguments: str, **environment: str) -> None:
    """Run the command line in a process of its own; findings are as good as none here."""
    ran = subprocess.run(
        [sys.executable, "-m", "dramaturg", *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ran.returncode not in (0, 1):
        raise SystemExit(f"dramaturg {' '.join(arguments)} ended with {ran.returncode}: {ran.stderr[-500:]}")


def say(name: str, measured: Times, goal: float | None = None) -> None:
    """One line: what was measured, and how it stands to its goal (in seconds)."""
    against = "" if goal is None else f"   goal {goal * 1000:.0f} ms, ratio {measured.median / goal:.2f}"
    print(f"{name:<44} {measured}{against}")


def say_all(rows: Sequence[tuple[str, Times, float | None]]) -> None:
    for name, measured, goal in rows:
        say(name, measured, goal)
