"""Values: the probability of a good end with no violation, by backward induction over agent turns.

The graph has no turn counter; the counter is the layer. With k turns left, an agent node takes the best of its moves in
layer k - 1, and every other node the mean of its moves in layer k itself. Within a layer time may pass in circles, so a
layer is one linear system. Its strongly connected components are solved in topological order: single nodes by one sparse
product per level, components with cycles by a sparse LU factorisation that all layers share, and large ones, where that
would fill up, by BiCGSTAB with a certified error. A component that nothing ever leaves has value 0 (its play never ends). A
component in which the agent can act in circles without spending a turn is iterated from below until no value changes by more
than 1e-13. Values are accurate to 1e-9; the tests compare with plain iteration.

The certificate: I - P is an M-matrix, so where (I - P) t >= d > 0 for some t >= 0, its inverse has infinity norm at most
max(t) / d (Berman and Plemmons, Nonnegative Matrices in the Mathematical Sciences, ch. 6). One approximate solve of (I - P) t = 1,
the expected number of moves, gives such a t; a residual then bounds the error.

This plain solver is the seam for a faster one: ``layers`` is the only function that others call.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dramaturg.compiler.graph import AGENT, END, IntArray, StateGraph
from dramaturg.compiler.reach import Mask, edges_of

if TYPE_CHECKING:
    from scipy import sparse
    from scipy.sparse.linalg import LinearOperator, SuperLU

FloatArray = npt.NDArray[np.float64]

SWEEPS = 100_000
"""At most so many sweeps over a component with free agent moves; more is a broken invariant (the iteration contracts)."""

DENSE = 2000
"""Nodes up to which the cyclic components of a level are factorised. A random graph of that size takes 0.1 s, one of five times
that size a hundred times as long."""

ITERATIONS = 500
"""Of BiCGSTAB; where they do not suffice, the block is factorised after all."""

ERROR = 2e-11
"""The certified error of one layer of a large component. Errors add up over layers: 16 turns stay far below 1e-9."""


def weights(graph: StateGraph) -> FloatArray:
    """(edges,): the probability of each move among those of its node; 0 at agent nodes.

    Moves without a chance share equally what the others of their node leave; then the node's moves are scaled to sum to 1.
    """
    n, src = len(graph), graph.src
    chance = np.fromiter((np.nan if e.chance is None else e.chance for e in graph.edges), np.float64, len(graph.edges))
    unknown = np.isnan(chance)
    known = np.bincount(src, weights=np.where(unknown, 0.0, chance), minlength=n)
    missing = np.bincount(src[unknown], minlength=n)
    share = np.maximum(1.0 - known, 0.0) / np.maximum(missing, 1)
    chance = np.where(unknown, share[src], chance)
    total = np.bincount(src, weights=chance, minlength=n)
    degree = np.bincount(src, minlength=n)
    even = 1.0 / np.maximum(degree, 1)
    out = np.where(total[src] > 0, chance / np.where(total > 0, total, 1.0)[src], even[src])
    out[graph.owner[src] == AGENT] = 0.0
    return out


@dataclass(frozen=True, eq=False)
class _Rows:
    """Some rows of a sparse table: entries in order of row and column, no two of them for one place."""

    count: int
    row: IntArray
    col: IntArray
    weight: FloatArray

    def __matmul__(self, value: FloatArray) -> FloatArray:
        return _sums(self.row, self.weight * value[self.col], self.count)

    def of(self, nodes: IntArray) -> _Rows:
        """These rows, numbered in this order."""
        entries = edges_of(self._pointers, nodes)
        lengths = self._pointers[nodes + 1] - self._pointers[nodes]
        row = np.repeat(np.arange(nodes.size, dtype=np.int64), lengths)
        return _Rows(nodes.size, row, self.col[entries], self.weight[entries])

    @cached_property
    def _pointers(self) -> IntArray:
        counts = np.bincount(self.row, minlength=self.count)
        return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts)))

    def matrix(self, width: int) -> sparse.csr_matrix:
        from scipy import sparse

        return sparse.csr_matrix((self.weight, (self.row, self.col)), shape=(self.count, width))


def _sums(group: IntArray, weight: FloatArray, count: int) -> FloatArray:
    """(count,): the sum of each group, added up in order."""
    sums: FloatArray = np.bincount(group, weights=weight, minlength=count).astype(np.float64, copy=False)
    return sums


def _table(count: int, row: IntArray, col: IntArray, weight: FloatArray) -> _Rows:
    """The rows of a square table, entries for the same place added up."""
    order = np.lexsort((col, row))
    row, col = row[order], col[order]
    first = np.ones(row.size, dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (col[1:] != col[:-1])
    total = _sums(np.cumsum(first) - 1, weight[order], int(first.sum()))
    return _Rows(count, row[first], col[first], total)


@dataclass(frozen=True, eq=False)
class _Chain:
    """Single nodes of one level: each is the mean of moves that are solved already."""

    nodes: IntArray
    moves: _Rows

    def solve(self, value: FloatArray) -> None:
        value[self.nodes] = self.moves @ value


@dataclass(frozen=True, eq=False)
class _Cycle:
    """Components with cycles of one level, without free agent moves: one factorised linear system."""

    nodes: IntArray
    moves: sparse.csr_matrix
    """(nodes in the block, all nodes): the moves that leave the block."""
    factor: SuperLU

    def solve(self, value: FloatArray) -> None:
        value[self.nodes] = self.factor.solve(self.moves @ value)


@dataclass(frozen=True, eq=False)
class _Choice:
    """Nodes of one level where the agent may act without spending a turn, alone or in a cycle with others."""

    nodes: IntArray
    moves: _Rows
    """(nodes in the block, all nodes): mean of the moves; empty rows at agent nodes."""
    agents: IntArray
    """The agent nodes of the block."""
    free: IntArray
    """Their free edges."""
    src: IntArray
    dst: IntArray

    def solve(self, value: FloatArray) -> None:
        floor = value[self.agents].copy()  # what the moves that spend a turn are worth
        value[self.nodes] = 0.0
        value[self.agents] = floor
        others = np.flatnonzero(~np.isin(self.nodes, self.agents))
        plain = self.nodes[others]
        rows = self.moves.of(others)
        for _ in range(SWEEPS):
            before = value[self.nodes]
            value[plain] = rows @ value
            best = value.copy()
            np.maximum.at(best, self.src, value[self.dst])
            value[self.agents] = np.maximum(floor, best[self.agents])
            if np.abs(value[self.nodes] - before).max(initial=0.0) <= 1e-13:
                return
        raise AssertionError("the values of a component with free agent moves do not settle")


@dataclass(frozen=True, eq=False)
class _Large:
    """Components with cycles of one level that are too large to factorise: iterated, the error certified."""

    nodes: IntArray
    moves: sparse.csr_matrix
    """(nodes in the block, all nodes): the moves that leave the block."""
    system: sparse.csr_matrix
    """I - P within the block."""
    tolerance: float
    """A residual (2-norm) small enough for ``ERROR``."""

    sketch: LinearOperator
    """An incomplete factorisation of ``system``, as its approximate inverse."""

    def solve(self, value: FloatArray) -> None:
        from scipy.sparse.linalg import splu

        known = self.moves @ value
        found = _iterated(self.system, known, self.sketch, self.tolerance)
        value[self.nodes] = splu(self.system.tocsc()).solve(known) if found is None else found


def _iterated(
    system: sparse.csr_matrix, known: FloatArray, sketch: LinearOperator, tolerance: float
) -> FloatArray | None:
    """The solution by BiCGSTAB with a residual (2-norm) of at most ``tolerance``; None where it does not get there."""
    from scipy.sparse.linalg import bicgstab

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a breakdown of the method is handled below
        found, _ = bicgstab(system, known, rtol=0.0, atol=tolerance / 2, maxiter=ITERATIONS, M=sketch)
        return found if np.linalg.norm(known - system @ found) <= tolerance else None


_Block = _Chain | _Cycle | _Large | _Choice


def _components(count: int, src: IntArray, dst: IntArray) -> IntArray:
    """(nodes,): the strongly connected component of each node."""
    out, into = np.bincount(src, minlength=count), np.bincount(dst, minlength=count)
    links = np.argsort(dst, kind="stable")
    pointers = np.concatenate((np.zeros(1, np.int64), np.cumsum(into)))
    peeled = np.flatnonzero(out == 0)
    left = count
    while peeled.size:
        left -= peeled.size
        before = src[links[edges_of(pointers, peeled)]]
        np.subtract.at(out, before, 1)
        before = np.unique(before)
        peeled = before[out[before] == 0]
    if not left:
        # Nothing goes in circles: the usual case, and to know it costs less than to import what finds circles.
        return np.arange(count, dtype=np.int64)
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    matrix = sparse.csr_matrix((np.ones(len(src), np.int8), (src, dst)), shape=(count, count))
    _, labels = connected_components(matrix, directed=True, connection="strong")
    component: IntArray = labels.astype(np.int64)
    return component


def _levels(component: IntArray, src: IntArray, dst: IntArray, count: int) -> IntArray:
    """(components,): the longest path of each component to a component without a way out."""
    crossing = component[src] != component[dst]
    pairs = np.unique(np.stack((component[dst[crossing]], component[src[crossing]]), axis=1), axis=0)
    into, back = pairs[:, 0], pairs[:, 1]
    pointers = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(into, minlength=count))))
    left = np.bincount(back, minlength=count)
    level = np.zeros(count, dtype=np.int64)
    frontier = np.flatnonzero(left == 0)
    depth = 0
    while frontier.size:
        level[frontier] = depth
        depth += 1
        before = back[edges_of(pointers, frontier)]
        np.subtract.at(left, before, 1)
        frontier = np.unique(before[left[before] == 0])
    return level


def _plan(graph: StateGraph, chance: FloatArray, kept: Mask, free: Mask) -> tuple[_Block, ...]:
    """The blocks of a layer's system, in the order in which they can be solved."""
    n, owner = len(graph), graph.owner
    agent = owner == AGENT
    inner = (owner != END) & ~agent
    inner[graph.src[free & kept & agent[graph.src]]] = True
    within = kept & free & inner[graph.src] & inner[graph.dst] & (agent[graph.src] | (chance > 0))
    src, dst = graph.src[within], graph.dst[within]
    component = _components(n, src, dst)
    count = int(component.max(initial=-1)) + 1
    level = _levels(component, src, dst, count)
    size = np.bincount(component, minlength=count)
    cyclic = size > 1
    cyclic[component[src[src == dst]]] = True
    choosing = np.zeros(count, dtype=bool)
    choosing[component[inner & agent]] = True
    mean = kept & inner[graph.src] & ~agent[graph.src]
    table = _table(n, graph.src[mean], graph.dst[mean], chance[mean])
    # A component that loses nothing (no way out, no violation on the way) is a play that never ends.
    leaving = (chance > 0) & ~agent[graph.src] & ~(kept & (component[graph.src] == component[graph.dst]))
    leaks = np.zeros(count, dtype=bool)
    leaks[component[graph.src[leaving]]] = True

    nodes = np.flatnonzero(inner)
    nodes = nodes[np.lexsort((nodes, level[component[nodes]]))]
    bounds = np.flatnonzero(np.diff(level[component[nodes]], prepend=-1, append=-1))
    blocks: list[_Block] = []
    for lo, hi in pairwise(bounds):
        batch = nodes[lo:hi]
        kind = component[batch]
        chain = batch[~cyclic[kind] & ~choosing[kind]]
        if chain.size:
            blocks.append(_Chain(chain, table.of(chain)))
        cycle = batch[cyclic[kind] & ~choosing[kind] & leaks[kind]]
        if cycle.size:
            blocks.append(_cyclic(table, component, cycle))
        choice = batch[choosing[kind]]
        if choice.size:
            edges = edges_of(graph.out_ptr, choice)
            edges = edges[(kept & free & agent[graph.src])[edges]]
            agents = choice[agent[choice]]
            blocks.append(_Choice(choice, table.of(choice), agents, edges, graph.src[edges], graph.dst[edges]))
    return tuple(blocks)


def _cyclic(table: _Rows, component: IntArray, nodes: IntArray) -> _Cycle | _Large:
    """The linear system of the cyclic components of one level, ``nodes`` being all of them."""
    from scipy import sparse
    from scipy.sparse.linalg import LinearOperator, spilu, splu

    rows = table.of(nodes).matrix(table.count)
    system = sparse.csr_matrix(sparse.identity(nodes.size) - rows[:, nodes])
    entries = rows.tocoo()
    apart = component[nodes[entries.row]] != component[entries.col]
    moves = sparse.csr_matrix((entries.data[apart], (entries.row[apart], entries.col[apart])), shape=rows.shape)
    incomplete = None
    if nodes.size > DENSE:
        with suppress(RuntimeError):  # what was dropped can leave it singular, which the system itself is not
            incomplete = spilu(system.tocsc(), drop_tol=1e-2, fill_factor=2)
    if incomplete is not None:
        sketch = LinearOperator(system.shape, incomplete.solve, dtype=np.float64)
        moves_left = _iterated(system, np.ones(nodes.size), sketch, 0.5)
        if moves_left is not None and moves_left.min() >= 0 and (least := float((system @ moves_left).min())) > 0:
            return _Large(nodes, moves, system, ERROR * least / float(moves_left.max()), sketch)
    return _Cycle(nodes, moves, splu(system.tocsc()))


def layers(graph: StateGraph, turns: int, costs: Mask, truncated: FloatArray) -> Iterator[FloatArray]:
    """(nodes,) for 0, 1, …, ``turns`` agent turns left: the probability of a good end with no violation from there on.

    ``costs`` says of each of the agent's edges whether it spends a turn; ``truncated`` is what an agent node is worth
    when no turn is left. A move that brings a violation contributes 0. Ends early where more turns change nothing: the last
    layer given then stands for all that would follow.
    """
    chance, kept = weights(graph), ~graph.violating
    agent = graph.owner == AGENT
    good = np.zeros(len(graph))
    good[[node for node, verdict in graph.verdict.items() if verdict == "good"]] = 1.0
    costs = costs & agent[graph.src]
    blocks = _plan(graph, chance, kept, ~costs)
    spending = np.flatnonzero(agent[graph.src] & kept & costs)
    starts = np.flatnonzero(np.diff(graph.src[spending], prepend=-1))
    spenders = graph.src[spending[starts]]

    value = good + np.where(agent, truncated, 0.0)
    for block in _plan(graph, chance, kept, ~costs & ~agent[graph.src]):
        block.solve(value)
    yield value
    for _ in range(turns):
        after = good.copy()
        if spending.size:
            after[spenders] = np.maximum.reduceat(value[graph.dst[spending]], starts)
        for block in blocks:
            block.solve(after)
        if np.array_equal(value, after):
            return  # more turns change nothing from here on, however many there are
        value = after
        yield value
