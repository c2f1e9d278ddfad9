"""The lines of a scenario that an episode can exercise: what coverage counts, and what is dead where nothing exercises it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.spans import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Authored:
    """One line of a scenario that an episode can exercise."""

    kind: str
    """transition | concern | trigger | shift | reply | feeling | stream"""
    name: str
    """In the author's words: ``task trip, PENDING: when agent.set_reminder``."""
    span: Span
    machine: str = ""
    """``task.NAME`` of a transition, ``trigger.NAME`` of a trigger, and so on."""
    state: str = ""
    """The state of a task's transition."""


def authored(scenario: Scenario) -> tuple[Authored, ...]:
    """Every line that an episode can exercise, in document order by section."""
    return tuple(item for item in _lines(scenario) if item.span != NOWHERE)


def _lines(scenario: Scenario) -> Iterator[Authored]:
    for entry in scenario.stream:
        yield Authored("stream", f"the stream line that emits {entry.emit or 'nothing'}", entry.span)
    for person in scenario.cast:
        for reply in person.replies:
            answer = "nothing" if reply.do is None else reply.do.event
            yield Authored("reply", f"{person.name}'s reply {answer} to {reply.to.text}", reply.span, person.name)
        for feel in person.feels:
            yield Authored("feeling", f"what {person.name} feels when {feel.when.text}", feel.span, person.name)
    for concern in scenario.concerns:
        yield Authored("concern", f"the concern {concern.name}", concern.span, f"concern.{concern.name}")
    for task in scenario.tasks:
        for state in task.states:
            for line in state.transitions:
                what = f"when {line.when.text}" if line.when else "after" if line.after is not None else "at once"
                if line.when is None and line.condition is not None:
                    what = f"if {line.condition.text}"
                yield Authored("transition", f"{state.name}: {what}", line.span, f"task.{task.name}", state.name)
    for trigger in scenario.triggers:
        yield Authored("trigger", f"the trigger {trigger.name}", trigger.span, f"trigger.{trigger.name}")
    for shift in scenario.shifts:
        yield Authored("shift", f"the shift {shift.name}", shift.span, f"shift.{shift.name}")
