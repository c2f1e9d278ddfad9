"""The settled instant: what is judged once everything that belongs to an instant has happened.

Triggers on conditions, armed conditions and rising edges are judged here only, so that no window opens and closes before anybody
could be called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dramaturg.compiler import monitors
from dramaturg.compiler.configuration import Armed, ShiftDraw, StreamDue
from dramaturg.compiler.draft import Draft, allowed, put
from dramaturg.compiler.evaluate import Context
from dramaturg.compiler.growth import OverBudget
from dramaturg.compiler.occasions import Lines, Settling, Stirred, Touched, Watched, settling
from dramaturg.compiler.step import ENDED, close_window, move_concern, open_window
from dramaturg.compiler.taking import pending, take_enabled
from dramaturg.dsl.diagnostics import Label, diagnose
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Value

MAX_MICROSTEPS = 1000
"""Transitions of tasks at one instant; a scenario that needs more does not come to rest."""


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
        if pending(draft):
            return
    if draft.armed is not None and "reminder" in tables.scenario.agent.wakes:
        holds, wait = armed_level(draft.armed, draft.values)
        held = max(draft.armed.held, 0) if holds else -1
        level = holds and held >= wait
        if level and not draft.armed.level:
            draft.wake = True
            draft.seen.append(("reminder", draft.armed.known_as))
        draft.armed = draft.armed._replace(level=level, held=held if wait else 0)


def _settle_tasks(draft: Draft, lines: Lines) -> None:
    """Transitions on conditions, until none is left, or one has to be drawn first or has raised an event.

    Raises OverBudget where they run in a circle.
    """
    seen: list[tuple[tuple[str, ...], tuple[Value, ...], tuple[bool, ...]]] = []
    moving = True
    while moving and not pending(draft):
        seen.append((draft.states, draft.values, draft.levels))
        moving = False
        for task, stirred in lines:
            _fallen(draft, stirred)
            spans = len(draft.spans)
            if take_enabled(draft, task, stirred, draft.context()):
                moving = True
                if seen[-1] in seen[:-1] or len(seen) > MAX_MICROSTEPS:
                    raise _circle(draft, task, draft.spans[spans:])


def _fallen(draft: Draft, stirred: Mapping[str, tuple[Stirred, ...]]) -> None:
    """Conditions that hold no longer may become true again."""
    if not draft.tables.levels:
        return
    for lines in stirred.values():
        for one in lines:
            level = one.line.level
            if level is not None and draft.levels[level] and not one.holds(draft.context()):
                draft.levels = put(draft.levels, level, False)


def _circle(draft: Draft, task: int, spans: list[Span]) -> OverBudget:
    source = draft.tables.tasks[task].source
    at, *others = dict.fromkeys((*spans, *draft.spans))
    lines = {line.span for state in source.states for line in state.transitions}
    return OverBudget(
        diagnose(
            "endless-circle",
            at,
            f"the task {source.name} goes round in a circle here, without anything happening and without time passing",
            labels=[Label(other, "this line is part of it") for other in others if other in lines],
            notes=["its conditions all hold; let one of the lines wait for an event (`when`) or for time (`after`)"],
        )
    )


def _settle_machines(draft: Draft, concerned: Settling) -> None:
    tables = draft.tables
    _settle_tasks(draft, concerned.lines)
    if pending(draft):
        # What is drawn or raised still belongs to this instant, which settles after it.
        return
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
