"""Memos: what was worked out from a text once, kept for the next time that the same text comes by.

Every memo is a function of its key alone, so a hit gives what the work would have given; a test loads everything with cold, warm
and disabled memos and compares. They are bounded, in entries and in the text that these were made of (what is kept of a text
grows with it): a full one forgets its older half, and all together stay below 64 MB. Reading takes no lock (a dictionary is
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

    __slots__ = ("get", "held", "known", "most", "open", "sizes", "text")

    def __init__(self, most: int, text: int) -> None:
        """At most so many entries, made of at most so many characters of text together."""
        self.known: dict[K, V] = {}
        self.get = self.known.get
        self.most, self.text = most, text
        self.sizes: dict[K, int] = {}
        self.held = 0
        self.open = True
        _ALL.append(self)  # type: ignore[arg-type]

    def keep(self, key: K, value: V, size: int) -> None:
        """Keep what was made of ``size`` characters, unless it would push out more than half of the others."""
        if size > self.text // 2:
            return
        if len(self.known) >= self.most or self.held + size > self.text:
            self._halve()
        if self.open:
            self.held += size - self.sizes.get(key, 0)
            self.sizes[key] = size
            self.known[key] = value

    def _halve(self) -> None:
        entries = list(self.known)
        most, text = len(entries) // 2, self.text // 2
        left = sum(self.sizes.get(key, 0) for key in entries)
        for at, key in enumerate(entries):
            if len(entries) - at <= most and left <= text:
                break
            left -= self.sizes.pop(key, 0)
            self.known.pop(key, None)
        self.held = left

    def clear(self) -> None:
        self.known.clear()
        self.sizes.clear()
        self.held = 0


def forget() -> None:
    """Empty every memo."""
    for memo in _ALL:
        memo.clear()


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
