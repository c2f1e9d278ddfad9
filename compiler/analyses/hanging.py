"""Hanging: findings that are there because a line that never happens would have made what they wait for.

A reply that another answers before it makes no move; the lines and windows that wait for the move never come either, and the good
end behind them is out of reach. The author is told of the first line. A line hangs on others where everything it waits for would be
made by lines that never happen, or is a move that nobody makes (which is told where the move is declared). What nothing waits for
is no cause of anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from dramaturg.dsl.core import And, Earlier, Expr, Happened, Held, InLast, Once, Or
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.scenario import Scenario, TaskState
from dramaturg.dsl.spans import Span

BROUGHT_ABOUT = ("possible", "winnable", "eventually", "leads_to")
"""Claims that fail where something cannot be reached."""


def hanging(scenario: Scenario, found: Sequence[Diagnostic], lost: Collection[TaskState]) -> list[Diagnostic]:
    """The findings without those that hang on a dead line which is told itself. ``lost`` are the states that nothing enters.

    A claim that fails with the line is told there, as an error: a warning never takes an error away.
    """
    dead = {it.span for it in found if it.name == "dead-line"}
    if not dead and not _idle(scenario):
        return list(found)
    waits = dict(_waits(scenario))
    starved = _starved(scenario, dead)
    follows = {span for span, expr in waits.items() if _never(expr, starved)}
    roots = [it for it in found if it.name == "dead-line" and it.span not in follows]
    if not roots and not starved:
        return list(found)
    waited = {trigger.when.span for trigger in scenario.triggers if _never(trigger.when.expr, starved)}
    out = [it for it in found if not (it.name == "dead-line" and it.span in follows)]
    out = [it for it in out if not (it.name == "window-never-opens" and it.span in waited)]
    awaited = {event for event in starved if _awaited(scenario, event)}
    idle = [scenario.events[move] for move in sorted(_idle(scenario) & awaited)]
    broken = [it for it in out if _brought_about(it, scenario)]
    names = {state.name for state in lost}
    makes = {span for event, span in _makers(scenario) if event in awaited}
    leads = {
        line.span for task in scenario.tasks for state in task.states for line in state.transitions if line.go in names
    }
    causes = [it for it in roots if it.span in makes or it.span in leads]
    if len(causes) + len(idle) != 1 or not broken:
        return out
    labels = [Label(it.span, "this cannot come true") for it in broken if it.name == "broken-check"]
    told = [f"{it.message} ({it.code})" for it in broken]
    if causes:
        span, message, notes = causes[0].span, causes[0].message, causes[0].notes
    else:
        actor, _, move = idle[0].name.partition(".")
        span, message, notes = idle[0].span, f"`{actor}` never makes the move `{move}`", ()
    message = f"{message}, and the story cannot do without it"
    needed = diagnose("needed-line", span, message, labels=labels, notes=(*notes, *told))
    return [needed, *(it for it in out if it not in broken and it not in causes)]


def beside(read: Sequence[Diagnostic], found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """What is said of the text, then of its graph: a move that nobody makes is told once, with what cannot do without it."""
    needed = {it.span for it in found if it.name == "needed-line"}
    return (*(it for it in read if it.name != "move-never-made" or it.span not in needed), *found)


def _brought_about(item: Diagnostic, scenario: Scenario) -> bool:
    """Whether a finding is that something cannot be reached."""
    if item.name == "unwinnable":
        return True
    claim = next((it for it in scenario.checks if it.span == item.span), None)
    return item.name == "broken-check" and claim is not None and claim.kind in BROUGHT_ABOUT


def _makers(scenario: Scenario) -> Iterator[tuple[str, Span | None]]:
    """What is made, and the line that makes it; None where it is no line that could be dead."""
    for entry in scenario.stream:
        if entry.emit is not None:
            yield entry.emit, entry.span
    for person in scenario.cast:
        if person.opens is not None:
            yield person.opens.event, None
        for reply in person.replies:
            if reply.do is not None:
                yield reply.do.event, reply.span
    for concern in scenario.concerns:
        if concern.voiced_as is not None:
            yield concern.voiced_as.event, concern.span
    for shift in scenario.shifts:
        if shift.move is not None:
            yield shift.move.event, shift.span
    for task in scenario.tasks:
        for state in task.states:
            for line in state.transitions:
                if line.emit is not None:
                    yield line.emit.event, line.span
            for action in (state.on_entry, state.on_exit):
                if action is not None and action.emit is not None:
                    yield action.emit.event, None


def _idle(scenario: Scenario) -> set[str]:
    """Moves that nobody makes."""
    made = {event for event, _ in _makers(scenario)}
    return {move for person in scenario.cast for move in person.moves if move not in made}


def _starved(scenario: Scenario, dead: Collection[Span]) -> set[str]:
    """What never happens because each line that makes it is dead, or there is none."""
    lines: dict[str, list[Span | None]] = {}
    for event, span in _makers(scenario):
        lines.setdefault(event, []).append(span)
    return {event for event, spans in lines.items() if all(span in dead for span in spans)} | _idle(scenario)


def _waits(scenario: Scenario) -> Iterator[tuple[Span, Expr]]:
    """Each line and what it waits for."""
    for entry in scenario.stream:
        if entry.when is not None:
            yield entry.span, entry.when.expr
    for person in scenario.cast:
        for reply in person.replies:
            yield reply.span, reply.to.expr if reply.condition is None else And((reply.to.expr, reply.condition.expr))
        for feel in person.feels:
            yield feel.span, feel.when.expr
    for concern in scenario.concerns:
        if concern.surfaces is not None:
            yield concern.span, concern.surfaces.expr
    for task in scenario.tasks:
        for state in task.states:
            for line in state.transitions:
                parts = tuple(guard.expr for guard in (line.when, line.condition) if guard is not None)
                if parts:
                    yield line.span, And(parts)
    for shift in scenario.shifts:
        yield shift.span, shift.when.expr


def _awaited(scenario: Scenario, event: str) -> bool:
    """Whether a line, a window or a claim waits for an event, so that it hangs on who makes it."""
    lines = (expr for _, expr in _waits(scenario))
    windows = (trigger.when.expr for trigger in scenario.triggers)
    claims = (side.expr for check in scenario.checks for side in (check.left, check.right) if side is not None)
    return any(_never(expr, (event,)) for expr in (*lines, *windows, *claims))


def _never(expr: Expr, starved: Collection[str]) -> bool:
    """Whether an expression waits for nothing but what never happens."""
    match expr:
        case Happened(events):
            return bool(events) and all(event in starved for event in events)
        case And(items):
            return any(_never(item, starved) for item in items)
        case Or(items):
            return all(_never(item, starved) for item in items)
        case Once(item) | Earlier(item) | InLast(item) | Held(item):
            return _never(item, starved)
    return False
