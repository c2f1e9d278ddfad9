"""Pictures of a scenario: its authored machines, and its state graph, as Mermaid, DOT and GraphML."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dramaturg.compiler.graph import StateGraph
from dramaturg.compiler.render import dot, mermaid
from dramaturg.compiler.render.graphml import graphml
from dramaturg.compiler.solution import Solution
from dramaturg.dsl.scenario import Scenario

RENDERERS: Mapping[str, Callable[[StateGraph, Solution], str]] = {
    "mermaid": lambda graph, solution: mermaid.configurations(graph),
    "dot": lambda graph, solution: dot.configurations(graph),
    "graphml": graphml,
}
"""The state graph, by format. Mermaid and DOT fold it until a person can look at it; GraphML holds all of it."""

CHARTS: Mapping[str, Callable[[Scenario], str]] = {"mermaid": mermaid.machines, "dot": dot.machines}
"""The machines that the author wrote, by format."""
