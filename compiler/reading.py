"""Reading a condition that the agent wrote, at run time, against a typed scenario."""

from __future__ import annotations

from dramaturg.dsl.core import Expr
from dramaturg.dsl.elaboration.elaborate import agent_condition as elaborate_condition
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.scope import Scope
from dramaturg.dsl.types import Condition, Enum


def scope_of(scenario: Scenario) -> Scope:
    """The names that a condition may mention are variables; named enums are found through the variables' types."""
    types = {
        variable.type.name: variable.type
        for variable in scenario.variables.values()
        if isinstance(variable.type, Enum) and variable.type.name
    }
    return Scope(variables=scenario.variables, types=types)


def agent_condition(text: str, kind: Condition, scenario: Scenario) -> Expr:
    """The core expression of an agent-written condition. Raises ValueError with the first thing that is wrong with it."""
    guard, diagnostics = elaborate_condition(text, kind, scope_of(scenario))
    if guard is None:
        raise ValueError(diagnostics[0].message if diagnostics else f"not a condition: {text}")
    return guard.expr
