"""Failure signatures: the ways in which an act is wrong at a turn, by name.

Published failures of proactive agents (completing without acknowledgement, silence when help is due, speaking when it is not,
a status that lags behind) are read off the solved graph at the very turn, never written by hand. A signature names *why* a
rejected answer was rejected, so that a corpus can be balanced, and an ablation can leave one out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dramaturg.compiler.graph import Edge
from dramaturg.dsl.core import Happened, walk
from dramaturg.dsl.scenario import Act, Scenario
from dramaturg.dsl.types import Condition
from dramaturg.runtime.arguments import act_named
from dramaturg.runtime.trace import ActKey, Answer
from dramaturg.training.turns import Labelled

SIGNATURES = (
    "premature_completion",
    "breaks_rule",
    "out_of_window",
    "silence_in_window",
    "rearming",
    "redundant_retrieval",
    "wrong_argument",
    "wrong_act",
    "stale_status",
)
"""Every signature, the most telling first: a failure that fits several has the first."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is wrong at a turn."""

    signature: str
    answer: Answer
    detail: str = ""
    """The rule or the window that it is about, where there is one."""


def failures(at: Labelled) -> Iterator[Failure]:
    """Every failure that the graph allows at this turn, one per class of act, and the right act with a stale status.

    An act is a failure only where it is wrong both at the true configuration and in the eyes of the agent (not robust).
    """
    right = {act.act for act in at.turn.robust}
    for act, edge in at.others():
        if act in at.turn.robust or at.acceptable(act):
            continue
        signature, detail = _signature(at, act, edge, right)
        yield Failure(signature, at.answer(act), detail)
    gold = at.gold
    if gold is not None and dict(at.answer(gold).status) != dict(at.before()):
        yield Failure("stale_status", at.answer(gold, at.before()))


def first_of_each(at: Labelled) -> list[Failure]:
    """One failure per signature, in the order of ``SIGNATURES``: what preference corpora reject."""
    found: dict[str, Failure] = {}
    for failure in failures(at):
        found.setdefault(failure.signature, failure)
    return [found[signature] for signature in SIGNATURES if signature in found]


def _signature(at: Labelled, act: ActKey, edge: Edge, right: set[str]) -> tuple[str, str]:
    known = act_named(at.scenario, act.act)
    assert known is not None, f"the graph has an act {act.act!r} that the scenario has not"
    rules = [name.removeprefix("rule:") for name in edge.violations if name.startswith("rule:")]
    invented = [name.removeprefix("invented:") for name in edge.violations if name.startswith("invented:")]
    open_window = at.turn.open_triggers[0] if at.turn.open_triggers else ""
    if act.act in completing(at.scenario):
        return "premature_completion", rules[0] if rules else ""
    if rules:
        return "breaks_rule", rules[0]
    if invented:
        return "out_of_window", invented[0]
    if known.kind == "silent" and open_window:
        return "silence_in_window", open_window
    if _arms(known) and act.act not in right and _done_before(at, act.act):
        return "rearming", ""
    if known.returns and act.act not in right and _done_before(at, act.act):
        return "redundant_retrieval", ""
    if act.act in right:
        return "wrong_argument", ""
    return "wrong_act", open_window


def _arms(act: Act) -> bool:
    return any(isinstance(field.type, Condition) for field in act.fields)


def _done_before(at: Labelled, act: str) -> bool:
    return any(not past.answer.invalid and past.answer.act == act for past in at.view.past)


def completing(scenario: Scenario) -> frozenset[str]:
    """The acts whose doing takes some task to its good end."""
    named: set[str] = set()
    for task in scenario.tasks:
        good = {state.name for state in task.states if state.end == "good"}
        lines = [line for state in task.states for line in state.transitions if line.go in good]
        for line in lines:
            parts = walk(line.when.expr) if line.when is not None else []
            named.update(event for part in parts if isinstance(part, Happened) for event in part.events)
    return frozenset(act.name for act in scenario.agent.acts if f"agent.{act.name}" in named)
