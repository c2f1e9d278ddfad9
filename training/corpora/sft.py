"""sft: dialogues whose trained messages are reference answers.

One row is one dialogue. It goes through a whole episode, and those of the agent's messages are trained that are exactly the
reference answer at a turn where that act is right whatever the agent cannot see. Its mistakes stay in the dialogue and are not
trained, so what comes after a mistake is learned and the mistake is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dramaturg.runtime.prompt import write_answer
from dramaturg.training.chats import Chat
from dramaturg.training.corpora.kinds import Corpus
from dramaturg.training.corpora.origin import Row, origin
from dramaturg.training.turns import Labelled


class SftRow(Row):
    messages: list[Chat]
    """system, then user and assistant in turn, the last one the assistant's."""
    trained: list[int]
    """Which of ``messages`` are trained; all others are masked."""


def rows(turns: Sequence[Labelled]) -> Iterator[SftRow]:
    """The episode's dialogue up to its last trained message, if it has one."""
    trained = {at.turn.index: text for at in turns if (text := _right(at))}
    if trained:
        last = next(at for at in reversed(turns) if at.turn.index in trained)
        dialogue = [*last.prompt, Chat(role="assistant", content=trained[last.turn.index])]
        places = [len(at.prompt) for at in turns if at.turn.index in trained]
        yield SftRow.model_validate({**origin(last), "messages": dialogue, "trained": places})


def _right(at: Labelled) -> str:
    """The answer as given, if it is the reference answer of a turn that has one; empty otherwise."""
    if at.gold is None or at.turn.answer.invalid:
        return ""
    given = write_answer(at.turn.answer, at.scenario)
    return given if given == write_answer(at.answer(at.gold), at.scenario) else ""


def taught(row: SftRow) -> Iterator[str]:
    """Each trained answer after everything that came before it."""
    texts = [f"{chat.role}\n{chat.content}\n" for chat in row.messages]
    for place in row.trained:
        yield "".join(texts[: place + 1])


def prompts(row: SftRow) -> Iterable[str]:
    return (chat.content for chat in row.messages)


CORPUS = Corpus("sft", SftRow, rows, taught, prompts, per_turn=False)
