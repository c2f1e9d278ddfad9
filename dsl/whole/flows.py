"""Flows: which variables and fields come to hold something that is hidden from the agent, and by which way.

Explicit flow only: values. A *source* is what a person keeps to herself (stance, resistance, concerns and their constants, a
trait outside her own speech), the state of a concern, a shift or a trigger, and every name, field or event whose view is user,
teacher or judge. Values go from there through starts, assignments, and the fields of events that the agent does not see. World
variables, slots, tasks and parameters are the world's: an event that carries one publishes it on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dramaturg.dsl import core
from dramaturg.dsl.diagnostics import Label
from dramaturg.dsl.scenario import (
    Action,
    Concern,
    Emission,
    EventType,
    Guard,
    MoveSpec,
    Person,
    Reply,
    Scenario,
    Shift,
    StreamEntry,
    Transition,
)
from dramaturg.dsl.types import visible_to_agent
from dramaturg.dsl.whole.parts import parts

HIDDEN = ("user", "teacher", "judge")
KEPT = {
    "concern": "what a person keeps to herself",
    "shift": "a person's intent",
    "trigger": "what the agent has to find out",
}
"""Machines whose states are hidden, and why."""
_CONSTANT = re.compile(r"\b(concern\.\w+\.\w+|persona\.\w+)")


@dataclass(frozen=True, slots=True)
class Path:
    """How a hidden value came to be where it is: its source first, then each assignment on the way."""

    source: str
    steps: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """An event that some line makes with arguments."""

    event: EventType
    fields: tuple[tuple[str, Guard], ...]
    around: tuple[str, ...]
    """The events whose fields may be read in the arguments."""
    speaker: str | None = None
    """The person who says it, and may speak of herself."""


@dataclass(frozen=True, slots=True)
class Flows:
    """What holds something hidden: variables by name, fields as ``EVENT.FIELD``."""

    scenario: Scenario
    held: Mapping[str, Path]
    holder: str | None
    """The person whose persona ``persona.TRAIT`` speaks of."""

    def into(self, guard: Guard, around: tuple[str, ...], speaker: str | None = None) -> Path | None:
        """How something hidden gets into the value of an expression."""
        return _into(guard, around, speaker, self)


def flows(scenario: Scenario, holder: str | None) -> Flows:
    """Everything that holds, or may come to hold, a hidden value."""
    held: dict[str, Path] = {}
    for name, variable in scenario.variables.items():
        if variable.view in HIDDEN:
            what = {"stance": "a stance", "trait": "a trait"}.get(variable.kind, f"of view {variable.view}")
            held[name] = Path(name, (Label(variable.span, f"`{name}` is {what}, hidden from the agent"),))
    for event in scenario.events.values():
        for field in event.fields:
            if field.view in HIDDEN or event.view in HIDDEN:
                full, view = f"{event.name}.{field.name}", field.view if field.view in HIDDEN else event.view
                label = Label(field.span, f"`{full}` has the view {view}, hidden from the agent")
                held[full] = Path(full, (label,))
    out = Flows(scenario, held, holder)
    lines = [line for line in _lines(scenario) if _may_carry(line[1])]
    changed = True
    while changed:
        changed = False
        for target, guard, around in lines:
            path = out.into(guard, around) if target not in held else None
            if path is not None:
                held[target] = Path(path.source, (*path.steps, Label(guard.span, f"it flows into `{target}` here")))
                changed = True
    return out


def _may_carry(guard: Guard) -> bool:
    """Whether anything that could be hidden is read at all. Most values are constants."""
    return type(guard.expr) is not core.Const or _names_constant(guard.text)


def _names_constant(text: str) -> bool:
    """Whether a text may name a constant of a concern or a persona: cheap, and never wrong where it says no."""
    return "concern." in text or "persona." in text


def _lines(scenario: Scenario) -> Iterator[tuple[str, Guard, tuple[str, ...]]]:
    """(what is given a value, the value, the events whose fields may be read there)."""
    for name, variable in scenario.variables.items():
        if variable.start is not None:
            yield name, variable.start, ()
    for node in parts(scenario):
        if type(node) is Guard or not (sets := getattr(node, "sets", ())):
            continue
        around = (node.emit,) if isinstance(node, StreamEntry) and node.emit else spoken_of(getattr(node, "when", None))
        for name, guard in sets:
            yield name, guard, around
    for made in makings(scenario):
        if made.fields:
            unseen = {it.name for it in made.event.fields if not visible_to_agent(it.view)}
            for name, guard in made.fields:
                if name in unseen or not visible_to_agent(made.event.view):
                    yield f"{made.event.name}.{name}", guard, made.around


def makings(scenario: Scenario) -> Iterator[Made]:
    """Every event that is made with arguments."""
    for node in parts(scenario):
        if type(node) not in _MAKING:
            continue
        match node:
            case StreamEntry(emit=str(emit)):
                yield Made(scenario.events[emit], node.fields, spoken_of(node.when))
            case Transition(emit=Emission() as raised):
                yield Made(scenario.events[raised.event], raised.fields, spoken_of(node.when))
            case Action(emit=Emission() as raised):
                yield Made(scenario.events[raised.event], raised.fields, ())
            case Person(opens=MoveSpec() as move):
                yield _said(move, (), node.name, scenario)
            case Concern(voiced_as=MoveSpec() as move):
                yield _said(move, (), node.person, scenario)
            case Shift(move=MoveSpec() as move):
                yield _said(move, spoken_of(node.when), node.person, scenario)
            case Reply(do=MoveSpec() as move):
                yield _said(move, spoken_of(node.to), scenario.events[move.event].actor, scenario)


_MAKING = frozenset({StreamEntry, Transition, Action, Person, Concern, Shift, Reply})
"""The kinds of parts that can make an event."""


def _said(move: MoveSpec, around: tuple[str, ...], speaker: str, scenario: Scenario) -> Made:
    return Made(scenario.events[move.event], move.fields, around, speaker)


def spoken_of(when: object) -> tuple[str, ...]:
    """The events that a condition waits for."""
    if not isinstance(when, Guard):
        return ()
    if isinstance(when.expr, core.Happened) and when.expr.where is None:  # most there are
        return when.expr.events
    return tuple(name for part in core.walk(when.expr) if isinstance(part, core.Happened) for name in part.events)


def _into(guard: Guard, around: tuple[str, ...], speaker: str | None, known: Flows) -> Path | None:
    todo = [(guard.expr, around)] if type(guard.expr) is not core.Const else []
    while todo:
        expr, events = todo.pop()
        path = _read(expr, events, known)
        if path is not None and not (speaker is not None and _own(path.source, speaker, known)):
            return path
        if isinstance(expr, core.Happened):
            events = expr.events
        todo.extend((child, events) for child in reversed(core.children(expr)))
    for match in _CONSTANT.finditer(guard.text) if _names_constant(guard.text) else ():
        if speaker is None or not _own(match[1], speaker, known):
            return Path(match[1], (Label(guard.span, f"`{match[1]}` is read here"),))
    return None


def _own(source: str, speaker: str, known: Flows) -> bool:
    """Whether a person who names this speaks of herself: of a trait of hers, or of a constant of her concern."""
    kind, _, rest = source.partition(".")
    if kind == "persona":
        return speaker == known.holder
    name, _, key = rest.partition(".")
    return (
        kind == "concern"
        and bool(key)
        and any(it.name == name and it.person == speaker for it in known.scenario.concerns)
    )


def _read(expr: core.Expr, around: tuple[str, ...], known: Flows) -> Path | None:
    """The hidden thing that one node of an expression reads."""
    match expr:
        case core.Var(name):
            return known.held.get(name)
        case core.Latest(event, field):
            return known.held.get(f"{event}.{field}")
        case core.Field(field):
            return next((path for event in around if (path := known.held.get(f"{event}.{field}"))), None)
        case core.Happened(events):
            kinds = [known.scenario.events[name] for name in events]
            if kinds and all(event.view in HIDDEN for event in kinds):
                label = f"`{kinds[0].name}` has the view {kinds[0].view}, hidden from the agent"
                return Path(kinds[0].name, (Label(kinds[0].span, label),))
        case core.InState(machine):
            return _machine(machine, known)
        case core.Matches(_, trigger):
            return _machine(f"trigger.{trigger}", known)
        case core.Resistance(person):
            name = f"{person}.resistance"
            spans = [it.span for it in known.scenario.concerns if it.person == person]
            return Path(name, tuple(Label(span, f"`{name}` adds up the concerns of `{person}`") for span in spans[:1]))
    return None


def _machine(machine: str, known: Flows) -> Path | None:
    kind, _, name = machine.partition(".")
    if kind not in KEPT:
        return None
    scenario = known.scenario
    spans = {
        "concern": {it.name: it.span for it in scenario.concerns},
        "shift": {it.name: it.span for it in scenario.shifts},
        "trigger": {it.name: it.span for it in scenario.triggers},
    }[kind]
    return Path(machine, (Label(spans[name], f"`{machine}` is {KEPT[kind]}"),) if name in spans else ())
