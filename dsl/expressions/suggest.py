"""Did you mean: the known word that a misspelt one was meant to be.

The distance is Damerau and Levenshtein's in its restricted form (insert, delete, replace, swap two neighbours; no part is
edited twice). Case, ``-`` and blanks do not count. Among equally near words one of the same letters wins, because a swap
leaves none out (``hsotel`` is ``hostel``, not ``hotel``), then the one that shares more of its beginning and its length:
people get first letters right.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from dramaturg.dsl.expressions.lookalikes import skeleton


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``word`` is most likely a misspelling of, or None where none is near enough."""
    from rapidfuzz.distance import OSA  # a tenth of the start of a command, and most files have no mistake

    wanted = _plain(word)
    if not wanted or len(wanted) > 100:
        return None
    limit = 1 if len(wanted) <= 4 else 2 if len(wanted) <= 8 else 3
    names = list(candidates)
    near = []
    for order, candidate in enumerate(names):
        known = _plain(candidate)
        away = OSA.distance(wanted, known, score_cutoff=limit)
        if away <= limit and away < max(len(known), len(wanted)):
            near.append((away, order, known))
    nearest = min(near, default=(0,))[0]
    ranked = []
    for away, order, known in near:
        if away == nearest:
            others = sorted(wanted) != sorted(known)
            lengths = abs(len(wanted) - len(known))
            ranked.append((names[order] != word, others, -_shared(wanted, known), lengths, order))
    return names[min(ranked)[-1]] if ranked else None


def kindred(word: str, candidates: Iterable[str]) -> str | None:
    """The only candidate of which ``word`` is the last part, or which is the last part of it: ``delayed`` and
    ``train.delayed``."""
    found = {known for known in candidates if known.endswith(f".{word}") or word.endswith(f".{known}")}
    return found.pop() if len(found) == 1 else None


def part_of(word: str, candidates: Iterable[str]) -> str | None:
    """The only candidate that ``word`` is a part of between low lines: ``rival`` of ``rival_offer``. A guess."""
    found = {known for known in candidates if f"_{word}_" in f"_{known}_"}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    return skeleton(word).casefold().replace("-", "_").replace(" ", "_")


def _shared(left: str, right: str) -> int:
    """How many characters the two share at the beginning (which count twice) and at the end."""
    shared = 0
    for a, b in zip(left, right):
        if a != b:
            break
        shared += 2
    for a, b in zip(reversed(left), reversed(right)):
        if a != b:
            break
        shared += 1
    return shared
