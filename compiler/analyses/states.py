"""Task states that no run enters."""

from __future__ import annotations

from collections.abc import Iterator

from dramaturg.compiler.coverage import exercised
from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.solution import Solution
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.nesting import Nesting


def reached(graph: StateGraph) -> frozenset[tuple[str, str]]:
    """The (task, state) pairs that some run enters, states around others included.

    A configuration shows a task where its instant has settled; a state that is left in the same instant (a choice, the last end
    of a region) shows only in the lines that led to it.
    """
    nestings = {task.name: Nesting(task) for task in graph.scenario.tasks}
    places = {place for tasks in graph.tasks for place in tasks.items()}
    settled = {(task, state) for task, place in places for state in nestings[task].active(place)}
    return frozenset(settled | {(task, state) for task, nest in nestings.items() for state in _passed(nest, graph)})


def _passed(nesting: Nesting, graph: StateGraph) -> Iterator[str]:
    """The states that a task starts in, and those that the lines which are taken lead to."""
    yield from nesting.entered()
    taken = exercised(graph, range(len(graph.edges)))
    for state in nesting.task.states:
        for line in state.transitions:
            if line.go is not None and line.span in taken:
                yield from (line.go, *nesting.ancestors(line.go))
                if nesting.states[line.go].history is None:
                    yield from (inner for inner in nesting.entered([line.go]) if nesting.within(inner, line.go))


def diagnostics(graph: StateGraph, solution: Solution) -> Iterator[Diagnostic]:
    """A warning for each task state that no run enters, naming the lines that lead there."""
    known = reached(graph)
    for task in graph.scenario.tasks:
        for state in task.states:
            # What lies in a state that is never entered is not entered either.
            if (task.name, state.name) in known or (state.parent and (task.name, state.parent) not in known):
                continue
            ways = [(source, line) for source in task.states for line in source.transitions if line.go == state.name]
            labels = []
            for source, line in ways:
                entered = (task.name, source.name) in known
                labels.append(
                    Label(line.span, "never happens" if entered else f"{source.name} is never entered either")
                )
            around = Nesting(task).around(state.name).states[0] == state.name
            notes = [] if ways or around else [f"no line of the task says `go: {state.name}`"]
            message = f"no run of the scenario enters the state {state.name} of task {task.name}"
            yield diagnose("unreachable-state", state.span, message, labels=labels, notes=notes)
