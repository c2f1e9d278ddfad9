"""Restless instants: what a scenario sets off by itself and that never comes to an end.

Events that tasks and the stream raise, and draws, follow each other at one instant. Where no time can pass any more, nobody can get
to speak and nothing can end, an episode would go round for ever. (Conditions alone that lead in a circle are found while the
graph is explored, as ``endless-circle``.)
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dramaturg.compiler.graph import CHANCE, WORLD, StateGraph
from dramaturg.compiler.reach import backward, tree
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.witness import trace
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.spans import Span


def diagnostics(graph: StateGraph, solution: Solution) -> Iterator[Diagnostic]:
    """An error at the first line that such an instant sets off, with a shortest way into it."""
    itself = (graph.owner == WORLD) | (graph.owner == CHANCE)
    itself[0] = False
    passing = np.fromiter((edge.delay > 0 for edge in graph.edges), dtype=bool, count=len(graph.edges))
    calm = ~itself
    calm[graph.src[passing]] = True
    stuck = ~backward(graph, calm, np.ones(len(graph.edges), dtype=bool))
    if not stuck.any():
        return
    path = tree(graph).nearest_node(stuck)
    assert path is not None, "every configuration is reachable"
    node, seen = int(graph.dst[path[-1]]), set[int]()
    spans: list[Span] = []
    while node not in seen:
        seen.add(node)
        edge = graph.edges[int(graph.out_ptr[node])]
        spans += edge.spans
        node = edge.dst
    at, *others = dict.fromkeys(spans) or (graph.scenario.span,)
    yield diagnose(
        "never-settles",
        at,
        "this sets off events that set each other off for ever, without time passing",
        labels=[Label(other, "this is part of it") for other in others],
        notes=[trace(graph, path, "shortest way into it")],
    )
