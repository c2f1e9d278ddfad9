"""Tables: what the step semantics reads of a scenario, and nothing else.

Every machine with its lines, every guard and effect as a closure, every past operator as a numbered cell. They are filled by
``lowering``; nothing here behaves beyond finding its way in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dramaturg.compiler import monitors
from dramaturg.compiler.evaluate import Eval, Layout
from dramaturg.compiler.statecharts import Statechart
from dramaturg.dsl.core import Expr
from dramaturg.dsl.scenario import (
    Act,
    Concern,
    Guard,
    Person,
    Reply,
    Rule,
    Scenario,
    Shift,
    StreamEntry,
    Task,
    Transition,
    Trigger,
    Variable,
)
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Type

if TYPE_CHECKING:
    from dramaturg.compiler.occasions import Occasion, Settling

Sets = tuple[tuple[int, Eval, Type], ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A guard: its closure, and whether it fires per occurrence of an event."""

    evaluate: Eval
    on_event: bool
    guard: Guard


@dataclass(frozen=True, slots=True)
class Raises:
    """An event that a task raises, and the values of its fields."""

    event: str
    fields: tuple[tuple[str, Eval, Type], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Effect:
    """What entering or leaving a state does."""

    sets: Sets
    raises: Raises | None


@dataclass(frozen=True, slots=True)
class Line:
    """A transition of a task state."""

    when: Test | None
    condition: Eval | None
    sets: Sets
    source: Transition
    raises: Raises | None = None
    level: int | None = None
    """Where the configuration keeps whether it held at the last settled instant, for lines that act on its becoming true."""


@dataclass(frozen=True, slots=True)
class LoweredTask:
    source: Task
    lines: dict[str, tuple[Line, ...]]
    """By state, as everything here."""
    end: dict[str, str | None]
    if_over: dict[str, str | None]
    chart: Statechart | None
    """None where no state lies in another one: then the key of a place is the state's name."""
    on_entry: dict[str, Effect]
    on_exit: dict[str, Effect]
    clocks: dict[str, tuple[int, int]]
    """Where the configuration keeps how long each state with timers has lasted, and the longest of them; only where there is a
    chart: else the one clock of the task is enough."""
    levels: dict[str, tuple[int, ...]]
    """The levels of each state's lines."""


@dataclass(frozen=True, slots=True)
class LoweredConcern:
    source: Concern
    person: int
    surfaces: Test | None
    eased: Test | None
    hardens: Test | None
    voiced_with: tuple[tuple[str, Eval], ...]
    """The fields of the move that voices it, and what they are."""


@dataclass(frozen=True, slots=True)
class LoweredTrigger:
    source: Trigger
    when: Test
    until: Test | None
    expect: Eval | None
    allow: Eval | None
    expects: frozenset[str]
    """The acts that its ``expect`` speaks of."""
    read: bool
    """Some guard or check asks how it ended; else ``served`` and ``missed`` are one state, ``closed``."""


@dataclass(frozen=True, slots=True)
class LoweredShift:
    source: Shift
    person: int
    when: Test
    undoes: tuple[int, ...]
    """Machines of the shifts that must stand."""
    takes_back: tuple[int, ...]
    """Machines of the shifts that no longer stand once it is told."""


@dataclass(frozen=True, slots=True)
class LoweredReply:
    source: Reply
    to: Eval
    events: frozenset[str]
    """The events that ``to`` speaks of."""
    condition: Eval | None


@dataclass(frozen=True, slots=True)
class LoweredFeel:
    guard: Guard
    sets: Sets
    source_span: object


@dataclass(frozen=True, slots=True)
class LoweredEntry:
    source: StreamEntry
    when: Test | None
    condition: Eval | None
    sets: Sets


@dataclass(frozen=True, slots=True)
class Fact:
    """One operand of a check, judged on the state after each step."""

    check: str
    side: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Norm:
    source: Rule


@dataclass(frozen=True, eq=False)
class Tables:
    """A lowered scenario."""

    scenario: Scenario
    variables: tuple[Variable, ...]
    layout: Layout
    machines: tuple[str, ...]
    operators: tuple[monitors.Past, ...]
    tasks: tuple[LoweredTask, ...]
    concerns: tuple[LoweredConcern, ...]
    triggers: tuple[LoweredTrigger, ...]
    shifts: tuple[LoweredShift, ...]
    replies: tuple[tuple[LoweredReply, ...], ...]
    """Per person."""
    recalled: tuple[frozenset[str], ...]
    """Per person: the fields of the event replied to that her lines read beside their pattern."""
    feels: tuple[LoweredFeel, ...]
    stream: tuple[LoweredEntry, ...]
    norms: tuple[Norm, ...]
    facts: tuple[Fact, ...]
    acts: dict[str, Act]
    """By full event name."""
    people: tuple[Person, ...]
    arming: dict[str, str]
    """Acts that arm a condition (full event name) to the field that holds it."""
    clocks: int
    """How many clocks there are beside those of machines, after them: of states with timers that lie in each other."""
    levels: int
    """Likewise how many levels: of lines that act on their condition's becoming true."""
    first_concern: int
    """Machines are numbered tasks, concerns, triggers, shifts."""
    first_trigger: int
    first_shift: int

    occasions: dict[str, Occasion] = field(default_factory=dict)
    """What each kind of event concerns, found when it first happens (``occasions.occasion``)."""
    settling: list[Settling] = field(default_factory=list)
    """Likewise of the settled instant: one, once it is found."""

    def places(self, states: tuple[str, ...]) -> tuple[str, ...]:
        """Where each task is, of the machines' states: its key without what its states remember."""
        return tuple(
            key if task.chart is None else task.chart.place(key) for task, key in zip(self.tasks, states, strict=False)
        )
