"""kto: single answers with a label: right where the act is robust at its turn, wrong where it is one of the turn's failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dramaturg.training.chats import Chat
from dramaturg.training.corpora.dpo import completion
from dramaturg.training.corpora.kinds import Corpus
from dramaturg.training.corpora.origin import Row, origin
from dramaturg.training.signatures import first_of_each
from dramaturg.training.turns import Labelled


class KtoRow(Row):
    prompt: list[Chat]
    completion: list[Chat]
    label: bool
    signature: str
    """Why the answer is wrong; empty where it is right."""


def rows(turns: Sequence[Labelled]) -> Iterator[KtoRow]:
    for at in turns:
        prompt = list(at.prompt)
        answers = [(at.answer(act), "") for act in at.turn.robust]
        answers += [(failure.answer, failure.signature) for failure in first_of_each(at)]
        for answer, signature in answers:
            yield KtoRow.model_validate(
                {
                    **origin(at),
                    "prompt": prompt,
                    "completion": completion(at, answer),
                    "label": not signature,
                    "signature": signature,
                }
            )


def taught(row: KtoRow) -> Iterator[str]:
    yield "\n".join(prompts(row))


def prompts(row: KtoRow) -> Iterable[str]:
    return (chat.content for chat in (*row.prompt, *row.completion))


CORPUS = Corpus("kto", KtoRow, rows, taught, prompts)
