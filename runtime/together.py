"""Episodes side by side: an agent that answers many turns at once is asked for one turn of each at a time.

Which episodes are played together is part of what determines a model's answers (a batch may round otherwise than its members
alone), so whoever resumes must group as before: ``groups`` cuts by place and not by what is left to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dramaturg.runtime.draws import Decision
from dramaturg.runtime.episode import AgentFailure, Episode, play
from dramaturg.runtime.policy import Batched, Policy
from dramaturg.runtime.trace import Trace

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled


@dataclass(frozen=True, slots=True)
class Start:
    """What determines an episode, but for the agent's answers."""

    binding: int
    seed: int
    script: tuple[Decision, ...] = ()


def groups(count: int, policy: Policy) -> Iterator[range]:
    """The places of ``count`` episodes, as they are played together by this agent."""
    width = policy.width if isinstance(policy, Batched) else 1
    return (range(first, min(first + width, count)) for first in range(0, count, width))


def play_all(compiled: Compiled, starts: Sequence[Start], policy: Policy) -> list[Trace | AgentFailure]:
    """Play these episodes to their ends, side by side where the agent can. One that the agent could not be asked in has
    no trace but the failure."""
    if not isinstance(policy, Batched):
        return [_alone(compiled, start, policy) for start in starts]
    episodes = [Episode(compiled, start.binding, start.seed, policy.name, start.script) for start in starts]
    while waiting := [(episode, episode.view) for episode in episodes if episode.view is not None]:
        try:
            answers = policy.answer_all([view for _, view in waiting])
        except Exception as error:  # as in ``play``: the boundary to what is not ours
            failure = AgentFailure(f"{policy.name}: {type(error).__name__}: {error}")
            return [failure if episode.view is not None else episode.trace() for episode in episodes]
        for (episode, _), answer in zip(waiting, answers, strict=True):
            episode.answer(answer)
    return [episode.trace() for episode in episodes]


def _alone(compiled: Compiled, start: Start, policy: Policy) -> Trace | AgentFailure:
    try:
        return play(compiled, start.binding, policy, start.seed, start.script)
    except AgentFailure as failure:
        return failure
