"""Suppositions: what is asked of judgement may come out either way, and a claim has to hold both ways.

``judged "…" else ATOM`` is decided by its ATOM wherever no model is asked, so labels, episodes and values go by that. A proof may
not count on it. For proofs the graph is explored once more: wherever a move asks a question, the moves are worked out again
with the question answered yes, and answered no. The same question asked twice at one step has one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dramaturg.compiler.configuration import Move
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr

MOST = 6
"""Questions at one moment that are answered both ways; what is asked beyond is decided by its ``else``."""


class Bench:
    """Whoever judges: what is supposed of each question, and which were asked."""

    __slots__ = ("answers", "asked")

    def __init__(self) -> None:
        self.answers: dict[str, bool] = {}
        self.asked: dict[str, None] = {}

    def decide(self, question: str, otherwise: bool) -> bool:
        """What is supposed of the question; ``otherwise`` where nothing is."""
        self.asked.setdefault(question)
        return self.answers.get(question, otherwise)


def judged(exprs: Iterable[Expr]) -> bool:
    """Whether anything is asked of judgement."""
    return any(isinstance(part, core.Judged) for expr in exprs for part in core.walk(expr))


def ways(bench: Bench, moves: Callable[[], Iterable[Move]]) -> tuple[Move, ...]:
    """The moves whichever way judgements come out, those first that there are where each is decided by its ``else``."""
    found: dict[Move, str] = {}
    todo: list[dict[str, bool]] = [{}]
    for answers in todo:
        bench.answers, bench.asked = answers, {}
        told = ", ".join(f"“{question}” is {'yes' if answer else 'no'}" for question, answer in answers.items())
        for move in moves():
            found.setdefault(move, told)
        fresh = next((question for question in bench.asked if question not in answers), None)
        if fresh is not None and len(answers) < MOST:
            todo += [{**answers, fresh: answer} for answer in (True, False)]
    bench.answers = {}
    return tuple(move._replace(supposed=told) for move, told in found.items())
