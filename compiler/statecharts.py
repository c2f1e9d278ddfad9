"""Statecharts: how a task whose states lie in each other moves from place to place.

What a task is at, for the step semantics, is one text: its *key*. It is the place (``dsl.nesting``), followed by what states with a
history remember of when they were left: ``CALLING (TRAVELLING: CHECKED & SEATED)``. Only what can still matter is in it, so equal
keys have equal futures. Everything here is a function of keys and remembered, as a graph comes by few of them.

The rules, after Harel and SCXML: a line inside a state comes before the lines around it; what a transition leaves is left from the
inside out, what it enters is entered from the outside in; going from a state to one inside it does not leave it, going to
itself does. Two lines of states side by side that would both leave one state conflict: the first in document order is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from dramaturg.dsl.nesting import AND, Nesting, Region
from dramaturg.dsl.scenario import Task

Memory = Mapping[str, tuple[str, ...]]
"""Of states with a history that are not active: the states inside that were."""

_KEY = re.compile(r"(?P<place>[^(]*[^( ])(?: \((?P<memory>.*)\))?")
_T = TypeVar("_T")


class Moved(NamedTuple):
    """What a set of transitions comes to."""

    key: str
    left: tuple[str, ...]
    """The states that are left, from the inside out."""
    entered: tuple[str, ...]
    """Those that are entered, from the outside in."""


@dataclass(frozen=True, eq=False)
class Statechart:
    """The algebra of one task's keys. It knows nothing of guards: whoever asks says which lines are enabled."""

    nesting: Nesting
    _active: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    _order: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _moves: dict[tuple[str, tuple[tuple[str, str], ...]], Moved] = field(default_factory=dict, repr=False)

    @staticmethod
    def of(task: Task) -> Statechart:
        return Statechart(Nesting(task))

    # Keys

    def write(self, active: Iterable[str], memory: Memory) -> str:
        """The key where these states are active and this is remembered, as far as it can still matter."""
        nesting, active = self.nesting, frozenset(active)
        place = nesting.place(active)
        if nesting.end(place) is not None:
            return place
        kept = self._matters({name: inside for name, inside in memory.items() if name not in active})
        parts = [f"{name}: {AND.join(kept[name])}" for name in nesting.states if name in kept]
        return f"{place} ({'; '.join(parts)})" if parts else place

    def read(self, key: str) -> tuple[str, Memory]:
        """The place and what is remembered."""
        found = _KEY.fullmatch(key)
        assert found is not None, f"{key!r} is no key of task {self.nesting.task.name}"
        if found["memory"] is None:
            return found["place"], {}
        parts = (part.split(": ") for part in found["memory"].split("; "))
        return found["place"], {name: tuple(inside.split(AND)) for name, inside in parts}

    def place(self, key: str) -> str:
        """The place alone: what the state of the task is to whoever asks."""
        return key.partition(" (")[0]

    def active(self, key: str) -> frozenset[str]:
        """Every state that is active."""
        found = self._active.get(key)
        if found is None:
            found = self._active[key] = self.nesting.active(self.place(key))
        return found

    def inner_first(self, key: str) -> tuple[str, ...]:
        """The active states, each before those around it; none once the task has ended."""
        found = self._order.get(key)
        if found is None:
            order = self.nesting.order
            ended = self.nesting.end(self.place(key)) is not None
            found = () if ended else tuple(sorted(self.active(key), key=order.__getitem__, reverse=True))
            self._order[key] = found
        return found

    def _matters(self, memory: Memory) -> Memory:
        """What of a memory makes a difference: to resume a state may be to enter it as if for the first time."""
        kept = dict(memory)
        for name in sorted(memory, key=self.nesting.order.__getitem__, reverse=True):
            regions = self.nesting.regions[name]
            without = {other: inside for other, inside in kept.items() if other != name}
            if set(self._resumed(name, kept)) == set(self._enter(regions, frozenset(), without)):
                kept = without
        return kept

    def _resumed(self, name: str, memory: Memory) -> Iterator[str]:
        """What becomes active inside a state that is entered as it was left."""
        nesting = self.nesting
        wanted = frozenset(around for inside in memory[name] for around in (inside, *nesting.ancestors(inside)))
        return self._enter(nesting.regions[name], wanted, memory)

    # Moves

    def start(self) -> Moved:
        """The beginning: the first state, and the first of each region in it."""
        entered = tuple(self._enter(self.nesting.regions[""], frozenset(), {}))
        return Moved(self.write(entered, {}), (), self._outer_first(entered))

    def chosen(self, key: str, enabled: Callable[[str], _T | None]) -> list[tuple[str, _T]]:
        """Which states act, with what ``enabled`` says of them, in document order: those for which it says anything and
        inside which none acts."""
        out: list[tuple[str, _T]] = []
        shadowed: set[str] = set()
        for name in self.inner_first(key):
            if name not in shadowed and (found := enabled(name)) is not None:
                out.append((name, found))
                shadowed.update(self.nesting.ancestors(name))
        return out[::-1]

    def outward(self, name: str) -> Iterator[str]:
        """The state and those around it whose lines are tried after its own: up to a state that is divided into regions."""
        yield name
        for around in self.nesting.ancestors(name):
            if len(self.nesting.regions[around]) > 1:
                return
            yield around

    def leaves(self, key: str, name: str, go: str) -> frozenset[str]:
        """The active states that going from one state to another leaves."""
        region = self.nesting.common(name, go)
        here = next((s for s in region.states if s in self.active(key)), None)
        return frozenset() if here is None else frozenset(s for s in self.active(key) if self.nesting.within(s, here))

    def agreeing(self, key: str, wanted: Sequence[tuple[str, str | None]]) -> list[bool]:
        """Of transitions (state, target) in document order, which can be taken together: those that leave nothing that an
        earlier one leaves."""
        out: list[bool] = []
        left: set[str] = set()
        for name, go in wanted:
            leaving = frozenset[str]() if go is None else self.leaves(key, name, go)
            out.append(left.isdisjoint(leaving))
            if out[-1]:
                left |= leaving
        return out

    def move(self, key: str, taken: tuple[tuple[str, str], ...]) -> Moved:
        """What these transitions (state, target), which agree, come to together."""
        memo = (key, taken)
        found = self._moves.get(memo)
        if found is None:
            found = self._moves[memo] = self._move(key, taken)
        return found

    def _move(self, key: str, taken: tuple[tuple[str, str], ...]) -> Moved:
        nesting, active = self.nesting, self.active(key)
        _, before = self.read(key)
        memory = dict(before)
        left: set[str] = set()
        for name, go in taken:
            left |= self.leaves(key, name, go)
        for name in left:
            if nesting.states[name].history is not None:
                memory[name] = self._remembered(name, active)
        entered: list[str] = []
        for name, go in taken:
            wanted = frozenset((go, *nesting.ancestors(go)))
            entered += self._enter((nesting.common(name, go),), wanted, memory)
        key = self.write((active - left) | set(entered), memory)
        order = nesting.order
        return Moved(key, tuple(sorted(left, key=order.__getitem__, reverse=True)), self._outer_first(entered))

    def _outer_first(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=self.nesting.order.__getitem__))

    def _enter(self, regions: Iterable[Region], wanted: frozenset[str], memory: Memory) -> Iterator[str]:
        """What becomes active in these regions where the states wanted are entered, and those around them."""
        for region in regions:
            state = next((s for s in region.states if s in wanted), region.states[0])
            yield state
            inside = self.nesting.regions[state]
            if state in memory and not any(s in wanted for inner in inside for s in inner.states):
                yield from self._resumed(state, memory)
            else:
                yield from self._enter(inside, wanted, memory)

    def _remembered(self, name: str, active: frozenset[str]) -> tuple[str, ...]:
        """What a state that is left keeps of its inside: nothing once all of it has ended, so that it begins anew."""
        nesting = self.nesting
        children = [s for region in nesting.regions[name] for s in region.states if s in active]
        if all(nesting.states[s].end == "done" for s in children):
            return ()
        if nesting.states[name].history == "shallow":
            return tuple(children)
        return self._outer_first(s for s in active if not nesting.regions[s] and nesting.within(s, name))
