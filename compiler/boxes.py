"""Guard boxes: exact reasoning about guards over bounded variables.

A guard is kept as a finite union of disjoint boxes, a box giving each variable the set of values that it may take. Meet, union
and subtraction are closed on such unions, so satisfiability, overlap, gaps and equivalence are all decided, each with a
concrete witness. Values are kept as cell numbers of a finite axis (the grid of a number, the members of an enum, the states
of a machine, the events of the scenario), and a set of cells as disjoint half-open intervals.

What is not a variable becomes an axis too. The event of a step is one; its fields are axes of their own, named by event. A
past operator is a free yes/no tied to what it implies (``P for 10m`` implies P, P implies ``once P``). A comparison of several
variables is split along all but the largest of them; where that is too much, or an axis has no bound, the comparison is a
free yes/no and the region is marked as not exact: what it calls empty is empty, what it calls non-empty may be empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from dramaturg.compiler.comparisons import Judge, is_leaf, judge
from dramaturg.compiler.conditions import subsets
from dramaturg.compiler.evaluate import COMPARE
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Scenario
from dramaturg.dsl.types import DAY, Bool, Enum, Number, Optional, SetOf, TimeOfDay, Type, Value

Cells = tuple[tuple[int, int], ...]
"""A set of cells: sorted, disjoint, non-adjacent half-open intervals."""

MAX_BOXES = 4000
MAX_WORK = 40_000
"""Pairs of boxes that are held against each other for one guard."""
ALL_WORK = 400_000
"""The same for all guards of a scenario. Long ``or`` chains over many variables would otherwise double with each part."""
MEETING = 4
"""What a meeting of two regions costs beside their pairs of boxes."""
MAX_SPLIT = 50_000
ALL_SPLIT = 150_000
"""Combinations of values that one comparison of several variables may be split into, and those of a scenario together."""

MAX_MEMBERS = 8
"""Members of an enum whose sets are all looked at."""

NO_EVENT = ""


class TooManyBoxes(ValueError):
    """A guard whose union of boxes is too large to reason about."""


def cells(numbers: Sequence[int]) -> Cells:
    """The set of these cell numbers (sorted, distinct)."""
    out: list[tuple[int, int]] = []
    for number in numbers:
        if out and out[-1][1] == number:
            out[-1] = (out[-1][0], number + 1)
        else:
            out.append((number, number + 1))
    return tuple(out)


def meet(left: Cells, right: Cells) -> Cells:
    out: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        lo, hi = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if lo < hi:
            out.append((lo, hi))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(out)


def complement(item: Cells, size: int) -> Cells:
    out: list[tuple[int, int]] = []
    at = 0
    for lo, hi in item:
        if at < lo:
            out.append((at, lo))
        at = hi
    if at < size:
        out.append((at, size))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Axis:
    """What one name of a guard can be: a grid of numbers or a list of values, perhaps unknown as well (the last cell)."""

    name: str
    grid: range | None = None
    members: tuple[Value, ...] = ()
    unknown: bool = False

    @property
    def known(self) -> int:
        return len(self.members) if self.grid is None else len(self.grid)

    @property
    def size(self) -> int:
        return self.known + self.unknown

    def value(self, cell: int) -> Value:
        if cell >= self.known:
            return None
        return self.members[cell] if self.grid is None else self.grid[cell]

    def where(self, op: str, constant: Value) -> Cells:
        """The cells whose value compares so with a constant, unknowns as ``core.Compare`` says."""
        if constant is None:
            return ((0, self.known),) if op == "!=" and self.known else ()
        if self.grid is not None and isinstance(constant, int) and len(self.grid) > 0:
            first, step = self.grid.start, self.grid.step
            below = min(max(-((first - constant) // step), 0), self.known)  # how many are < constant
            upto = min(max((constant - first) // step + 1, 0), self.known)  # how many are <= constant
            inside = {
                "<": (0, below),
                "<=": (0, upto),
                ">": (upto, self.known),
                ">=": (below, self.known),
                "==": (below, upto),
                "!=": (below, upto),
            }[op]
            found: Cells = (inside,) if inside[0] < inside[1] else ()
            return complement(found, self.size) if op == "!=" else found
        test = COMPARE[op]
        return cells([cell for cell in range(self.size) if test(self.value(cell), constant)])


@dataclass(frozen=True, slots=True)
class Box:
    """The valuations that give each named axis a value in its own set; an axis not named is free."""

    sets: Mapping[str, Cells]

    def __and__(self, other: Box) -> Box | None:
        """The common valuations, or None where there are none."""
        sets = dict(self.sets)
        for name, mine in other.sets.items():
            both = meet(sets[name], mine) if name in sets else mine
            if not both:
                return None
            sets[name] = both
        return Box(sets)


@dataclass(frozen=True, slots=True)
class Region:
    """A union of disjoint boxes."""

    boxes: tuple[Box, ...]
    exact: bool = True

    def __bool__(self) -> bool:
        return bool(self.boxes)


EVERYWHERE = Region((Box({}),))
NOWHERE = Region(())


@dataclass(frozen=True, eq=False)
class Space:
    """The axes of a scenario's guards, and the algebra of regions over them. Axes are added as guards mention them."""

    scenario: Scenario
    axes: dict[str, Axis] = field(default_factory=dict)
    nestings: dict[str, Nesting] = field(default_factory=dict, repr=False)
    """By task."""
    known: dict[tuple[Expr, ...], Region | None] = field(default_factory=dict, repr=False)
    """By guards that were asked for; None where they were too much."""
    work: list[int] = field(default_factory=lambda: [0, MAX_WORK, 0], repr=False)
    """Pairs of boxes held against each other so far, how many there may be, and combinations that comparisons were split into."""

    # The algebra

    def _spend(self, pairs: int) -> None:
        self.work[0] += pairs
        if self.work[0] > self.work[1]:
            raise TooManyBoxes

    def meet(self, left: Region, right: Region) -> Region:
        self._spend(MEETING + len(left.boxes) * len(right.boxes))
        boxes = [both for a in left.boxes for b in right.boxes if (both := a & b) is not None]
        return self._region(boxes, left.exact and right.exact)

    def subtract(self, left: Region, right: Region) -> Region:
        boxes = list(left.boxes)
        for hole in right.boxes:
            self._spend(len(boxes))
            boxes = [rest for box in boxes for rest in self._without(box, hole)]
            if len(boxes) > MAX_BOXES:
                raise TooManyBoxes
        return self._region(boxes, left.exact and right.exact)

    def union(self, left: Region, right: Region) -> Region:
        return self._region([*left.boxes, *self.subtract(right, left).boxes], left.exact and right.exact)

    def negate(self, item: Region) -> Region:
        return self.subtract(EVERYWHERE, item)

    def _without(self, box: Box, hole: Box) -> Iterator[Box]:
        if box & hole is None:
            yield box
            return
        rest = dict(box.sets)
        for name, away in hole.sets.items():
            here = rest.get(name, ((0, self.axes[name].size),))
            if outside := meet(here, complement(away, self.axes[name].size)):
                yield Box({**rest, name: outside})
            rest[name] = meet(here, away)

    def _region(self, boxes: Sequence[Box], exact: bool) -> Region:
        if len(boxes) > MAX_BOXES:
            raise TooManyBoxes
        return Region(tuple(boxes), exact)

    def witness(self, region: Region) -> dict[str, Value] | None:
        """One valuation of the axes that the first box names, or None where the region is empty."""
        if not region:
            return None
        return {name: self.axes[name].value(found[0][0]) for name, found in region.boxes[0].sets.items()}

    # From guards to regions

    def region(self, *guards: Expr | None) -> Region:
        """Where all these guards hold at one step. Raises TooManyBoxes."""
        parts = tuple(guard for guard in guards if guard is not None)
        self._allow()
        if parts not in self.known:
            try:
                self.known[parts] = self._found(parts)
            except TooManyBoxes:
                self.known[parts] = None
            self._allow()
        found = self.known[parts]
        if found is None:
            raise TooManyBoxes
        return found

    @property
    def exhausted(self) -> bool:
        """Whether all guards together were too much: no other is decided any more."""
        return self.work[0] >= ALL_WORK

    def _allow(self) -> None:
        """From here on the work of one guard more, as far as all guards together leave it."""
        self.work[1] = min(self.work[0] + MAX_WORK, ALL_WORK)

    def _found(self, parts: tuple[Expr, ...]) -> Region:
        if not any(core.is_event(part) for part in parts):
            return self._all([self._expr(part, NO_EVENT) for part in parts])
        out = NOWHERE
        for event in self._events(parts):
            here = self._all([self._on("event", (event,)), *(self._expr(part, event) for part in parts)])
            out = Region((*out.boxes, *here.boxes), out.exact and here.exact)
        return self._region(out.boxes, out.exact)

    def _events(self, parts: Sequence[Expr]) -> tuple[str, ...]:
        """The events that these guards can tell apart, and one for all the others."""
        named: dict[str, None] = {}
        for part in parts:
            for item in core.walk(part):
                if isinstance(item, core.Happened):
                    named.update(dict.fromkeys(item.events))
                elif isinstance(item, core.Field):
                    fits = [e.name for e in self.scenario.events.values() if any(f.name == item.name for f in e.fields)]
                    named.update(dict.fromkeys(fits))
        return (NO_EVENT, *named)

    def _all(self, regions: Sequence[Region]) -> Region:
        out = EVERYWHERE
        for item in regions:
            out = self.meet(out, item)
        return out

    def _any(self, regions: Sequence[Region]) -> Region:
        out = NOWHERE
        for item in regions:
            out = self.union(out, item)
        return out

    def _expr(self, expr: Expr, event: str) -> Region:
        """Where a yes/no expression holds at a step with this event."""
        match expr:
            case core.Const(value):
                return EVERYWHERE if value else NOWHERE
            case core.And(items):
                return self._all([self._expr(item, event) for item in items])
            case core.Or(items):
                return self._any([self._expr(item, event) for item in items])
            case core.Not(item):
                return self.negate(self._expr(item, event))
            case core.Happened(events, where):
                if event not in events:
                    return NOWHERE
                return EVERYWHERE if where is None else self._expr(where, event)
            case core.InState(machine, states):
                return self._on(machine, states)
            case core.Var() | core.Field() | core.Latest():
                return self._compare(core.Compare("==", expr, core.Const(True)), event)
            case core.Compare() | core.Contains():
                return self._compare(expr, event)
            case core.Member(item, values):
                return self._any([self._compare(core.Compare("==", item, core.Const(v)), event) for v in values])
            case core.Known(item):
                return self._compare(core.Compare("!=", item, core.Const(None)), event)
            case core.Held(item, _):
                return self.meet(self._expr(item, event), self._free(expr))
            case core.InLast(item, _):
                return self.union(self._expr(item, event), self._free(expr))
            case core.Since(left, right):
                begun = self.union(self._expr(right, event), self._free(expr))
                return self.meet(self._expr(left, event), begun)
            case core.Once(item, None):
                return self.union(self._expr(item, event), self._free(core.Earlier(item)))
            case core.Once(item, since):
                assert since is not None
                before = self.subtract(self._free(expr), self._expr(since, event))
                return self.union(self._expr(item, event), before)
            case core.Earlier() | core.Matches():
                return self._free(expr)
            case core.Judged():
                return self._free(expr)
        raise AssertionError(f"not a yes/no expression: {expr!r}")

    def _free(self, expr: Expr) -> Region:
        """A yes/no that nothing here decides. Two occurrences of one expression are the same yes/no."""
        name = f"‹{expr!r}›"
        self.axes.setdefault(name, Axis(name, members=(False, True)))
        return Region((Box({name: ((1, 2),)}),))

    def _on(self, machine: str, states: Sequence[str]) -> Region:
        kind, _, name = machine.partition(".")
        if kind == "task":
            task = next(task for task in self.scenario.tasks if task.name == name)
            nesting = self.nestings.setdefault(name, Nesting(task))
            if not nesting.flat:
                return self._any([self._in_state(machine, nesting, state) for state in states])
        axis = self._machine(machine)
        found = cells(sorted(axis.members.index(state) for state in states))
        return Region((Box({axis.name: found}),)) if found else NOWHERE

    def _in_state(self, machine: str, nesting: Nesting, state: str) -> Region:
        """A state of a task is active where its region is at it, and the region of the state around it at that, and so on:
        one axis for each region."""
        sets: dict[str, Cells] = {}
        for name in (state, *nesting.ancestors(state)):
            region = nesting.around(name)
            axis = f"{region.owner}{region.name and f'.{region.name}'} of {machine}" if region.owner else machine
            self.axes.setdefault(axis, Axis(axis, members=region.states))
            sets[axis] = cells([region.states.index(name)])
        return Region((Box(sets),))

    def _machine(self, machine: str) -> Axis:
        found = self.axes.get(machine)
        if found is None:
            kind, _, name = machine.partition(".")
            members: tuple[Value, ...]
            match kind:
                case "event":
                    members = (NO_EVENT, *self.scenario.events)
                case "task":
                    members = next(tuple(s.name for s in t.states) for t in self.scenario.tasks if t.name == name)
                case "concern":
                    drawn = any(c.name == name and c.drawn for c in self.scenario.concerns)
                    members = ("hidden", "voiced", "eased", "hardened", *(("absent",) if drawn else ()))
                case "trigger":
                    members = ("idle", "open", "served", "missed")
                case "shift":
                    taken_back = any(
                        name == tie.name for s in self.scenario.shifts for tie in (*s.undoes, *s.instead_of)
                    )
                    members = ("waiting", "done", *(("undone",) if taken_back else ()))
                case _:
                    raise AssertionError(f"unknown machine {machine}")
            found = self.axes[machine] = Axis(machine, members=members)
        return found

    # Comparisons

    def _compare(self, expr: core.Compare | core.Contains, event: str) -> Region:
        match expr:
            case core.Compare(op, core.Var() | core.Field() | core.Latest() as left, core.Const(value)):
                axis = self._axis(left, event)
                if axis is not None:
                    found = axis.where(op, value)
                    return Region((Box({axis.name: found}),)) if found else NOWHERE
        leaves = list(dict.fromkeys(item for item in core.walk(expr) if is_leaf(item)))
        axes = [self._axis(leaf, event) for leaf in leaves]
        if any(axis is None for axis in axes):
            loose = self._free(core.Happened((event,), expr) if core.is_event(expr) else expr)
            return Region(loose.boxes, exact=False)
        known = {axis.name: axis for axis in axes if axis is not None}
        total = 1
        for axis in known.values():
            total *= max(axis.size, 1)
        if total > min(MAX_SPLIT, ALL_SPLIT - self.work[2]):
            loose = self._free(core.Happened((event,), expr) if core.is_event(expr) else expr)
            return Region(loose.boxes, exact=False)
        self.work[2] += total
        return self._split(expr, event, list(known.values()))

    def _split(self, expr: core.Compare | core.Contains, event: str, axes: list[Axis]) -> Region:
        """A comparison of several variables, by trying every value of each."""
        if not axes:
            return EVERYWHERE if self._judge(expr, {}, event)(()) else NOWHERE
        axes.sort(key=lambda axis: axis.size)
        *outer, inner = axes
        holds = self._judge(expr, {axis.name: at for at, axis in enumerate(axes)}, event)
        known = [[axis.value(cell) for cell in range(axis.size)] for axis in axes]
        innermost = list(enumerate(known[-1]))
        rows: dict[Cells, list[tuple[int, ...]]] = {}
        for choice in product(*(range(axis.size) for axis in outer)):
            values = [known[at][cell] for at, cell in enumerate(choice)]
            found = [cell for cell, value in innermost if holds([*values, value])]
            if found:
                rows.setdefault(cells(found), []).append(choice)
        boxes: list[Box] = []
        for found_cells, choices in rows.items():
            if len(outer) == 1:
                boxes.append(Box({outer[0].name: cells([c for (c,) in choices]), inner.name: found_cells}))
            else:
                boxes += [
                    Box({**{a.name: ((c, c + 1),) for a, c in zip(outer, choice)}, inner.name: found_cells})
                    for choice in choices
                ]
        return self._region(boxes, True)

    def _judge(self, expr: core.Compare | core.Contains, places: Mapping[str, int], event: str) -> Judge:
        """Whether a comparison holds, given the values of its axes, each in its place."""

        def place(leaf: Expr) -> int:
            axis = self._axis(leaf, event)
            assert axis is not None
            return places[axis.name]

        return judge(expr, place)

    def _axis(self, leaf: Expr, event: str) -> Axis | None:
        """The axis of a leaf, None where it has no finite one."""
        match leaf:
            case core.Var(name):
                return self._declared(name, self.scenario.variables[name].type, leaf)
            case core.Field(name):
                kind = self._field(event, name)
                if kind is None:  # the event has no such field: unknown
                    return self.axes.setdefault("‹no field›", Axis("‹no field›", unknown=True))
                return self._declared(f"{event}.{name}", kind, leaf)
            case core.Latest(other, name) if other == event:
                return self._axis(core.Field(name), event)
            case core.Latest(other, name):
                kind = self._field(other, name)
                assert kind is not None, f"{other} has no field {name}"
                axis = f"latest {other}.{name}"
                return self._declared(axis, kind if isinstance(kind, Optional) else Optional(kind), leaf)
            case core.Resistance(person):
                total = sum(concern.weight for concern in self.scenario.concerns if concern.person == person)
                name = f"{person}.resistance"
                return self.axes.setdefault(name, Axis(name, grid=range(total + 1)))
            case core.Count(_, cap):
                name = f"‹{leaf!r}›"
                return self.axes.setdefault(name, Axis(name, grid=range(cap + 1)))
        raise AssertionError(f"not a leaf: {leaf!r}")

    def _field(self, event: str, name: str) -> Type | None:
        declared = self.scenario.events.get(event)
        return None if declared is None else next((f.type for f in declared.fields if f.name == name), None)

    def _declared(self, name: str, kind: Type, leaf: Expr) -> Axis | None:
        if name in self.axes:
            return self.axes[name]
        inner, unknown = (kind.inner, True) if isinstance(kind, Optional) else (kind, isinstance(leaf, core.Field))
        match inner:
            case Bool():
                axis = Axis(name, members=(False, True), unknown=unknown)
            case Enum(members):
                axis = Axis(name, members=members, unknown=unknown)
            case SetOf(Enum(members)) if len(members) <= MAX_MEMBERS:
                axis = Axis(name, members=tuple(subsets(members)), unknown=unknown)
            case Number(_, lo, hi, step) if lo is not None and hi is not None:
                axis = Axis(name, grid=range(lo, hi + 1, step or 1), unknown=unknown)
            case TimeOfDay():
                axis = Axis(name, grid=range(DAY), unknown=unknown)
            case _:
                return None
        self.axes[name] = axis
        return axis
