"""GraphML: the whole state graph for tools that analyse graphs, through networkx, with every attribute a text or a number."""

from __future__ import annotations

from io import BytesIO

import networkx as nx

from dramaturg.compiler.graph import OWNERS, StateGraph
from dramaturg.compiler.solution import Solution

Attribute = str | int | float | bool


def graphml(graph: StateGraph, solution: Solution | None = None) -> str:
    """The state graph as GraphML, with levels, values and acceptable acts where it is solved.

    Texts keep to the characters that XML allows; lists are joined with ``; ``.
    """
    out = nx.MultiDiGraph(name=graph.scenario.name)
    for node in range(len(graph)):
        attributes: dict[str, Attribute] = {
            "owner": OWNERS[int(graph.owner[node])],
            "verdict": graph.verdict.get(node, ""),
            "view": "; ".join(f"{name}: {text}" for name, text in graph.readable[node].items()),
        }
        if solution is not None:
            attributes |= {
                "level": int(solution.level[node]),
                "safe": bool(solution.safe[node]),
                "value": round(float(solution.value[node]), 9),
            }
        out.add_node(node, **{name: _clean(value) for name, value in attributes.items()})
    for index, edge in enumerate(graph.edges):
        attributes = {
            "actor": edge.actor,
            "event": edge.event,
            "args": "; ".join(f"{name} = {value}" for name, value in edge.args),
            "guard": edge.guard,
            "effect": edge.effect,
            "delay_ms": edge.delay,
            "may": edge.may,
            "violations": "; ".join(edge.violations),
            "served": "; ".join(edge.served),
            "place": str(edge.spans[0]) if edge.spans else "",
        }
        if edge.chance is not None:
            attributes["chance"] = float(edge.chance)
        if solution is not None:
            attributes["acceptable"] = bool(solution.acceptable[index])
        out.add_edge(edge.src, edge.dst, key=index, **{name: _clean(value) for name, value in attributes.items()})
    buffer = BytesIO()
    nx.write_graphml_xml(out, buffer, named_key_ids=True)
    return buffer.getvalue().decode()


def _clean(value: Attribute) -> Attribute:
    """The value without the control characters that XML cannot hold."""
    if not isinstance(value, str):
        return value
    return "".join(c if c >= " " or c in "\t\n\r" else "�" for c in value)
