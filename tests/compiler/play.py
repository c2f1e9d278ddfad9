"""Exact play beside the graph: a run of random moves, each of which has to be an edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import strategies as st

from dramaturg.compiler.compiled import Compiled
from dramaturg.compiler.configuration import Config, Move
from dramaturg.compiler.graph import AGENT


def played(
    compiled: Compiled,
    data: st.DataObject,
    steps: int,
    leaning: Callable[[Sequence[Move]], Sequence[Move]] = lambda moves: moves,
) -> Iterator[tuple[Config, Move]]:
    """Configurations of one run, each with the move that is made; ``leaning`` may name moves several times.

    On the way: every configuration has a node of the same owner, every move that can be seen an edge with the same target and
    violations, and the chances of what others may do add up to one.
    """
    engine, graph = compiled.semantics, compiled.graph
    config = engine.initial(data.draw(st.integers(0, len(engine.bindings) - 1)))
    for _ in range(steps):
        node = compiled.locate(config)
        assert node >= 0
        moves = engine.moves(config)
        assert engine.owner(config) == int(graph.owner[node]) or not moves[0].visible
        if not moves:
            return
        if engine.owner(config) != AGENT:
            assert sum(move.chance or 0 for move in moves) == pytest.approx(1.0)
        move = data.draw(st.sampled_from(leaning(moves)))
        if move.visible:
            edge = compiled.edge_of(node, move)
            assert edge >= 0, (engine.readable(config), move.event, move.args)
            assert graph.edges[edge].violations == move.violations
            assert graph.edges[edge].dst == compiled.locate(move.target)
        yield config, move
        config = move.target
