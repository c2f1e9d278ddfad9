"""Clocks: when the next one strikes, what passing time does, and whether an episode is over."""

from __future__ import annotations

from dramaturg.compiler import monitors
from dramaturg.compiler.configuration import Config, Over
from dramaturg.compiler.draft import Draft, allowed, put
from dramaturg.compiler.lowering import Tables
from dramaturg.compiler.step import close_window, fire


def verdict(states: tuple[str, ...], tables: Tables, *, truncated: bool) -> str | None:
    """``good`` or ``bad`` where the episode is over: every task has ended, or it is truncated; else None."""
    good = True
    for index, task in enumerate(tables.tasks):
        state = states[index]
        end = task.end[state]
        if end is None:
            if not truncated:
                return None
            good &= task.if_over[state] in ("quiet", "good")
        else:
            good &= end == "good"
    return "good" if good else "bad"


def next_deadline(config: Config, tables: Tables, armed_wait: int) -> int | None:
    """In how many ms a clock of the configuration will strike; None where none is running."""
    waits: list[int] = monitors.deadlines(tables.operators, config.memory)
    for index, task in enumerate(tables.tasks):
        waits += [
            line.source.after - config.clocks[index]
            for line in task.lines[config.states[index]]
            if line.source.after is not None and line.source.after > config.clocks[index]
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
    for index, task in enumerate(tables.tasks):
        timers = [line for line in task.lines[draft.states[index]] if line.source.after is not None]
        if not timers:
            continue
        longest = max(line.source.after or 0 for line in timers)
        before = draft.clocks[index]
        draft.clocks = put(draft.clocks, index, min(before + ms, longest))
        for line in timers:
            after = line.source.after or 0
            if before < after <= draft.clocks[index] and allowed(line.condition, ctx):
                fire(draft, index, line, ctx)
                break


def over(draft: Draft) -> Over | None:
    """The end of the episode, where every task has ended."""
    end = verdict(draft.states, draft.tables, truncated=False)
    return None if end is None else Over(end)
