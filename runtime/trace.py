"""Traces: the event-sourced record of one episode.

A trace keeps every move in order, and for every agent turn what the agent saw, what it answered and what the solved graph
says of that turn. Its inputs (scenario digest, binding, seed, the agent's answers) determine the rest, so replaying them
gives the same bytes. Corpora, metrics and reports are pure functions of traces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dramaturg.dsl.types import Value

Args = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class ActKey:
    """An act with its arguments, as labels name it."""

    act: str
    """Short name: ``follow_up``."""
    args: Args = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that the agent sees: a move, a result, an update, a reminder, or its own act."""

    at: int
    """Timestamp, ms of virtual time since the start."""
    origin: str
    """user | colleague | tool_call | environment_monitor | environment | agent"""
    who: str
    """The person's name, ``agent`` or ``world``."""
    event: str
    fields: Args = ()
    """Only the fields whose view admits the agent."""
    text: str = ""
    """The wording of the move."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent answered at one turn, after parsing. Silence is an act like any other (``keep_silent``)."""

    act: str
    """Short act name; empty where the answer was invalid."""
    args: Args = ()
    say: str = ""
    status: tuple[tuple[str, str], ...] = ()
    """What it believes each task's state to be after the act, by task name; empty where it did not say."""
    stage: str = "ready"
    """ready | draft"""
    raw: str = ""
    """The model's own text, where a model answered."""
    invalid: str = ""
    """Why the answer could not be used; such a turn is played as silence and counted."""
    then: tuple[Answer, ...] = ()
    """Further acts of the same turn, in order, where the scenario allows several. An episode plays them one by one and keeps
    each as a turn of its own, so a trace holds none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One move of the episode, the agent's own included."""

    at: int
    actor: str
    event: str
    args: Args = ()
    text: str = ""
    node: int = -1
    """State graph node after the move."""
    edge: int = -1
    """State graph edge that the move is."""
    violations: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    effect: str = ""
    choice: int = -1
    """Which of the alternatives was drawn, -1 where there was only one or the agent decided."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One agent turn: what it saw since its last turn, its answer, and its labels."""

    index: int
    at: int
    node: int
    seen: tuple[Seen, ...]
    answer: Answer
    acceptable: tuple[ActKey, ...]
    """Acceptable at the true configuration (a diagnostic)."""
    robust: tuple[ActKey, ...]
    """Acceptable at every configuration that the agent could be in, as far as it can tell: the gold label."""
    reference: ActKey | None
    """The act that the reference policy would take here, from the same observations."""
    ok: bool
    """Whether the act taken is acceptable at the true configuration."""
    value_before: float
    value_after: float
    """Probability of a good end with no violation, before and after the act."""
    open_triggers: tuple[str, ...] = ()
    status: tuple[tuple[str, str], ...] = ()
    """Each task's true state after the act."""
    violations: tuple[str, ...] = ()
    """Violations of the act itself."""
    served: tuple[str, ...] = ()
    intent: tuple[str, ...] = ()
    """The shifts that were told before the turn, in order, one that was told twice twice. What the person wants is at its
    ``len(intent)``-th version."""


@dataclass(frozen=True, slots=True)
class Trace:
    scenario: str
    digest: str
    """``Scenario.digest``"""
    family: str
    binding: tuple[tuple[str, Value], ...]
    seed: int
    agent: str
    steps: tuple[Step, ...]
    turns: tuple[Turn, ...]
    ended: str
    """good | bad | turns (turn cap reached)"""
    final: tuple[tuple[str, str], ...] = ()
    """Each task's last state."""
    violations: tuple[str, ...] = ()
    """All violations, in order."""
    stance: tuple[tuple[int, Mapping[str, Value]], ...] = field(default=())
    """(step index, stance variables and concern states) at the start (-1) and after each move of or to a person."""
    id: str = ""
    """sha256 of the canonical form without this field."""
