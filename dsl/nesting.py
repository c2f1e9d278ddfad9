"""Nesting: how the states of a task lie in each other, and which places the task can be in.

One notion carries it all: a *region* is a set of states of which exactly one is active. The task itself is a region; a state
with ``states`` holds one, a state with ``regions`` several, which are active side by side. A *place* is what is active at a
moment, written as the innermost states in document order: ``PAID``, or ``CHECKED & SEATED``. Because names are unique in a task,
these say everything about the states around them. What moves a task from place to place is the compiler's (``statecharts``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product, takewhile
from math import prod

from dramaturg.dsl.scenario import Task, TaskState

AND = " & "
"""Stands between states that are active side by side."""


@dataclass(frozen=True, slots=True)
class Region:
    """States of which exactly one is active while ``owner`` is. The first is where it starts."""

    owner: str
    """The state that holds the region; empty for the task itself."""
    name: str
    """As written under ``regions``; empty where the owner has only one."""
    states: tuple[str, ...]


def leaves(place: str) -> tuple[str, ...]:
    """The innermost active states that a place names."""
    return tuple(place.split(AND))


@dataclass(frozen=True, eq=False)
class Nesting:
    """The states of one task, as a tree."""

    task: Task

    @cached_property
    def states(self) -> dict[str, TaskState]:
        """By name, in document order."""
        return {state.name: state for state in self.task.states}

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of each state in document order."""
        return {name: place for place, name in enumerate(self.states)}

    @cached_property
    def regions(self) -> dict[str, tuple[Region, ...]]:
        """The regions that each state holds (none where it holds no states); the task's own under the empty name."""
        found: dict[str, dict[str, list[str]]] = {"": {}, **{name: {} for name in self.states}}
        for state in self.task.states:
            found[state.parent].setdefault(state.region, []).append(state.name)
        return {
            owner: tuple(Region(owner, name, tuple(inside)) for name, inside in held.items())
            for owner, held in found.items()
        }

    @property
    def flat(self) -> bool:
        """Whether no state lies in another one."""
        return all(not state.parent for state in self.task.states)

    @cached_property
    def _around(self) -> dict[str, Region]:
        return {state: region for held in self.regions.values() for region in held for state in region.states}

    @cached_property
    def _paths(self) -> dict[str, tuple[str, ...]]:
        """From the outermost state around each state to itself."""
        out: dict[str, tuple[str, ...]] = {}
        for name, state in self.states.items():
            out[name] = (*out.get(state.parent, ()), name)
        return out

    def around(self, name: str) -> Region:
        """The region that a state stands in."""
        return self._around[name]

    def ancestors(self, name: str) -> tuple[str, ...]:
        """The states around a state, from the inside out, itself left out."""
        return self._paths[name][-2::-1]

    def within(self, name: str, other: str) -> bool:
        """Whether a state is ``other`` or lies somewhere inside it."""
        return other in self._paths[name]

    def _parting(self, one: str, other: str) -> tuple[str | None, str | None]:
        """The outermost states around two states (or themselves) that differ; None where a path ends before."""
        mine, its = self._paths[one], self._paths[other]
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(mine, its)))
        return mine[shared] if shared < len(mine) else None, its[shared] if shared < len(its) else None

    def common(self, one: str, other: str) -> Region:
        """The innermost region that holds both states, however deep; for a state and itself the one that it stands in.

        For a state and one inside it that is the inner region: going there does not leave the state.
        """
        mine, its = self._parting(one, other)
        if mine is None or its is None:
            return self.around(its or other)
        region = self.around(mine)
        return region if region is self.around(its) else self.around(region.owner)

    def apart(self, one: str, other: str) -> Region | None:
        """The region of ``one`` beside which ``other`` lies in another region of the same state; None where there is none."""
        mine, its = self._parting(one, other)
        if mine is None or its is None or self.around(mine) is self.around(its):
            return None
        return self.around(mine)

    def entered(self, names: Iterable[str] = ()) -> frozenset[str]:
        """What becomes active when the task (or what of it is not yet settled) is entered so that these states are active:
        the states around them, and in every region that none of them lies in, its first state."""
        wanted = {around for name in names for around in (name, *self.ancestors(name))}
        active: set[str] = set()
        todo = list(self.regions[""])
        while todo:
            region = todo.pop()
            state = next((s for s in region.states if s in wanted), region.states[0])
            active.add(state)
            todo.extend(self.regions[state])
        return frozenset(active)

    def place(self, active: Iterable[str]) -> str:
        """The place at which these states are active."""
        inner = [name for name in active if not self.regions[name]]
        return AND.join(sorted(inner, key=self.order.__getitem__))

    def active(self, place: str) -> frozenset[str]:
        """Every state that is active at a place."""
        return frozenset(around for name in leaves(place) for around in (name, *self.ancestors(name)))

    def read(self, text: str) -> str | None:
        """The place that a text names, whatever the order of its parts; None where there is no such place."""
        names = frozenset(part.strip() for part in text.split("&"))
        if not names <= self.states.keys():
            return None
        place = self.place(names)
        return place if set(leaves(place)) == names and self.entered(names) == self.active(place) else None

    @property
    def initial(self) -> str:
        """The place at which the task starts."""
        return self.place(self.entered())

    @cached_property
    def size(self) -> int:
        """How many places the states allow."""

        def inside(region: Region) -> int:
            return sum(prod(inside(inner) for inner in self.regions[state]) for state in region.states)

        return prod(inside(region) for region in self.regions[""])

    def places(self) -> tuple[str, ...]:
        """Every place that the states allow, in document order: ``size`` of them."""
        return tuple(AND.join(found) for found in self._places(self.regions[""]))

    def _places(self, regions: tuple[Region, ...]) -> Iterator[tuple[str, ...]]:
        """Every choice of innermost states of regions that are active side by side."""
        for choice in product(*(tuple(self._inside(region)) for region in regions)):
            yield tuple(name for part in choice for name in part)

    def _inside(self, region: Region) -> Iterator[tuple[str, ...]]:
        for state in region.states:
            yield from self._places(self.regions[state]) if self.regions[state] else ((state,),)

    def end(self, place: str) -> str | None:
        """``good`` or ``bad`` where the task has ended; where states side by side end it at once, ``bad`` counts."""
        ends = {self.states[name].end for name in leaves(place)}
        return "bad" if "bad" in ends else "good" if "good" in ends else None

    def if_over(self, place: str) -> str | None:
        """What it is worth to stop at a place: of each innermost state the nearest ``if_over``, its own or that of a state around
        it, and of states side by side the worst. A region that has ended does not count, unless all have."""
        running = [name for name in leaves(place) if self.states[name].end != "done"]
        worth = {self._if_over(name) for name in running or leaves(place)}
        return None if None in worth else "quiet" if "quiet" in worth else "good"

    def _if_over(self, name: str) -> str | None:
        around = (name, *self.ancestors(name))
        return next((it for state in around if (it := self.states[state].if_over) is not None), None)

    def ends_of(self, region: Region) -> tuple[str, ...]:
        """The states of a region that end it."""
        return tuple(name for name in region.states if self.states[name].end == "done")
