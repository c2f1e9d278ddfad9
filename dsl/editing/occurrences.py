"""Occurrences: every name in a scenario and its modules, with each place where it stands.

A *symbol* is what a name stands for, told apart by its kind and its full name, so that the two names of one thing are one
symbol (``max_price`` inside its task, ``trip.max_price`` elsewhere) and two things of one name are two. An *index* holds the
occurrences of one scenario; whoever renames looks at the indices of all scenarios that share a file. Values only: how they
are found is ``indexing``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from dramaturg.dsl.spans import Span

KINDS = {
    "variable": "a variable",
    "event": "an event",
    "move": "a move",
    "act": "an act",
    "field": "a field",
    "task": "a task",
    "state": "a state",
    "trigger": "a trigger",
    "concern": "a concern",
    "constant": "a constant of a concern",
    "shift": "a shift",
    "person": "a person",
    "persona": "a persona",
    "trait": "a trait",
    "type": "a type",
    "choice": "a choice",
    "recording": "a recording",
    "rule": "a rule",
    "check": "a check",
    "module": "a module",
    "need": "a parameter of a module",
}
"""The kinds of symbols, as a sentence calls them."""


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """What a name stands for."""

    kind: str
    """A key of ``KINDS``."""
    name: str
    """Its full name: ``trip.max_price``, ``user.accept``, ``agent.ask.topic`` (a field), ``trip.PENDING`` (a state). A choice is
    named by the choices beside it, because types with the same choices are the same: ``a|b:a``."""

    @property
    def short(self) -> str:
        """The name as it is declared: its last part, except for events of the world, modules and choices."""
        match self.kind:
            case "event" | "module":
                return self.name
            case "choice" | "need":
                return self.name.rpartition(":")[2]
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A symbol, written down: exactly the bytes that name it, without what qualifies it."""

    symbol: Symbol
    span: Span
    declares: bool = False


class Index:
    """The occurrences of one scenario, by place and by symbol. Immutable once built."""

    def __init__(self, occurrences: Iterable[Occurrence]) -> None:
        # What declares a name counts as that, however often it was come across.
        given = sorted(occurrences, key=lambda o: o.declares)
        found = {(o.span.path, o.span.start, o.span.end, o.symbol): o for o in given}
        self.occurrences = tuple(
            sorted(found.values(), key=lambda o: (o.span.path, o.span.start, o.span.end, o.symbol))
        )

    @cached_property
    def _places(self) -> Mapping[str, tuple[list[int], list[Occurrence]]]:
        out: dict[str, tuple[list[int], list[Occurrence]]] = {}
        for one in self.occurrences:
            starts, here = out.setdefault(one.span.path, ([], []))
            starts.append(one.span.start)
            here.append(one)
        return out

    @cached_property
    def _symbols(self) -> Mapping[Symbol, tuple[Occurrence, ...]]:
        out: dict[Symbol, list[Occurrence]] = {}
        for one in self.occurrences:
            out.setdefault(one.symbol, []).append(one)
        return {symbol: tuple(found) for symbol, found in out.items()}

    @property
    def symbols(self) -> Iterable[Symbol]:
        return self._symbols

    def at(self, path: str, offset: int) -> tuple[Occurrence, ...]:
        """What is named at a byte of a file, the end of a name included. Several where one word names several things at
        once: a field that several events have."""
        starts, here = self._places.get(path, ([], []))
        last = bisect_right(starts, offset)
        found = [one for one in here[max(0, last - 16) : last] if one.span.start <= offset <= one.span.end]
        inside = [one for one in found if offset < one.span.end]
        return tuple(inside or found)

    def of(self, symbol: Symbol) -> tuple[Occurrence, ...]:
        """Everywhere that a symbol stands, in order of path and place."""
        return self._symbols.get(symbol, ())

    def declarations(self, symbol: Symbol) -> tuple[Occurrence, ...]:
        return tuple(one for one in self.of(symbol) if one.declares)

    def within(self, path: str) -> tuple[Occurrence, ...]:
        """What stands in one file, in its order."""
        return tuple(self._places.get(path, ([], []))[1])
