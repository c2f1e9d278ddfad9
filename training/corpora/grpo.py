"""grpo: starting points for rollouts through our own simulator.

A row is an episode stopped at one agent turn: its binding and seed, the answers that lead there, and the prompt. Rollouts start
at the first turn and wherever a window of opportunity has just opened, since that is where timing is decided. The window and the
value are for the reward, not for the prompt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from dramaturg.dsl.scenario import Scenario
from dramaturg.runtime.prompt import write_answer
from dramaturg.runtime.record import canonical, plain
from dramaturg.runtime.trace import Answer, Trace
from dramaturg.training.chats import Chat
from dramaturg.training.corpora.kinds import Corpus
from dramaturg.training.corpora.origin import Row, origin
from dramaturg.training.turns import Labelled


class Window(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    trigger: str
    open_for: int
    """Agent turns, this one included, that the window was still open in this episode."""
    served: bool
    """Whether it was served in this episode."""


class GrpoRow(Row):
    prompt: list[Chat]
    digest: str
    """Of the scenario: another one would go on differently."""
    values: str
    """The binding in base units, as a JSON object: with ``seed`` it determines the rollout up to the agent's answers."""
    answers: list[str]
    """The agent's answers up to here, as it gave them."""
    windows: list[Window]
    reference: str
    """The reference answer; empty where no act is right whatever the agent cannot see."""
    value: float
    """Probability of a good end with no violation from here, playing best with full sight."""


def rows(turns: Sequence[Labelled]) -> Iterator[GrpoRow]:
    before: frozenset[str] = frozenset()
    for at in turns:
        windows = frozenset(at.turn.open_triggers)
        if at.turn.index == 0 or windows - before:
            gold = at.gold
            yield GrpoRow.model_validate(
                {
                    **origin(at),
                    "prompt": list(at.prompt),
                    "digest": at.trace.digest,
                    "values": canonical({name: plain(value) for name, value in at.trace.binding}),
                    "answers": [as_given(past.answer, at.scenario) for past in at.view.past],
                    "windows": [_window(at.trace, at.turn.index, name) for name in at.turn.open_triggers],
                    "reference": "" if gold is None else write_answer(at.answer(gold), at.scenario),
                    "value": at.turn.value_before,
                }
            )
        before = windows


def as_given(answer: Answer, scenario: Scenario) -> str:
    """An answer's own text: what the model wrote, or the canonical form."""
    return answer.raw if answer.raw or answer.invalid else write_answer(answer, scenario)


def _window(trace: Trace, start: int, name: str) -> Window:
    """The window that is open at turn ``start``, followed to where it closes."""
    last = start
    while last + 1 < len(trace.turns) and name in trace.turns[last + 1].open_triggers:
        last += 1
    turns = trace.turns[start : last + 1]
    return Window(trigger=name, open_for=len(turns), served=any(name in turn.served for turn in turns))


def taught(row: GrpoRow) -> Iterator[str]:
    yield "\n".join((row.values, *(chat.content for chat in row.prompt)))


def prompts(row: GrpoRow) -> Iterable[str]:
    return (*(chat.content for chat in row.prompt), row.reference)


CORPUS = Corpus("grpo", GrpoRow, rows, taught, prompts)
