"""From the paths on a command line to scenarios: which files are meant, and each of them loaded and compiled.

A file that is named is taken as it is. A directory stands for every scenario below it: a YAML file with a ``scenario:``
key in its first column (modules have none).
"""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dramaturg.commands.outcome import FINDINGS, NOTHING, REFUSED, Outcome
from dramaturg.dsl.limits import VARIABLE as LIMITS

if TYPE_CHECKING:
    from dramaturg.commands.remembered import Found, Memory
    from dramaturg.compiler.compiled import Compiled
    from dramaturg.dsl.diagnostics import Diagnostic
    from dramaturg.dsl.scenario import Scenario
    from dramaturg.dsl.spans import Source

HEAD = re.compile(rb"^(\xef\xbb\xbf)?(scenario|'scenario'|\"scenario\")\s*:", re.MULTILINE)
LONGEST = 4_000_000
"""A longer file in a directory is no scenario; named on its own it is read, and refused by the reader."""
WORTH_SHARING = 1.5
"""Seconds of work for which it is worth starting other processes (each takes most of one to begin)."""
UNLABELLED = "with `-i` or `--agent silent`, `eager`, `random` or `script:FILE`"
"""How to play without a state graph."""


def find(paths: Sequence[Path], memory: Memory | None = None) -> list[Path]:
    """The scenario files meant, each once, in order of the arguments and then of name. Ends the command where there are
    none. With ``memory``, files that have not changed are known for what they are without being read."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update((p, None) for p in _inside(path, memory))
        elif path.exists():
            found[path] = None
        else:
            raise Outcome(REFUSED, f"there is no {path}")
    if not found:
        raise Outcome(NOTHING, f"nothing to do: no scenario under {', '.join(map(str, paths))}")
    return list(found)


def _inside(top: Path, memory: Memory | None) -> Iterator[Path]:
    """The scenarios below a folder, in order of name. Nothing hidden is looked at, and no linked folder entered."""
    here = os.path.abspath(top)
    found: list[tuple[str, ...]] = []
    todo: list[tuple[str, ...]] = [()]
    while todo:
        parts = todo.pop()
        folder = os.path.join(here, *parts)
        try:
            entries = list(os.scandir(folder))
        except PermissionError:
            continue
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                todo.append((*parts, name))
            elif name.endswith((".yaml", ".yml")) and _is_scenario(entry, folder, memory):
                found.append((*parts, name))
    return (top.joinpath(*parts) for parts in sorted(found))


def _is_scenario(entry: os.DirEntry[str], folder: str, memory: Memory | None) -> bool:
    if memory is None or memory.place is None:
        return entry.is_file() and _reads_as_scenario(entry.path)
    status = memory.files[entry.path] = entry.stat(follow_symlinks=False)
    known = memory.head(folder, entry.name)
    if known is None:
        known = entry.is_file() and _reads_as_scenario(entry.path)
        if stat.S_ISREG(status.st_mode):
            memory.keep_head(folder, entry.name, known, status)
    return known


def _reads_as_scenario(path: str) -> bool:
    with open(path, "rb") as file:
        return os.fstat(file.fileno()).st_size <= LONGEST and HEAD.search(file.read()) is not None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a scenario file."""

    file: Path
    shown: str
    """How the file calls itself: its path below the folder of the scenarios."""
    compiled: Compiled | None
    """None where it does not load, or its graph is over budget."""
    diagnostics: tuple[Diagnostic, ...]
    """Everything that there is to say of it, places as the file calls itself."""
    sources: tuple[Source, ...] = ()
    """Every file that was read, its own first."""
    uncompiled: Scenario | None = None
    """The scenario, where only its graph is over budget."""

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(item for item in self.diagnostics if item.severity == "error")

    def local(self) -> list[Diagnostic]:
        """The diagnostics, places from the current directory."""
        from dramaturg.commands.places import local

        return local(self.diagnostics, self.file, self.shown)


def _one_file(path: Path) -> None:
    if path.is_dir():
        raise Outcome(REFUSED, f"{path} is a directory; this command takes one scenario file")
    if not path.exists():
        raise Outcome(REFUSED, f"there is no {path}")


def attempt(
    path: Path,
    *,
    analyse: bool,
    max_states: int | None = None,
    overlay: Mapping[Path, bytes] | None = None,
    ablate: Sequence[str] = (),
) -> Attempt:
    """Load and compile a file, and have the analyses look at it where that is wanted. ``overlay`` as in ``load``."""
    from dramaturg.dsl.load import load

    _one_file(path)
    loaded = load(path, overlay=overlay or {})
    shown = loaded.sources[0].path
    if loaded.scenario is None:
        return Attempt(path, shown, None, loaded.diagnostics, loaded.sources)
    # Only now: what does not load is told so without the compiler.
    from dramaturg.compiler.ablation import without
    from dramaturg.compiler.compiled import OverBudget, compile_scenario
    from dramaturg.compiler.explore import Budget

    budget = None if max_states is None else Budget.of(max_states)
    try:
        made = compile_scenario(without(loaded.scenario, ablate), budget, analyse=analyse)
    except OverBudget as over:
        alone = without(loaded.scenario, ablate) if over.diagnostic.name == "state-graph-over-budget" else None
        return Attempt(path, shown, None, (*loaded.diagnostics, over.diagnostic), loaded.sources, alone)
    return Attempt(path, shown, made, (*loaded.diagnostics, *made.diagnostics), loaded.sources)


def check(
    paths: Sequence[Path], memory: Memory, *, max_states: int | None = None, processes: int = 1
) -> list[list[Diagnostic]]:
    """Everything that there is to say of each file, places from the current directory; from the last time where nothing has
    changed since. What is left may be shared among so many ``processes``: the first is checked here, and they are
    only begun where the rest would take longer than starting them."""

    options = {"limits": os.environ.get(LIMITS, ""), "states": str(max_states)}
    found: dict[Path, Found] = {}
    for path in paths:
        known = memory.recall(path, options)
        if known is not None:
            found[path] = known

    def note(one: Examined) -> None:
        found[one.path] = one.found
        if one.stands:
            memory.remember(one.path, options, one.found)

    jobs = [Job(path, max_states) for path in paths if path not in found]
    while jobs:
        began = time.monotonic()
        note(_examine(jobs.pop(0)))
        if (time.monotonic() - began) * len(jobs) > WORTH_SHARING and processes > 1:
            from dramaturg.building.workers import run

            run(_examine, jobs, processes, lambda *_: None, note)
            break
    return [_placed(path, found[path]) for path in paths]


@dataclass(frozen=True, slots=True)
class Job:
    path: Path
    max_states: int | None


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a job, light enough to be sent from one process to another."""

    path: Path
    found: Found
    stands: bool
    """Whether it has a state graph."""


def _examine(job: Job) -> Examined:
    from dramaturg.commands.remembered import Found

    tried = attempt(job.path, analyse=True, max_states=job.max_states)
    return Examined(job.path, Found(tried.shown, tried.sources, tried.diagnostics), tried.compiled is not None)


def _placed(path: Path, found: Found) -> list[Diagnostic]:
    if not found.diagnostics:
        return []
    from dramaturg.commands.places import local

    return local(found.diagnostics, path, found.shown)


def compiled(path: Path, ablate: Sequence[str] = ()) -> Compiled:
    """The compiled scenario of a file, without these channels of its people (``compiler.ablation``). Ends the command, with the
    errors on stderr, where it has any."""
    tried = attempt(path, analyse=False, ablate=ablate)
    if tried.compiled is None:
        raise refusal([tried])
    return tried.compiled


def playable(path: Path, *, labelled: bool) -> Compiled:
    """A scenario to be played: compiled, or without its graph where that is over budget, which stderr then says. Ends the command
    as ``compiled`` does where there is no scenario, where nothing can be played, or where it has to be ``labelled``."""
    from dramaturg.compiler.explore import Budget, OverBudget
    from dramaturg.compiler.uncharted import uncharted
    from dramaturg.dsl.limits import from_environment

    tried = attempt(path, analyse=False)
    if tried.compiled is not None:
        return tried.compiled
    if tried.uncompiled is None:
        raise refusal([tried])
    if labelled:
        ended = refusal([tried])
        raise Outcome(
            ended.status, f"{ended.reason}; the oracle is read off the state graph: play without it, {UNLABELLED}"
        )
    try:
        made = uncharted(tried.uncompiled, Budget.of(from_environment(os.environ).states))
    except OverBudget:
        raise refusal([tried]) from None
    why = tried.errors[-1].message
    print(f"note: {why}; so nobody says which acts are right\n", file=sys.stderr)
    return made


def peopled(path: Path) -> Scenario:
    """The scenario of a file, without its graph. Ends the command, with the errors on stderr, where it has any or allows nobody."""
    from dramaturg.compiler.growth import OverBudget, people
    from dramaturg.dsl.load import load

    _one_file(path)
    loaded = load(path)
    found = loaded.diagnostics
    if loaded.scenario is not None:
        try:
            people(loaded.scenario)
            return loaded.scenario
        except OverBudget as over:
            found = (*found, over.diagnostic)
    raise refusal([Attempt(path, loaded.sources[0].path, None, found, loaded.sources)])


def refusal(tried: Sequence[Attempt]) -> Outcome:
    """Print the errors of these files to stderr; gives how to end."""
    from dramaturg.commands.screen import colour
    from dramaturg.dsl.messages.present import present, summary

    errors = [item for one in tried for item in one.local() if item.severity == "error"]
    sys.stderr.write(present(errors, colour=colour(sys.stderr)))
    files = ", ".join(str(one.file) for one in tried)
    return Outcome(FINDINGS, f"{summary(errors)} in {files}")
