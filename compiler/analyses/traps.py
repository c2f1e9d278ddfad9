"""Traps: where an episode can no longer end, other than badly by running out.

A configuration is trapped when no end can be reached from it that the tasks reach themselves, and no configuration in which
running out counts as good. A task state is a trap when it is one wherever it occurs. That a conversation can be spoilt for good
while a task is in an otherwise sound state is no finding: it is what a bad act may do.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.reach import Mask, backward, tree
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.solve import ROOT, quiet_ends
from dramaturg.compiler.witness import trace
from dramaturg.dsl.diagnostics import Diagnostic, diagnose


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
    """An error for each trap, with a shortest way into it."""
    stuck = trapped(graph)
    if not stuck.any():
        return
    paths = tree(graph)
    for task in graph.scenario.tasks:
        found: set[str] = set()
        for state in task.states:
            if state.parent in found:  # it lies in a trap
                found.add(state.name)
                continue
            here = graph.within(task.name, state.name)
            here[list(graph.verdict)] = False
            if state.end in ("good", "bad") or not here.any() or not stuck[here].all():
                continue
            found.add(state.name)
            path = paths.nearest_node(here)
            assert path is not None, "every configuration is reachable"
            message = f"task {task.name} never leaves {state.name}: from there no end can be reached"
            notes = [
                trace(graph, path, "shortest way into it"),
                "add a line that leaves it, an `end`, or `if_over: quiet`",
            ]
            yield diagnose("trap-state", state.span, message, notes=notes)
