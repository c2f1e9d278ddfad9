"""Inputs through the front end: what fails, what is slow, what takes memory."""

from __future__ import annotations

import multiprocessing
import os
import queue
import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from pathlib import Path
from types import FrameType

from benchmarks.fuzz.inputs import made
from benchmarks.fuzz.material import examples, shipped
from dramaturg.compiler.compiled import OverBudget, compile_scenario
from dramaturg.compiler.explore import Budget
from dramaturg.dsl.load import load
from dramaturg.dsl.memory.memo import forget
from dramaturg.dsl.messages.present import FORMS, present

ROOT = Path(os.path.abspath("no-such-folder"))
"""The inputs are on no disk."""
STATES = 100
"""Of the graphs of clean inputs."""
SLOW = 1.0
"""Seconds of CPU time."""
MEMORY = 512 * 1024 * 1024
HANG = 20.0
"""Seconds of CPU time after which an input is given up."""


def through(files: Mapping[str, bytes]) -> bool:
    """An input through the front end, all forms, and where it is clean the compiler. Whether it was clean."""
    main = next(iter(files))
    loaded = load(ROOT / main, ROOT, {ROOT / name: data for name, data in files.items()})
    said = loaded.diagnostics
    clean = loaded.scenario is not None
    assert clean == all(d.severity != "error" for d in said), "a scenario stands exactly where there is no error"
    if loaded.scenario is not None:
        try:
            said += compile_scenario(loaded.scenario, Budget.of(STATES)).diagnostics
        except OverBudget as over:
            said += (over.diagnostic,)
    for form in FORMS:
        text = present(said, form)
        assert str(ROOT) not in text, "the place of the folder is nobody's business"
        text.encode()
    for diagnostic in said:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(diagnostic.span.source.data), (
            "a place in the file"
        )
    return clean


@dataclass(slots=True)
class Tally:
    count: int = 0
    clean: int = 0
    slowest: float = 0.0
    slowest_at: int = -1
    memory: int = 0
    """Bytes above the start, the most of any worker."""
    failures: dict[str, int] = field(default_factory=dict)
    """By what went wrong, the first input that did."""
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.count += other.count
        self.clean += other.clean
        if other.slowest > self.slowest:
            self.slowest, self.slowest_at = other.slowest, other.slowest_at
        self.memory = max(self.memory, other.memory)
        for what, number in other.failures.items():
            self.failures[what] = min(number, self.failures.get(what, number))
        self.kinds += other.kinds


class Hung(BaseException):
    """An input took so long that it was given up."""


def give_up(_: int, __: FrameType | None) -> None:
    raise Hung


def failure(error: BaseException) -> str:
    """What went wrong, and where in our code: two inputs that fail alike give the same."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "dramaturg" in f.filename or "benchmarks" in f.filename]
    at = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} in {ours[-1].name}" if ours else "?"
    return f"{type(error).__name__} at {at}"


def fuzz(seed: int, numbers: range, seconds: float | None = None) -> Tally:
    """These inputs in this process, as many as the CPU time allows."""
    tally = Tally()
    through({"small.yaml": examples()[0]})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.signal(signal.SIGPROF, give_up)
    began = time.process_time()
    for number in numbers:
        started = time.process_time()
        if seconds is not None and started - began > seconds:
            break
        name, files = made(seed, number)
        tally.kinds[name] += 1
        ready = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, HANG)
        try:
            tally.clean += through(files)
        except (Exception, Hung) as error:  # every one is a finding
            tally.failures.setdefault(failure(error), number)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        took = time.process_time() - ready
        tally.count += 1
        if took > SLOW:  # once more: the first time may have paid for imports, or for a neighbour
            ready = time.process_time()
            try:
                through(files)
            except Exception as error:
                tally.failures.setdefault(failure(error), number)
            took = min(took, time.process_time() - ready)
            if took > SLOW:
                tally.failures.setdefault(f"slow: {name}", number)
        if took > tally.slowest:
            tally.slowest, tally.slowest_at = took, number
    tally.memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    return tally


def bound_memory() -> None:
    """At most 512 MB more address space than there is now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def worker(seed: int, numbers: range, seconds: float | None, out: Queue[Tally]) -> None:
    import dramaturg.compiler.analyses  # noqa: F401  what is imported later would count as memory of an input

    through({"small.yaml": examples()[0]})
    bound_memory()
    began = time.process_time()
    for first in range(0, len(numbers), 500):
        left = None if seconds is None else seconds - (time.process_time() - began)
        if left is not None and left <= 0:
            break
        forget()  # what is kept between inputs is bounded, but is not the memory of an input
        out.put(fuzz(seed, numbers[first : first + 500], left))


def shrunk(files: dict[str, bytes], what: str, most: int = 400) -> bytes:
    """The changed file, made smaller as long as it fails alike."""
    main = max(files, key=lambda name: files[name] != shipped().get(name))
    tries = 0
    size = max(1, len(files[main]) // 2)
    while size and tries < most:
        at = 0
        while at < len(files[main]) and tries < most:
            less = files | {main: files[main][:at] + files[main][at + size :]}
            tries += 1
            try:
                through(less)
                alike = False
            except Exception as error:
                alike = failure(error) == what
            if alike:
                files = less
            else:
                at += size
        size //= 2
    return files[main]


def run(seed: int, count: int, seconds: float | None, jobs: int, first: int = 0) -> Tally:
    """``count`` inputs from number ``first`` on in ``jobs`` processes, each with at most ``seconds`` of CPU time."""
    context = multiprocessing.get_context("fork")
    total = Tally()
    out: Queue[Tally] = context.Queue()
    workers = [
        context.Process(target=worker, args=(seed, range(first + job, first + count, jobs), seconds, out))
        for job in range(jobs)
    ]
    for process in workers:
        process.start()
    began, told = time.monotonic(), time.monotonic()
    while any(process.is_alive() for process in workers) or not out.empty():
        try:
            total.add(out.get(timeout=1))
        except queue.Empty:
            continue
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(
                f"{total.count} inputs, {total.count / (told - began):.0f}/s, {len(total.failures)} failures {total.failures}",
                flush=True,
            )
    for process in workers:
        process.join()
        if process.exitcode:
            total.failures.setdefault(f"a worker ended with {process.exitcode}", -1)
    return total
