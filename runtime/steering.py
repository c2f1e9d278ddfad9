"""Steering: draws that lead a witness play where the benchmark still lacks an item.

Nothing is made up: whatever is chosen could have been drawn. The state graph says where a choice leads: whether from
there the episode may still end without an opportunity (``calm``), and how many moves it is to the nearest service of
one (``far``). Among choices that lead equally well the generator decides by their chances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from dramaturg.compiler.chance import Stream
from dramaturg.compiler.graph import AGENT, END, IntArray
from dramaturg.compiler.reach import backward, edges_of
from dramaturg.dsl.spans import Span
from dramaturg.runtime.draws import Choose

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled
    from dramaturg.compiler.configuration import Move

Merit: TypeAlias = "Callable[[Move], float]"
"""How much a choice is wanted."""

NEVER = np.iinfo(np.int64).max


class Steering:
    """What the graph of a scenario says about where choices lead. ``opportunities``: triggers that expect a proactive
    act."""

    def __init__(self, compiled: Compiled, opportunities: frozenset[str]) -> None:
        self._locate = compiled.locate
        graph, solution = compiled.graph, compiled.solution
        kept = (graph.owner[graph.src] != AGENT) | solution.acceptable
        opened = np.fromiter(
            (any(view.get(f"trigger.{name}") == "open" for name in opportunities) for view in graph.readable),
            dtype=bool,
            count=len(graph),
        )
        serving = np.fromiter(
            (bool(opportunities.intersection(edge.served)) for edge in graph.edges), dtype=bool, count=len(graph.edges)
        )
        quiet = kept & ~opened[graph.src] & ~opened[graph.dst]
        self._calm = backward(graph, (graph.owner == END) & ~opened, quiet)
        self._opening = _distances(compiled, np.flatnonzero(opened), kept)
        self._service = _distances(compiled, np.unique(graph.src[serving & kept]), kept)

    def keeps_calm(self, move: Move) -> float:
        """Greatest where the episode can still end without an opportunity, and the next one is farthest."""
        node = self._locate(move.target)
        return float(self._opening[node]) if node >= 0 and self._calm[node] else -1.0

    def comes_near(self, move: Move) -> float:
        """Greatest where an opportunity can be served soonest."""
        node = self._locate(move.target)
        return -float(self._service[node]) if node >= 0 else -float(NEVER)


def shows_more(shown: set[Span]) -> Merit:
    """How many authored lines a choice would be the first to show."""
    return lambda move: sum(span not in shown for span in move.spans)


def steered(merit: Merit | None, chance: Stream) -> Choose:
    """Of the choices with the greatest merit, one by its chances; of all where there is no merit to go by."""

    def choose(moves: Sequence[Move], decision: int) -> int:
        merits = [0.0 if merit is None else merit(move) for move in moves]
        best = max(merits)
        chances = [
            (1.0 if move.chance is None else move.chance) if found == best else 0.0
            for move, found in zip(moves, merits, strict=True)
        ]
        if not any(chances):
            chances = [1.0 if found == best else 0.0 for found in merits]
        return chance.pick(decision, chances)

    return choose


def _distances(compiled: Compiled, targets: IntArray, allowed: npt.NDArray[np.bool_]) -> IntArray:
    """(nodes,): the least number of allowed moves to one of ``targets``; the largest number where there is no way."""
    graph = compiled.graph
    far = np.full(len(graph), NEVER, dtype=np.int64)
    far[targets] = 0
    frontier, layer = targets, 0
    while frontier.size:
        layer += 1
        edges = graph.in_edge[edges_of(graph.in_ptr, frontier)]
        before = np.unique(graph.src[edges[allowed[edges]]])
        frontier = before[far[before] > layer]
        far[frontier] = layer
    return far
