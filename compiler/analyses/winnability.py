"""Unwinnable bindings: episodes in which even a perfect agent with everybody's help cannot end well without a violation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dramaturg.compiler.graph import IntArray, StateGraph
from dramaturg.compiler.reach import FAR, distance, tree
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.solve import ROOT, good_ends
from dramaturg.compiler.witness import trace, violation
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.expressions.amounts import in_words

SHOWN = 4
"""Bindings that one message names."""


def diagnostics(graph: StateGraph, solution: Solution) -> Iterator[Diagnostic]:
    """One error per reason, naming the bindings that have it."""
    groups: dict[str, list[int]] = {}
    paths: dict[str, tuple[int, ...] | None] = {}
    cost = np.array([len(edge.violations) for edge in graph.edges], dtype=np.int64)
    everything = np.ones(len(graph.edges), dtype=bool)
    fewest = distance(graph, good_ends(graph), everything, cost)
    for index in range(int(graph.out_ptr[ROOT]), int(graph.out_ptr[ROOT + 1])):
        start = int(graph.dst[index])
        if solution.level[start] >= 2:
            continue
        reason, path = _reason(graph, index, fewest, cost)
        groups.setdefault(reason, []).append(index)
        paths.setdefault(reason, path)
    scenario = graph.scenario
    places = [check.span for check in scenario.checks if check.kind == "winnable"]
    span = (*places, *(task.span for task in scenario.tasks), scenario.span)[0]
    for reason, edges in groups.items():
        labels: list[Label] = []
        if len(edges) == len(graph.bindings):
            subject = "the scenario cannot" if len(edges) == 1 else "no binding of the parameters can"
        else:
            names = [_named(graph, index) for index in edges[:SHOWN]]
            more = f" and {len(edges) - SHOWN} more" if len(edges) > SHOWN else ""
            labels = (
                [Label(scenario.parameters[0].span, "the binding says what this is")] if scenario.parameters else []
            )
            subject = f"{'the binding' if len(edges) == 1 else 'bindings'} {'; '.join(names)}{more} cannot"
        path = paths[reason]
        ends_well = path is not None and graph.verdict.get(int(graph.dst[path[-1]])) == "good"
        title = "the best that can be done" if ends_well else "the shortest way to an end"
        notes = [] if path is None else [trace(graph, path, title)]
        yield diagnose("unwinnable", span, f"{subject} be won: {reason}", labels=labels, notes=notes)


def _named(graph: StateGraph, index: int) -> str:
    values = graph.bindings[index - int(graph.out_ptr[ROOT])]
    variables = graph.scenario.variables
    return ", ".join(f"{name} = {in_words(value, variables[name].type)}" for name, value in values.items())


def _reason(graph: StateGraph, first: int, fewest: IntArray, cost: IntArray) -> tuple[str, tuple[int, ...] | None]:
    """Why a binding cannot be won, and the best that can be done: a run to a good end with the fewest violations."""
    start = int(graph.dst[first])
    if fewest[start] >= FAR:
        bad = np.zeros(len(graph), dtype=bool)
        bad[list(graph.verdict)] = True
        way = tree(graph, (start,)).nearest_node(bad)
        if way is None:
            return "no end can be reached", None
        return "no good end can be reached, whatever anybody does", (first, *way)
    # Moves that lie on a run with the fewest violations; a shortest path among them.
    on_best = fewest[graph.src] == fewest[graph.dst] + cost
    way = tree(graph, (start,), on_best & (fewest[graph.src] < FAR)).nearest_node(good_ends(graph))
    assert way is not None, "a good end was found to be reachable"
    broken = sorted({item for index in (first, *way) for item in graph.edges[index].violations})
    what = ", ".join(violation(item) for item in broken) or "the first move is a violation"
    return f"every run to a good end has a violation; at best it {what}", (first, *way)
