"""distill: the same turn in the teacher's view, which knows the people's hidden concerns, and in the dialogue-only view.

For asymmetric self-distillation (arXiv 2605.22240): the policy under the privileged view teaches itself under the view that is
deployed. Only scenarios in which somebody has a concern or a stance give rows. ``teacher`` is the one field of any chat corpus
in which what is hidden may stand. ``credit`` is the turn's own share of the outcome: value after the act minus value before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dramaturg.dsl.expressions.amounts import show
from dramaturg.dsl.types import Value
from dramaturg.runtime.prompt import write_answer
from dramaturg.training.chats import Chat
from dramaturg.training.corpora.kinds import Corpus
from dramaturg.training.corpora.origin import Row, origin
from dramaturg.training.turns import Labelled


class DistillRow(Row):
    prompt: list[Chat]
    """The student's view: dialogue only."""
    teacher: list[Chat]
    """The teacher's view: the same, and what the people do not say."""
    completion: list[Chat]
    """The reference answer."""
    value: float
    credit: float


def rows(turns: Sequence[Labelled]) -> Iterator[DistillRow]:
    for at in turns:
        if at.gold is None or not at.trace.stance:
            continue
        student = list(at.prompt)
        answer = write_answer(at.answer(at.gold), at.scenario)
        yield DistillRow.model_validate(
            {
                **origin(at),
                "prompt": student,
                "teacher": privileged(at, student),
                "completion": [Chat(role="assistant", content=answer)],
                "value": at.turn.value_before,
                "credit": round(at.turn.value_after - at.turn.value_before, 9),
            }
        )


def privileged(at: Labelled, student: list[Chat]) -> list[Chat]:
    """The student's prompt with what is hidden told at the end of its system message."""
    system = Chat(role="system", content=f"{student[0].content}\n{secrets(at)}")
    return [system, *student[1:]]


def secrets(at: Labelled) -> str:
    """Stance and concerns in words, one line each."""
    scenario, lines = at.scenario, ["Only you know:"]
    hidden = at.hidden()
    for concern in scenario.concerns:
        state = hidden.get(f"concern.{concern.name}")
        if state is not None:
            story = " ".join(concern.story.split())
            lines.append(f"- {concern.person}, concern {concern.name} ({state}, weight {concern.weight}): {story}")
    lines += [
        f"- {name}: {_shown(at, name, value)}" for name, value in hidden.items() if not name.startswith("concern.")
    ]
    return "\n".join(lines)


def _shown(at: Labelled, name: str, value: Value) -> str:
    return "unknown" if value is None else show(value, at.scenario.variables[name].type)


def taught(row: DistillRow) -> Iterator[str]:
    yield "\n".join(chat.content for chat in (*row.teacher, *row.completion))


def prompts(row: DistillRow) -> Iterable[str]:
    return (chat.content for chat in (*row.prompt, *row.completion))


CORPUS = Corpus("distill", DistillRow, rows, taught, prompts)
