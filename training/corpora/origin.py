"""Where a row comes from: the fields that every row of every corpus begins with.

Rows are wire formats: they say what lies in a file, and do nothing. Their fields are typed narrowly enough that a Parquet
schema follows from them.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from dramaturg.dsl.scenario import Scenario
from dramaturg.runtime.record import canonical
from dramaturg.runtime.shown import shown
from dramaturg.runtime.trace import Args
from dramaturg.training.turns import Labelled


class Row(BaseModel):
    """A row, and the episode that it was read off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: str
    family: str
    binding: str
    """The parameters as a JSON object, amounts with their units. Never part of a prompt."""
    seed: int
    agent: str
    """Who played the episode."""
    trace: str
    """Id of the trace."""
    turn: int
    """Index of the agent turn (of the last one, where a row holds several)."""
    intent: list[str]
    """The shifts of intent that were told before that turn, in order: what the person wants now, in its latest version."""


def binding_text(scenario: Scenario, binding: Args) -> str:
    return canonical({name: shown(value, scenario.variables[name].type) for name, value in binding})


def origin(at: Labelled) -> dict[str, str | int | list[str]]:
    """The fields of ``Row`` for a labelled turn."""
    trace = at.trace
    return {
        "scenario": trace.scenario,
        "family": trace.family,
        "binding": binding_text(at.scenario, trace.binding),
        "seed": trace.seed,
        "agent": trace.agent,
        "trace": trace.id,
        "turn": at.turn.index,
        "intent": list(at.turn.intent),
    }
