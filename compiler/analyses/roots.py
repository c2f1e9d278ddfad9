"""Roots: of what the analyses find, that which does not merely follow from another finding.

A condition that nothing satisfies makes its line dead, the window behind it one that never opens, and the state that only it
leads to one that nothing enters. An author is told of the condition. Likewise a dead line is told and not the state behind
it (what hangs on dead lines by what they would have made: ``hanging``), and a scenario that nobody can win is not told again as a
`check` that does not hold. Where no line leads to a state at all,
that state is told, and neither the lines and windows that wait for it nor, apart, the claims that it breaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dramaturg.compiler.analyses.hanging import BROUGHT_ABOUT, hanging
from dramaturg.compiler.graph import StateGraph
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.scenario import Scenario, Task
from dramaturg.dsl.spans import Span


def roots(graph: StateGraph, found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings without those that follow from others."""
    if any(item.name == "impossible-guard" for item in found):
        return [item for item in found if item.name not in FOLLOWING]
    causes = [item.span for item in found if item.name == "dead-line"]
    silent = {
        span for task in graph.scenario.tasks for span in _following(task, causes, _at(found, "unreachable-state"))
    }
    out = [item for item in found if item.name != "unreachable-state" or item.span not in silent]
    if any(item.name == "unwinnable" and _whole(item) for item in out):
        claims = {check.span for check in graph.scenario.checks if check.kind == "winnable"}
        out = [item for item in out if item.name != "broken-check" or item.span not in claims]
    lost = [
        state for task in graph.scenario.tasks for state in task.states if state.span in _at(found, "unreachable-state")
    ]
    return _twice(_cut_off(graph.scenario, found, hanging(graph.scenario, out, lost)))


def _twice(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Where a line never happens because one above it holds whenever it does, the two are one finding."""
    needed, overlapping = _at(found, "needed-line"), _at(found, "overlapping-guards")
    return [
        item
        for item in found
        if not (item.name == "dead-line" and item.span in overlapping)
        and not (item.name == "overlapping-guards" and item.span in needed)
    ]


FOLLOWING = (
    "dead-line",
    "window-never-opens",
    "unreachable-state",
    "trap-state",
    "unwinnable",
    "broken-check",
)
"""What may follow from a condition that nothing satisfies, or from a state that nothing leads to: the story is another one
than was meant, so it is looked at once the cause is gone."""


def _cut_off(scenario: Scenario, found: Sequence[Diagnostic], out: list[Diagnostic]) -> list[Diagnostic]:
    """The findings, where lines and windows that hang on a state which nothing leads to are left out, and claims that hang on
    it are told there. A warning never takes an error away: it becomes one."""
    islands = [item for item in out if item.name == "unreachable-state" and not item.labels]
    if not islands:
        return out
    unreached = _at(found, "unreachable-state")
    lost = [state for task in scenario.tasks for state in task.states if state.span in unreached]
    ends = any(state.end is not None or state.if_over is not None for state in lost)
    checks = {check.span: check for check in scenario.checks}

    def hangs(item: Diagnostic) -> bool:
        check = checks.get(item.span)
        if item.name == "unwinnable":
            return ends
        if item.name != "broken-check" or check is None:
            return False
        named = any(re.search(rf"\b{state.name}\b", check.text) for state in lost)
        return named or (ends and check.kind in BROUGHT_ABOUT)

    broken = [item for item in out if hangs(item)]
    out = [item for item in out if item not in broken and item.name not in ("dead-line", "window-never-opens")]
    if not broken:
        return out
    first = islands[0]
    told = [f"{item.message} ({item.code})" for item in broken]
    claims = [Label(item.span, "this cannot come true") for item in broken if item.name == "broken-check"]
    labels = [*{label.span: label for label in claims}.values()]
    message = f"{first.message}, and the story cannot do without it"
    cut = diagnose("cut-off-state", first.span, message, labels=labels, notes=(*first.notes, *told))
    return [cut if item is first else item for item in out]


def _at(found: Iterable[Diagnostic], name: str) -> set[Span]:
    return {item.span for item in found if item.name == name}


def _covers(span: Span, inner: Iterable[Span]) -> bool:
    return any(span.path == it.path and span.start <= it.start and it.end <= span.end for it in inner)


def _whole(item: Diagnostic) -> bool:
    """Whether no binding at all can be won, so that naming some would be no use."""
    return item.message.startswith(("the scenario cannot", "no binding"))


def _following(task: Task, causes: Sequence[Span], unreached: set[Span]) -> set[Span]:
    """The states that are not entered because lines lead there which are told themselves, or states which are not entered."""
    lost = {state.name: state for state in task.states if state.span in unreached}
    explained: set[str] = set()
    silent: set[Span] = set()
    while lost:
        for name, state in lost.items():
            ways = [(source, line) for source in task.states for line in source.transitions if line.go == name]
            if ways and all(source.name in explained or _covers(line.span, causes) for source, line in ways):
                silent.add(state.span)
                break
        else:
            name = next(iter(lost))  # nothing else explains it: it is told
        explained.add(name)
        del lost[name]
    return silent
