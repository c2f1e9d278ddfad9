"""GraphML: the whole state graph for tools that analyse graphs, every attribute a text, a number or a boolean.

Written line by line: a graph of a hundred thousand moves through networkx and an XML tree takes ten times as long, and this is
the largest part of what a build writes. That networkx reads it back to the same graph is the test of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from dramaturg.compiler.graph import OWNERS, StateGraph
from dramaturg.compiler.solution import Solution
from dramaturg.dsl.spans import Span

Attribute = str | int | float | bool

NODE = {"owner": "string", "verdict": "string", "view": "string", "level": "long", "safe": "boolean", "value": "double"}
EDGE = {
    "actor": "string",
    "event": "string",
    "args": "string",
    "guard": "string",
    "effect": "string",
    "delay_ms": "long",
    "may": "boolean",
    "violations": "string",
    "served": "string",
    "place": "string",
    "chance": "double",
    "acceptable": "boolean",
}
"""Attribute to its GraphML type. ``level``, ``safe``, ``value`` and ``acceptable`` only where the graph is solved."""

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">"""


def graphml(graph: StateGraph, solution: Solution | None = None) -> str:
    """The state graph as GraphML, with levels, values and acceptable acts where it is solved.

    Texts keep to the characters that XML allows; lists are joined with ``; ``.
    """
    return "\n".join(_lines(graph, solution)) + "\n"


def _lines(graph: StateGraph, solution: Solution | None) -> Iterator[str]:
    text, place = cache(_text), cache(_place)

    def data(side: str, attributes: Mapping[str, Attribute]) -> str:
        return "".join(
            f'<data key="{side}.{name}">{text(value) if isinstance(value, str) else _plain(value)}</data>'
            for name, value in attributes.items()
        )

    yield HEAD
    yield '<key id="name" for="graph" attr.name="name" attr.type="string"/>'
    for side, attributes in (("node", NODE), ("edge", EDGE)):
        for name, kind in attributes.items():
            yield f'<key id="{side}.{name}" for="{side}" attr.name="{name}" attr.type="{kind}"/>'
    yield '<graph edgedefault="directed">'
    yield f'<data key="name">{text(graph.scenario.name)}</data>'
    for node in range(len(graph)):
        here: dict[str, Attribute] = {
            "owner": OWNERS[int(graph.owner[node])],
            "verdict": graph.verdict.get(node, ""),
            "view": "; ".join(f"{name}: {value}" for name, value in graph.readable[node].items()),
        }
        if solution is not None:
            here["level"] = int(solution.level[node])
            here["safe"] = bool(solution.safe[node])
            here["value"] = round(float(solution.value[node]), 9)
        yield f'<node id="{node}">{data("node", here)}</node>'
    for index, edge in enumerate(graph.edges):
        along: dict[str, Attribute] = {
            "actor": edge.actor,
            "event": edge.event,
            "args": "; ".join(f"{name} = {value}" for name, value in edge.args),
            "guard": edge.guard,
            "effect": edge.effect,
            "delay_ms": edge.delay,
            "may": edge.may,
            "violations": "; ".join(edge.violations),
            "served": "; ".join(edge.served),
            "place": place(edge.spans[0]) if edge.spans else "",
        }
        if edge.chance is not None:
            along["chance"] = float(edge.chance)
        if solution is not None:
            along["acceptable"] = bool(solution.acceptable[index])
        ends = f"source={quoteattr(str(edge.src))} target={quoteattr(str(edge.dst))}"
        yield f'<edge id="{index}" {ends}>{data("edge", along)}</edge>'
    yield "</graph>"
    yield "</graphml>"


def _place(span: Span) -> str:
    return str(span)


def _plain(value: float) -> str:
    """A number or boolean as GraphML writes it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _text(value: str) -> str:
    """The text as XML holds it: escaped, and without the characters that no XML may have."""
    if value.isascii() and value.isprintable():
        return escape(value)
    kept = (
        c if (c >= " " and c not in "\ufffe\uffff") or c in "\t\n\r" else "\N{REPLACEMENT CHARACTER}" for c in value
    )
    return escape("".join(kept))
