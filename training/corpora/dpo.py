"""dpo: at one turn, the reference answer against a failure that the graph allows there, one row per failure signature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dramaturg.runtime.prompt import write_answer
from dramaturg.runtime.trace import Answer
from dramaturg.training.chats import Chat
from dramaturg.training.corpora.kinds import Corpus
from dramaturg.training.corpora.origin import Row, origin
from dramaturg.training.signatures import first_of_each
from dramaturg.training.turns import Labelled


class DpoRow(Row):
    prompt: list[Chat]
    chosen: list[Chat]
    rejected: list[Chat]
    signature: str
    """Why the rejected answer is wrong (``training.signatures``)."""
    detail: str
    """The rule or window that it is about; empty where there is none."""


def rows(turns: Sequence[Labelled]) -> Iterator[DpoRow]:
    for at in turns:
        if at.gold is None:
            continue
        prompt = list(at.prompt)
        chosen = completion(at, at.answer(at.gold))
        for failure in first_of_each(at):
            yield DpoRow.model_validate(
                {
                    **origin(at),
                    "prompt": prompt,
                    "chosen": chosen,
                    "rejected": completion(at, failure.answer),
                    "signature": failure.signature,
                    "detail": failure.detail,
                }
            )


def completion(at: Labelled, answer: Answer) -> list[Chat]:
    return [Chat(role="assistant", content=write_answer(answer, at.scenario))]


def taught(row: DpoRow) -> Iterator[str]:
    yield "\n".join(chat.content for chat in (*row.prompt, *row.chosen, *row.rejected))


def prompts(row: DpoRow) -> Iterable[str]:
    return (chat.content for chat in (*row.prompt, *row.chosen, *row.rejected))


CORPUS = Corpus("dpo", DpoRow, rows, taught, prompts)
