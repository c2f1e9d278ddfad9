"""The step: what one event and the end of a turn do to a configuration.

The functions below change a draft (``draft``); ``semantics`` decides in which order they are called. They look only at what the
event at hand concerns (``occasions``). Within a step every guard and every assignment reads the state before it. What holds
once the instant has settled is judged in ``settle``, what passing time does is in ``clocks``.
"""

from __future__ import annotations

from dramaturg.compiler import monitors
from dramaturg.compiler.configuration import Args, Forced, ShiftDraw, StreamDue
from dramaturg.compiler.draft import Draft, put
from dramaturg.compiler.evaluate import Context
from dramaturg.compiler.occasions import Occasion, Touched, occasion
from dramaturg.compiler.tables import LoweredConcern, LoweredTrigger, Sets
from dramaturg.compiler.taking import take_enabled
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Value

ENDED = ("served", "missed", "closed")
"""A trigger's states after its window."""


def happen(draft: Draft, event: str, args: Args, *, sets: Sets, by_agent: bool, by_person: bool) -> None:
    """One event: norms, assignments, tasks, stance, concerns, served and event-driven triggers, shifts, memory."""
    tables = draft.tables
    concerned = occasion(tables, event)
    ctx = draft.context(event, args)
    for norm, broken in concerned.norms:
        if broken(ctx):
            draft.violate(f"rule:{norm.source.name}")
            draft.spans.append(norm.source.span)
    draft.assign(sets, ctx)
    for index, entry, fires in concerned.stream:
        if fires(ctx):
            draft.spans.append(entry.source.span)
            if entry.source.emit is None:
                draft.assign(entry.sets, ctx)
            else:
                draft.duties.append(StreamDue(index, True))
    for task, lines in concerned.lines:
        take_enabled(draft, task, lines, ctx, event, args)
    for feel, felt in concerned.feels:
        if felt(ctx):
            draft.assign(feel.sets, ctx)
            if isinstance(feel.source_span, Span):
                draft.spans.append(feel.source_span)
    for touched in concerned.concerns:
        move_concern(draft, touched, ctx, rising=bool(touched.surfaces(ctx)))
    if by_person and concerned.voicing:
        _voiced_by_move(draft, concerned.voicing, args, ctx)
    _serve(draft, concerned, ctx, by_agent=by_agent)
    for number, shift, fires in concerned.shifts:
        if draft.clocks[tables.first_shift + number] < shift.source.times and fires(ctx):
            draft.duties.append(ShiftDraw(number))
            draft.spans.append(shift.source.span)
    if concerned.updates:
        draft.memory = monitors.observe(concerned.updates, ctx)


def move_concern(draft: Draft, touched: Touched, ctx: Context, *, rising: bool) -> None:
    """What becomes of one concern. ``rising``: what makes it surface holds, and did not before where it is a condition."""
    concern = touched.concern
    machine, source = draft.tables.first_concern + touched.number, concern.source
    state = draft.states[machine]
    if state not in ("hidden", "voiced"):
        return
    if touched.eased(ctx):
        draft.enter(machine, "eased", 0)
        draft.spans.append(source.span)
        draft.because(source.eased)
    elif touched.hardens(ctx):
        draft.enter(machine, "hardened", 0)
        draft.spans.append(source.span)
        draft.because(source.hardens)
        if state == "hidden":
            draft.duties.append(Forced(concern.person, f"concern.{source.name}"))
    elif state == "hidden" and rising:
        draft.enter(machine, "voiced", source.lasts or 0)
        draft.spans.append(source.span)
        draft.because(source.surfaces)
        draft.duties.append(Forced(concern.person, f"concern.{source.name}"))


def _voiced_by_move(draft: Draft, voicing: tuple[tuple[int, LoweredConcern], ...], args: Args, ctx: Context) -> None:
    """A move that is a hidden concern's ``as`` voices it, whatever line made the person take it."""
    tables = draft.tables
    given = dict(args)
    for number, concern in voicing:
        machine = tables.first_concern + number
        if draft.states[machine] != "hidden":
            continue
        if all(wanted(ctx) == given.get(name) for name, wanted in concern.voiced_with):
            draft.enter(machine, "voiced", concern.source.lasts or 0)
            draft.spans.append(concern.source.span)


def _serve(draft: Draft, concerned: Occasion, ctx: Context, *, by_agent: bool) -> None:
    first = draft.tables.first_trigger
    for window in concerned.serving:
        machine, trigger = first + window.number, window.trigger
        if draft.states[machine] != "open":
            continue
        if by_agent and window.expect(ctx):
            _leave(draft, machine, trigger, "served")
            draft.served.append(trigger.source.name)
        elif window.until(ctx):
            close_window(draft, machine, trigger)
        elif by_agent and window.allow(ctx):
            draft.warnings.append(f"allowed:{trigger.source.name}")
    if by_agent and not draft.served:
        for number, trigger in concerned.expecting:
            if ctx.states[first + number] == "open":
                draft.violate(f"wrong:{trigger.source.name}")
                draft.spans.append(trigger.source.span)
                break


def _leave(draft: Draft, machine: int, trigger: LoweredTrigger, outcome: str) -> None:
    """A window ends. How is kept only where somebody asks; a trigger that may fire again on its event is idle at once."""
    draft.spans.append(trigger.source.span)
    if not trigger.read:
        outcome = "idle" if trigger.source.again and trigger.when.on_event else "closed"
    draft.enter(machine, outcome, -1)


def close_window(draft: Draft, machine: int, trigger: LoweredTrigger) -> None:
    """A window ends unserved, which is a miss where an act was expected."""
    missed = trigger.expect is not None
    _leave(draft, machine, trigger, "missed" if missed else "served")
    if missed:
        draft.violate(f"missed:{trigger.source.name}")


def open_window(draft: Draft, machine: int, number: int) -> None:
    source = draft.tables.triggers[number].source
    left = -1
    if source.within is not None:
        left = source.within.ms if source.within.ms is not None else source.within.turns or 0
    draft.enter(machine, "open", left)
    draft.spans.append(source.span)
    draft.because(source.when)


def end_turn(draft: Draft, open_before: tuple[str, ...]) -> None:
    """An agent turn is over: windows counted in turns shorten, voiced concerns fade, turn clocks move.

    ``open_before`` are the machine states before the turn's last act: what opened just now does not lose a turn.
    """
    tables = draft.tables
    for number, trigger in enumerate(tables.triggers):
        machine, within = tables.first_trigger + number, trigger.source.within
        if (
            within is not None
            and within.turns is not None
            and draft.states[machine] == "open"
            and open_before[machine] == "open"
        ):
            draft.clocks = put(draft.clocks, machine, draft.clocks[machine] - 1)
            if draft.clocks[machine] <= 0:
                close_window(draft, machine, trigger)
    for number, concern in enumerate(tables.concerns):
        machine = tables.first_concern + number
        if draft.states[machine] == "voiced" and concern.source.lasts and open_before[machine] == "voiced":
            draft.clocks = put(draft.clocks, machine, draft.clocks[machine] - 1)
            if draft.clocks[machine] <= 0:
                draft.enter(machine, "hidden", 0)
    draft.memory = monitors.advance(tables.operators, draft.memory, turns=1)


def open_on_event(draft: Draft, event: str, args: Args, before: tuple[Value, ...]) -> None:
    """Triggers that fire on an event open on the state after it."""
    tables = draft.tables
    opening = occasion(tables, event).opening
    if not opening:
        return
    ctx = draft.context(event, args, before)
    for number, trigger, fires in opening:
        machine = tables.first_trigger + number
        state = draft.states[machine]
        if (state == "idle" or (trigger.source.again and state in ENDED)) and fires(ctx):
            open_window(draft, machine, number)
