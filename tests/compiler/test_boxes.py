"""Guard boxes: the algebra's laws, and every verdict against z3 and against trying all values."""

import dataclasses
from collections.abc import Sequence
from itertools import product
from typing import TypeAlias

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.compiler.boxes import EVERYWHERE, Axis, Box, Cells, Region, Space, TooManyBoxes, cells, complement, meet
from dramaturg.compiler.evaluate import COMPARE, Context, Layout, compiled
from dramaturg.dsl import core
from dramaturg.dsl.core import And, Arith, Compare, Const, Expr, Happened, InState, Known, Member, Not, Or, Var
from dramaturg.dsl.scenario import EventField, EventType, Scenario, Task, TaskState, Variable
from dramaturg.dsl.types import Bool, Enum, Number, Optional, Text, Type, Value, Wait
from tests.compiler.graphs import scenario

Valuation: TypeAlias = tuple[tuple[Value, ...], str]

TYPES: dict[str, Type] = {
    "fare": Number("money(EUR)", 0, 100, 10),
    "limit": Number("money(EUR)", 20, 60, 20),
    "late": Bool(),
    "mood": Optional(Enum(("good", "bad", "odd"))),
    "note": Text(),
}
TASK = Task("trip", (TaskState("PENDING"), TaskState("DONE", end="good")))


def setting() -> Scenario:
    plain = scenario(tasks=[TASK])
    variables = {name: Variable(name, kind, "world") for name, kind in TYPES.items()}
    price = EventField("price", Number("money(EUR)", 0, 50, 10))
    events = {
        "agent.offer": EventType("agent.offer", "agent", (price,)),
        "user.accept": EventType("user.accept", "user", ()),
    }
    return dataclasses.replace(plain, variables=variables, events=events)


SETTING = setting()
LAYOUT = Layout(
    {name: i for i, name in enumerate(TYPES)}, {"task.trip": 0}, (), {}, lambda value, trigger, values: False
)


def space() -> Space:
    return Space(SETTING)


numbers = st.sampled_from(["fare", "limit"])
orders = st.sampled_from(sorted(COMPARE))
constants = st.integers(-1, 11).map(lambda n: Const(n * 10 + 5 * (n % 2)))
atoms = st.one_of(
    st.builds(lambda op, name, value: Compare(op, Var(name), value), orders, numbers, constants),
    st.builds(lambda op: Compare(op, Var("fare"), Var("limit")), orders),
    st.builds(lambda op, by: Compare(op, Arith("+", Var("limit"), by), Var("fare")), orders, constants),
    st.builds(
        lambda op, value: Compare(op, Var("mood"), Const(value)),
        st.sampled_from(["==", "!="]),
        st.sampled_from(["good", "odd"]),
    ),
    st.just(Known(Var("mood"))),
    st.just(Var("late")),
    st.just(Member(Var("mood"), ("good", "bad"))),
    st.just(InState("task.trip", ("DONE",))),
)
guards: st.SearchStrategy[Expr] = st.recursive(
    atoms,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: And(tuple(items))),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: Or(tuple(items))),
    ),
    max_leaves=6,
)

DOMAINS: tuple[Sequence[Value], ...] = (
    range(0, 101, 10),
    range(20, 61, 20),
    (False, True),
    (None, "good", "bad", "odd"),
    ("",),
)


def holds(guard: Expr, values: Sequence[Value], state: str = "PENDING") -> bool:
    return bool(compiled(guard, LAYOUT)(Context(tuple(values), (state,), (), ())))


def satisfying(guard: Expr) -> set[Valuation]:
    return {
        (values, state) for values in product(*DOMAINS) for state in ("PENDING", "DONE") if holds(guard, values, state)
    }


def inside(here: Space, region: Region) -> dict[Valuation, int]:
    """Every valuation that some box of the region admits, and how many boxes admit it."""
    counts: dict[Valuation, int] = {}
    for values in product(*DOMAINS):
        for state in ("PENDING", "DONE"):
            named = {**dict(zip(TYPES, values, strict=True)), "task.trip": state}
            for box in region.boxes:
                if all(
                    any(here.axes[n].value(c) == named[n] for lo, hi in s for c in range(lo, hi))
                    for n, s in box.sets.items()
                ):
                    counts[values, state] = counts.get((values, state), 0) + 1
    return counts


@settings(max_examples=60)
@given(guards)
def test_a_region_is_the_guard_and_its_boxes_are_disjoint(guard: Expr) -> None:
    here = space()
    counts = inside(here, here.region(guard))
    assert set(counts) == satisfying(guard)
    assert set(counts.values()) <= {1}


@settings(max_examples=60)
@given(guards, guards)
def test_algebra(one: Expr, two: Expr) -> None:
    here = space()
    a, b = here.region(one), here.region(two)
    first, second = satisfying(one), satisfying(two)
    assert set(inside(here, here.meet(a, b))) == first & second
    assert set(inside(here, here.union(a, b))) == first | second
    assert set(inside(here, here.subtract(a, b))) == first - second
    assert not here.meet(here.negate(a), a)
    assert set(inside(here, here.union(here.negate(a), a))) == satisfying(Const(True))


@settings(max_examples=60)
@given(guards)
def test_a_witness_satisfies_the_guard(guard: Expr) -> None:
    here = space()
    witness = here.witness(here.region(guard))
    if witness is None:
        assert not satisfying(guard)
        return
    values = [witness.get(name, domain[0]) for name, domain in zip(TYPES, DOMAINS, strict=True)]
    assert holds(guard, values, str(witness.get("task.trip", "PENDING")))


@settings(max_examples=100, deadline=None)
@given(guards, guards)
def test_verdicts_agree_with_z3(one: Expr, two: Expr) -> None:
    """Satisfiability and overlap, the oracle knowing the grids as constraints."""
    names = {name: z3.Int(name) for name in ("fare", "limit", "mood", "late", "state")}
    moods = {"good": 1, "bad": 2, "odd": 3}
    grid = z3.And(
        z3.Or([names["fare"] == v for v in DOMAINS[0]]),
        z3.Or([names["limit"] == v for v in DOMAINS[1]]),
        names["mood"] >= 0,
        names["mood"] <= 3,
        z3.Or(names["late"] == 0, names["late"] == 1),
        z3.Or(names["state"] == 0, names["state"] == 1),
    )
    compare = {
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }

    def number(item: Expr) -> z3.ArithRef:
        match item:
            case Const(value):
                return z3.IntVal(value)
            case Var(name):
                return names[name]
            case Arith("+", left, right):
                return number(left) + number(right)
        raise AssertionError(item)

    def translate(item: Expr) -> z3.BoolRef:
        match item:
            case Var("late"):
                return names["late"] == 1
            case Compare(op, Var("mood"), Const(value)):
                mood = moods[str(value)]
                return (names["mood"] == mood) if op == "==" else (names["mood"] != mood)
            case Compare(op, left, right):
                return compare[op](number(left), number(right))
            case Known(_):
                return names["mood"] != 0
            case Member(_, values):
                return z3.Or([names["mood"] == moods[str(v)] for v in values])
            case InState(_, _):
                return names["state"] == 1
            case Not(inner):
                return z3.Not(translate(inner))
            case And(items):
                return z3.And([translate(i) for i in items])
            case Or(items):
                return z3.Or([translate(i) for i in items])
        raise AssertionError(item)

    def satisfiable(*formulas: z3.BoolRef) -> bool:
        solver = z3.Solver()
        solver.add(grid, *formulas)
        return bool(solver.check() == z3.sat)

    here = space()
    a, b = here.region(one), here.region(two)
    assert bool(a) == satisfiable(translate(one))
    assert bool(here.meet(a, b)) == satisfiable(translate(one), translate(two))
    assert bool(here.subtract(a, b)) == satisfiable(translate(one), z3.Not(translate(two)))


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_sets_of_cells(one: set[int], two: set[int]) -> None:
    def members(item: Cells) -> set[int]:
        return {c for lo, hi in item for c in range(lo, hi)}

    a, b = cells(sorted(one)), cells(sorted(two))
    assert members(a) == one
    assert meet(a, b) == cells(sorted(one & two))
    assert complement(a, 31) == cells(sorted(set(range(31)) - one))


@given(orders, st.integers(-30, 150))
def test_an_axis_compares_like_the_language(op: str, constant: int) -> None:
    axis = Axis("x", grid=range(5, 101, 7), unknown=True)
    expected = [c for c in range(axis.size) if COMPARE[op](axis.value(c), constant)]
    assert axis.where(op, constant) == cells(expected)


def test_event_patterns_meet_where_event_and_fields_do() -> None:
    here = space()
    cheap = Happened(("agent.offer",), Compare("<=", core.Field("price"), Const(20)))
    dear = Happened(("agent.offer",), Compare(">", core.Field("price"), Const(20)))
    either = Happened(("agent.offer", "user.accept"))
    assert not here.meet(here.region(cheap), here.region(dear))
    assert here.meet(here.region(cheap), here.region(either))
    both = here.region(either, Compare("<", core.Field("price"), Const(10)))
    assert here.witness(both) == {"event": "agent.offer", "agent.offer.price": 0}


def test_past_operators_keep_what_they_imply() -> None:
    here = space()
    low, high = Compare("<", Var("fare"), Const(30)), Compare(">", Var("fare"), Const(30))
    held = core.Held(low, Wait(ms=600_000))
    assert not here.region(held, high)
    assert not here.region(low, Not(core.Once(low)))
    assert here.region(high, core.Once(low))
    assert not here.region(core.Earlier(low), Not(core.Once(low)))
    assert not here.region(core.Since(low, high), high)


def test_what_has_no_bound_is_free_and_said_to_be() -> None:
    here = space()
    region = here.region(Compare("==", Var("note"), Const("a")))
    assert region
    assert not region.exact
    assert not here.region(Compare("==", Var("note"), Const("a")), Not(Compare("==", Var("note"), Const("a"))))


def test_too_much_is_refused() -> None:
    here = space()
    here.axes.update({f"x{i}": Axis(f"x{i}", members=(0, 1, 2)) for i in range(20)})
    hole = Region(tuple(Box({f"x{i}": ((1, 2),), f"x{i + 1}": ((1, 2),)}) for i in range(19)))
    with pytest.raises(TooManyBoxes):
        here.subtract(EVERYWHERE, hole)
