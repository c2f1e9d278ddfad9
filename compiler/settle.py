"""The settled instant: what is judged once everything that belongs to an instant has happened.

Triggers on conditions, armed conditions and rising edges are judged here only, so that no window opens and closes before anybody
could be called.
"""

from __future__ import annotations

from collections.abc import Callable

from dramaturg.compiler import monitors
from dramaturg.compiler.configuration import Armed, ShiftDraw, StreamDue
from dramaturg.compiler.draft import Draft, allowed, put
from dramaturg.compiler.evaluate import Context
from dramaturg.compiler.occasions import Settling, Touched, Watched, settling
from dramaturg.compiler.step import ENDED, close_window, fire, move_concern, open_window
from dramaturg.dsl.types import Value

MAX_MICROSTEPS = 16
"""Eventless transitions of one task at one instant; a scenario that needs more runs in a circle."""


def settle(draft: Draft, armed_level: Callable[[Armed, tuple[Value, ...]], tuple[bool, int]]) -> None:
    """The instant settles: what holds now is judged.

    ``armed_level`` gives whether the state part of the armed condition holds, and the ms it must have held.
    """
    tables = draft.tables
    concerned = settling(tables)
    if concerned.updates:
        draft.memory = monitors.observe(concerned.updates, draft.context())
    if concerned.judges:
        _settle_machines(draft, concerned)
    if draft.armed is not None and "reminder" in tables.scenario.agent.wakes:
        holds, wait = armed_level(draft.armed, draft.values)
        held = max(draft.armed.held, 0) if holds else -1
        level = holds and held >= wait
        if level and not draft.armed.level:
            draft.wake = True
            draft.seen.append(("reminder", draft.armed.known_as))
        draft.armed = draft.armed._replace(level=level, held=held if wait else 0)


def _settle_machines(draft: Draft, concerned: Settling) -> None:
    tables, ctx = draft.tables, draft.context()
    for index, lines in enumerate(concerned.lines):
        for _ in range(MAX_MICROSTEPS):
            line = next((stirred.line for stirred in lines[draft.states[index]] if stirred.holds(ctx)), None)
            if line is None:
                break
            fire(draft, index, line, ctx)
            ctx = draft.context()
    for touched in concerned.concerns:
        _settle_concern(draft, touched, ctx)
    if concerned.concerns:
        ctx = draft.context()
    for watched in concerned.triggers:
        _settle_trigger(draft, watched, ctx)
    for number, shift, fires in concerned.shifts:
        machine = tables.first_shift + number
        level = bool(fires(ctx))
        if level and not draft.levels[machine] and draft.clocks[machine] < shift.source.times:
            draft.duties.append(ShiftDraw(number))
            draft.spans.append(shift.source.span)
        draft.level(machine, level)
    for index, entry, fires in concerned.stream:
        level = bool(fires(ctx))
        if level and not draft.stream[index][0] and allowed(entry.condition, ctx):
            draft.spans.append(entry.source.span)
            draft.duties.append(StreamDue(index, True))
        draft.stream = put(draft.stream, index, (int(level), -1))


def _settle_concern(draft: Draft, touched: Touched, ctx: Context) -> None:
    machine, surfaces = draft.tables.first_concern + touched.number, touched.concern.surfaces
    level = bool(touched.surfaces(ctx))
    rising = level and not draft.levels[machine]
    if surfaces is not None and not surfaces.on_event:
        draft.level(machine, level)
    move_concern(draft, touched, ctx, rising=rising)


def _settle_trigger(draft: Draft, watched: Watched, ctx: Context) -> None:
    machine, trigger = draft.tables.first_trigger + watched.number, watched.trigger
    state = draft.states[machine]
    if state == "open" and watched.until(ctx):
        close_window(draft, machine, trigger)
        state = draft.states[machine]
    if watched.when is None:
        return
    level = bool(watched.when(ctx))
    if level and state == "idle" and not draft.levels[machine]:
        open_window(draft, machine, watched.number)
    elif not level and trigger.source.again and state in ENDED:
        draft.enter(machine, "idle", -1)
    done = draft.states[machine] in ENDED and not trigger.source.again
    draft.level(machine, level and not done)
