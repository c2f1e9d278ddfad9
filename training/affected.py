"""Affected: which corpora a change of a scenario reaches, and how.

Read off the change itself and its consequences for the graph: rows of a binding whose graph is as it was keep their labels, and
their text as well unless words that go into them have changed. Which words go into which corpus is said here once, and a test
holds it against what is emitted.
"""

from __future__ import annotations

from dataclasses import dataclass

from dramaturg.compiler.consequences import Consequences
from dramaturg.compiler.difference import Change, Difference
from dramaturg.training.corpora import corpora

VALUED = ("distill", "grpo", "reward")
"""Corpora that hold values, not only acceptable acts."""
PRIVILEGED = ("distill",)
"""Corpora in which the stories of concerns are told: to the teacher. The judge of ``reward`` knows their states only."""
UNSEEN = ("background", "backgrounds", "needs")
"""Texts for whoever words the moves; no row holds them."""


@dataclass(frozen=True, slots=True)
class Affected:
    """What a change does to one corpus."""

    corpus: str
    effect: str
    """``labels``: rows come, go or are labelled otherwise; ``values``: numbers in them change; ``text``: only their wording does;
    empty: nothing does."""


def affected(change: Difference, result: Consequences | None) -> tuple[Affected, ...]:
    """The effect on each corpus; without the graphs, the worst that the change may have."""
    return tuple(Affected(kind.name, _effect(kind.name, change, result)) for kind in corpora())


def _effect(corpus: str, change: Difference, result: Consequences | None) -> str:
    if result is None:
        if change.meaning:
            return "labels"
    elif any(text.path[0] == "turns" for text in change.meaning):
        return "labels"  # no graph holds how many turns there are; episodes do
    elif result.added or result.removed or result.moved or result.relabelled:
        return "labels"
    elif result.revalued and corpus in VALUED:
        return "values"
    if any(_reaches(corpus, text) for text in change.texts) or change.meaning:
        return "text"
    return ""


def _reaches(corpus: str, text: Change) -> bool:
    """Whether words of this kind stand in rows of this corpus."""
    last = text.path[-1]
    if last == "story":
        return corpus in PRIVILEGED
    return last not in UNSEEN
