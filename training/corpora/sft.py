"""sft: dialogues whose trained messages are reference answers.

One row is one dialogue. It goes through a whole episode, and those of the agent's messages are trained that are exactly the
reference answer at a turn where one act is right whatever the agent cannot see; its mistakes stay in the dialogue and are
not trained, so what comes after a mistake is learned too. Where the agent went wrong, a further row ends in what it should
have answered.
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
    """The episode's own dialogue up to its last trained message, and one dialogue per turn that went otherwise."""
    kept: list[int] = []
    last: tuple[Labelled, list[Chat]] | None = None
    for at in turns:
        if at.gold is None:
            continue
        prompt = list(at.prompt)
        right = write_answer(at.answer(at.gold), at.scenario)
        dialogue = [*prompt, Chat(role="assistant", content=right)]
        if not at.turn.answer.invalid and write_answer(at.turn.answer, at.scenario) == right:
            kept.append(len(prompt))
            last = (at, dialogue)
        else:
            yield _row(at, dialogue, [len(prompt)])
    if last is not None:
        yield _row(*last, kept)


def _row(at: Labelled, dialogue: list[Chat], trained: list[int]) -> SftRow:
    return SftRow.model_validate({**origin(at), "messages": dialogue, "trained": trained})


def taught(row: SftRow) -> Iterator[str]:
    """Each trained answer after everything that came before it."""
    texts = [f"{chat.role}\n{chat.content}\n" for chat in row.messages]
    for place in row.trained:
        yield "".join(texts[: place + 1])


def prompts(row: SftRow) -> Iterable[str]:
    return (chat.content for chat in row.messages)


CORPUS = Corpus("sft", SftRow, rows, taught, prompts)
