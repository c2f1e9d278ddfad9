"""Circles: things that each wait for the next, so that none of them can ever begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dramaturg.dsl.scenario import Tie


def circles(waits: Mapping[str, tuple[Tie, ...]]) -> Iterator[tuple[str, ...]]:
    """Shortest circles of names that wait for names, each set of names once, beginning with its first name in order."""
    order = {name: place for place, name in enumerate(waits)}
    told: set[frozenset[str]] = set()
    for start in waits:
        paths: list[tuple[str, ...]] = [(start,)]
        seen = {start}
        for path in paths:
            for tie in waits[path[-1]]:
                circle = frozenset(path)
                if tie.name == start and circle not in told and order[start] == min(order[name] for name in path):
                    told.add(circle)
                    yield path
                elif tie.name in waits and tie.name not in seen:
                    seen.add(tie.name)
                    paths.append((*path, tie.name))


def link(circle: tuple[str, ...], waits: Mapping[str, tuple[Tie, ...]]) -> Tie:
    """Where the first of a circle names the second (itself, where it is alone)."""
    return next(tie for tie in waits[circle[0]] if tie.name == circle[1 % len(circle)])
