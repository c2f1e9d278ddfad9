"""Traps: where an episode can no longer end, other than badly by running out.

A configuration is trapped when no end can be reached from it that the tasks reach themselves, and no configuration in which
running out counts as good. A task state is a trap when it is one wherever it occurs. That a conversation can be spoilt for good
while a task is in an otherwise sound state is no finding: it is what a bad act may do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.reach import Mask, backward, tree
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.solve import ROOT, quiet_ends
from dramaturg.compiler.witness import trace
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.scenario import Task, TaskState


def trapped(graph: StateGraph) -> Mask:
    """(nodes,): configurations without a way to an end."""
    good = np.zeros(len(graph), dtype=bool)
    for edge in graph.edges:
        verdict = graph.verdict.get(edge.dst)
        good[edge.dst] |= verdict == "good" or (verdict is not None and edge.event != "over")
    target = good | (quiet_ends(graph) > 0)
    stuck = ~backward(graph, target, np.ones(len(graph.edges), dtype=bool))
    stuck[ROOT] = False
    # An end by running out is where a trap leads, not the trap.
    stuck[list(graph.verdict)] = False
    return stuck


def diagnostics(graph: StateGraph, solution: Solution) -> Iterator[Diagnostic]:
    """An error for each trap, with a shortest way into it. Of traps that lead to each other the last is told, of a circle of them
    the first."""
    stuck = trapped(graph)
    if not stuck.any():
        return
    for task in graph.scenario.tasks:
        traps = list(_traps(graph, task, stuck))
        last = [(state, here) for state, here in traps if not _left(graph, here)]
        for state, here in last:
            message = f"task {task.name} never leaves {state.name}: from there no end can be reached"
            yield _told(graph, state, here, message, "add a line that leaves it, an `end`, or `if_over: quiet`")
        if traps and not last:
            (state, here), *others = traps
            message = f"task {task.name} comes to no end once it is in {state.name}, wherever it goes from there"
            labels = [Label(other.span, "nor from here") for other, _ in others]
            yield _told(graph, state, here, message, "add a line that leads to an `end`, or `if_over: quiet`", labels)


def _traps(graph: StateGraph, task: Task, stuck: Mask) -> Iterator[tuple[TaskState, Mask]]:
    """The states of a task that are traps, each with its nodes; none that lies in another one."""
    found: set[str] = set()
    for state in task.states:
        if state.parent in found:
            found.add(state.name)
            continue
        here = graph.within(task.name, state.name)
        here[list(graph.verdict)] = False
        if state.end not in ("good", "bad") and here.any() and stuck[here].all():
            found.add(state.name)
            yield state, here


def _left(graph: StateGraph, here: Mask) -> bool:
    """Whether some move leads from these nodes to others that are no end."""
    ends = np.zeros(len(graph), dtype=bool)
    ends[list(graph.verdict)] = True
    return bool((here[graph.src] & ~here[graph.dst] & ~ends[graph.dst]).any())


def _told(
    graph: StateGraph, state: TaskState, here: Mask, message: str, advice: str, labels: Sequence[Label] = ()
) -> Diagnostic:
    path = tree(graph).nearest_node(here)
    assert path is not None, "every configuration is reachable"
    notes = [trace(graph, path, "shortest way into it"), advice]
    return diagnose("trap-state", state.span, message, labels=labels, notes=notes)
