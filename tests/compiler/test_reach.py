"""Reachability against networkx and against plain loops, on random graphs."""

from random import Random

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.reach import FAR, Allowance, Mask, affordable, attractor, backward, distance, forward, tree
from tests.compiler.graphs import graph
from tests.compiler.randomness import graphs


def everything(item: StateGraph) -> Mask:
    return np.ones(len(item.edges), dtype=bool)


@given(graphs(), st.randoms(use_true_random=False))
def test_forward_and_backward_agree_with_networkx(item: StateGraph, rng: Random) -> None:
    allowed = np.array([rng.random() < 0.8 for _ in item.edges], dtype=bool)
    target = rng.randrange(len(item))
    plain = nx.DiGraph()
    plain.add_nodes_from(range(len(item)))
    plain.add_edges_from((e.src, e.dst) for e, ok in zip(item.edges, allowed, strict=True) if ok)
    mask = np.zeros(len(item), dtype=bool)
    mask[target] = True
    upstream = nx.single_source_shortest_path_length(plain.reverse(), target)
    downstream = nx.single_source_shortest_path_length(plain, target)
    assert set(np.flatnonzero(backward(item, mask, allowed))) == set(upstream)
    assert set(np.flatnonzero(forward(item, mask, allowed))) == set(downstream)
    lengths = nx.single_source_shortest_path_length(plain, 0)
    paths = tree(item, allowed=allowed)
    for node in range(len(item)):
        assert paths.depth[node] == lengths.get(node, FAR)
        if node in lengths:
            path = paths.path(node)
            assert len(path) == lengths[node]
            assert all(allowed[list(path)])
            assert [item.edges[i].src for i in path] == [0, *(item.edges[i].dst for i in path)][: len(path)]


@given(graphs(), st.randoms(use_true_random=False))
def test_attractor_is_the_least_fixpoint(item: StateGraph, rng: Random) -> None:
    allowed = np.array([rng.random() < 0.8 for _ in item.edges], dtype=bool)
    forcing = np.array([rng.random() < 0.5 for _ in range(len(item))], dtype=bool)
    target = np.array([rng.random() < 0.2 for _ in range(len(item))], dtype=bool)
    inside = set(np.flatnonzero(target).tolist())
    while True:
        more = set(inside)
        for node in range(len(item)):
            ways = [e.dst in inside for i, e in enumerate(item.edges) if e.src == node and allowed[i]]
            if ways and (any(ways) if forcing[node] else all(ways)):
                more.add(node)
        if more == inside:
            break
        inside = more
    assert set(np.flatnonzero(attractor(item, target, forcing, allowed))) == inside


@given(graphs())
def test_distance_agrees_with_dijkstra(item: StateGraph) -> None:
    cost = np.array([int(e.actor == "agent") for e in item.edges], dtype=np.int64)
    good = np.zeros(len(item), dtype=bool)
    good[[node for node, verdict in item.verdict.items() if verdict == "good"]] = True
    plain = nx.MultiDiGraph()
    plain.add_nodes_from(range(len(item)))
    for edge, weight in zip(item.edges, cost, strict=True):
        plain.add_edge(edge.dst, edge.src, weight=int(weight))
    sources = set(map(int, np.flatnonzero(good)))
    expected = nx.multi_source_dijkstra_path_length(plain, sources) if sources else {}
    found = distance(item, good, everything(item), cost)
    assert {node: int(far) for node, far in enumerate(found) if far < FAR} == expected


def test_affordable_takes_the_quick_way_when_turns_allow_and_the_short_way_when_time_is_short() -> None:
    item = graph("""
        r -> a1 bind
        a1 -> w1 agent.one
        w1 -> g1 tick +60m
        a1 -> a2 agent.two
        a2 -> a3 agent.three
        a3 -> g1 agent.four
    """)
    turns = np.array([int(e.actor == "agent") for e in item.edges], dtype=np.int64)
    ms = np.array([e.delay for e in item.edges], dtype=np.int64)
    wanted = np.array([e.dst in item.verdict for e in item.edges], dtype=bool)

    def events(allowance: Allowance) -> list[str] | None:
        path = affordable(item, everything(item), wanted, turns, ms, allowance)
        return None if path is None else [item.edges[i].event for i in path]

    assert events(Allowance(3, 3_600_000)) == ["bind", "agent.one", "tick"]
    assert events(Allowance(3, 3_599_999)) == ["bind", "agent.two", "agent.three", "agent.four"]
    assert events(Allowance(2, 3_599_999)) is None
