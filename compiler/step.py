"""The step: what one event, one settled instant, the end of a turn and the passing of time do to a configuration.

A ``Draft`` is a configuration under construction together with what the construction found out: violations, windows served,
duties that arose, places in the text. The four functions below change a draft; ``semantics`` decides in which order they
are called and turns the result into a move. They look only at what the event at hand concerns (``occasions``).

Within a step every guard and every assignment reads the state before it. Triggers on conditions, armed conditions and rising
edges are judged on the settled instant only, so that no window opens and closes before anybody could be called.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from dramaturg.compiler import monitors
from dramaturg.compiler.configuration import (
    Args,
    Armed,
    Config,
    Duty,
    Forced,
    Over,
    ShiftDraw,
    StreamDue,
    TaskDraw,
)
from dramaturg.compiler.evaluate import Context, Eval
from dramaturg.compiler.lowering import Line, LoweredConcern, LoweredTrigger, Sets, Tables, saturated
from dramaturg.compiler.occasions import Occasion, Settling, Touched, Watched, occasion, settling
from dramaturg.dsl.scenario import Guard
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Value

MAX_MICROSTEPS = 16
"""Eventless transitions of one task at one instant; a scenario that needs more runs in a circle."""


ENDED = ("served", "missed", "closed")
"""A trigger's states after its window."""


_Part = TypeVar("_Part")


def put(parts: tuple[_Part, ...], index: int, part: _Part) -> tuple[_Part, ...]:
    """The tuple with one part replaced. The same tuple where that changes nothing: most steps leave most of a draft as it was,
    and what configurations share is compared by identity."""
    return parts if parts[index] is part else (*parts[:index], part, *parts[index + 1 :])


@dataclass(slots=True)
class Draft:
    """A configuration in the making."""

    tables: Tables
    binding: int
    values: tuple[Value, ...]
    states: tuple[str, ...]
    clocks: tuple[int, ...]
    levels: tuple[bool, ...]
    memory: tuple[Value, ...]
    armed: Armed | None
    stream: tuple[tuple[int, int], ...]
    now: int
    duties: list[Duty] = field(default_factory=list)
    """New obligations, first things first."""
    wake: bool = False
    seen: list[Hashable] = field(default_factory=list)
    """What the agent sees beside the event itself."""
    violations: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)
    """The author's texts of the conditions that made something happen."""
    written: set[int] = field(default_factory=set)
    """Variables that were assigned."""

    @staticmethod
    def of(tables: Tables, config: Config) -> Draft:
        binding, _, values, states, clocks, levels, memory, armed, stream, now = config
        return Draft(tables, binding, values, states, clocks, levels, memory, armed, stream, now)

    def context(self, event: str = "", args: Args = (), before: tuple[Value, ...] | None = None) -> Context:
        return Context(
            self.values,
            self.states,
            self.memory,
            self.memory if before is None else before,
            event,
            dict(args) if event else None,
        )

    def config(self, agenda: tuple[Duty, ...]) -> Config:
        return Config(
            self.binding,
            agenda,
            self.values,
            self.states,
            self.clocks,
            self.levels,
            self.memory,
            self.armed,
            self.stream,
            self.now,
        )

    def assign(self, sets: Sets, ctx: Context) -> None:
        for index, evaluate, kind in sets:
            self.values = put(self.values, index, saturated(evaluate(ctx), kind))
            self.written.add(index)

    def enter(self, machine: int, state: str, clock: int) -> None:
        self.states = put(self.states, machine, state)
        self.clocks = put(self.clocks, machine, clock)

    def level(self, machine: int, level: bool) -> None:
        self.levels = put(self.levels, machine, level)

    def because(self, guard: Guard | None) -> None:
        if guard is not None:
            self.guards.append(guard.text)

    def violate(self, what: str) -> None:
        if what not in self.violations:
            self.violations.append(what)


def _allowed(condition: Eval | None, ctx: Context) -> bool:
    return condition is None or bool(condition(ctx))


def fire(draft: Draft, task: int, line: Line, ctx: Context) -> None:
    """Take a task's transition."""
    draft.assign(line.sets, ctx)
    draft.spans.append(line.source.span)
    draft.because(line.source.when)
    draft.because(line.source.condition)
    if line.source.go is not None:
        draft.enter(task, line.source.go, 0)


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
    for index, lines in enumerate(concerned.lines):
        state = draft.states[index]
        for stirred in lines[state]:
            if stirred.holds(ctx):
                if stirred.line.source.chance < 1:
                    draft.duties.append(TaskDraw(index, state, stirred.number, event, args))
                else:
                    fire(draft, index, stirred.line, ctx)
                break
    for feel, felt in concerned.feels:
        if felt(ctx):
            draft.assign(feel.sets, ctx)
            if isinstance(feel.source_span, Span):
                draft.spans.append(feel.source_span)
    for touched in concerned.concerns:
        _concern(draft, touched, ctx, rising=bool(touched.surfaces(ctx)))
    if by_person and concerned.voicing:
        _voiced_by_move(draft, concerned.voicing, args, ctx)
    _serve(draft, concerned, ctx, by_agent=by_agent)
    for number, shift, fires in concerned.shifts:
        if draft.clocks[tables.first_shift + number] < shift.source.times and fires(ctx):
            draft.duties.append(ShiftDraw(number))
            draft.spans.append(shift.source.span)
    if concerned.updates:
        draft.memory = monitors.observe(concerned.updates, ctx)


def _concern(draft: Draft, touched: Touched, ctx: Context, *, rising: bool) -> None:
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
            _close(draft, machine, trigger)
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


def _close(draft: Draft, machine: int, trigger: LoweredTrigger) -> None:
    """A window ends unserved, which is a miss where an act was expected."""
    missed = trigger.expect is not None
    _leave(draft, machine, trigger, "missed" if missed else "served")
    if missed:
        draft.violate(f"missed:{trigger.source.name}")


def _open(draft: Draft, machine: int, number: int) -> None:
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
                _close(draft, machine, trigger)
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
            _open(draft, machine, number)


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
        if level and not draft.stream[index][0] and _allowed(entry.condition, ctx):
            draft.spans.append(entry.source.span)
            draft.duties.append(StreamDue(index, True))
        draft.stream = put(draft.stream, index, (int(level), -1))


def _settle_concern(draft: Draft, touched: Touched, ctx: Context) -> None:
    machine, surfaces = draft.tables.first_concern + touched.number, touched.concern.surfaces
    level = bool(touched.surfaces(ctx))
    rising = level and not draft.levels[machine]
    if surfaces is not None and not surfaces.on_event:
        draft.level(machine, level)
    _concern(draft, touched, ctx, rising=rising)


def _settle_trigger(draft: Draft, watched: Watched, ctx: Context) -> None:
    machine, trigger = draft.tables.first_trigger + watched.number, watched.trigger
    state = draft.states[machine]
    if state == "open" and watched.until(ctx):
        _close(draft, machine, trigger)
        state = draft.states[machine]
    if watched.when is None:
        return
    level = bool(watched.when(ctx))
    if level and state == "idle" and not draft.levels[machine]:
        _open(draft, machine, watched.number)
    elif not level and trigger.source.again and state in ENDED:
        draft.enter(machine, "idle", -1)
    done = draft.states[machine] in ENDED and not trigger.source.again
    draft.level(machine, level and not done)


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
                _close(draft, machine, trigger)
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
            if before < after <= draft.clocks[index] and _allowed(line.condition, ctx):
                fire(draft, index, line, ctx)
                break


def over(draft: Draft) -> Over | None:
    """The end of the episode, where every task has ended."""
    end = verdict(draft.states, draft.tables, truncated=False)
    return None if end is None else Over(end)
