"""Beliefs: where the agent may be, as far as it can tell, and what is right in all of those places.

A belief is the set of agent nodes that are consistent with everything seen so far. It is the subset construction along one
observed history, never the whole belief graph: an act moves every node of the belief along its own edge, and the moves
that follow keep those nodes whose observations, in order, are exactly what was seen. Moves without an observation are free,
so time that passes unseen (in circles, too) is closed over; each (node, number of observations consumed) is visited once.
Violations end nothing: a belief goes on past them.

Robust acts are the published label, the reference act is what the oracle plays. Both see only what the agent sees.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import TypeAlias

import numpy as np

from dramaturg.compiler.configuration import AgentTurn, Config
from dramaturg.compiler.graph import AGENT, IntArray
from dramaturg.compiler.reach import edges_of
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.solve import ROOT, turns_to_good_end
from dramaturg.dsl.types import Value

Args: TypeAlias = tuple[tuple[str, Value], ...]
Belief: TypeAlias = frozenset[int]
Choice: TypeAlias = tuple[str, Args]
"""An act's full event name and its arguments."""
Resolve: TypeAlias = Callable[[int, str, Args], int | None]
Seen: TypeAlias = tuple[Hashable, ...]

BUDGET = 2_000_000
"""Configurations that one closure may visit."""

TIE = 1e-9
"""Mean values closer than this are equal: it is the accuracy of the values themselves."""


class BeliefOverBudget(ValueError):
    """What the agent cannot tell apart is too much to follow."""


class Beliefs:
    """The beliefs of one solved graph, memoised, so that episodes of one scenario share them.

    ``resolve(node, event, args)`` is the edge that an act with these arguments is at a node, or None where it is not
    possible there.
    """

    def __init__(self, solution: Solution, resolve: Resolve, budget: int = BUDGET) -> None:
        self.solution = solution
        self.resolve = resolve
        self.budget = budget
        self._after: dict[tuple[Belief, Seen], Belief] = {}
        self._updates: dict[tuple[Belief, str, Args, Seen], Belief] = {}
        self._robust: dict[Belief, tuple[Choice, ...]] = {}
        self._reference: dict[Belief, Choice | None] = {}

    def initial(self, seen: Seen) -> Belief:
        """Where the agent can be at its first turn, over all bindings, having seen this."""
        return self._consistent(frozenset((ROOT,)), seen)

    def update(self, belief: Belief, event: str, args: Args, seen: Seen) -> Belief:
        """Where it can be at its next turn, after this act and having seen this since (its own act not included).

        Raises AssertionError where no configuration of the belief allows the act and shows this afterwards: the graph and the
        episode disagree.
        """
        key = (belief, event, args, seen)
        found = self._updates.get(key)
        if found is None:
            edges = [edge for node in sorted(belief) if (edge := self.resolve(node, event, args)) is not None]
            assert edges, f"no configuration of the belief allows {event}{args}"
            dst = self.solution.graph.dst
            found = self._updates[key] = self._consistent(frozenset(int(dst[edge]) for edge in edges), seen)
        return found

    def robust(self, belief: Belief) -> tuple[Choice, ...]:
        """The acts that are acceptable at every node of the belief, in document order; empty where there is none.

        Candidates are the representatives of the acceptable classes at each node, so that arguments which only one node's
        guards tell apart are found too. Candidates that are the same edge everywhere are one act.
        """
        found = self._robust.get(belief)
        if found is None:
            found = self._robust[belief] = tuple(self._everywhere(belief, self.solution.acceptable))
        return found

    def reference(self, belief: Belief) -> Choice | None:
        """The act of the reference policy: within ``robust`` the best mean value, then the most windows served, then the fewest
        expected turns to a good end, then silence where nobody asked, then document order.

        Where no act is robust, the choice is among the acts that violate nothing at any node, and where there is none
        either, among all acts that are possible at every node (a violation counts as value 0). The mean is over the
        nodes of the belief, each counting the same. None where no act is possible at every node.
        """
        if belief not in self._reference:
            self._reference[belief] = self._choose(belief)
        return self._reference[belief]

    def _choose(self, belief: Belief) -> Choice | None:
        graph = self.solution.graph
        choices = self.robust(belief)
        if not choices:
            choices = tuple(self._everywhere(belief, ~graph.violating))
        if not choices:
            choices = tuple(self._everywhere(belief, np.ones(len(graph.edges), dtype=bool)))
        best: tuple[float, float, float, bool] | None = None
        chosen: Choice | None = None
        unasked = not any(self._asked(node) for node in belief)
        for choice in choices:
            edges = np.array([self.resolve(node, *choice) for node in sorted(belief)], dtype=np.int64)
            after = graph.dst[edges]
            value = float(np.where(graph.violating[edges], 0.0, self.solution.value[after]).mean())
            served = sum(len(graph.edges[edge].served) for edge in edges) / len(edges)
            turns = float(self._turns[after].astype(np.float64).mean())
            quiet = unasked and choice[0] in self._silent
            rank = (served, -turns, quiet)
            if best is None or value > best[0] + TIE or (value > best[0] - TIE and rank > best[1:]):
                best, chosen = (value, *rank), choice
        return chosen

    def _asked(self, node: int) -> bool:
        """Whether somebody waits for the agent's answer at this node."""
        config = self.solution.graph.configs[node]
        turn = config.agenda[0] if isinstance(config, Config) and config.agenda else None
        return isinstance(turn, AgentTurn) and turn.asked

    @cached_property
    def _silent(self) -> frozenset[str]:
        acts = self.solution.graph.scenario.agent.acts
        return frozenset(f"agent.{act.name}" for act in acts if act.kind == "silent")

    @cached_property
    def _turns(self) -> IntArray:
        return turns_to_good_end(self.solution)

    def _everywhere(self, belief: Belief, allowed: np.typing.NDArray[np.bool_]) -> Iterable[Choice]:
        """The acts that resolve to an allowed edge at every node."""
        graph, nodes = self.solution.graph, sorted(belief)
        tried: set[Choice] = set()
        known: set[tuple[int, ...]] = set()
        for node in nodes:
            for at in range(int(graph.out_ptr[node]), int(graph.out_ptr[node + 1])):
                choice = (graph.edges[at].event, graph.edges[at].args)
                if not allowed[at] or choice in tried:
                    continue
                tried.add(choice)
                edges: list[int] = []
                for other in nodes:
                    edge = self.resolve(other, *choice)
                    if edge is None or not allowed[edge]:
                        break
                    edges.append(edge)
                else:
                    if tuple(edges) not in known:
                        known.add(tuple(edges))
                        yield choice

    def _consistent(self, starts: Belief, seen: Seen) -> Belief:
        """The agent nodes in which a play from ``starts`` can have arrived, having shown exactly ``seen``."""
        key = (starts, seen)
        found = self._after.get(key)
        if found is None:
            found = self._after[key] = self._closure(starts, seen)
        assert found, f"no configuration is consistent with {seen!r}"
        return found

    @cached_property
    def _shown(self) -> tuple[IntArray, dict[Hashable, int]]:
        """(edges,): the number of the edge's observation, -1 for none; and the numbers."""
        numbers: dict[Hashable, int] = {}
        shown = np.fromiter(
            (
                -1 if edge.observation is None else numbers.setdefault(edge.observation, len(numbers))
                for edge in self.solution.graph.edges
            ),
            dtype=np.int64,
            count=len(self.solution.graph.edges),
        )
        return shown, numbers

    def _closure(self, starts: Belief, seen: Seen) -> Belief:
        graph = self.solution.graph
        shown, numbers = self._shown
        agent = graph.owner == AGENT
        unheard = [item for item in seen if item not in numbers]
        assert not unheard, f"the graph never shows {unheard[0]!r}"
        wanted = [numbers[item] for item in seen]
        frontier = np.array(sorted(starts), dtype=np.int64)
        visited = 0
        for step in range(len(wanted) + 1):
            # Everything reachable without showing anything; agent nodes hold, as their moves are the agent's own.
            inside = np.zeros(len(graph), dtype=bool)
            inside[frontier] = True
            while frontier.size:
                visited += frontier.size
                if visited > self.budget:
                    raise BeliefOverBudget(
                        f"more than {self.budget} configurations are consistent with what the agent saw: let it see more"
                    )
                out = edges_of(graph.out_ptr, frontier[~agent[frontier]])
                found = np.unique(graph.dst[out[shown[out] == -1]])
                frontier = found[~inside[found]]
                inside[frontier] = True
            here = np.flatnonzero(inside)
            if step == len(wanted):
                return frozenset(int(node) for node in here[agent[here]])
            out = edges_of(graph.out_ptr, here[~agent[here]])
            frontier = np.unique(graph.dst[out[shown[out] == wanted[step]]])
        raise AssertionError("unreachable")
