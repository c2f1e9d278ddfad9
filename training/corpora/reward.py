"""reward: the proposals that could be made at one event, each accepted or rejected, silence among them.

A candidate is accepted where its act is acceptable at the true configuration: the judge knows what the agent cannot. Where no
candidate but silence is accepted, the verdict of the event is ``reject_all``. Silence is the typed act, never a null.
Categories are those of ProactiveBench's reward rows (arXiv 2410.12361).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from pydantic import BaseModel, ConfigDict

from dramaturg.runtime.arguments import act_named
from dramaturg.runtime.prompt import write_answer
from dramaturg.runtime.record import canonical, plain
from dramaturg.runtime.trace import ActKey
from dramaturg.training.chats import Chat
from dramaturg.training.corpora.kinds import Corpus
from dramaturg.training.corpora.origin import Row, origin
from dramaturg.training.turns import Labelled

MAX_PROPOSALS = 8
"""Proposals of one event at most, beside silence; the first ones in document order."""
CATEGORIES = {
    ("silence", True): "correct_rejection",
    ("silence", False): "missed_need",
    ("proposal", True): "correct_detection",
    ("proposal", False): "false_alarm",
}


class Candidate(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    """silence | proposal"""
    answer: str
    accepted: bool
    category: str


class Judge(BaseModel):
    """What only the judge may see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    open_windows: list[str]
    hidden: str
    """Stance and the states of concerns, as a JSON object."""


class RewardRow(Row):
    prompt: list[Chat]
    candidates: list[Candidate]
    verdict: str
    """accept | reject_all"""
    judge: Judge


def rows(turns: Sequence[Labelled]) -> Iterator[RewardRow]:
    for at in turns:
        candidates = [*_silences(at), *islice(_proposals(at), MAX_PROPOSALS)]
        if len(candidates) < 2:
            continue
        accepted = any(candidate.accepted for candidate in candidates if candidate.kind == "proposal")
        hidden = canonical({name: plain(value) for name, value in at.hidden().items()})
        yield RewardRow.model_validate(
            {
                **origin(at),
                "prompt": list(at.prompt),
                "candidates": candidates,
                "verdict": "accept" if accepted else "reject_all",
                "judge": Judge(open_windows=list(at.turn.open_triggers), hidden=hidden),
            }
        )


def _silences(at: Labelled) -> Iterator[Candidate]:
    return (_candidate(at, act, "silence") for act, _ in at.others() if _silent(at, act))


def _proposals(at: Labelled) -> Iterator[Candidate]:
    return (_candidate(at, act, "proposal") for act, _ in at.others() if not _silent(at, act))


def _silent(at: Labelled, act: ActKey) -> bool:
    known = act_named(at.scenario, act.act)
    return known is not None and known.kind == "silent"


def _candidate(at: Labelled, act: ActKey, kind: str) -> Candidate:
    accepted = at.acceptable(act)
    answer = write_answer(at.answer(act), at.scenario)
    return Candidate(kind=kind, answer=answer, accepted=accepted, category=CATEGORIES[kind, accepted])


def taught(row: RewardRow) -> Iterator[str]:
    verdicts = (f"{candidate.answer} {candidate.accepted}" for candidate in row.candidates)
    yield "\n".join((*(chat.content for chat in row.prompt), *verdicts))


def prompts(row: RewardRow) -> Iterable[str]:
    return (*(chat.content for chat in row.prompt), *(candidate.answer for candidate in row.candidates))


CORPUS = Corpus("reward", RewardRow, rows, taught, prompts)
