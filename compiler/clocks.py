"""Clocks: when the next one strikes, what passing time does, and whether an episode is over."""

from __future__ import annotations

from collections.abc import Iterator

from dramaturg.compiler import monitors
from dramaturg.compiler.configuration import Config, Over
from dramaturg.compiler.draft import Draft, put
from dramaturg.compiler.evaluate import Constant
from dramaturg.compiler.occasions import Stirred
from dramaturg.compiler.step import close_window
from dramaturg.compiler.tables import LoweredTask, Tables
from dramaturg.compiler.taking import take_enabled


def verdict(states: tuple[str, ...], tables: Tables, *, truncated: bool) -> str | None:
    """``good`` or ``bad`` where the episode is over: every task has ended, or it is truncated; else None."""
    good = True
    for index, task in enumerate(tables.tasks):
        end, if_over = _worth(task, states[index])
        if end is None:
            if not truncated:
                return None
            good &= if_over in ("quiet", "good")
        else:
            good &= end == "good"
    return "good" if good else "bad"


def _worth(task: LoweredTask, key: str) -> tuple[str | None, str | None]:
    """(end, if_over) of a task at a key."""
    if task.chart is None:
        return task.end[key], task.if_over[key]
    place = task.chart.place(key)
    return task.chart.nesting.end(place), task.chart.nesting.if_over(place)


def next_deadline(config: Config, tables: Tables, armed_wait: int) -> int | None:
    """In how many ms a clock of the configuration will strike; None where none is running."""
    waits: list[int] = monitors.deadlines(tables.operators, config.memory)
    for index, task in enumerate(tables.tasks):
        for state, clock, _ in _running(task, index, config.states[index]):
            waits += [
                line.source.after - config.clocks[clock]
                for line in task.lines[state]
                if line.source.after is not None and line.source.after > config.clocks[clock]
            ]
    for number, trigger in enumerate(tables.triggers):
        machine, within = tables.first_trigger + number, trigger.source.within
        # A window is still open at its last instant (0 left); it is missed when time moves on from there.
        if (
            config.states[machine] == "open"
            and within is not None
            and within.ms is not None
            and config.clocks[machine] > 0
        ):
            waits.append(config.clocks[machine])
    if config.armed is not None and 0 <= config.armed.held < armed_wait:
        waits.append(armed_wait - config.armed.held)
    waits += [left for _, left in config.stream if left > 0]
    return min(waits) if waits else None


def _running(task: LoweredTask, index: int, key: str) -> Iterator[tuple[str, int, int]]:
    """The active states with timers: which, where their clock is kept, and their longest timer, ms."""
    if task.chart is not None:
        for state in task.chart.inner_first(key):
            if state in task.clocks:
                yield (state, *task.clocks[state])
        return
    longest = max((line.source.after for line in task.lines[key] if line.source.after is not None), default=0)
    if longest:
        yield key, index, longest


def pass_time(draft: Draft, ms: int, armed_wait: int) -> None:
    """Let virtual time pass: windows run out, clocks move, timers fire. Stream entries that fall due are left to the caller."""
    tables = draft.tables
    for number, trigger in enumerate(tables.triggers):
        machine, within = tables.first_trigger + number, trigger.source.within
        if draft.states[machine] == "open" and within is not None and within.ms is not None:
            if draft.clocks[machine] < ms:
                close_window(draft, machine, trigger)
            else:
                draft.clocks = put(draft.clocks, machine, draft.clocks[machine] - ms)
    draft.memory = monitors.advance(tables.operators, draft.memory, ms=ms)
    if draft.armed is not None and draft.armed.held >= 0:
        draft.armed = draft.armed._replace(held=min(draft.armed.held + ms, armed_wait))
    draft.stream = tuple((row, max(left - ms, 0) if left > 0 else left) for row, left in draft.stream)
    if draft.now >= 0:
        draft.now += ms
    ctx = draft.context()
    for index in range(len(tables.tasks)):
        struck = _strike(draft, index, ms)
        if struck:
            take_enabled(draft, index, struck, ctx)


def _strike(draft: Draft, index: int, ms: int) -> dict[str, tuple[Stirred, ...]]:
    """Move the clocks of a task's states; the timers that strike meanwhile, by state."""
    task = draft.tables.tasks[index]
    struck: dict[str, tuple[Stirred, ...]] = {}
    for state, clock, longest in _running(task, index, draft.states[index]):
        before = draft.clocks[clock]
        draft.clocks = put(draft.clocks, clock, min(before + ms, longest))
        found = tuple(
            Stirred(number, line, line.condition or Constant(True))
            for number, line in enumerate(task.lines[state])
            if line.source.after is not None and before < line.source.after <= draft.clocks[clock]
        )
        if found:
            struck[state] = found
    return struck


def over(draft: Draft) -> Over | None:
    """The end of the episode, where every task has ended."""
    end = verdict(draft.states, draft.tables, truncated=False)
    return None if end is None else Over(end)
