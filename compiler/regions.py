"""Regions: the classes of a variable's values that a scenario's own guards can tell apart.

A world variable that random draws drive (a fare that walks) would multiply configurations by the size of its grid. The graph
keeps only its region: values on which every guard agrees, whatever the variables beside it in those guards may be. Which
valuations those are is found while exploring (``Grown`` says that a new one appeared and that exploration starts again), so
the partition is as coarse as soundness allows and no coarser. Outcomes of draws are enumerated over all values of a region
(``members``), so which region may follow which is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dramaturg.compiler.evaluate import Context, Eval, compiled
from dramaturg.compiler.growth import Budget, too_fine
from dramaturg.compiler.lowering import all_guards, reads
from dramaturg.compiler.tables import Tables
from dramaturg.dsl import core
from dramaturg.dsl.core import Expr
from dramaturg.dsl.scenario import Guard
from dramaturg.dsl.types import Number, Value

SMALL = 12
"""Variables with at most this many values are kept as they are."""


DIVISIONS = 50
"""Values that may be held against guards, per state of the budget."""
REMEMBERED = 20_000
"""Valuations whose regions are remembered."""


class Grown(Exception):
    """A valuation appeared that the partition did not know of: what was explored with it must be explored again."""


@dataclass(slots=True)
class _Regional:
    """A variable that is kept by region."""

    index: int
    grid: tuple[int, ...]
    atoms: tuple[tuple[Eval, tuple[int, ...]], ...]
    """Comparisons that read it, each with the other variables that it reads."""
    seen: set[tuple[Value, ...]] = field(default_factory=set)
    """Valuations of those other variables (all atoms' together) that have occurred."""
    representative: dict[Value, Value] = field(default_factory=dict)
    members: dict[Value, tuple[Value, ...]] = field(default_factory=dict)


class _Entangled(Exception):
    """A guard reads the variable in a way that regions cannot follow; the message says in which."""


def _atoms_of(expr: Expr, name: str) -> list[Expr]:
    """The smallest comparisons of ``expr`` that read the variable. Raises _Entangled where it is read in some other way."""
    if name not in reads(expr):
        return []
    match expr:
        case core.Compare() | core.Member() | core.Contains():
            joints = core.Compare | core.Member | core.Contains | core.Size | core.Altered | core.Arith | core.Const
            others = [p for p in core.walk(expr) if not isinstance(p, joints)]
            if any(isinstance(p, core.Field) for p in others):
                # An argument compared with the variable: representatives stand for their regions there.
                if isinstance(expr, core.Compare) and expr.op in ("==", "!="):
                    return []
                raise _Entangled("this compares it by order with a field of an event")
            if all(isinstance(p, core.Var) for p in others):
                return [expr]
            raise _Entangled("this compares it with more than present values")
        case core.Var() | core.Arith():
            raise _Entangled("this takes over its very value")
        case core.Known():
            raise _Entangled("this asks whether it is known")
        case core.Matches():
            raise _Entangled("this holds a condition against it")
        case _:
            return [atom for child in core.children(expr) for atom in _atoms_of(child, name)]


class Partition:
    """The regions of a scenario's driven variables, per binding."""

    def __init__(self, tables: Tables, budget: Budget | None = None) -> None:
        """Raises OverBudget where a variable has too many values to be divided within the budget."""
        self._tables = tables
        self._budget = budget or Budget()
        self._divided = 0
        self.causes: dict[str, tuple[Guard, str]] = {}
        """Driven variables that are kept value by value: the guard that makes them so, and how it reads them."""
        self._templates = [r for name in self._driven() if (r := self._regional(name)) is not None]
        self._of: dict[int, list[_Regional]] = {}
        self._canon: dict[tuple[int, tuple[Value, ...]], tuple[Value, ...]] = {}
        self.version = 0
        """How often regions were divided: what was derived from them with another version is void."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._tables.variables[r.index].name for r in self._templates)

    def _driven(self) -> list[str]:
        """World variables that a stream entry sets from a draw, directly or by way of a drawn field."""
        out: list[str] = []
        for entry in self._tables.stream:
            drawn = {
                name
                for name, guard in entry.source.fields
                if any(isinstance(p, core.Uniform | core.Spread | core.Pick) for p in core.walk(guard.expr))
            }
            for name, guard in entry.source.sets:
                fields = {p.name for p in core.walk(guard.expr) if isinstance(p, core.Field)}
                if fields & drawn and name not in out:
                    out.append(name)
        return out

    def _regional(self, name: str) -> _Regional | None:
        tables = self._tables
        variable = tables.scenario.variables[name]
        if variable.kind != "world" or not isinstance(variable.type, Number):
            return None
        try:
            grid = variable.type.grid()
        except ValueError:
            return None
        if len(grid) <= SMALL:
            return None
        streamed = {
            id(guard)
            for entry in tables.stream
            if entry.source.kind != "when"
            for _, guard in (*entry.source.fields, *entry.source.sets)
        }
        found: dict[Expr, None] = {}
        for guard in all_guards(tables.scenario):
            if id(guard) in streamed:
                continue
            try:
                atoms = _atoms_of(guard.expr, name)
            except _Entangled as how:
                self.causes[name] = (guard, str(how))
                return None
            for atom in atoms:
                found.setdefault(atom)
        if len(grid) > self._budget.states:
            what = "each must be held against the guards that read it"
            raise too_fine(tables.scenario, name, len(grid), what, self._budget)
        index = tables.layout.variables
        return _Regional(
            index[name],
            tuple(grid),
            tuple(
                (compiled(atom, tables.layout), tuple(sorted(index[other] for other in reads(atom) - {name})))
                for atom in found
            ),
        )

    def _for(self, binding: int) -> list[_Regional]:
        if binding not in self._of:
            self._of[binding] = [_Regional(r.index, r.grid, r.atoms) for r in self._templates]
        return self._of[binding]

    def canon(self, binding: int, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """The values with each driven variable replaced by its region's representative. Raises Grown."""
        if not self._templates or not values:
            return values
        key = (binding, values)
        found = self._canon.get(key)
        if found is None:
            if len(self._canon) >= REMEMBERED:
                self._canon.clear()
            found = self._canon[key] = self._canonical(binding, values)
        return found

    def _canonical(self, binding: int, values: tuple[Value, ...]) -> tuple[Value, ...]:
        out = list(values)
        for regional in self._for(binding):
            beside = tuple(values[i] for _, others in regional.atoms for i in others)
            if beside not in regional.seen:
                known = bool(regional.seen)
                regional.seen.add(beside)
                self._divide(regional, len(values))
                self._canon.clear()
                self.version += 1
                if known:
                    raise Grown
            out[regional.index] = regional.representative.get(values[regional.index], values[regional.index])
        return tuple(out)

    def members(self, binding: int, index: int, value: Value) -> tuple[Value, ...]:
        """The values of the region that a representative stands for; the value alone where the variable is no driven one."""
        for regional in self._for(binding):
            if regional.index == index:
                return regional.members.get(value, (value,))
        return (value,)

    def representative(self, binding: int, index: int, value: Value) -> Value:
        """The representative of the region that a value of this variable lies in; itself where the variable is no driven one."""
        for regional in self._for(binding):
            if regional.index == index:
                return regional.representative.get(value, value)
        return value

    def _divide(self, regional: _Regional, size: int) -> None:
        """Group the grid by what every atom says under every valuation seen."""
        self._divided += len(regional.grid) * len(regional.seen) * len(regional.atoms)
        if self._divided > DIVISIONS * self._budget.states:
            what = f"each must be held against {len(regional.seen):,} sets of values beside it"
            name = self._tables.variables[regional.index].name
            raise too_fine(self._tables.scenario, name, len(regional.grid), what, self._budget)
        groups: dict[tuple[bool, ...], list[Value]] = {}
        for value in regional.grid:
            verdicts: list[bool] = []
            for beside in regional.seen:
                values: list[Value] = [None] * size
                at = 0
                for _, others in regional.atoms:
                    for i in others:
                        values[i] = beside[at]
                        at += 1
                values[regional.index] = value
                ctx = Context(tuple(values), (), (), ())
                verdicts += [bool(atom(ctx)) for atom, _ in regional.atoms]
            groups.setdefault(tuple(verdicts), []).append(value)
        regional.representative = {v: group[len(group) // 2] for group in groups.values() for v in group}
        regional.members = {group[len(group) // 2]: tuple(group) for group in groups.values()}
