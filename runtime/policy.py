"""What plays the agent: the protocol that every agent under test implements, and what it is shown at a turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dramaturg.dsl.scenario import Scenario
from dramaturg.runtime.trace import ActKey, Answer, Seen, Turn


@dataclass(frozen=True, slots=True)
class Past:
    """One of the agent's own earlier turns."""

    seen: int
    """How many items ``history`` had when the agent answered."""
    answer: Answer
    """What it answered; one that could not be used keeps its reason."""


@dataclass(frozen=True, slots=True)
class TurnView:
    """Everything that an agent may use at its turn. Nothing here comes from a view that excludes the agent."""

    scenario: Scenario
    """For the acts' signatures and the prompt; policies under test must read nothing hidden from it."""
    index: int
    at: int
    history: tuple[Seen, ...]
    """Everything seen so far, own acts included, oldest first."""
    new: int
    """How many of the last items of ``history`` came since the last turn."""
    options: tuple[ActKey, ...]
    """One representative per class of act that is possible now (what ``random`` draws from)."""
    reference: ActKey | None
    """What the reference policy would do from the same observations: only ``oracle`` may look."""
    reference_status: tuple[tuple[str, str], ...]
    """Each task's state after ``reference``: only ``oracle`` may look."""
    draw: float
    """A number in [0, 1) from the episode's generator, for agents that need chance."""
    past: tuple[Past, ...] = ()
    """Its own earlier turns, oldest first."""


def past(turns: Iterable[Turn]) -> tuple[Past, ...]:
    """The agent's own earlier turns as it saw them. An answer that could not be used left no act in the history."""
    out: list[Past] = []
    at = 0
    for turn in turns:
        at += len(turn.seen)
        out.append(Past(at, turn.answer))
        at += not turn.answer.invalid
    return tuple(out)


class Policy(Protocol):
    """An agent: a name and a function from what it sees to an answer."""

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    def answer(self, view: TurnView) -> Answer:
        """The agent's answer at this turn."""
        ...


@runtime_checkable
class Batched(Policy, Protocol):
    """An agent that answers several turns at once for little more than the price of one, such as a model on this machine."""

    width: int
    """How many episodes are worth playing side by side."""

    def answer_all(self, views: Sequence[TurnView]) -> list[Answer]:
        """An answer for each view, in order; the views are of different episodes."""
        ...
