"""A scenario without its state graph: what is left to play with where the graph is over budget, or not wanted.

The exact engine needs no graph, so people, the world and chance act as ever. What the graph alone can tell is missing:
every place is unknown (-1), no act is labelled, and the reference policy has nothing to be read off.
"""

from __future__ import annotations

from dramaturg.compiler import growth
from dramaturg.compiler.compiled import Compiled, spends_turn
from dramaturg.compiler.explore import Budget, unexplored
from dramaturg.compiler.semantics import Semantics
from dramaturg.compiler.solve import solve
from dramaturg.dsl.scenario import Scenario


def uncharted(scenario: Scenario, budget: Budget) -> Compiled:
    """The scenario, to be played without labels.

    Raises OverBudget where there are more bindings than ``budget`` has states. What one moment multiplies (an act that can be
    made in a million ways, a draw as wide) is refused in the same way when the episode comes to it.
    """
    growth.bindings(scenario, budget)
    explored = unexplored(scenario)
    engine = Semantics(scenario, exact=True)
    engine.stage.budget = engine.stage.conditions.budget = engine.arguments.budget = budget
    solution = solve(explored.graph, costs_turn=lambda edge: spends_turn(explored.graph, edge))
    return Compiled(scenario, explored, solution, engine)
