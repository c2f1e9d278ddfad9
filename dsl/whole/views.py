"""Views: no value that is hidden from the agent may reach what the agent sees.

A *sink* is a field that the agent sees, a variable that it may see, a name that an act returns, a condition's list of names, an
event that wakes it, the column of a recording. What is hidden, and where it goes, is told by ``flows``; wordings are held
against the views by ``templates``, texts by ``secrets``. The rule is about explicit flow: which move a person takes, and when
something happens, may of course depend on what is hidden. A wording that is chosen by a hidden name is no such thing: its words
tell it, as plainly as if they showed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dramaturg.dsl.declarations.inventory import Inventory, entries, line_and_view, scalar, text
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.spans import NOWHERE, Span
from dramaturg.dsl.tree import Map, Seq
from dramaturg.dsl.types import Condition, visible_to_agent
from dramaturg.dsl.whole import secrets
from dramaturg.dsl.whole.flows import HIDDEN, Flows, Path, flows, makings


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
    hidden = flows(scenario, found.speaker())
    leaks = [*_fields(hidden), *_returns(hidden), *_conditions(hidden), *_variables(hidden)]
    for leak in leaks:
        same = [other for other in leaks if other.path == leak.path and len(leak.path.steps) > 1]
        if not same or same[0] is leak:
            more = [Label(other.at, f"and in {other.sink}") for other in same[1:]]
            yield leak.said(more)
    yield from _wakes(scenario, found)
    yield from _columns(scenario, found)
    yield from secrets.check(found)


def _fields(hidden: Flows) -> Iterator[Leak]:
    for made in makings(hidden.scenario):
        event = made.event
        if not made.fields or not visible_to_agent(event.view):
            continue
        for name, guard in made.fields:
            path = hidden.into(guard, made.around, made.speaker)
            if path is not None:
                declared = next(field for field in event.fields if field.name == name)
                if visible_to_agent(declared.view):
                    sees = Label(declared.span, "the agent sees this field")
                    yield Leak(path, guard.span, f"`{event.name}.{name}`", (sees,))


def _variables(hidden: Flows) -> Iterator[Leak]:
    """Variables that the agent may see, and that are given something hidden."""
    for name, variable in hidden.scenario.variables.items():
        if visible_to_agent(variable.view) and name in hidden.held:
            path = hidden.held[name]
            yield Leak(path, path.steps[-1].span, f"`{name}`", (Label(variable.span, "the agent may see it"),))


def _returns(hidden: Flows) -> Iterator[Leak]:
    for act in hidden.scenario.agent.acts:
        result = hidden.scenario.events.get(f"result.{act.name}")
        for index, name in enumerate(act.returns):
            if name in hidden.held:
                at = result.fields[index].span if result is not None else act.span
                yield Leak(hidden.held[name], at, f"the result of `{act.name}`")


def _conditions(hidden: Flows) -> Iterator[Leak]:
    for act in hidden.scenario.agent.acts:
        for field in act.fields:
            if isinstance(field.type, Condition):
                for name in field.type.names:
                    if name in hidden.held:
                        sink = f"the conditions of `{act.name}`, which may not name it"
                        yield Leak(hidden.held[name], field.span, sink)


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


def _columns(scenario: Scenario, found: Inventory) -> Iterator[Diagnostic]:
    """Columns of a recording that are hidden and are played as a field that is not."""
    stream = found.tree.get("stream")
    columns = {entry.key.text: entry.value for entry in found.section("recordings")}
    for line in stream.items if isinstance(stream, Seq) else ():
        play = scalar(line.get("play")) if isinstance(line, Map) else None
        event = scenario.events.get(text(line.get("emit"))) if isinstance(line, Map) else None
        recording = columns.get(play.text) if play is not None else None
        if play is None or event is None or not isinstance(recording, Map) or not visible_to_agent(event.view):
            continue
        seen = {field.name: field for field in event.fields if visible_to_agent(field.view)}
        for entry in entries(recording.get("fields")):
            _, view = line_and_view(entry.value)
            if view in HIDDEN and entry.key.text in seen:
                name = entry.key.text
                yield diagnose(
                    "hidden-flow",
                    play.span,
                    f"the agent would see the column `{name}` of `{play.text}`, which is hidden from it, in `{event.name}.{name}`",
                    labels=[
                        Label(entry.key.span, f"the column has the view {view}"),
                        Label(seen[name].span, "the agent sees this field"),
                    ],
                )
