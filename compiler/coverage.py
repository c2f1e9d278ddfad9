"""Coverage: which authored lines a set of paths exercises, and a tour of paths that exercises all that can be.

A line of a scenario (a task's transition, a concern, a trigger, a shift, a reply, a feeling, a line of the stream) is covered by
a path when one of the path's edges carries its span. In a tour the reference agent plays, from what it sees, and everything
else (which parameters, what the world draws, what people say) is chosen: so that every binding is met with its opportunity
and without it, with each set of shifts that can occur, and so that every line that is still missing is on some path.

A path is planned as if the agent saw everything. It is then walked with the agent's beliefs, and planned again wherever the
reference act is another one, so that what comes out is what the oracle does when the others follow the script.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dramaturg.compiler.authored import Authored, authored
from dramaturg.compiler.beliefs import Args, Belief, Beliefs, Resolve, Seen
from dramaturg.compiler.graph import AGENT, END, IntArray, StateGraph
from dramaturg.compiler.reach import FAR, Mask, Tree, forward, tree
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.solve import ROOT, turn_costs, turns_to_good_end
from dramaturg.dsl import core
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.spans import Span

MAX_MOVES = 5000
"""Moves that one path may have."""


@dataclass(frozen=True, slots=True)
class Item:
    """One path of a tour: an episode of the reference agent, and what the others must do for it to happen."""

    binding: int
    """Index into ``StateGraph.bindings``."""
    path: tuple[int, ...]
    """Every edge from the root to the end, the agent's included."""
    script: tuple[int, ...]
    """The edges of people, the world and chance among them, in order, the binding left out: what scripts the episode."""
    branch: str
    """``positive``: a window that expects a proactive act opens and is served on the path; else ``negative``."""
    shifts: tuple[str, ...]
    """The shifts that occur on the path, in document order."""
    ended: str
    """``good`` | ``bad`` | ``turns`` (the turns are used up)"""


def exercised(graph: StateGraph, edges: Iterable[int]) -> frozenset[Span]:
    """The spans that these edges carry."""
    return frozenset(span for index in edges for span in graph.edges[index].spans)


def covered(graph: StateGraph, paths: Iterable[Iterable[int]]) -> tuple[tuple[Authored, ...], tuple[Authored, ...]]:
    """(covered, uncovered) lines of the scenario, of the edges of these paths."""
    spans = exercised(graph, (index for path in paths for index in path))
    lines = authored(graph.scenario)
    return tuple(a for a in lines if a.span in spans), tuple(a for a in lines if a.span not in spans)


def coverable(solution: Solution) -> tuple[Authored, ...]:
    """The lines that can occur while every act of the agent is acceptable. All others only follow a mistake of the agent's,
    so no item can script them."""
    graph = solution.graph
    right = (graph.owner[graph.src] != AGENT) | solution.acceptable
    start = np.zeros(len(graph), dtype=bool)
    start[ROOT] = True
    reached = forward(graph, start, right)
    spans = exercised(graph, np.flatnonzero(right & reached[graph.src]))
    return tuple(line for line in authored(graph.scenario) if line.span in spans)


def opportunities(scenario: Scenario) -> tuple[str, ...]:
    """The triggers that expect a proactive act."""
    proactive = {f"agent.{act.name}" for act in scenario.agent.acts if act.proactive}
    return tuple(
        trigger.name
        for trigger in scenario.triggers
        if trigger.expect is not None
        and any(isinstance(e, core.Happened) and proactive & set(e.events) for e in core.walk(trigger.expect.expr))
    )


def tour(graph: StateGraph, solution: Solution, resolve: Resolve | None = None) -> tuple[Item, ...]:
    """Paths that cover every (binding, branch, shifts) and every line that reference play can reach, in a stable order.

    ``resolve`` as in ``Beliefs``; without it an act is the edge with its very arguments. Where a class can end well its path does.
    """
    return _Tour(graph, solution, resolve).items()


class _Tour:
    """What planning needs to know of a graph, and the paths found."""

    def __init__(self, graph: StateGraph, solution: Solution, resolve: Resolve | None) -> None:
        self.graph = graph
        self.beliefs = Beliefs(solution, resolve or _literally(graph))
        agent = graph.owner == AGENT
        self.allowed: Mask = ~agent[graph.src]
        self.allowed[_sighted(solution)] = True
        self.costs = turn_costs(graph)
        windows = set(opportunities(graph.scenario))
        self.serving: Mask = np.fromiter((bool(windows & set(e.served)) for e in graph.edges), bool, len(graph.edges))
        self.opening: Mask = np.fromiter(
            (any(view.get(f"trigger.{name}") == "open" for name in windows) for view in graph.readable),
            bool,
            len(graph),
        )
        names = [shift.name for shift in graph.scenario.shifts]
        self.shifts = [
            tuple(n for n in names if view.get(f"shift.{n}") in ("done", "undone")) for view in graph.readable
        ]
        self.trees: dict[tuple[int, str], Tree] = {}

    def items(self) -> tuple[Item, ...]:
        graph = self.graph
        ends = np.flatnonzero(graph.owner == END)
        found: dict[tuple[int, ...], Item] = {}
        first, last = int(graph.out_ptr[ROOT]), int(graph.out_ptr[ROOT + 1])
        for edge in range(first, last):
            for kept in sorted({self.shifts[end] for end in ends}, key=lambda s: (len(s), s)):
                for branch in ("positive", "negative"):
                    goals = np.zeros(len(graph), dtype=bool)
                    goals[[end for end in ends if self.shifts[end] == kept]] = True
                    item = self._branch(edge, goals, branch)
                    if item is not None and (item.branch, item.shifts) == (branch, kept):
                        found.setdefault(item.path, item)
        seen = set(exercised(graph, (index for path in found for index in path)))
        for line in authored(graph.scenario):
            if line.span in seen:
                continue
            wanted = np.fromiter((line.span in e.spans for e in graph.edges), dtype=bool, count=len(graph.edges))
            for edge in range(first, last):
                item = self._through(edge, wanted)
                if item is not None and wanted[list(item.path)].any():
                    found.setdefault(item.path, item)
                    seen |= exercised(graph, item.path)
                    break
        return tuple(found.values())

    def _branch(self, edge: int, goals: Mask, branch: str) -> Item | None:
        """A path of one class: to a goal that is a good end if there is one."""
        graph = self.graph
        good = goals.copy()
        good[[node for node, verdict in graph.verdict.items() if verdict == "bad"]] = False
        for ends in (good, goals):
            if branch == "positive":
                item = self._walk(edge, [self.serving, ends[graph.dst]])
                if item is not None and item.branch == branch and ends[graph.dst[item.path[-1]]]:
                    return item
            else:
                calm = ~self.opening[graph.dst] & ~self.opening[graph.src]
                item = self._walk(edge, [ends[graph.dst]], calm)
                if item is not None and item.branch == branch and ends[graph.dst[item.path[-1]]]:
                    return item
        return None

    def _through(self, edge: int, wanted: Mask) -> Item | None:
        """A path with one of these edges, then on to the nearest good end, or to any."""
        graph = self.graph
        good = np.zeros(len(graph), dtype=bool)
        good[[node for node, verdict in graph.verdict.items() if verdict == "good"]] = True
        ended: Item | None = None
        for ends in (good, graph.owner == END):
            item = self._walk(edge, [wanted, ends[graph.dst]])
            if item is not None and wanted[list(item.path)].any():
                if ends[graph.dst[item.path[-1]]]:
                    return item
                ended = ended or item
        return ended

    def _walk(self, first: int, stages: list[Mask], within: Mask | None = None) -> Item | None:
        """Let the reference agent play from a binding while the others head for one edge of each stage in turn.

        None where a stage cannot be planned for from where the play has come to.
        """
        graph = self.graph
        path = [first]
        node = int(graph.dst[first])
        belief: Belief | None = None
        act: tuple[str, Args] | None = None
        seen: list[object] = []
        stage, turns, ms = 0, 0, graph.edges[first].delay
        plan: list[int] = []
        while graph.owner[node] != END and len(path) < MAX_MOVES:
            while stage < len(stages) and stages[stage][path[-1]]:
                stage, plan = stage + 1, []
            if graph.owner[node] == AGENT:
                if turns >= graph.scenario.turns:
                    break
                shown: Seen = tuple(seen)
                belief = (
                    self.beliefs.initial(shown)
                    if act is None or belief is None
                    else self.beliefs.update(belief, *act, shown)
                )
                act, seen = self.beliefs.reference(belief), []
                if act is None:
                    return None
                edge = self.beliefs.resolve(node, *act)
                assert edge is not None, "the reference act is possible at every node of the belief"
                turns += int(self.costs[edge])
                if plan and plan[0] != edge:
                    plan = []
                plan = plan[1:]
            else:
                if not plan:
                    if stage == len(stages):
                        return None
                    found = self._plan(node, stages[stage], within)
                    if found is None:
                        return None
                    plan = list(found)
                edge, plan = plan[0], plan[1:]
                if graph.edges[edge].observation is not None:
                    seen.append(graph.edges[edge].observation)
            ms += graph.edges[edge].delay
            if ms > graph.scenario.horizon:
                return None
            path.append(edge)
            node = int(graph.dst[edge])
        return self._item(first, path, node)

    def _plan(self, node: int, wanted: Mask, within: Mask | None) -> tuple[int, ...] | None:
        key = (node, "calm" if within is not None else "")
        if key not in self.trees:
            self.trees[key] = tree(self.graph, (node,), self.allowed if within is None else self.allowed & within)
        return self.trees[key].nearest(wanted & (self.allowed if within is None else self.allowed & within))

    def _item(self, first: int, path: list[int], node: int) -> Item:
        graph = self.graph
        script = tuple(edge for edge in path[1:] if graph.owner[graph.src[edge]] != AGENT)
        return Item(
            binding=first - int(graph.out_ptr[ROOT]),
            path=tuple(path),
            script=script,
            branch="positive" if self.serving[path].any() else "negative",
            shifts=self.shifts[node],
            ended=graph.verdict.get(node, "turns"),
        )


def _literally(graph: StateGraph) -> Resolve:
    """An act is the edge with its very arguments."""
    edges = {(e.src, e.event, e.args): i for i, e in enumerate(graph.edges) if graph.owner[e.src] == AGENT}
    return lambda node, event, args: edges.get((node, event, args))


def _sighted(solution: Solution) -> IntArray:
    """The edge that an agent who sees everything takes at each agent node: best value, fewest turns, document order."""
    graph = solution.graph
    turns = turns_to_good_end(solution)
    edges = np.flatnonzero((graph.owner[graph.src] == AGENT) & solution.acceptable)
    after = graph.dst[edges]
    order = np.lexsort((edges, np.minimum(turns[after], FAR), -np.round(solution.value[after], 9), graph.src[edges]))
    ordered = edges[order]
    chosen: IntArray = ordered[np.flatnonzero(np.diff(graph.src[ordered], prepend=-1))]
    return chosen
