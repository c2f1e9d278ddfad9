"""Reachability over a state graph's integer arrays: who can get where, with whose help, and in how few moves.

Everything here is a breadth-first search that takes a whole frontier at once, so the cost is the edges once each, plus a
few array calls per layer. Edge sets are boolean masks over ``StateGraph.edges``, node sets boolean masks over its nodes. An
attractor is the usual one of games on graphs: nodes of the forcing side need one allowed edge into the set, the others join
when every allowed edge of theirs leads there (and they have one).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dramaturg.compiler.graph import IntArray, StateGraph

Mask = npt.NDArray[np.bool_]

FAR = np.iinfo(np.int64).max // 4
"""A distance that no path has: unreachable."""


def edges_of(pointers: IntArray, nodes: IntArray) -> IntArray:
    """Positions ``pointers[n]`` to ``pointers[n + 1]`` of every node in ``nodes``, one after the other."""
    first = pointers[nodes]
    counts = pointers[nodes + 1] - first
    total = int(counts.sum())
    if total == 0:
        return np.zeros(0, dtype=np.int64)
    starts = np.cumsum(counts) - counts
    return np.repeat(first - starts, counts) + np.arange(total, dtype=np.int64)


def attractor(graph: StateGraph, target: Mask, forcing: Mask, allowed: Mask) -> Mask:
    """(nodes,): from where the ``forcing`` nodes' owners can bring a play into ``target`` over ``allowed`` edges.

    ``target`` itself is included. Nodes that neither force nor have an allowed edge never join.
    """
    inside = target.copy()
    left = np.bincount(graph.src[allowed], minlength=len(graph))
    frontier = np.flatnonzero(inside)
    while frontier.size:
        incoming = graph.in_edge[edges_of(graph.in_ptr, frontier)]
        sources = graph.src[incoming[allowed[incoming]]]
        sources = sources[~inside[sources]]
        lazy = sources[~forcing[sources]]
        np.subtract.at(left, lazy, 1)
        joined = np.unique(np.concatenate((sources[forcing[sources]], lazy[left[lazy] == 0])))
        inside[joined] = True
        frontier = joined
    return inside


def backward(graph: StateGraph, target: Mask, allowed: Mask) -> Mask:
    """(nodes,): from where ``target`` can be reached over ``allowed`` edges, everyone helping."""
    return attractor(graph, target, np.ones(len(graph), dtype=bool), allowed)


def forward(graph: StateGraph, start: Mask, allowed: Mask) -> Mask:
    """(nodes,): what can be reached from ``start`` over ``allowed`` edges, ``start`` included."""
    inside = start.copy()
    frontier = np.flatnonzero(inside)
    while frontier.size:
        out = edges_of(graph.out_ptr, frontier)
        found = np.unique(graph.dst[out[allowed[out]]])
        frontier = found[~inside[found]]
        inside[frontier] = True
    return inside


@dataclass(frozen=True, eq=False)
class Tree:
    """Shortest paths from a set of nodes, by number of moves; at equal length the first in document order."""

    graph: StateGraph
    parent: IntArray
    """(nodes,): the edge by which a node was first reached, -1 at a start, -2 where it was not reached."""
    depth: IntArray
    """(nodes,): moves from the nearest start, ``FAR`` where it was not reached."""

    def path(self, node: int) -> tuple[int, ...]:
        """The edges from a start to ``node``. Raises ValueError where there is no such path."""
        if self.parent[node] == -2:
            raise ValueError(f"node {node} is not reachable")
        edges: list[int] = []
        while self.parent[node] >= 0:
            edges.append(int(self.parent[node]))
            node = int(self.graph.src[edges[-1]])
        return tuple(reversed(edges))

    def nearest(self, edges: Mask) -> tuple[int, ...] | None:
        """A shortest path that ends with one of these edges, or None where none can be reached."""
        candidates = np.flatnonzero(edges & (self.depth[self.graph.src] < FAR))
        if not candidates.size:
            return None
        best = int(candidates[np.argmin(self.depth[self.graph.src[candidates]])])
        return (*self.path(int(self.graph.src[best])), best)

    def nearest_node(self, nodes: Mask) -> tuple[int, ...] | None:
        """A shortest path to one of these nodes, or None where none can be reached."""
        candidates = np.flatnonzero(nodes & (self.depth < FAR))
        if not candidates.size:
            return None
        return self.path(int(candidates[np.argmin(self.depth[candidates])]))


def tree(graph: StateGraph, starts: Iterable[int] = (0,), allowed: Mask | None = None) -> Tree:
    """Shortest paths from ``starts`` over ``allowed`` edges (all where None)."""
    parent = np.full(len(graph), -2, dtype=np.int64)
    depth = np.full(len(graph), FAR, dtype=np.int64)
    frontier = np.array(sorted(set(starts)), dtype=np.int64)
    parent[frontier] = -1
    depth[frontier] = 0
    layer = 0
    while frontier.size:
        layer += 1
        out = edges_of(graph.out_ptr, frontier)
        if allowed is not None:
            out = out[allowed[out]]
        out = out[parent[graph.dst[out]] == -2]
        found, first = np.unique(graph.dst[out], return_index=True)
        parent[found] = out[first]
        depth[found] = layer
        frontier = found
    return Tree(graph, parent, depth)


def distance(graph: StateGraph, target: Mask, allowed: Mask, cost: IntArray) -> IntArray:
    """(nodes,): the least total ``cost`` (small numbers, mostly 0 or 1) of a path into ``target`` over ``allowed`` edges, else
    ``FAR``."""
    far = np.full(len(graph), FAR, dtype=np.int64)
    todo: deque[tuple[int, int]] = deque()
    far[target] = 0
    todo.extend((0, int(start)) for start in np.flatnonzero(target))
    src, in_ptr, in_edge = graph.src, graph.in_ptr, graph.in_edge
    while todo:
        so_far, node = todo.popleft()
        if so_far > far[node]:
            continue
        for edge in in_edge[in_ptr[node] : in_ptr[node + 1]]:
            if not allowed[edge]:
                continue
            before, total = int(src[edge]), so_far + int(cost[edge])
            if total < far[before]:
                far[before] = total
                if cost[edge]:
                    todo.append((total, before))
                else:
                    todo.appendleft((total, before))
    return far


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a path may spend: moves of the agent that cost a turn, and virtual milliseconds. Both bounds included."""

    turns: int
    ms: int


def affordable(
    graph: StateGraph, allowed: Mask, wanted: Mask, turns: IntArray, ms: IntArray, allowance: Allowance
) -> tuple[int, ...] | None:
    """A path from the root over ``allowed`` edges to a ``wanted`` one, within the allowance; None where there is none.

    ``turns`` (0 or 1) and ``ms`` are per edge. Of such paths the one with the fewest turns, and among those the least
    time. One shortest-time search per number of turns: (turns + 1) times the edges in the usual case.
    """
    n = len(graph)
    parents: list[IntArray] = []
    best = np.full(n, FAR, dtype=np.int64)
    entry = np.full(n, -1, dtype=np.int64)
    frontier = np.zeros(1, dtype=np.int64)
    best[0] = 0

    def unwind(last: int, layer: int) -> tuple[int, ...]:
        path = [last]
        layer -= int(turns[last])
        while (edge := int(parents[layer][graph.src[path[-1]]])) >= 0:
            path.append(edge)
            layer -= int(turns[edge])
        return tuple(reversed(path))

    free, spending = allowed & (turns == 0), allowed & (turns > 0)
    for layer in range(allowance.turns + 1):
        touched = [frontier]
        parents.append(entry)
        while frontier.size:
            frontier = _improve(graph, frontier, free, ms, best, best, entry)
            touched.append(frontier)
        nodes = np.unique(np.concatenate(touched))
        out = edges_of(graph.out_ptr, nodes)
        out = out[wanted[out] & (layer + turns[out] <= allowance.turns)]
        total = best[graph.src[out]] + ms[out]
        out, total = out[total <= allowance.ms], total[total <= allowance.ms]
        if out.size:
            first = int(np.lexsort((out, total, turns[out]))[0])
            return unwind(int(out[first]), layer + int(turns[out[first]]))
        after, entry = np.full(n, FAR, dtype=np.int64), np.full(n, -1, dtype=np.int64)
        frontier = _improve(graph, nodes, spending, ms, best, after, entry)
        best = after
    return None


def _improve(
    graph: StateGraph,
    frontier: IntArray,
    allowed: Mask,
    ms: IntArray,
    before: IntArray,
    after: IntArray,
    entry: IntArray,
) -> IntArray:
    """Relax the allowed edges out of ``frontier`` from ``before`` into ``after``; the nodes that got better."""
    out = edges_of(graph.out_ptr, frontier)
    out = out[allowed[out]]
    total = before[graph.src[out]] + ms[out]
    better = total < after[graph.dst[out]]
    out, total = out[better], total[better]
    order = np.lexsort((out, total, graph.dst[out]))
    nodes, first = np.unique(graph.dst[out[order]], return_index=True)
    after[nodes] = total[order[first]]
    entry[nodes] = out[order[first]]
    return nodes
