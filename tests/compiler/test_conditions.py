"""Conditions that the agent writes, against brute force over the whole grid."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.compiler.conditions import EXACT, NARROW, UNRELATED, WIDE, relation, write
from dramaturg.compiler.evaluate import Context, Layout, compiled
from dramaturg.dsl.core import And, Compare, Const, Expr, Held, Not, Or, Var
from dramaturg.dsl.scenario import Variable
from dramaturg.dsl.types import Bool, Number, Value, Wait

FARE = Number("money(EUR)", 0, 20_000, 1_000)
VARIABLES = {"fare": Variable("fare", FARE, "world"), "open": Variable("open", Bool(), "world")}
LAYOUT = Layout({"fare": 0, "open": 1}, {}, (), {}, lambda text, trigger, values: False)


def holds(expr: Expr, valuation: Mapping[str, Value]) -> bool:
    values = (valuation.get("fare", 0), valuation.get("open", False))
    return bool(compiled(expr, LAYOUT)(Context(values, (), (), ())))


ATOMS = st.one_of(
    st.builds(
        lambda op, n: Compare(op, Var("fare"), Const(n * 1_000)),
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.integers(-1, 21),
    ),
    st.just(Var("open")),
)
EXPRS: st.SearchStrategy[Expr] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda a, b: And((a, b)), inner, inner),
        st.builds(lambda a, b: Or((a, b)), inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(EXPRS, EXPRS)
def test_relation_agrees_with_brute_force(mine: Expr, theirs: Expr) -> None:
    rows = [
        (holds(mine, {"fare": fare, "open": is_open}), holds(theirs, {"fare": fare, "open": is_open}))
        for fare, is_open in product(FARE.grid(), (False, True))
    ]
    more, less = any(a and not b for a, b in rows), any(b and not a for a, b in rows)
    expected = {(False, False): EXACT, (True, False): WIDE, (False, True): NARROW, (True, True): UNRELATED}[more, less]
    assert relation(mine, theirs, VARIABLES, holds) == expected


def test_a_longer_wait_makes_a_condition_narrower() -> None:
    low = Compare("<=", Var("fare"), Const(16_000))
    short, long = Held(low, Wait(ms=600_000)), Held(low, Wait(ms=1_200_000))
    assert relation(long, short, VARIABLES, holds) == NARROW
    assert relation(low, short, VARIABLES, holds) == WIDE
    assert relation(short, short, VARIABLES, holds) == EXACT


def test_conditions_are_written_with_their_units() -> None:
    expr = Held(And((Compare("<=", Var("fare"), Const(16_000)), Var("open"))), Wait(ms=600_000))
    assert write(expr, VARIABLES) == "(fare <= 160 EUR and open) for 10m"
