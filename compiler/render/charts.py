"""Charts: the machines that an author wrote, as states and labelled arrows, before any picture format.

A task is drawn as it is written. A concern, a trigger and a shift have implied states; their arrows carry the author's own
guards. Renderers turn charts into text and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Action, Concern, Guard, Scenario, Shift, Task, TaskState, Transition, Trigger
from dramaturg.dsl.types import Number, Wait

_DURATION = Number("duration")


@dataclass(frozen=True, slots=True)
class Arrow:
    src: str
    dst: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One machine. The first state is the initial one."""

    kind: str
    """task | concern | trigger | shift"""
    name: str
    states: tuple[str, ...]
    arrows: tuple[Arrow, ...]
    ends: tuple[tuple[str, str], ...] = ()
    """State to ``good`` | ``bad`` | ``done``, of tasks."""
    nesting: Nesting | None = None
    """How the states lie in each other; None where none does."""
    does: tuple[tuple[str, str], ...] = ()
    """State to what it does on entry and on exit, and whether it remembers; of tasks, where it does."""


def charts(scenario: Scenario) -> tuple[Chart, ...]:
    """Every machine, in document order by section."""
    return (
        *(_task(task) for task in scenario.tasks),
        *(_concern(concern) for concern in scenario.concerns),
        *(_trigger(trigger) for trigger in scenario.triggers),
        *(_shift(shift, scenario.shifts) for shift in scenario.shifts),
    )


def _task(task: Task) -> Chart:
    arrows = tuple(
        Arrow(state.name, line.go or state.name, _line(line)) for state in task.states for line in state.transitions
    )
    ends = tuple((state.name, state.end) for state in task.states if state.end is not None)
    does = tuple((state.name, text) for state in task.states if (text := _does(state)))
    nesting = Nesting(task)
    states = tuple(state.name for state in task.states)
    return Chart("task", task.name, states, arrows, ends, None if nesting.flat else nesting, does)


def _does(state: TaskState) -> str:
    parts = [
        f"{verb} {_effect(action)}" for verb, action in (("entry", state.on_entry), ("exit", state.on_exit)) if action
    ]
    if state.history is not None:
        parts.append("history" if state.history == "shallow" else "deep history")
    return ", ".join(parts)


def _effect(effect: Transition | Action) -> str:
    parts = [f"{name} = {guard.text}" for name, guard in effect.sets]
    if effect.emit is not None:
        parts.append(f"emit {effect.emit.event}")
    return "/ " + "; ".join(parts)


def _line(line: Transition) -> str:
    parts: list[str] = []
    if line.after is not None:
        parts.append(f"after {show(line.after, _DURATION)}")
    if line.when is not None:
        parts.append(line.when.text)
    if line.condition is not None:
        parts.append(f"[{line.condition.text}]")
    if line.chance < 1:
        parts.append(_percent(line.chance))
    if line.sets or line.emit is not None:
        parts.append(_effect(line))
    return " ".join(parts)


def _percent(chance: float) -> str:
    return f"{chance * 100:.10g}%"


def _concern(concern: Concern) -> Chart:
    arrows: list[Arrow] = []

    def arrow(src: str, dst: str, guard: Guard | None) -> None:
        if guard is not None:
            arrows.append(Arrow(src, dst, guard.text))

    arrow("hidden", "voiced", concern.surfaces)
    if concern.lasts is not None:
        arrows.append(Arrow("voiced", "hidden", f"after {concern.lasts} turns"))
    arrow("hidden", "eased", concern.eased)
    arrow("voiced", "eased", concern.eased)
    arrow("hidden", "hardened", concern.hardens)
    arrow("voiced", "hardened", concern.hardens)
    return Chart("concern", concern.name, _mentioned("hidden", arrows), tuple(arrows))


def _trigger(trigger: Trigger) -> Chart:
    arrows = [Arrow("idle", "open", trigger.when.text)]
    if trigger.expect is not None:
        arrows.append(Arrow("open", "served", trigger.expect.text))
    closes = [guard.text for guard in (trigger.until,) if guard is not None]
    if trigger.within is not None:
        closes.append(f"after {_wait(trigger.within)}")
    closed = "served" if trigger.expect is None else "missed"
    arrows += [Arrow("open", closed, text) for text in closes]
    if trigger.again:
        arrows += [
            Arrow(state, "idle", "again") for state in _mentioned("idle", arrows) if state in ("served", "missed")
        ]
    return Chart("trigger", trigger.name, _mentioned("idle", arrows), tuple(arrows))


def _shift(shift: Shift, others: tuple[Shift, ...]) -> Chart:
    chance = "" if shift.chance >= 1 else f" {_percent(shift.chance)}"
    move = "" if shift.move is None else f" / {shift.move.event}"
    arrow = Arrow("waiting", "done", f"{shift.when.text}{chance}{move}")
    back = [
        it for it in others if any(tie.name == shift.name for tie in (*it.undoes, *it.instead_of)) and it is not shift
    ]
    arrows = [arrow, *(Arrow("done", "undone", f"shift.{other.name}") for other in back)]
    if back and shift.times > 1:
        arrows.append(Arrow("undone", "done", arrow.label))
    return Chart("shift", shift.name, _mentioned("waiting", arrows), tuple(arrows))


def _wait(wait: Wait) -> str:
    if wait.turns is not None:
        return f"{wait.turns} turn{'' if wait.turns == 1 else 's'}"
    assert wait.ms is not None
    return show(wait.ms, _DURATION)


def _mentioned(first: str, arrows: list[Arrow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((first, *(state for arrow in arrows for state in (arrow.src, arrow.dst)))))
