"""Views: no value that is hidden from the agent may flow into what the agent sees.

Explicit flow only: values and texts. A *source* is what a person keeps to herself (stance, a concern's constants, a trait
outside her own speech) and every name or field whose view is user, teacher or judge. Values flow through starts and
assignments from variable to variable; a *sink* is a field that the agent sees, a name that an act returns, or a condition's
list of names. World variables, slots and parameters are the world's: an event that carries one publishes it on purpose.
Which move a person takes may of course depend on anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dramaturg.dsl import core
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.inventory import Inventory, entries, scalar
from dramaturg.dsl.scenario import EventType, Guard, MoveSpec, Scenario
from dramaturg.dsl.spans import NOWHERE, Span
from dramaturg.dsl.types import Condition, visible_to_agent

HIDDEN = ("user", "teacher", "judge")


@dataclass(frozen=True, slots=True)
class Path:
    """How a hidden value came to be where it is: its source first, then each assignment on the way."""

    source: str
    steps: tuple[Label, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Leak:
    """A hidden value in a sink."""

    path: Path
    at: Span
    sink: str
    labels: tuple[Label, ...] = ()

    def said(self, more: list[Label]) -> Diagnostic:
        steps = [*self.path.steps, *self.labels, *more]
        return diagnose(
            "hidden-flow",
            self.at,
            f"the agent would see `{self.path.source}`, which is hidden from it, in {self.sink}",
            labels=[label for label in steps if label.span != NOWHERE and label.span != self.at],
        )


def check(scenario: Scenario, found: Inventory) -> Iterator[Diagnostic]:
    """Every leak. One that goes through a variable is told once, however many sinks the variable has."""
    tainted = _tainted(scenario)
    leaks = [
        *_fields(scenario, tainted),
        *_returns(scenario, tainted),
        *_conditions(scenario, tainted),
    ]
    for leak in leaks:
        same = [other for other in leaks if other.path == leak.path and len(leak.path.steps) > 1]
        if not same or same[0] is leak:
            more = [Label(other.at, f"and in {other.sink}") for other in same[1:]]
            yield leak.said(more)
    yield from _wakes(scenario, found)
    yield from _texts(scenario, found)


def _tainted(scenario: Scenario) -> dict[str, Path]:
    """The variables that hold, or may come to hold, a hidden value."""
    out: dict[str, Path] = {}
    for name, variable in scenario.variables.items():
        if variable.view in HIDDEN:
            what = {"stance": "a stance", "trait": "a trait"}.get(variable.kind, f"of view {variable.view}")
            out[name] = Path(name, (Label(variable.span, f"`{name}` is {what}, hidden from the agent"),))
    flows = list(_flows(scenario))
    changed = True
    while changed:
        changed = False
        for target, guard, event in flows:
            if target in out:
                continue
            path = _path(guard, event, out, scenario, speech=False)
            if path is not None:
                out[target] = Path(path.source, (*path.steps, Label(guard.span, f"it flows into `{target}` here")))
                changed = True
    return out


def _flows(scenario: Scenario) -> Iterator[tuple[str, Guard, tuple[str, ...]]]:
    """(variable, what it is set to, the events whose fields may be read there)."""
    for name, variable in scenario.variables.items():
        if variable.start is not None:
            yield name, variable.start, ()
    for entry in scenario.stream:
        for name, guard in entry.sets:
            yield name, guard, (entry.emit,) if entry.emit else _spoken_of(entry.when)
    for task in scenario.tasks:
        for state in task.states:
            for line in state.transitions:
                for name, guard in line.sets:
                    yield name, guard, _spoken_of(line.when)
    for person in scenario.cast:
        for feel in person.feels:
            for name, guard in feel.sets:
                yield name, guard, _spoken_of(feel.when)


def _spoken_of(when: Guard | None) -> tuple[str, ...]:
    if when is None:
        return ()
    return tuple(name for part in core.walk(when.expr) if isinstance(part, core.Happened) for name in part.events)


def _path(
    guard: Guard, events: tuple[str, ...], tainted: dict[str, Path], scenario: Scenario, speech: bool
) -> Path | None:
    """How something hidden gets into the value of ``guard``; ``speech`` where a person says it, who may speak of herself."""
    for part in core.walk(guard.expr):
        match part:
            case core.Var(name) if name in tainted and not (speech and tainted[name].source.startswith("persona.")):
                return tainted[name]
            case core.Latest(event, field):
                if (path := _field(scenario.events.get(event), field)) is not None:
                    return path
            case core.Field(field):
                for event in events:
                    if (path := _field(scenario.events.get(event), field)) is not None:
                        return path
    if not speech and ("concern." in guard.text or "persona." in guard.text):
        match = re.search(r"\b(concern\.\w+\.\w+|persona\.\w+)", guard.text)
        if match is not None:
            return Path(match[1], (Label(guard.span, f"`{match[1]}` is read here"),))
    return None


def _field(event: EventType | None, name: str) -> Path | None:
    for field in event.fields if event is not None else ():
        if field.name == name and event is not None and (field.view in HIDDEN or event.view in HIDDEN):
            full = f"{event.name}.{name}"
            view = field.view if field.view in HIDDEN else event.view
            return Path(full, (Label(field.span, f"`{full}` has the view {view}, hidden from the agent"),))
    return None


def _fields(scenario: Scenario, tainted: dict[str, Path]) -> Iterator[Leak]:
    for event, fields, around, speech in _made(scenario):
        declared = {field.name: field for field in event.fields}
        for name, guard in fields:
            if not (visible_to_agent(event.view) and visible_to_agent(declared[name].view)):
                continue
            path = _path(guard, around, tainted, scenario, speech)
            if path is not None:
                sees = Label(declared[name].span, "the agent sees this field")
                yield Leak(path, guard.span, f"`{event.name}.{name}`", (sees,))


def _made(
    scenario: Scenario,
) -> Iterator[tuple[EventType, tuple[tuple[str, Guard], ...], tuple[str, ...], bool]]:
    """Every event that is made with arguments: its type, the arguments, the events at hand, and whether a person says it."""
    for entry in scenario.stream:
        if entry.emit is not None:
            yield scenario.events[entry.emit], entry.fields, _spoken_of(entry.when), False
    moves: list[tuple[MoveSpec | None, tuple[str, ...]]] = [(person.opens, ()) for person in scenario.cast]
    moves += [(reply.do, _spoken_of(reply.to)) for person in scenario.cast for reply in person.replies]
    moves += [(concern.voiced_as, ()) for concern in scenario.concerns]
    moves += [(shift.move, _spoken_of(shift.when)) for shift in scenario.shifts]
    for move, around in moves:
        if move is not None:
            yield scenario.events[move.event], move.fields, around, True


def _returns(scenario: Scenario, tainted: dict[str, Path]) -> Iterator[Leak]:
    for act in scenario.agent.acts:
        result = scenario.events.get(f"result.{act.name}")
        for index, name in enumerate(act.returns):
            if name in tainted:
                at = result.fields[index].span if result is not None else act.span
                yield Leak(tainted[name], at, f"the result of `{act.name}`")


def _conditions(scenario: Scenario, tainted: dict[str, Path]) -> Iterator[Leak]:
    for act in scenario.agent.acts:
        for field in act.fields:
            if isinstance(field.type, Condition):
                for name in field.type.names:
                    if name in tainted:
                        sink = f"the conditions of `{act.name}`, which may not name it"
                        yield Leak(tainted[name], field.span, sink)


def _wakes(scenario: Scenario, found: Inventory) -> Iterator[Diagnostic]:
    agent = found.tree.get("agent")
    node = next((e.value for e in entries(agent) if e.key.text == "wakes"), None)
    for item in getattr(node, "items", ()):
        line = scalar(item)
        event = scenario.events.get(line.text) if line is not None else None
        if line is not None and event is not None and not visible_to_agent(event.view):
            yield diagnose(
                "hidden-flow",
                line.span,
                f"the agent would be woken by `{event.name}`, which is hidden from it",
                labels=[Label(event.span, f"its view is {event.view}")],
            )


def _texts(scenario: Scenario, found: Inventory) -> Iterator[Diagnostic]:
    """Texts written for the agent must not repeat what is hidden word by word: a concern's story or its name."""
    agent = found.tree.get("agent")
    shown = [scalar(e.value) for e in entries(agent) if e.key.text == "role"]
    for act in entries(next((e.value for e in entries(agent) if e.key.text == "acts"), None)):
        shown += [scalar(e.value) for e in entries(act.value) if e.key.text == "about"]
    for section in found.section("words"):
        event = found.events.get(section.key.text)
        if event is not None and visible_to_agent(event.view):
            lines = getattr(section.value, "items", (section.value,))
            shown += [scalar(line) for line in lines]
    for line in shown:
        if line is None:
            continue
        plain = _plain(line.text)
        for concern in scenario.concerns:
            if concern.story and _plain(concern.story) in plain:
                yield diagnose(
                    "hidden-flow",
                    line.span,
                    f"the agent would read the story of the concern `{concern.name}` here",
                    labels=[Label(concern.span, "the concern")],
                )
                break
            if "concern." in line.text and re.search(rf"\bconcern\.{re.escape(concern.name)}\b", line.text):
                yield diagnose(
                    "hidden-flow",
                    line.span,
                    f"the agent would read of the concern `{concern.name}` here",
                    labels=[Label(concern.span, "the concern")],
                )
                break


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
