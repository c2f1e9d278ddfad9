"""Outlasting: times that are longer than the story, and windows that talk outlasts.

A condition that has to hold for longer than the horizon never does. A single timer or stream line behind the horizon is told by the
graph, as a line that never happens; where everything that the scenario times lies behind it, the horizon is what is wrong.

Talk takes no time on the clock by which windows are measured, so a window shorter than a few sentences does not close while
people talk, whatever the timestamps say.
"""

from __future__ import annotations

from collections.abc import Iterator

from dramaturg.dsl import core
from dramaturg.dsl.declarations.inventory import Inventory, entries, scalar
from dramaturg.dsl.diagnostics import Diagnostic, Label, diagnose
from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Scalar
from dramaturg.dsl.types import Number
from dramaturg.dsl.whole.consistency import guards


def check(scenario: Scenario, found: Inventory) -> Iterator[Diagnostic]:
    horizon = scenario.horizon
    timed = [*_timed(scenario)]
    held = [*_held(scenario)]
    late = [span for ms, span in timed if ms > horizon]
    at = scalar(found.tree.get("horizon"))
    if at is not None and len(late) == len(timed) > 1 and not any(ms <= horizon for ms, _, _ in held):
        labels = [Label(span, "this comes too late") for span in late]
        message = f"the story is over after {_shown(horizon)}, before anything that it times"
        yield diagnose("out-of-range", at.span, message, labels=labels)
        return
    for ms, text, span in held:
        if ms > horizon:
            message = f"`{text}` never holds for {_shown(ms)}: the story is over after {_shown(horizon)}"
            labels = [] if at is None else [Label(at.span, "the horizon")]
            yield diagnose("out-of-range", span, message, labels=labels)


EXCHANGE = 4
"""Moves of a short exchange: something is asked, answered, offered and agreed to."""


def brief(scenario: Scenario, found: Inventory) -> Iterator[Diagnostic]:
    """One warning for each window that is shorter than a short exchange."""
    windows = {trigger.name: trigger.within for trigger in scenario.triggers}
    for entry in found.section("triggers"):
        within, line = windows.get(entry.key.text), next(_lines(entry, "within"), None)
        if within is None or within.ms is None or line is None or within.ms >= EXCHANGE * scenario.pace:
            continue
        yield diagnose(
            "brief-window",
            line.span,
            f"{EXCHANGE} moves take longer than {_shown(within.ms)}, and the window stays open while people talk",
            notes=["talk takes no time where windows are measured; say in turns how long it is open, as in `2 turns`"],
        )


def _lines(entry: Entry, key: str) -> Iterator[Scalar]:
    for inner in entries(entry.value):
        if inner.key.text == key and (line := scalar(inner.value)) is not None:
            yield line


def _timed(scenario: Scenario) -> Iterator[tuple[int, Span]]:
    """When the lines that wait for nothing but time come first, each measured from where it begins to wait."""
    for entry in scenario.stream:
        if entry.recording is not None:
            yield min((ms for ms, _ in entry.recording.rows), default=0), entry.span
        elif entry.kind in ("at", "every"):
            yield entry.gap_lo, entry.span
    for task in scenario.tasks:
        for state in task.states:
            for line in state.transitions:
                if line.after is not None:
                    yield line.after, line.span


def _held(scenario: Scenario) -> Iterator[tuple[int, str, Span]]:
    """How long conditions have to hold."""
    for guard in guards(scenario):
        for expr in core.walk(guard.expr):
            if isinstance(expr, core.Held) and expr.wait.ms is not None:
                yield expr.wait.ms, guard.text, guard.span


def _shown(ms: int) -> str:
    return show(ms, Number("duration"))
