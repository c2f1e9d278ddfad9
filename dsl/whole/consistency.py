"""Consistency: what each line of a scenario leaves open and only the whole can show.

Checks on the typed scenario that need no state graph: guards that read an unbounded variable, a variable that two machines write,
and names that nothing can ever reach. What needs the graph (dead lines, traps, windows that cannot open) is the compiler's.
"""

from __future__ import annotations

from collections.abc import Iterator

from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Guard, Scenario, Task
from dramaturg.dsl.spans import NOWHERE, Span
from dramaturg.dsl.types import Number, Optional, Type


def check(scenario: Scenario) -> Iterator[Diagnostic]:
    yield from _unbounded(scenario)
    yield from _two_writers(scenario)


def guards(scenario: Scenario) -> Iterator[Guard]:
    """Every expression that decides something, but no value that is only assigned."""
    for entry in scenario.stream:
        yield from (g for g in (entry.when, entry.condition) if g is not None)
    for person in scenario.cast:
        for reply in person.replies:
            yield from (g for g in (reply.to, reply.condition) if g is not None)
        yield from (feel.when for feel in person.feels)
    for concern in scenario.concerns:
        yield from (g for g in (concern.surfaces, concern.eased, concern.hardens) if g is not None)
    for task in scenario.tasks:
        for state in task.states:
            for line in state.transitions:
                yield from (g for g in (line.when, line.condition) if g is not None)
    for trigger in scenario.triggers:
        yield from (g for g in (trigger.when, trigger.until, trigger.expect, trigger.allow) if g is not None)
    yield from (shift.when for shift in scenario.shifts)
    yield from (rule.guard for rule in scenario.rules)
    for claim in scenario.checks:
        yield from (g for g in (claim.left, claim.right) if g is not None)


def _endless(kind: Type) -> bool:
    match kind:
        case Optional(inner):
            return _endless(inner)
        case Number(_, lo, hi):
            return lo is None or hi is None
        case _:
            return False


def _unbounded(scenario: Scenario) -> Iterator[Diagnostic]:
    endless = {name for name, it in scenario.variables.items() if _endless(it.type)}
    loose = {
        (event.name, f.name): f.span for event in scenario.events.values() for f in event.fields if _endless(f.type)
    }
    if not endless and not loose:
        return
    said: set[object] = set()
    for guard in guards(scenario):
        for name, place in _reads(guard.expr, None, scenario):
            at: Span | None = None
            if place is None and name in endless:
                at = scenario.variables[name].span
            elif place is not None:
                at = loose.get((place, name))
            if at is None or at in said or at == NOWHERE:
                continue
            said.add(at)
            yield diagnose(
                "unbounded-name",
                at,
                f"`{name}` has no range, but a condition reads it",
                labels=[Label(guard.span, "it is read here")],
                notes=["give it a range, such as `0..9` or `0 EUR..500 EUR step 10 EUR`"],
            )


def _reads(expr: Expr, event: str | None, scenario: Scenario) -> Iterator[tuple[str, str | None]]:
    """(variable, None) and (field, event) pairs that an expression reads."""
    match expr:
        case core.Var(name):
            yield name, None
        case core.Latest(source, field):
            yield field, source
        case core.Field(name):
            if event is not None:
                yield name, event
        case core.Happened(events, where):
            for source in events:
                if where is not None:
                    yield from _reads(where, source, scenario)
        case _:
            for child in core.children(expr):
                yield from _reads(child, event, scenario)


def _two_writers(scenario: Scenario) -> Iterator[Diagnostic]:
    for task in scenario.tasks:
        yield from _two_regions(task)
    writers: dict[str, tuple[str, Span]] = {}
    said: set[tuple[str, str]] = set()
    for machine, name, span in _writes(scenario):
        first = writers.setdefault(name, (machine, span))
        if first[0] != machine and (name, machine) not in said:
            said.add((name, machine))
            yield diagnose(
                "two-writers",
                span,
                f"{machine} sets `{name}`, and so does {first[0]}: both could in one step",
                labels=[Label(first[1], f"{first[0]} sets it here")],
                notes=["one machine alone may write a variable; let the other one `emit` an event at which it does"],
            )


def _two_regions(task: Task) -> Iterator[Diagnostic]:
    """Regions side by side take part in the same steps, so they are two machines in this."""
    nesting = Nesting(task)
    if nesting.flat:
        return
    first: dict[tuple[str, str], dict[str, Span]] = {}
    for state in task.states:
        sides = [nesting.states[name] for name in (state.name, *nesting.ancestors(state.name))]
        for name, value in state.assignments:
            for side in (it for it in sides if len(nesting.regions[it.parent]) > 1):
                known = first.setdefault((side.parent, name), {})
                for other, span in known.items() if side.region not in known else ():
                    yield diagnose(
                        "two-writers",
                        value.span,
                        f"the region `{side.region}` of `{side.parent}` sets `{name}`, and so does the region `{other}`: "
                        "both could in one step",
                        labels=[Label(span, f"`{other}` sets it here")],
                        notes=["let one of them set it, or the state around both once they are `done`"],
                    )
                    break
                known.setdefault(side.region, value.span)


def _writes(scenario: Scenario) -> Iterator[tuple[str, str, Span]]:
    for entry in scenario.stream:
        for name, value in entry.sets:
            yield "the stream", name, value.span
    for task in scenario.tasks:
        for state in task.states:
            for name, value in state.assignments:
                yield f"the task `{task.name}`", name, value.span
    for person in scenario.cast:
        for feel in person.feels:
            for name, value in feel.sets:
                yield f"what `{person.name}` feels", name, value.span
