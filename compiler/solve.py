"""Solving a state graph: which acts are right at each agent turn, and what each configuration is worth.

The agent plays against people, the world and chance. ``Safe`` is where it can avoid every violation whatever they do, and
``Help`` where, inside ``Safe``, a good end can be reached if they all help. Acts are labelled by the best level that is still
available (3 safe with help, 2 a good end without violation, 1 a good end, 0 none), so that turns after a mistake have labels
too. A user may always decline: winning against everyone is no yardstick, only safety is adversarial.

The root is nobody's enemy: it only says which episode is played. Each binding keeps the labels of its own first
configuration, and the root itself carries the least of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from dramaturg.compiler.graph import AGENT, END, Edge, IntArray, StateGraph
from dramaturg.compiler.reach import FAR, Mask, attractor, backward, distance
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.values import FloatArray, layers
from dramaturg.dsl.nesting import Nesting

ROOT = 0


def spends_turn(edge: Edge) -> bool:
    """Whether the move spends one of the agent's turns: every act does, unless the caller knows of turns of several acts."""
    return edge.actor == "agent"


def quiet_ends(graph: StateGraph) -> FloatArray:
    """(nodes,): 1 where stopping is a good end as far as the tasks say: each is in a good end, or marked ``if_over``.

    For use as ``truncated`` of ``solve``. Whether a window was missed before is no question here: values count only
    what happens without a violation.
    """
    fine: set[tuple[str, str]] = set()
    for task in graph.scenario.tasks:
        nesting = Nesting(task)
        places = {tasks[task.name] for tasks in graph.tasks if task.name in tasks}
        fine |= {(task.name, p) for p in places if nesting.end(p) == "good" or nesting.if_over(p) is not None}
    return np.fromiter(
        (float(bool(tasks) and all(place in fine for place in tasks.items())) for tasks in graph.tasks),
        dtype=np.float64,
        count=len(graph.tasks),
    )


def good_ends(graph: StateGraph) -> Mask:
    """(nodes,): END nodes with the verdict ``good``."""
    good = np.zeros(len(graph), dtype=bool)
    good[[node for node, verdict in graph.verdict.items() if verdict == "good"]] = True
    return good


def safe_nodes(graph: StateGraph) -> Mask:
    """(nodes,): the complement of the others' attractor to a violation, the root apart (True where all bindings are safe)."""
    src, kept = graph.src, ~graph.violating
    agent = graph.owner == AGENT
    others = ~agent & (graph.owner != END)
    inner = src != ROOT
    doomed = np.zeros(len(graph), dtype=bool)
    doomed[src[graph.violating & others[src] & inner]] = True
    # An agent node without a single act that keeps every rule is lost as it stands.
    doomed |= agent & (np.bincount(src[kept], minlength=len(graph)) == 0)
    unsafe = attractor(graph, doomed, others, kept & inner)
    first = src == ROOT
    unsafe[ROOT] = bool((unsafe[graph.dst[first]] | graph.violating[first]).any())
    return ~unsafe


def solve(
    graph: StateGraph,
    *,
    costs_turn: Callable[[Edge], bool] = spends_turn,
    truncated: FloatArray | None = None,
) -> Solution:
    """The labels of a graph's nodes and edges.

    ``costs_turn`` is asked of the agent's moves only. ``truncated`` (nodes,) says what an agent node is worth when
    the turns are used up: nothing where None, see ``quiet_ends`` for the other reading.
    """
    n, src, dst, kept = len(graph), graph.src, graph.dst, ~graph.violating
    agent, good = graph.owner == AGENT, good_ends(graph)
    inner = src != ROOT
    safe = safe_nodes(graph)
    everything = np.ones(len(graph.edges), dtype=bool)
    helped = backward(graph, good & safe, kept & safe[src] & safe[dst] & inner)
    clean = backward(graph, good, kept & inner)
    level = np.zeros(n, dtype=np.int8)
    level[backward(graph, good, everything & inner)] = 1
    level[clean] = 2
    level[safe & helped] = 3
    first = dst[src == ROOT]
    if first.size:
        level[ROOT] = level[first].min()
        helped[ROOT] = bool(helped[first].all())

    choices = np.flatnonzero(agent[src] & kept)
    best = np.full(n, -1, dtype=np.int8)
    np.maximum.at(best, src[choices], level[dst[choices]])
    acceptable = np.zeros(len(graph.edges), dtype=bool)
    acceptable[choices] = level[dst[choices]] == best[src[choices]]

    costs = turn_costs(graph, costs_turn)
    (value,) = deque(layers(graph, graph.scenario.turns, costs, np.zeros(n) if truncated is None else truncated), 1)
    return Solution(graph, safe, helped, level, acceptable, value)


def turn_costs(graph: StateGraph, costs_turn: Callable[[Edge], bool] = spends_turn) -> Mask:
    """(edges,): which of the agent's moves spend a turn."""
    agent = graph.owner == AGENT
    return np.fromiter((bool(agent[e.src]) and costs_turn(e) for e in graph.edges), dtype=bool, count=len(graph.edges))


def turns_to_good_end(solution: Solution, costs_turn: Callable[[Edge], bool] = spends_turn) -> IntArray:
    """(nodes,): the fewest agent turns to a good end, everyone helping, without a violation and on the best level available.

    ``FAR`` where there is no such path.
    """
    graph = solution.graph
    allowed = np.where(graph.owner[graph.src] == AGENT, solution.acceptable, ~graph.violating)
    return distance(graph, good_ends(graph), allowed, turn_costs(graph, costs_turn).astype(np.int64))


__all__ = [
    "FAR",
    "good_ends",
    "quiet_ends",
    "safe_nodes",
    "solve",
    "spends_turn",
    "turn_costs",
    "turns_to_good_end",
]
