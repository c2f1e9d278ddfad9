"""Witnesses: a path through the state graph as lines that a person reads.

Every finding about the graph comes with a shortest path to it. A line is one move with the virtual time at which it happens
and what it changed; moves in which nothing happens but the passing of time are folded into one. The time is that of the
path, from the start of the episode.
"""

from __future__ import annotations

from collections.abc import Sequence

from dramaturg.compiler.graph import Edge, StateGraph
from dramaturg.dsl.expressions.amounts import in_words, show
from dramaturg.dsl.types import Number, Optional

_DURATION = Number("duration")


def moment(ms: int) -> str:
    """A virtual time or an amount of it, such as ``1h20m``."""
    return show(ms, _DURATION)


def arguments(graph: StateGraph, edge: Edge) -> str:
    """The move's arguments as an author writes them, in brackets; empty where there is none. Those that nothing reads have no
    value in the graph, and are left out."""
    declared = graph.scenario.events.get(edge.event)
    types = {field.name: field.type for field in declared.fields} if declared else {}
    types |= {name: variable.type for name, variable in graph.scenario.variables.items() if edge.event == "bind"}
    told = [(name, value) for name, value in edge.args if value is not None or isinstance(types.get(name), Optional)]
    shown = [f"{name} = {in_words(value, types[name]) if name in types else value}" for name, value in told]
    return f"({', '.join(shown)})" if shown else ""


def move(graph: StateGraph, edge: Edge) -> str:
    """One move in words: who does what, what it changes, what it breaks."""
    match edge.event:
        case "bind":
            text = f"the episode begins{arguments(graph, edge)}"
        case "tick":
            text = "time passes"
        case "skip":
            text = "nothing happens"
        case "draw":
            text = "chance decides"
        case "nothing":
            text = f"{edge.actor} says nothing"
        case "over":
            text = "the episode is over"
        case name:
            text = f"{name}{arguments(graph, edge)}"
    if edge.effect:
        text += f" [{edge.effect}]"
    if edge.supposed:
        text += f" (supposing that {edge.supposed})"
    if edge.violations:
        text += f" — {', '.join(violation(item) for item in edge.violations)}"
    return text


def violation(label: str) -> str:
    """A violation label in words."""
    kind, _, name = label.partition(":")
    match kind:
        case "missed":
            return f"misses the window of {name}"
        case "wrong":
            return f"does what {name} expects, with other arguments"
        case "invented":
            return f"acts though nothing asks for it ({name})"
        case "rule":
            return f"breaks the rule {name}"
        case _:
            return label


def lines(graph: StateGraph, path: Sequence[int]) -> tuple[str, ...]:
    """The path as lines, oldest move first, each with its time. Idle moves are folded into the time of the next line."""
    out: list[str] = []
    at = 0
    for index in path:
        edge = graph.edges[index]
        at += edge.delay
        idle = edge.event in ("tick", "skip", "draw") and not edge.effect and not edge.violations and not edge.served
        if not idle or index == path[-1]:
            out.append(f"{moment(at):>6}  {move(graph, edge)}")
    return tuple(out)


def trace(graph: StateGraph, path: Sequence[int], title: str = "shortest trace") -> str:
    """The path as one note: a title and its lines."""
    if not path:
        return f"{title}: at the very start"
    return "\n".join((f"{title}:", *(f"  {line}" for line in lines(graph, path))))


def elapsed(graph: StateGraph, path: Sequence[int]) -> int:
    """The virtual milliseconds that pass on a path."""
    return sum(graph.edges[index].delay for index in path)
