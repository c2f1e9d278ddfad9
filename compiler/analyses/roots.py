"""Roots: of what the analyses find, that which does not merely follow from another finding.

A condition that nothing satisfies makes its line dead, the window behind it one that never opens, and the state that only it
leads to one that nothing enters. An author is told of the condition. Likewise a dead line is told and not the state behind
it, and a scenario that nobody can win is not told again as a `check` that does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dramaturg.compiler.graph import StateGraph
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.scenario import Task
from dramaturg.dsl.spans import Span


def roots(graph: StateGraph, found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings without those that follow from others."""
    impossible = [item.span for item in found if item.name == "impossible-guard"]
    out = [
        item
        for item in found
        if item.name not in ("dead-line", "window-never-opens") or not _covers(item.span, impossible)
    ]
    causes = [*impossible, *(item.span for item in out if item.name == "dead-line")]
    silent = {span for task in graph.scenario.tasks for span in _following(task, causes, _at(out, "unreachable-state"))}
    out = [item for item in out if item.name != "unreachable-state" or item.span not in silent]
    if any(item.name == "unwinnable" and _whole(item) for item in out):
        claims = {check.span for check in graph.scenario.checks if check.kind == "winnable"}
        out = [item for item in out if item.name != "broken-check" or item.span not in claims]
    return out


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
