"""Windows: triggers that never open, and triggers that are open whenever the agent has a turn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dramaturg.compiler.graph import AGENT, StateGraph
from dramaturg.compiler.reach import Mask, tree
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.witness import trace
from dramaturg.dsl.diagnostics import Diagnostic, diagnose


def is_open(graph: StateGraph, trigger: str) -> Mask:
    """(nodes,): whether the trigger's window is open."""
    name = f"trigger.{trigger}"
    return np.fromiter((view.get(name) == "open" for view in graph.readable), dtype=bool, count=len(graph))


def diagnostics(graph: StateGraph, solution: Solution) -> Iterator[Diagnostic]:
    turns = graph.owner == AGENT
    for trigger in graph.scenario.triggers:
        open_here = is_open(graph, trigger.name)
        if not open_here.any():
            # An opening within one move leaves its mark on an edge only; without one, it is `when` that never comes true.
            # (An edge also names the trigger where an act was invented outside its window.)
            invented = f"invented:{trigger.name}"
            if not any(trigger.span in edge.spans and invented not in edge.violations for edge in graph.edges):
                message = f"the window of {trigger.name} never opens: `{trigger.when.text}` never comes true"
            else:
                message = f"the window of {trigger.name} closes in the same moment in which it opens"
            yield diagnose("window-never-opens", trigger.when.span, message)
        elif not (open_here & turns).any():
            message = f"the window of {trigger.name} opens, but the agent never has a turn while it is open"
            path = tree(graph).nearest_node(open_here)
            notes = [] if path is None else [trace(graph, path, "shortest way to the window")]
            notes.append("list under `agent: wakes` what should give the agent a turn")
            yield diagnose("window-never-opens", trigger.when.span, message, notes=notes)
        elif turns.any() and open_here[turns].all() and trigger.otherwise is not None:
            message = (
                f"the window of {trigger.name} is open at every turn of the agent, so there is no time to wait for"
            )
            path = tree(graph).nearest_node(open_here & turns)
            notes = [] if path is None else [trace(graph, path, "it is open from here on")]
            yield diagnose("window-always-open", trigger.when.span, message, notes=notes)
