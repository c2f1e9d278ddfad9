"""Guards that nothing satisfies, and lines of one task state that hold together.

Both are decided on the guards alone, by boxes, before and beside the graph: a guard may be satisfiable and still never be
satisfied, which is for the analysis of dead lines to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from dramaturg.compiler.boxes import NO_EVENT, Region, Space, TooManyBoxes
from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.solution import Solution
from dramaturg.dsl.core import Const, is_event
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Guard, Scenario, Task, Transition
from dramaturg.dsl.spans import Span

SHOWN = 3
"""Places that are shown beside the first one."""
NEVER = Const(False)
"""What an author who writes `no` means: that nothing eases a concern is no slip."""


def diagnostics(graph: StateGraph, solution: Solution) -> Iterator[Diagnostic]:
    space = Space(graph.scenario)
    undecided: dict[Span, str] = {}
    for what, guards in _guarded(graph.scenario):
        region = _region(space, guards)
        if region is None:
            undecided.setdefault(guards[-1].span, what)
        elif not region:
            text = " if ".join(guard.text for guard in guards)
            message = f"{what} can never hold: no values within their ranges satisfy `{text}`"
            yield diagnose("impossible-guard", guards[-1].span, message)
    for task in graph.scenario.tasks:
        yield from _overlaps(space, task, undecided)
    if undecided:
        yield _left_open(undecided)


def _left_open(undecided: Mapping[Span, str]) -> Diagnostic:
    """What was too much to be worked out, so that silence about it is no praise."""
    (first, what), *others = undecided.items()
    more = f", nor about {len(others)} others" if len(others) > 1 else ", nor about one other" if others else ""
    return diagnose(
        "undecided-guard",
        first,
        f"nothing is claimed about {what}{more}: it is too much to work out",
        labels=[Label(span, f"nor about {also}") for span, also in others[:SHOWN]],
        notes=["it works as it is written; fewer parts joined by `or`, or over fewer names, can be checked again"],
    )


def _guarded(scenario: Scenario) -> Iterator[tuple[str, tuple[Guard, ...]]]:
    """Everything that is guarded: what it is, and the guards that must hold together."""
    lines: list[tuple[str, tuple[Guard | None, ...]]] = []
    lines += [("the condition of this stream line", (entry.when, entry.condition)) for entry in scenario.stream]
    for person in scenario.cast:
        lines += [(f"this reply of {person.name}", (reply.to, reply.condition)) for reply in person.replies]
        lines += [(f"this feeling of {person.name}", (feel.when,)) for feel in person.feels]
    for concern in scenario.concerns:
        verbs = (("surfaces", concern.surfaces), ("eased", concern.eased), ("hardens", concern.hardens))
        lines += [
            (f"`{verb}` of the concern {concern.name}", (guard,))
            for verb, guard in verbs
            if guard is None or guard.expr != NEVER
        ]
    for task in scenario.tasks:
        for state in task.states:
            where = f"this line of {task.name} in {state.name}"
            lines += [(where, (line.when, line.condition)) for line in state.transitions]
    for trigger in scenario.triggers:
        lines.append((f"`when` of the trigger {trigger.name}", (trigger.when,)))
        lines.append((f"`until` of the trigger {trigger.name}", (trigger.until,)))
        lines.append((f"`expect` of the trigger {trigger.name}", (trigger.expect,)))
        lines.append((f"`allow` of the trigger {trigger.name}", (trigger.allow,)))
    for rule in scenario.rules:  # of what never holds nothing is forbidden
        lines.append((f"the rule {rule.name}", (rule.guard,) if rule.kind == "never" else ()))
    lines += [(f"`when` of the shift {shift.name}", (shift.when,)) for shift in scenario.shifts]
    for what, guards in lines:
        present = tuple(guard for guard in guards if guard is not None)
        if present:
            yield what, present


def _region(space: Space, guards: tuple[Guard, ...]) -> Region | None:
    """Where the guards hold, None where that is too much to work out (then nothing is claimed)."""
    try:
        return space.region(*(guard.expr for guard in guards))
    except TooManyBoxes:
        return None


def _overlaps(space: Space, task: Task, undecided: dict[Span, str]) -> Iterator[Diagnostic]:
    """A warning for two lines that can be enabled by the same event, or by the same settled instant, where only one is taken:
    lines of one state, and lines of states side by side that both leave what they stand in. That a line inside a state comes
    before those around it is no finding. Lines that are too much to be compared are added to those ``undecided``."""
    regions: dict[int, Region | None] = {}

    def both_of(one: Transition, two: Transition) -> Region | None:
        """As ``_both``; where a line holds is asked for once, as there may be thousands of pairs."""
        if not _compared(one, two):
            return None
        for line in (one, two):
            if id(line) not in regions:
                regions[id(line)] = _region(space, tuple(g for g in (line.when, line.condition) if g))
        return _both(space, two, regions[id(one)], regions[id(two)], undecided)

    for state in task.states:
        for one, two in combinations(state.transitions, 2):
            if space.exhausted:
                undecided.setdefault(state.span, f"which lines of {task.name} in {state.name} exclude each other")
                return
            both = both_of(one, two)
            if both is not None:
                message = f"two lines of {task.name} in {state.name} can hold at once; the first one wins"
                yield _said(space, one, two, both, message)
    for owner, (name, one), (other, two) in _leaving(Nesting(task)):
        both = both_of(one, two)
        if both is not None:
            message = f"{name} and {other} of {task.name} can both leave {owner} at once; the first one wins"
            yield _said(space, one, two, both, message)


def _leaving(nesting: Nesting) -> Iterator[tuple[str, tuple[str, Transition], tuple[str, Transition]]]:
    """Pairs of lines, each with its state, of two regions of one state that both leave it."""
    away: dict[str, list[tuple[str, str, Transition]]] = {}
    for state in nesting.task.states:
        for name in (state.name, *nesting.ancestors(state.name)):
            side = nesting.states[name]
            if len(nesting.regions[side.parent]) > 1:
                away.setdefault(side.parent, []).extend(
                    (side.region, state.name, line)
                    for line in state.transitions
                    if line.go is not None and not nesting.within(line.go, side.parent)
                )
    for owner, lines in away.items():
        for (region, name, one), (beside, other, two) in combinations(lines, 2):
            if region != beside:
                yield owner, (name, one), (other, two)


def _compared(one: Transition, two: Transition) -> bool:
    """Whether it would be a finding if two lines were enabled at once: nothing says that it is meant."""
    if one.after is not None or two.after is not None or one.first or two.first or min(one.chance, two.chance) < 1:
        return False
    if one.when is None and two.when is None and two.condition is None:
        return False  # a line that says nothing is what is done otherwise
    return _on_event(one) == _on_event(two)


def _both(
    space: Space, two: Transition, first: Region | None, second: Region | None, undecided: dict[Span, str]
) -> Region | None:
    """Where two lines are enabled at once, given where each is; None where that is nowhere, or not known."""
    if first is None or second is None:
        return None
    try:
        both = space.meet(first, second)
    except TooManyBoxes:
        undecided.setdefault(two.span, "whether this line and one above it exclude each other")
        return None
    return both if both and both.exact else None


def _said(space: Space, one: Transition, two: Transition, both: Region, message: str) -> Diagnostic:
    return diagnose(
        "overlapping-guards",
        two.span,
        message,
        labels=[Label(one.span, "this line is taken")],
        notes=[f"for example with {_witness(space, both)}", "write `first: yes` where that is meant"],
        fixes=_marked(one),
    )


def _marked(line: Transition) -> list[Fix]:
    """``first: yes`` added to a line, where it is written with brackets on one line."""
    text, at = line.span.text, line.span.end - 1
    if not text.startswith("{") or not text.endswith("}") or "\n" in text:
        return []
    edits = ((Span(line.span.source, at, at), ", first: yes"),)
    return [Fix("say that the first line is to win", edits, safe=False)]


def _on_event(line: Transition) -> bool:
    return any(is_event(guard.expr) for guard in (line.when,) if guard is not None)


def _witness(space: Space, region: Region) -> str:
    """A valuation in words; what the past operators stand for is named by nothing here and left out."""
    variables = space.scenario.variables
    fields = {
        f"{event.name}.{field.name}": field.type for event in space.scenario.events.values() for field in event.fields
    }
    parts: list[str] = []
    for name, value in sorted((space.witness(region) or {}).items()):
        if name == "event":
            parts.insert(0, str(value) if value != NO_EVENT else "no event")
        elif name.startswith("‹"):
            continue
        elif kind := variables[name].type if name in variables else fields.get(name):
            parts.append(f"{name} = {show(value, kind)}")
        else:
            parts.append(f"{name} is {value}")
    return ", ".join(parts) or "any values"
