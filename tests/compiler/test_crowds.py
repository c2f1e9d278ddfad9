"""Crowds: bindings are told by what tells them apart."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from dramaturg.compiler.crowds import told

ALL = [f"budget = {b} EUR, concerns = {c}, name = Ito" for b, c in product((80, 120), ("none", "cost", "cost, time"))]


def test_all_of_them_need_no_names() -> None:
    assert told(ALL, ALL) == "all 6"


def test_a_value_that_tells_them_apart_is_enough() -> None:
    assert told([one for one in ALL if "cost, time" in one], ALL) == "2 of 6, those with concerns = cost, time"
    assert told([one for one in ALL if "none" not in one], ALL) == "4 of 6, those with concerns = cost or cost, time"


def test_one_alone_is_told_by_what_differs() -> None:
    assert told([ALL[0]], ALL) == "budget = 80 EUR, concerns = none"


def test_what_no_value_tells_apart_is_listed_and_then_counted() -> None:
    assert told([ALL[0], ALL[4]], ALL) == "budget = 80 EUR, concerns = none; budget = 120 EUR, concerns = cost"
    assert told([ALL[0], ALL[1], ALL[5], ALL[3]], ALL, most=2).endswith("; 2 more")


@given(st.sets(st.sampled_from(ALL), min_size=1))
def test_what_all_have_in_common_is_never_said(some: set[str]) -> None:
    assert "Ito" not in told([one for one in ALL if one in some], ALL)
