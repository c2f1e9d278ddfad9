"""What plays the agent: the protocol that every agent under test implements, and what it is shown at a turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dramaturg.dsl.scenario import Scenario
from dramaturg.runtime.trace import ActKey, Answer, Seen


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


class Policy(Protocol):
    """An agent: a name and a function from what it sees to an answer."""

    name: str

    def answer(self, view: TurnView) -> Answer:
        """The agent's answer at this turn."""
        ...
