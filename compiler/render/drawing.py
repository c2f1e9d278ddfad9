"""Drawings: a state graph as boxes and arrows, folded until it fits a budget of boxes.

Within the budget every configuration is a box. Past it, configurations with the same owner and task states are one box; past it
again, those with the same task states; the boxes of each fold say how many configurations they stand for. Arrows with the
same ends and the same event are one arrow.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from dramaturg.compiler.graph import OWNERS, StateGraph

BUDGET = 60
"""Boxes that a person can still look at."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One box."""

    label: tuple[str, ...]
    """Lines of text."""
    owner: str
    """agent | person | world | chance | end | several"""
    cluster: str
    """The task states, which all boxes of a cluster share."""
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    src: int
    dst: int
    label: str
    violating: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    title: str
    boxes: tuple[Drawn, ...]
    arrows: tuple[Arrow, ...]
    folded: bool
    """Whether some box stands for several configurations."""


def drawing(graph: StateGraph, budget: int = BUDGET) -> Drawing:
    """The graph as a drawing with at most ``budget`` boxes where folding can achieve that."""
    places = [", ".join(f"{task}: {state}" for task, state in tasks.items()) or "start" for tasks in graph.tasks]
    owners = [OWNERS[int(owner)] for owner in graph.owner]
    folds: tuple[list[Hashable], ...] = (
        list(range(len(graph))),
        [(place, owner, graph.verdict.get(node)) for node, (place, owner) in enumerate(zip(places, owners))],
        [(place, graph.verdict.get(node)) for node, place in enumerate(places)],
    )
    for keys in folds:
        if len(set(keys)) <= budget:
            break
    numbers: dict[Hashable, int] = {}
    members: list[list[int]] = []
    for node, key in enumerate(keys):
        if key not in numbers:
            numbers[key] = len(members)
            members.append([])
        members[numbers[key]].append(node)
    boxes = tuple(_box(graph, nodes, places, owners) for nodes in members)
    return Drawing(graph.scenario.name, boxes, _arrows(graph, [numbers[key] for key in keys]), len(boxes) < len(graph))


def _box(graph: StateGraph, nodes: list[int], places: list[str], owners: list[str]) -> Drawn:
    node = nodes[0]
    owner = owners[node] if len({owners[n] for n in nodes}) == 1 else "several"
    verdict = graph.verdict.get(node)
    lines = (
        [f"{len(nodes)} configurations"] if len(nodes) > 1 else [f"{name}: {text}" for name, text in _view(graph, node)]
    )
    head = "start" if node == 0 else f"{verdict} end" if verdict else owner
    return Drawn((head, *lines), owner, places[node], verdict)


def _view(graph: StateGraph, node: int) -> list[tuple[str, str]]:
    """What is worth a line in a box: the task states stand on the cluster already."""
    return [
        (name, text) for name, text in graph.readable[node].items() if not name.startswith("task.") and name != "next"
    ]


def _arrows(graph: StateGraph, box: list[int]) -> tuple[Arrow, ...]:
    seen: dict[Arrow, None] = {}
    for edge in graph.edges:
        label = edge.event
        if edge.violations:
            label += " (" + ", ".join(edge.violations) + ")"
        seen.setdefault(Arrow(box[edge.src], box[edge.dst], label, bool(edge.violations)))
    return tuple(seen)
