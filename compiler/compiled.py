"""Compiling: from a typed scenario to its solved state graph, with everything that an episode needs to find its way in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from dramaturg.compiler.beliefs import Beliefs
from dramaturg.compiler.configuration import AgentTurn, Args, Config, Move
from dramaturg.compiler.explore import Budget, Explored, OverBudget, explore
from dramaturg.compiler.graph import AGENT, Edge, StateGraph
from dramaturg.compiler.lowering import all_guards
from dramaturg.compiler.semantics import Semantics
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.solve import solve
from dramaturg.compiler.suppositions import judged
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Compiled:
    """A compiled scenario: graph, solution, and the exact engine that plays it."""

    scenario: Scenario
    explored: Explored
    solution: Solution
    semantics: Semantics
    """The exact engine."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What the analyses found."""
    supposed: StateGraph | None = None
    """The graph in which judgements come out either way, for proofs; None where nothing is asked of judgement."""

    @property
    def graph(self) -> StateGraph:
        return self.explored.graph

    @cached_property
    def beliefs(self) -> Beliefs:
        """Beliefs over this graph, shared by all episodes."""
        return Beliefs(self.solution, self.resolve)

    def locate(self, config: Config) -> int:
        """The node of an exact configuration, -1 where the graph has none."""
        return self.explored.locate(config)

    def resolve(self, node: int, event: str, args: Args) -> int | None:
        """The edge that an act with these arguments is at a node; None where it is not possible there."""
        memo = self._resolved
        key = (node, event, args)
        if key not in memo:
            memo[key] = self._resolve(node, event, args)
        return memo[key]

    @cached_property
    def _resolved(self) -> dict[tuple[int, str, Args], int | None]:
        return {}

    @cached_property
    def _classes(self) -> dict[int, dict[tuple[object, ...], int]]:
        return {}

    def _resolve(self, node: int, event: str, args: Args) -> int | None:
        graph, engine = self.graph, self.explored.engine
        config = graph.configs[node]
        if int(graph.owner[node]) != AGENT or not isinstance(config, Config):
            return None
        first, last = int(graph.out_ptr[node]), int(graph.out_ptr[node + 1])
        for index in range(first, last):
            if graph.edges[index].event == event and graph.edges[index].args == args:
                return index
        ctx = engine.context(config)
        classes = self._classes.get(node)
        if classes is None:
            classes = self._classes[node] = {}
            for index in range(first, last):
                edge = graph.edges[index]
                classes.setdefault((edge.event, *engine.arguments.key(edge.event, edge.args, ctx)), index)
        try:
            return classes.get((event, *engine.arguments.key(event, args, ctx)))
        except KeyError:
            return None

    def edge_of(self, node: int, move: Move) -> int:
        """The graph edge that a move of the exact engine is, from the node of the configuration it was made at; -1 where no
        edge stands for it."""
        if node < 0:
            return -1
        graph = self.graph
        target = self.locate(move.target)
        best = -1
        for index in range(int(graph.out_ptr[node]), int(graph.out_ptr[node + 1])):
            edge = graph.edges[index]
            if edge.event != move.event or edge.dst != target or edge.violations != move.violations:
                continue
            if edge.args == move.args:
                return index
            if best < 0:
                best = index
        if best < 0 and move.actor == "agent":
            found = self.resolve(node, move.event, move.args)
            return -1 if found is None else found
        return best

    def options(self, config: Config) -> tuple[tuple[Move, int], ...]:
        """The agent's classes of acts at an exact configuration, each with its graph edge (-1 where it has none)."""
        node = self.locate(config)
        return tuple((move, self.edge_of(node, move)) for move in self.semantics.moves(config))

    def concrete(self, config: Config, event: str, args: Args) -> Args:
        """The arguments with which an act that the graph (or a belief) names is made at an exact configuration.

        A graph that keeps a variable by region names amounts by their region's representative; here they become those of this
        very moment. Arguments that stand for themselves come back as they are.
        """
        node = self.locate(config)
        wanted = self.resolve(node, event, args) if node >= 0 else None
        own = tuple(self.semantics.arguments.options(event, self.semantics.context(config)))
        if args in own or wanted is None:
            return args
        for option in own:
            if self.resolve(node, event, option) == wanted:
                return option
        return args

    def costs_turn(self, edge: Edge) -> bool:
        """Whether a move spends an agent turn: an act does unless its turn goes on."""
        return spends_turn(self.graph, edge)


def spends_turn(graph: StateGraph, edge: Edge) -> bool:
    if edge.actor != "agent":
        return False
    config = graph.configs[edge.dst]
    assert isinstance(config, Config)
    return not any(isinstance(duty, AgentTurn) and duty.used > 0 for duty in config.agenda)


def compile_scenario(scenario: Scenario, budget: Budget | None = None, *, analyse: bool = True) -> Compiled:
    """Explore and solve a scenario, and let the analyses look at it.

    Raises OverBudget (with its diagnostic) where the state graph grows too large.
    """
    explored = explore(scenario, budget)
    graph = explored.graph
    # Turns that run out are worth nothing: else the best policy would be to stall where the episode may stop.
    solution = solve(graph, costs_turn=lambda edge: spends_turn(graph, edge))
    diagnostics: tuple[Diagnostic, ...] = ()
    supposed: StateGraph | None = None
    if analyse:
        from dramaturg.compiler.analyses import analyse as run

        if judged(guard.expr for guard in all_guards(scenario)):
            supposed = _supposed(scenario, budget)
        diagnostics = run(graph, solution, supposed)
    return Compiled(scenario, explored, solution, Semantics(scenario, exact=True), diagnostics, supposed)


def _supposed(scenario: Scenario, budget: Budget | None) -> StateGraph:
    """The graph for proofs. Raises OverBudget, which says that it is this one."""
    try:
        return explore(scenario, budget, supposing=True).graph
    except OverBudget as over:
        note = "this is the graph for proofs, in which what is judged comes out either way; that of `else` alone fits"
        raise OverBudget(replace(over.diagnostic, notes=(note, *over.diagnostic.notes))) from over


__all__ = ["Budget", "Compiled", "OverBudget", "compile_scenario", "spends_turn"]
