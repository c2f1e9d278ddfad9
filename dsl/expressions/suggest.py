"""Did you mean: the known word that a misspelt one was meant to be.

The distance is Damerau and Levenshtein's in its restricted form (insert, delete, replace, swap two neighbours; no part is
edited twice). Case, ``-`` and blanks do not count. Among equally near words the one that shares more of its beginning
and its length wins: people get first letters right.
"""

from __future__ import annotations

from collections.abc import Iterable

from dramaturg.dsl.expressions.lookalikes import skeleton


def distance(left: str, right: str, limit: int) -> int:
    """The number of single edits between two words, or ``limit + 1`` where there are more. O(len(left) · len(right))."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``word`` is most likely a misspelling of, or None where none is near enough."""
    wanted = _plain(word)
    if not wanted or len(wanted) > 100:
        return None
    limit = 1 if len(wanted) <= 4 else 2 if len(wanted) <= 8 else 3
    ranked = []
    for order, candidate in enumerate(candidates):
        known = _plain(candidate)
        away = distance(wanted, known, limit)
        if away > limit or away >= max(len(known), len(wanted)):
            continue
        ranked.append(
            (away, candidate != word, -_shared(wanted, known), abs(len(wanted) - len(known)), order, candidate)
        )
    return min(ranked)[-1] if ranked else None


def kindred(word: str, candidates: Iterable[str]) -> str | None:
    """The only candidate of which ``word`` is the last part, or which is the last part of it: ``delayed`` and
    ``train.delayed``."""
    found = {known for known in candidates if known.endswith(f".{word}") or word.endswith(f".{known}")}
    return found.pop() if len(found) == 1 else None


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
