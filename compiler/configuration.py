"""Configurations and moves: a moment of the conversation, and what may happen next.

A configuration is a value: everything that the future depends on and nothing else. Whose turn it is follows from its
*agenda*: what is still owed at this instant, first things first. With an empty agenda, time passes.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, TypeAlias

from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Value

Args: TypeAlias = tuple[tuple[str, Value], ...]

Kept: TypeAlias = tuple[str, int, Value]
"""A part of an earlier configuration: ``value``, ``state`` or ``memory``, the place, and what was there."""

# Named tuples are equal where their fields are, whatever their class: ``kind`` keeps duties apart in a configuration.


class Opening(NamedTuple):
    """A person makes the opening move."""

    person: int
    kind: str = "opening"


class AgentTurn(NamedTuple):
    """The agent has the floor."""

    asked: bool
    """A person's move awaits an answer, so speaking is never out of place."""
    used: int
    """Acts already made in this turn."""
    kind: str = "agent turn"


class Owed(NamedTuple):
    """A person may answer an event."""

    person: int
    event: str
    """Only where the person's lines read its fields."""
    args: Args
    """Likewise."""
    lines: tuple[int, ...]
    """The reply lines whose pattern the event matches."""
    kind: str = "owed"


class Forced(NamedTuple):
    """A person's next move is settled: a shift's (``shift.NAME``) or a concern's (``concern.NAME``)."""

    person: int
    machine: str
    kind: str = "forced"


class ShiftDraw(NamedTuple):
    """Whether a shift that fired takes place is drawn."""

    shift: int
    kind: str = "shift draw"


class TaskDraw(NamedTuple):
    """Whether a transition with a chance is taken is drawn; the event that fired it is kept for its effect."""

    task: int
    lines: tuple[tuple[str, int], ...]
    """State and number of the lines that were enabled, in order: the first is drawn, and where it fails the next one."""
    event: str
    args: Args
    kept: tuple[Kept, ...] = ()
    """What has changed since of all that the lines read for what they set (``recalled``)."""
    kind: str = "task draw"


class Raised(NamedTuple):
    """An event that a task raised happens."""

    event: str
    args: Args
    kind: str = "raised"


class ResultDue(NamedTuple):
    """The result of an act arrives."""

    act: str
    kind: str = "result due"


class StreamDue(NamedTuple):
    """A stream entry is due at this instant; ``last``: the instant settles after it."""

    entry: int
    last: bool
    kind: str = "stream due"


class GapDraw(NamedTuple):
    """When a repeated stream entry comes next is drawn (only where streams are exact)."""

    entry: int
    kind: str = "gap draw"


class Over(NamedTuple):
    """The episode is over."""

    verdict: str
    """good | bad"""
    kind: str = "over"


Duty: TypeAlias = (
    Opening | AgentTurn | Owed | Forced | ShiftDraw | TaskDraw | Raised | ResultDue | StreamDue | GapDraw | Over
)


URGENT = (TaskDraw, Raised)
"""What belongs to the instant at which it arose, which cannot settle before it."""


class Armed(NamedTuple):
    """The condition that the agent has armed."""

    text: str
    """As it was written; in a graph, as the class that it falls into is written."""
    known_as: str
    """The class representative's text: what the graph keeps."""
    level: bool
    """Whether it held at the last settled instant."""
    held: int
    """ms that its state part has held, saturating at its ``for``; -1 while it does not hold."""


class Config(NamedTuple):
    """One configuration. Tuples are in the orders of ``Semantics``' tables."""

    binding: int
    agenda: tuple[Duty, ...]
    values: tuple[Value, ...]
    states: tuple[str, ...]
    """Machine states: tasks (by key, see ``statecharts``), concerns, triggers, shifts."""
    clocks: tuple[int, ...]
    """Per machine: a task's ms in its state, a concern's turns left, a trigger's window left (ms or turns; -1 none), a shift's
    occurrences. After them the ms in each state with timers of tasks whose states lie in each other (0 where it is not active)."""
    edges: tuple[bool, ...]
    """Per machine: the level of its state condition at the last settled instant, for rising edges. After them that of each task
    line that acts on its condition's becoming true (no where its state is not active)."""
    memory: tuple[Value, ...]
    armed: Armed | None
    stream: tuple[tuple[int, int], ...]
    """Per stream entry: (row, ms left), ms left -1 where nothing is pending."""
    now: int
    """ms of virtual time; -1 where the graph does not keep it."""


class Move(NamedTuple):
    """One way in which a configuration may go on. Fields as in ``graph.Edge``."""

    actor: str
    event: str
    target: Config
    args: Args = ()
    guard: str = ""
    delay: int = 0
    chance: float | None = None
    may: bool = False
    violations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    observation: Hashable = None
    facts: int = 0
    spans: tuple[Span, ...] = ()
    visible: bool = True
    """False for draws that only the exact engine makes and no graph edge stands for."""
    supposed: str = ""
    """How judgements come out on this move, in words; empty where each is decided by its ``else``."""


def changed(move: Move, **changes: object) -> Move:
    """The move with some of its fields replaced."""
    return move._replace(**changes)  # type: ignore[arg-type]  # the callers name fields of Move with their types
