"""Occasions: what of a scenario one kind of event concerns, everything judged as it stands at that event.

Nearly every guard speaks of some event or other, so at any one step most of a scenario cannot stir. An occasion is worked out
when its event first happens: expressions are specialised to the event (``evaluate.compiled``), and what came to nothing is left
out. The settled instant, at which no event is in scope, is an occasion of its own kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dramaturg.compiler import monitors
from dramaturg.compiler.evaluate import Constant, Eval, compiled, conjunction, constant
from dramaturg.compiler.tables import (
    Line,
    LoweredConcern,
    LoweredEntry,
    LoweredFeel,
    LoweredShift,
    LoweredTrigger,
    Norm,
    Tables,
    Test,
)
from dramaturg.dsl.scenario import Guard

NEVER = Constant(False)


@dataclass(frozen=True, slots=True)
class Stirred:
    """A transition of a task state that may be taken, and whether it is."""

    number: int
    line: Line
    holds: Eval


Lines = tuple[tuple[int, Mapping[str, tuple[Stirred, ...]]], ...]
"""Tasks that may stir, each with its lines by state."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A concern that may surface, be eased or harden."""

    number: int
    concern: LoweredConcern
    surfaces: Eval
    eased: Eval
    hardens: Eval


@dataclass(frozen=True, slots=True)
class Served:
    """A trigger whose open window may be served, closed or tolerate the event."""

    number: int
    trigger: LoweredTrigger
    expect: Eval
    until: Eval
    allow: Eval


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply line that speaks of the event, and whether it matches."""

    number: int
    to: Eval
    last: bool
    """It needs nothing else, so no later line can be reached where it matches."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What an event concerns. Numbers are those of the tables."""

    norms: tuple[tuple[Norm, Eval], ...]
    """Each with the test for its being broken."""
    stream: tuple[tuple[int, LoweredEntry, Eval], ...]
    lines: Lines
    feels: tuple[tuple[LoweredFeel, Eval], ...]
    concerns: tuple[Touched, ...]
    voicing: tuple[tuple[int, LoweredConcern], ...]
    """Concerns that the event voices, where its fields are the right ones."""
    serving: tuple[Served, ...]
    expecting: tuple[tuple[int, LoweredTrigger], ...]
    """Triggers whose ``expect`` speaks of the event."""
    guarding: LoweredTrigger | None
    """The trigger that says what is right instead while no window is open."""
    opening: tuple[tuple[int, LoweredTrigger, Eval], ...]
    shifts: tuple[tuple[int, LoweredShift, Eval], ...]
    updates: monitors.Updates
    certain: int
    """Bits of the facts that hold whenever the event happens."""
    facts: tuple[tuple[int, Eval], ...]
    """The other facts that may hold: bit and test."""
    answers: tuple[tuple[Answer, ...] | None, ...]
    """Per person: the lines for the event where it is spoken; None where there is none."""
    noticed: tuple[tuple[Answer, ...] | None, ...]
    """Likewise where it is not spoken: the lines must name it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A trigger whose window opens or closes on a state condition."""

    number: int
    trigger: LoweredTrigger
    until: Eval
    when: Eval | None
    """None where it opens on an event."""


@dataclass(frozen=True, slots=True)
class Settling:
    """What a settled instant concerns."""

    lines: Lines
    concerns: tuple[Touched, ...]
    triggers: tuple[Watched, ...]
    shifts: tuple[tuple[int, LoweredShift, Eval], ...]
    stream: tuple[tuple[int, LoweredEntry, Eval], ...]
    updates: monitors.Updates
    judges: bool
    """There is a machine that may stir."""


def occasion(tables: Tables, event: str) -> Occasion:
    """What an event concerns; the empty name stands for a step without one."""
    found = tables.occasions.get(event)
    if found is None:
        found = tables.occasions[event] = _occasion(tables, event)
    return found


def settling(tables: Tables) -> Settling:
    """What a settled instant concerns."""
    if not tables.settling:
        tables.settling.append(_settling(tables))
    return tables.settling[0]


def _occasion(tables: Tables, event: str) -> Occasion:
    def at(guard: Guard | None) -> Eval:
        return NEVER if guard is None else compiled(guard.expr, tables.layout, event)

    def fires(test: Test | None, condition: Guard | None = None) -> Eval:
        if test is None or not test.on_event:
            return NEVER
        return at(test.guard) if condition is None else conjunction((at(test.guard), at(condition)))

    facts = [(1 << bit, compiled(fact.operand, tables.layout, event)) for bit, fact in enumerate(tables.facts)]
    broken = [(norm, _broken(norm, at(norm.source.guard))) for norm in tables.norms]
    concerns = [
        Touched(n, c, fires(c.surfaces), fires(c.eased), fires(c.hardens)) for n, c in enumerate(tables.concerns)
    ]
    serving = [
        Served(n, t, at(t.source.expect), fires(t.until), at(t.source.allow)) for n, t in enumerate(tables.triggers)
    ]
    agent_acts = len(tables.scenario.agent.acts)
    return Occasion(
        norms=tuple((norm, test) for norm, test in broken if not constant(test, False)),
        stream=tuple(
            (n, entry, test)
            for n, entry in enumerate(tables.stream)
            if entry.source.kind == "when" and _may(test := fires(entry.when, entry.source.condition))
        ),
        lines=_lines(tables, lambda line: fires(line.when, line.source.condition)),
        feels=tuple((feel, test) for feel in tables.feels if _may(test := at(feel.guard))),
        concerns=tuple(c for c in concerns if _may(c.surfaces) or _may(c.eased) or _may(c.hardens)),
        voicing=tuple(
            (n, c)
            for n, c in enumerate(tables.concerns)
            if c.source.voiced_as is not None and c.source.voiced_as.event == event
        ),
        serving=tuple(t for t in serving if _may(t.expect) or _may(t.until) or _may(t.allow)),
        expecting=tuple((n, t) for n, t in enumerate(tables.triggers) if event in t.expects),
        guarding=_guarding(tables, event),
        opening=tuple((n, t, test) for n, t in enumerate(tables.triggers) if _may(test := fires(t.when))),
        shifts=tuple((n, s, test) for n, s in enumerate(tables.shifts) if _may(test := fires(s.when))),
        updates=monitors.updates(tables.operators, tables.layout, event, happens=True),
        certain=sum(bit for bit, test in facts if constant(test, True)),
        facts=tuple((bit, test) for bit, test in facts if not isinstance(test, Constant)),
        answers=tuple(_answers(tables, person, event, 0) for person in range(len(tables.people))),
        noticed=tuple(_answers(tables, person, event, agent_acts) for person in range(len(tables.people))),
    )


def _lines(tables: Tables, taken: Callable[[Line], Eval]) -> Lines:
    """The lines that may be taken where ``taken`` holds, timers left out."""
    out = []
    for index, task in enumerate(tables.tasks):
        stirring = {
            state: tuple(
                Stirred(n, line, test)
                for n, line in enumerate(lines)
                if line.source.after is None and _may(test := taken(line))
            )
            for state, lines in task.lines.items()
        }
        if any(stirring.values()):
            out.append((index, {state: lines for state, lines in stirring.items() if lines}))
    return tuple(out)


def _broken(norm: Norm, guard: Eval) -> Eval:
    if norm.source.kind == "never":
        return guard
    return Constant(not guard.value) if isinstance(guard, Constant) else lambda ctx: not guard(ctx)


def _guarding(tables: Tables, event: str) -> LoweredTrigger | None:
    guarding = [t for t in tables.triggers if t.source.otherwise is not None and t.source.otherwise != event]
    return next((t for t in guarding if event in t.expects), guarding[0] if guarding else None)


def _answers(tables: Tables, person: int, event: str, named: int) -> tuple[Answer, ...] | None:
    """The lines of a person that speak of the event and, where ``named`` is not 0, of fewer events than that."""
    lines = [
        (n, line)
        for n, line in enumerate(tables.replies[person])
        if event in line.events and (not named or len(line.events) < named)
    ]
    if not lines:
        return None
    return tuple(
        Answer(n, test, line.condition is None and line.source.chance >= 1)
        for n, line in lines
        if _may(test := compiled(line.source.to.expr, tables.layout, event))
    )


def _settling(tables: Tables) -> Settling:
    def at(guard: Guard | None) -> Eval:
        return NEVER if guard is None else compiled(guard.expr, tables.layout, "")

    def holds(test: Test | None) -> Eval:
        return NEVER if test is None or test.on_event else at(test.guard)

    def taken(line: Line) -> Eval:
        when = Constant(True) if line.when is None else holds(line.when)
        condition = line.source.condition
        return when if condition is None else conjunction((when, at(condition)))

    concerns = [
        Touched(n, c, holds(c.surfaces), holds(c.eased), holds(c.hardens)) for n, c in enumerate(tables.concerns)
    ]
    triggers = [
        Watched(n, t, holds(t.until), None if t.when.on_event else at(t.source.when))
        for n, t in enumerate(tables.triggers)
    ]
    lines = _lines(tables, taken)
    touched = tuple(c for c in concerns if _may(c.surfaces) or _may(c.eased) or _may(c.hardens))
    watched = tuple(t for t in triggers if t.when is not None or _may(t.until))
    shifts = tuple((n, s, at(s.source.when)) for n, s in enumerate(tables.shifts) if not s.when.on_event)
    stream = tuple(
        (n, entry, at(entry.source.when))
        for n, entry in enumerate(tables.stream)
        if entry.source.kind == "when" and entry.when is not None and not entry.when.on_event
    )
    return Settling(
        lines=lines,
        concerns=touched,
        triggers=watched,
        shifts=shifts,
        stream=stream,
        updates=monitors.updates(tables.operators, tables.layout, "", happens=False),
        judges=bool(lines or touched or watched or shifts or stream),
    )


def _may(test: Eval) -> bool:
    return not constant(test, False)
