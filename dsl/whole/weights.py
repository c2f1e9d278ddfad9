"""Weights: concerns that weigh on somebody's resistance for ever, since nothing eases them.

Resistance is the sum of the weights of all concerns that are not eased. Where a line asks for it, a concern that says nothing of
what eases it is nearly always one whose author forgot to; who means it writes ``eased: no``. What is asked for nowhere may weigh
what it likes.
"""

from __future__ import annotations

from collections.abc import Iterator

from dramaturg.dsl import core
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.scenario import Guard, Scenario
from dramaturg.dsl.spans import Span
from dramaturg.dsl.whole.parts import parts


def check(scenario: Scenario) -> Iterator[Diagnostic]:
    """The concerns that nothing eases though they count somewhere."""
    if all(concern.eased is not None for concern in scenario.concerns):
        return
    asked = _asked(scenario)
    for concern in scenario.concerns:
        if concern.eased is None and concern.weight and concern.person in asked:
            yield diagnose(
                "never-eased",
                concern.span,
                f"nothing eases the concern {concern.name}, so `{concern.person}.resistance` never falls below {concern.weight} "
                "for whoever has it",
                labels=[Label(asked[concern.person], "here it counts")],
                notes=[
                    (
                        "say what eases it (`eased: agent.reassure`), that nothing can (`eased: no`), "
                        "or that it weighs nothing (`weight: 0`)"
                    )
                ],
            )


def _asked(scenario: Scenario) -> dict[str, Span]:
    """Whose resistance is asked for, and where first."""
    found: dict[str, Span] = {}
    for part in parts(scenario):
        if type(part) is Guard:
            for expr in core.walk(part.expr):
                if type(expr) is core.Resistance:
                    found.setdefault(expr.person, part.span)
    return found
