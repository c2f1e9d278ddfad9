"""The annotated graph: the networkx view of a solved scenario, labels and all.

Beside what ``StateGraph.to_networkx`` says, every node carries ``level``, ``safe``, ``value``, its tasks' states and, at agent
turns, the ``acceptable`` acts; every edge says whether it is acceptable. ``reference`` is the act that the reference policy takes
from what it has seen on the way: a policy over histories, so a node has one where the benchmark's tour comes by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dramaturg.compiler.coverage import tour
from dramaturg.compiler.graph import AGENT

if TYPE_CHECKING:
    import networkx as nx

    from dramaturg.compiler.compiled import Compiled


def reference_edges(compiled: Compiled) -> dict[int, int]:
    """Agent node to the edge that the reference policy takes there, for every node that its tour comes by (the first time)."""
    graph = compiled.graph
    out: dict[int, int] = {}
    for item in tour(graph, compiled.solution, compiled.resolve):
        for index in item.path:
            src = graph.edges[index].src
            if int(graph.owner[src]) == AGENT:
                out.setdefault(src, index)
    return out


def annotated(compiled: Compiled) -> nx.MultiDiGraph:
    """The state graph with everything that solving it found out."""
    graph, solution = compiled.graph, compiled.solution
    out = graph.to_networkx()
    reference = reference_edges(compiled)
    for node, attributes in out.nodes(data=True):
        attributes["level"] = int(solution.level[node])
        attributes["safe"] = bool(solution.safe[node])
        attributes["value"] = float(solution.value[node])
        attributes["tasks"] = dict(graph.tasks[node])
        if int(graph.owner[node]) == AGENT:
            first = int(graph.out_ptr[node])
            attributes["acceptable"] = tuple(
                (edge.event, edge.args)
                for index, edge in enumerate(graph.out(node), start=first)
                if solution.acceptable[index]
            )
            taken = reference.get(node)
            attributes["reference"] = None if taken is None else (graph.edges[taken].event, graph.edges[taken].args)
    for _, _, key, attributes in out.edges(keys=True, data=True):
        attributes["acceptable"] = bool(solution.acceptable[key])
    return out
