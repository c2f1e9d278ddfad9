"""Dead lines: what an author wrote that no run of the scenario ever does."""

from __future__ import annotations

from collections.abc import Iterator

from dramaturg.compiler.analyses.states import reached
from dramaturg.compiler.authored import Authored
from dramaturg.compiler.coverage import covered
from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.reach import tree
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.witness import trace
from dramaturg.dsl.core import Happened, walk
from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.types import Condition


def diagnostics(graph: StateGraph, solution: Solution) -> Iterator[Diagnostic]:
    """A warning for each line that no edge comes from. Triggers have an analysis of their own, as have unreachable states."""
    known = reached(graph)
    _, dead = covered(graph, (range(len(graph.edges)),))
    for line in dead:
        if line.kind == "trigger":
            continue
        if line.kind == "transition" and (line.machine.removeprefix("task."), line.state) not in known:
            continue
        yield diagnose("dead-line", line.span, f"{_subject(line)} never happens", notes=_notes(graph, line))


def _subject(line: Authored) -> str:
    if line.kind == "transition":
        return f"the line `{line.name.partition(': ')[2]}` of {line.machine.removeprefix('task.')} in {line.state}"
    return line.name


def _notes(graph: StateGraph, line: Authored) -> list[str]:
    """What helps to find out why, beginning with what is left out of the graph."""
    drawn = graph.scenario.sample
    left_out = (
        []
        if drawn is None
        else [f"the graph holds only as many persons as `sample: {drawn}` draws; with others it may happen"]
    )
    return [*left_out, *_why(graph, line)]


def _why(graph: StateGraph, line: Authored) -> list[str]:
    if line.kind == "reply":
        if (deed := _deed(graph.scenario, line)) is not None:
            return [f"`{deed}` is a deed (`kind: does`), which nobody hears; make it `kind: says` where it is answered"]
        return ["an earlier reply answers in its place, or its conditions never hold when it is asked"]
    if line.kind != "transition":
        return []
    task = line.machine.removeprefix("task.")
    path = tree(graph).nearest_node(graph.within(task, line.state))
    note = [] if path is None else [trace(graph, path, f"shortest way to {line.state}")]
    return [f"{line.state} is entered, but the line's event or condition never comes while it lasts", *note]


def _deed(scenario: Scenario, line: Authored) -> str | None:
    """The act that a reply waits for, where nobody hears it: a deed after which the agent keeps the floor."""
    reply = next(reply for person in scenario.cast for reply in person.replies if reply.span == line.span)
    named = {event for part in walk(reply.to.expr) if isinstance(part, Happened) for event in part.events}
    unheard = {
        f"agent.{act.name}"
        for act in scenario.agent.acts
        if act.kind == "does" and not any(isinstance(field.type, Condition) for field in act.fields)
    }
    return min(named) if named and named <= unheard else None
