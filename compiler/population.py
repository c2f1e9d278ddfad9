"""Population: how many combinations of a few facets keep all rules, how much each weighs, and exact draws among them.

A *facet* has finitely many values with whole-number weights, a *rule* looks at some facets, a *tally* bounds how many of some
facets have a value other than their first. The weight of a combination is the product of its values' weights. Nothing is
enumerated and nothing is rejected: facets are eliminated one by one (variable elimination, Dechter, "Bucket elimination",
1999, on sparse tables of integers), which gives the total; going back through the tables gives the combination at any rank,
so a space of 10^12 combinations is counted and drawn from in milliseconds. Every combination owns an interval of ranks as
long as its weight, which is what makes draws without replacement exact as well.

It knows nothing of persons or scenarios: see ``persons``.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import prod

from dramaturg.compiler.chance import Stream

MOST_ROWS = 1 << 18
"""Rows of one table at most; facets that rules tie together more closely are refused."""
BLOCK = 256
"""Intervals of ranks in one block."""

Combination = tuple[int, ...]
"""Of each facet the index of its value."""


class TooEntangled(ValueError):
    """The rules tie more facets together than a table of ``MOST_ROWS`` rows holds. ``rules`` are the labels of those rules."""

    def __init__(self, rules: tuple[str, ...]) -> None:
        super().__init__("rules tie too many facets together: " + ", ".join(rules))
        self.rules = rules


@dataclass(frozen=True, slots=True)
class Facet:
    """What combinations differ in. A value of weight 0 does not occur."""

    name: str
    weights: tuple[int, ...]

    def __post_init__(self) -> None:
        if any(weight < 0 for weight in self.weights):
            raise ValueError(f"{self.name} has a negative weight: {self.weights}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition on the values (by index) of the facets at these places."""

    label: str
    facets: tuple[int, ...]
    holds: Callable[..., bool]


@dataclass(frozen=True, slots=True)
class Tally:
    """Of the facets at these places between ``least`` and ``most`` have a value other than their first."""

    label: str
    facets: tuple[int, ...]
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A combination, the first of its ranks, and how many it has."""

    values: Combination
    start: int
    weight: int


Row = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """A function from the values of some facets to a weight; what is not there weighs nothing."""

    facets: tuple[int, ...]
    rows: dict[Row, int]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Bucket:
    """What was eliminated with one facet: all that spoke of it, and what that says to the facets around it."""

    facet: int
    around: tuple[int, ...]
    joined: dict[Row, int]
    """(value, values around) to weight."""
    options: dict[Row, list[tuple[int, int]]]
    """Values around to (value, weight), by value."""
    message: dict[Row, int]


@dataclass(frozen=True)
class Population:
    """Facets with rules and tallies over them. Raises TooEntangled where they cannot be counted."""

    facets: tuple[Facet, ...]
    rules: tuple[Rule | Tally, ...] = ()

    @cached_property
    def count(self) -> int:
        """How many different combinations there are."""
        ones = tuple(Facet(f.name, tuple(int(weight > 0) for weight in f.weights)) for f in self.facets)
        return replace(self, facets=ones).total if ones != self.facets else self.total

    @cached_property
    def total(self) -> int:
        """The weight of all combinations together."""
        if any(isinstance(rule, Rule) and not rule.facets and not rule.holds() for rule in self.rules):
            return 0
        return prod(bucket.message.get((), 0) for bucket in self._buckets if not bucket.around)

    def at(self, rank: int) -> Drawn:
        """The combination that owns a rank. ValueError where the rank is not below ``total``."""
        if not 0 <= rank < self.total:
            raise ValueError(f"there is no rank {rank}: ranks go from 0 to {self.total - 1}")
        chosen: dict[int, int] = {}
        offset, size = rank, self.total
        for bucket in reversed(self._buckets):
            context = tuple(chosen[facet] for facet in bucket.around)
            rest = size // bucket.message[context]
            for value, weight in bucket.options[context]:
                if offset < weight * rest:
                    chosen[bucket.facet], size = value, weight * rest
                    break
                offset -= weight * rest
        return Drawn(tuple(chosen[facet] for facet in range(len(self.facets))), rank - offset, size)

    def __iter__(self) -> Iterator[Drawn]:
        """Every combination, in order of rank."""
        rank = 0
        while rank < self.total:
            drawn = self.at(rank)
            yield drawn
            rank = drawn.start + drawn.weight

    def weight(self, values: Combination) -> int:
        """The weight of a combination, 0 where it breaks a rule or does not occur."""
        broken = any(not _keeps(rule, values) for rule in self.rules)
        return 0 if broken else prod(f.weights[value] for f, value in zip(self.facets, values, strict=True))

    def sample(self, count: int, chance: Callable[[int], Stream], *, distinct: bool = False) -> Iterator[Drawn]:
        """Draws, each combination as likely as its share of the weight; ``chance`` gives the numbers of draw n.

        With ``distinct`` none comes twice: each draw is among what is left, in proportion to weight, and ends when nothing is.
        """
        taken, left = _Taken(), self.total
        for number in range(count):
            if left == 0:
                return
            drawn = self.at(taken.skipped(uniform(chance(number), left)))
            if distinct:
                taken.add(drawn.start, drawn.weight)
                left -= drawn.weight
            yield drawn

    @cached_property
    def shares(self) -> tuple[tuple[int, ...], ...]:
        """Of each value of each facet the weight of all combinations that have it; of each facet they add up to ``total``."""
        belief: dict[int, _Table] = {}
        out: list[list[int]] = [[0] * len(facet.weights) for facet in self.facets]
        place = {bucket.facet: number for number, bucket in enumerate(self._buckets)}
        for bucket in reversed(self._buckets):
            outside: dict[Row, int] = {}
            if self.total and bucket.around:
                parent = belief[min(bucket.around, key=lambda facet: place[facet])]
                seats = [parent.facets.index(facet) for facet in bucket.around]
                for row, weight in parent.rows.items():
                    key = tuple(row[seat] for seat in seats)
                    outside[key] = outside.get(key, 0) + weight
                outside = {key: weight // bucket.message[key] for key, weight in outside.items()}
            elif self.total:
                outside[()] = self.total // bucket.message[()]
            rows = {row: weight * outside[row[1:]] for row, weight in bucket.joined.items() if row[1:] in outside}
            belief[bucket.facet] = _Table((bucket.facet, *bucket.around), rows)
            if bucket.facet < len(out):
                for row, weight in rows.items():
                    out[bucket.facet][row[0]] += weight
        return tuple(tuple(weights) for weights in out)

    @cached_property
    def _buckets(self) -> tuple[_Bucket, ...]:
        tables, sizes = self._tables()
        speaking: dict[int, list[_Table]] = {facet: [] for facet in range(len(sizes))}
        for table in tables:
            for facet in table.facets:
                speaking[facet].append(table)
        cost = {facet: _cost(those, sizes) for facet, those in speaking.items()}
        out = []
        while cost:
            facet = min(cost, key=lambda f: (cost[f], f))
            del cost[facet]
            mine = sorted(speaking.pop(facet), key=lambda t: len(t.rows))
            joined = mine[0]
            for other in mine[1:]:
                joined = _join(joined, other)
            around = tuple(sorted(f for f in joined.facets if f != facet))
            seats = [joined.facets.index(f) for f in (facet, *around)]
            rows = {tuple(row[seat] for seat in seats): weight for row, weight in joined.rows.items()}
            options: defaultdict[Row, list[tuple[int, int]]] = defaultdict(list)
            for row in sorted(rows):
                options[row[1:]].append((row[0], rows[row]))
            message = {key: sum(weight for _, weight in those) for key, those in options.items()}
            out.append(_Bucket(facet, around, rows, dict(options), message))
            told = _Table(around, message, joined.labels)
            for other_facet in around:
                left = [t for t in speaking[other_facet] if not any(t is one for one in mine)]
                speaking[other_facet] = [*left, told]
                cost[other_facet] = _cost(speaking[other_facet], sizes)
        return tuple(out)

    def _tables(self) -> tuple[list[_Table], list[int]]:
        """Weights, rules and tallies as tables; a tally brings running counts, which are facets of their own."""
        sizes = [len(facet.weights) for facet in self.facets]
        out = [
            _Table((place,), {(value,): weight for value, weight in enumerate(facet.weights) if weight})
            for place, facet in enumerate(self.facets)
        ]
        for rule in self.rules:
            if not rule.facets:
                continue
            if isinstance(rule, Tally):
                out += _counted(rule, sizes)
                continue
            ranges = [[v for v in range(sizes[f]) if self.facets[f].weights[v]] for f in rule.facets]
            if prod(len(values) for values in ranges) > MOST_ROWS:
                raise TooEntangled((rule.label,))
            out.append(_Table(rule.facets, {row: 1 for row in product(*ranges) if rule.holds(*row)}, (rule.label,)))
        return out, sizes


class _Taken:
    """Intervals of ranks that are gone, in blocks, so that thousands of them are passed over quickly."""

    def __init__(self) -> None:
        self._blocks: list[list[tuple[int, int]]] = [[]]
        self._weights = [0]

    def skipped(self, rank: int) -> int:
        """The rank that is the ``rank``-th (from 0) of those that are left."""
        for block, weight in zip(self._blocks, self._weights, strict=True):
            if block and rank + weight - block[-1][1] >= block[-1][0]:
                rank += weight
                continue
            for start, length in block:
                if rank < start:
                    return rank
                rank += length
        return rank

    def add(self, start: int, length: int) -> None:
        place = max(bisect_right([block[0][0] if block else 0 for block in self._blocks], start) - 1, 0)
        block = self._blocks[place]
        insort(block, (start, length))
        self._weights[place] += length
        if len(block) > BLOCK:
            self._blocks[place : place + 1] = [block[: BLOCK // 2], block[BLOCK // 2 :]]
            halves = self._blocks[place : place + 2]
            self._weights[place : place + 1] = [sum(length for _, length in half) for half in halves]


def uniform(chance: Stream, count: int) -> int:
    """A number below ``count``, however large, every one exactly as likely: bits are drawn anew until they fit."""
    bits = (count - 1).bit_length()
    words = -(-bits // 64)
    counter = 0
    while True:
        drawn = 0
        for _ in range(words):
            drawn = drawn << 64 | chance.word(counter)
            counter += 1
        drawn >>= 64 * words - bits
        if drawn < count:
            return drawn


def conflict(population: Population) -> tuple[str, ...]:
    """Labels of rules that no combination keeps together, each of them needed for that; none where there is no conflict."""
    if population.total:
        return ()
    kept = population.rules
    size = len(kept)
    while size:  # many at a time first, in the end each alone
        place = 0
        while place < len(kept):
            without = (*kept[:place], *kept[place + size :])
            if replace(population, rules=without).total:
                place += size
            else:
                kept = without
        size //= 2
    return tuple(rule.label for rule in kept)


def _keeps(rule: Rule | Tally, values: Combination) -> bool:
    mine = [values[facet] for facet in rule.facets]
    if isinstance(rule, Tally):
        return rule.least <= sum(value > 0 for value in mine) <= rule.most
    return rule.holds(*mine)


def _cost(speaking: Sequence[_Table], sizes: Sequence[int]) -> int:
    """How large the table over everything that these speak of may become."""
    return prod(sizes[f] for f in {f for table in speaking for f in table.facets})


def _join(left: _Table, right: _Table) -> _Table:
    shared = [f for f in left.facets if f in right.facets]
    mine, theirs = [left.facets.index(f) for f in shared], [right.facets.index(f) for f in shared]
    fresh = [seat for seat, f in enumerate(right.facets) if f not in shared]
    by_key: defaultdict[Row, list[tuple[Row, int]]] = defaultdict(list)
    for row, weight in right.rows.items():
        by_key[tuple(row[seat] for seat in theirs)].append((tuple(row[seat] for seat in fresh), weight))
    labels = tuple(dict.fromkeys((*left.labels, *right.labels)))
    rows: dict[Row, int] = {}
    for row, weight in left.rows.items():
        for more, other in by_key.get(tuple(row[seat] for seat in mine), ()):
            rows[(*row, *more)] = weight * other
        if len(rows) > MOST_ROWS:
            raise TooEntangled(labels)
    return _Table((*left.facets, *(right.facets[seat] for seat in fresh)), rows, labels)


def _counted(tally: Tally, sizes: list[int]) -> list[_Table]:
    """A tally as a chain of running counts, each a facet that those before it determine. Their sizes are appended."""
    out: list[_Table] = []
    most = min(tally.most, len(tally.facets))
    before: int | None = None
    for number, facet in enumerate(tally.facets):
        last = number == len(tally.facets) - 1
        so_far = range(min(number, most) + 1) if before is not None else range(1)
        rows: dict[Row, int] = {}
        here = len(sizes)
        for had in so_far:
            for value in range(sizes[facet]):
                now = had + (value > 0)
                if now <= most and (not last or now >= tally.least):
                    rows[(value, now) if before is None else (had, value, now)] = 1
        sizes.append(min(number + 1, most) + 1)
        out.append(_Table((facet, here) if before is None else (before, facet, here), rows, (tally.label,)))
        before = here
    return out
