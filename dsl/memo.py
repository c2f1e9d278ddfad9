"""Memos: what was worked out from a text once, kept for the next time that the same text comes by.

Every memo is a function of its key alone, so a hit gives what the work would have given; a test loads everything with cold, warm
and disabled memos and compares. They are bounded: a full one forgets its older half. Reading takes no lock (a dictionary is
whole between any two instructions), and a race between two writers costs no more than work done twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_ALL: list[Memo[object, object]] = []


class Memo(Generic[K, V]):
    """A bounded dictionary of results."""

    __slots__ = ("get", "known", "most", "open")

    def __init__(self, most: int) -> None:
        self.known: dict[K, V] = {}
        self.get = self.known.get
        self.most = most
        self.open = True
        _ALL.append(self)  # type: ignore[arg-type]

    def keep(self, key: K, value: V) -> None:
        known = self.known
        if len(known) >= self.most:
            for old in list(known)[: self.most // 2]:
                known.pop(old, None)
        if self.open:
            known[key] = value


def forget() -> None:
    """Empty every memo."""
    for memo in _ALL:
        memo.known.clear()


@contextmanager
def disabled() -> Iterator[None]:
    """Nothing is kept meanwhile, and nothing that was kept is used. For tests; not for several threads."""
    forget()
    for memo in _ALL:
        memo.open = False
    try:
        yield
    finally:
        for memo in _ALL:
            memo.open = True
