"""Labelled turns: what every corpus is made of.

A trace holds an episode as it went; the solved graph holds what else was possible at each turn. Joined, they give for each
agent turn the prompt as the agent had it, the answer that the reference policy gives there with the status that it leads to,
and every other act with what is wrong with it. Nothing here plays or draws: the same trace and graph give the same turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dramaturg.compiler.graph import Edge
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.scope import ABSENT
from dramaturg.dsl.types import Value
from dramaturg.dsl.wording.templates import render
from dramaturg.runtime.policy import TurnView, past
from dramaturg.runtime.prompt import messages
from dramaturg.runtime.trace import ActKey, Answer, Seen, Trace, Turn
from dramaturg.runtime.wording import in_view
from dramaturg.training.chats import Chat, chats

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled


@dataclass(frozen=True, eq=False)
class Labelled:
    """One agent turn of a trace, with its labels and a way to ask the graph about other acts."""

    compiled: Compiled
    trace: Trace
    turn: Turn
    view: TurnView
    """The turn as the agent saw it; nothing that only the oracle may see."""
    place: int
    """Where the agent's act stands among the steps of the trace."""
    prompt: tuple[Chat, ...]
    """What the agent is shown at this turn, in the native dialect."""

    @property
    def scenario(self) -> Scenario:
        return self.compiled.scenario

    @property
    def gold(self) -> ActKey | None:
        """The reference act where it is robust: right whatever the agent cannot see. None where no act is."""
        return self.turn.reference if self.turn.reference in self.turn.robust else None

    def edge(self, act: ActKey) -> Edge | None:
        """The move that this act is at the true configuration; None where it is not possible there."""
        found = self.compiled.resolve(self.turn.node, f"agent.{act.act}", act.args) if self.turn.node >= 0 else None
        return None if found is None else self.compiled.graph.edges[found]

    def acceptable(self, act: ActKey) -> bool:
        """Whether the act is acceptable at the true configuration."""
        found = self.compiled.resolve(self.turn.node, f"agent.{act.act}", act.args) if self.turn.node >= 0 else None
        return found is not None and bool(self.compiled.solution.acceptable[found])

    def answer(self, act: ActKey, status: Mapping[str, str] | None = None) -> Answer:
        """The answer that makes this act, in the scenario's words, and knows each task's state after it (or claims ``status``)."""
        edge = self.edge(act)
        after = status if status is not None else ({} if edge is None else self.compiled.graph.tasks[edge.dst])
        return Answer(act.act, act.args, said(self.scenario, act), tuple(after.items()))

    def hidden(self) -> Mapping[str, Value]:
        """Stance and concerns before the act, the concerns that the person has: for teachers and judges only."""
        known: Mapping[str, Value] = {}
        for at, values in self.trace.stance:
            if at < self.place:
                known = values
        return {name: value for name, value in known.items() if not (name.startswith("concern.") and value == ABSENT)}

    def before(self) -> Mapping[str, str]:
        """Each task's state before the act."""
        return self.compiled.graph.tasks[self.turn.node]

    def others(self) -> Iterator[tuple[ActKey, Edge]]:
        """Every class of act that is possible here, with its move, in document order."""
        if self.turn.node < 0:
            return
        for edge in self.compiled.graph.out(self.turn.node):
            yield ActKey(edge.event.removeprefix("agent."), edge.args), edge


def said(scenario: Scenario, act: ActKey) -> str:
    """What the scenario has the agent say with this act: its first wording that reads nothing but the act's own fields."""
    name = f"agent.{act.act}"
    for wording in scenario.words.get(name, ()):
        if set(wording.names) <= {field for field, _ in act.args}:
            return render(wording, in_view(scenario, scenario.events[name], act.args, {}))
    return ""


def labelled(compiled: Compiled, trace: Trace) -> list[Labelled]:
    """The turns of a trace, in order."""
    return list(_labelled(compiled, trace))


def _labelled(compiled: Compiled, trace: Trace) -> Iterator[Labelled]:
    own = [place for place, step in enumerate(trace.steps) if step.actor == "agent"]
    views = list(_views(compiled.scenario, trace, own))
    # The prompt of an earlier turn begins that of a later one, an answer and the news apart: one rendering serves all.
    whole = tuple(chats(messages(views[-1]))) if views else ()
    for place, (turn, view) in enumerate(zip(trace.turns, views, strict=True)):
        yield Labelled(compiled, trace, turn, view, own[place], whole[: 2 * place + 2])


def _views(scenario: Scenario, trace: Trace, own: Sequence[int]) -> Iterator[TurnView]:
    """What the agent saw at each turn; ``own`` are the places of its acts among the steps."""
    history: list[Seen] = []
    for place, turn in enumerate(trace.turns):
        history.extend(turn.seen)
        yield TurnView(
            scenario=scenario,
            index=turn.index,
            at=turn.at,
            history=tuple(history),
            new=len(turn.seen),
            options=(),
            reference=None,
            reference_status=(),
            draw=0.0,
            past=past(trace.turns[:place]),
        )
        if not turn.answer.invalid:
            step = trace.steps[own[place]]
            history.append(Seen(step.at, "agent", "agent", step.event, step.args, step.text))
