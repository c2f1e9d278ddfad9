"""Chance: numbers that depend only on what they are drawn for.

One generator serves every draw of an episode. It is counter-based: the numbers of a stream are a pure function of the
stream's key and the number of the decision, so nothing is carried from draw to draw, a draw can be repeated alone,
and a decision that one agent provokes and another does not leaves the numbers of other streams where they were.

The key of a stream is BLAKE2b (8 bytes) over its parts, each written with its length before it. The number of
decision ``n`` is SplitMix64 at counter ``n``: the finaliser of Steele, Lea and Flood, "Fast splittable pseudorandom
number generators" (2014), applied to ``key + (n + 1) * 0x9E3779B97F4A7C15`` modulo 2**64. Python's ``random`` is not
used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

_MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(word: int) -> int:
    """SplitMix64's finaliser: a bijection of 64-bit words."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _MASK
    return word ^ (word >> 31)


def key(*parts: str | int) -> int:
    """A 64-bit key of these parts; different tuples of parts give different keys (up to collisions of the hash)."""
    digest = blake2b(digest_size=8)
    for part in parts:
        data = str(part).encode()
        digest.update(f"{type(part).__name__[0]}{len(data)}:".encode())
        digest.update(data)
    return int.from_bytes(digest.digest(), "big")


@dataclass(frozen=True, slots=True)
class Stream:
    """The numbers of one key, by counter."""

    key: int

    def word(self, counter: int) -> int:
        """64 bits."""
        return mix((self.key + (counter + 1) * GOLDEN) & _MASK)

    def unit(self, counter: int) -> float:
        """A number in [0, 1) with 53 bits."""
        return (self.word(counter) >> 11) / (1 << 53)

    def below(self, counter: int, count: int) -> int:
        """An integer in ``range(count)``; its bias is at most ``count / 2**64``."""
        return (self.word(counter) * count) >> 64

    def pick(self, counter: int, chances: Sequence[float]) -> int:
        """An index, each with its share of the sum of ``chances``; one of chance 0 is never picked. ValueError where
        all are 0."""
        total = sum(chances)
        if not total > 0:
            raise ValueError(f"no alternative has a chance above 0: {tuple(chances)}")
        at = self.unit(counter) * total
        last = 0
        for index, chance in enumerate(chances):
            if chance > 0:
                last = index
                if at < chance:
                    break
                at -= chance
        return last


def stream(digest: str, binding: str, seed: int, purpose: str) -> Stream:
    """The stream of one episode (scenario digest, canonical text of the binding, seed) for one purpose."""
    return Stream(key(digest, binding, seed, purpose))
