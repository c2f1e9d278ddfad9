"""Amounts are exact, show as people write them, and read back as what they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.dsl.expressions.amounts import Json, clock, in_words, quantity, read_value, show, show_type, write_value
from dramaturg.dsl.types import (
    Bool,
    Enum,
    ListOf,
    Number,
    Optional,
    SetOf,
    Text,
    TimeOfDay,
    Type,
    Value,
)

MOOD = Enum(("calm", "cross"))
EUR = Number("money(EUR)", 0, 50_000, 1_000)


@pytest.mark.parametrize(
    ("text", "family", "value"),
    [
        ("120 EUR", "money(EUR)", 12_000),
        ("120EUR", "money(EUR)", 12_000),
        ("0.05 USD", "money(USD)", 5),
        ("-30 EUR", "money(EUR)", -3_000),
        ("1h30m", "duration", 5_400_000),
        ("10m", "duration", 600_000),
        ("0s", "duration", 0),
        ("1.5 h", "duration", 5_400_000),
        ("2w", "duration", 1_209_600_000),
        ("250ms", "duration", 250),
        ("40%", "percent", 4_000),
        ("12.25%", "percent", 1_225),
        ("2 turns", "turns", 2),
        ("1 turn", "turns", 1),
        ("2 kg", "mass", 2_000),
        ("0.5 km", "length", 500),
    ],
)
def test_quantities_are_read_into_base_units(text: str, family: str, value: int) -> None:
    assert quantity(text) == (family, value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.005 EUR", "`0.005 EUR` is finer than `0.01 EUR`, the least step of an amount of EUR"),
        ("0.5ms", "`0.5ms` is finer than `1ms`, the least step of a duration"),
        ("1.5 turns", "`1.5 turns` is finer than `1 turn`, the least step of turns"),
        ("10 min", "`min` is not a unit; write `m`"),
        ("3 euros", "`euros` is not a unit; write `EUR`"),
        ("1h30 EUR", "`1h30 EUR` mixes a duration and an amount of EUR"),
        ("1 kg 2 kg", "`1 kg 2 kg` is not an amount with a unit"),
        ("1kg500g", "`1kg500g` gives more than one amount"),
        ("9" * 5_000 + " EUR", "`999999999999…` is longer than any amount"),
        ("120", "`120` has no unit; say of what, such as `120m` or `120 turns`"),
        ("", "`` is not an amount with a unit"),
    ],
)
def test_what_is_no_amount_says_why(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        quantity(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "type", "text"),
    [
        (12_000, EUR, "120 EUR"),
        (12_050, EUR, "120.50 EUR"),
        (-3_000, EUR, "-30 EUR"),
        (5_400_000, Number("duration"), "1h30m"),
        (90_061_001, Number("duration"), "1d1h1m1s1ms"),
        (0, Number("duration"), "0m"),
        (4_000, Number("percent"), "40%"),
        (1_225, Number("percent"), "12.25%"),
        (2_500, Number("number"), "2.5"),
        (2_000, Number("mass"), "2 kg"),
        (2_500, Number("mass"), "2500 g"),
        (1, Number("turns"), "1 turn"),
        (7, Number("int"), "7"),
        (True, Bool(), "yes"),
        (False, Bool(), "no"),
        ("calm", MOOD, "calm"),
        (45_000_000, TimeOfDay(), "12:30"),
        (None, Optional(EUR), "unknown"),
        (3_000, Optional(EUR), "30 EUR"),
        (("a", "b"), ListOf(Text()), "a, b"),
    ],
)
def test_values_are_shown_as_people_write_them(value: Value, type: Type, text: str) -> None:
    assert show(value, type) == text


def test_a_value_of_another_type_is_not_shown() -> None:
    with pytest.raises(ValueError, match="is not a value of the type yes/no"):
        show(7, Bool())


numbers = st.sampled_from(["int", "number", "duration", "percent", "mass", "turns", "money(EUR)", "length"])


@given(numbers, st.integers(-(10**12), 10**12))
def test_every_amount_reads_back(family: str, value: int) -> None:
    type = Number(family)
    assert read_value(show(value, type), type) == value
    assert read_value(write_value(value, type), type) == value


@given(st.integers(0, 86_399))
def test_every_time_of_day_reads_back(second: int) -> None:
    assert clock(show(second * 1000, TimeOfDay())) == second * 1000


@given(st.sets(st.sampled_from(MOOD.members)))
def test_a_set_reads_back_in_the_order_of_its_choices(chosen: set[str]) -> None:
    value = tuple(member for member in MOOD.members if member in chosen)
    assert read_value(write_value(value, SetOf(MOOD)), SetOf(MOOD)) == value


@pytest.mark.parametrize(
    ("raw", "type", "value"),
    [
        (True, Bool(), True),
        ("no", Bool(), False),
        (3, Number("int"), 3),
        (2.5, Number("number"), 2_500),
        ("3", Number("int"), 3),
        ("cross", MOOD, "cross"),
        (["a", "b"], ListOf(Text(), 1, 5), ("a", "b")),
        (None, Optional(Text()), None),
        ("no", Text(), "no"),
    ],
)
def test_json_is_read_by_the_type_of_its_place(raw: Json, type: Type, value: Value) -> None:
    assert read_value(raw, type) == value


@pytest.mark.parametrize(
    ("raw", "type", "message"),
    [
        (120, EUR, "`120` has no unit; an amount of EUR is wanted, such as `120 EUR`"),
        ("10m", EUR, "`10m` is a duration, an amount of EUR is wanted"),
        (
            "500 m",
            Number("length"),
            "`500 m` is a duration, a length is wanted; metres are written in km, as in `0.5 km`",
        ),
        ("900 EUR", EUR, "900 EUR is outside 0 EUR..500 EUR"),
        (True, Number("int"), "a whole number is wanted, not yes"),
        (2.5, Number("int"), "`2.5` is not a whole number"),
        ("1e3", Number("int"), "`1e3` is not a number"),
        (float("nan"), Number("number"), "`NaN` is not a number"),
        ("true", Bool(), "`yes` or `no` is wanted, not `true`"),
        ("glad", MOOD, "one of calm, cross is wanted, not `glad`"),
        (None, MOOD, "one of calm, cross is wanted, not nothing"),
        ([], ListOf(Text(), 1, 5), "a list of 1 to 5 is wanted, this one has 0"),
        (5, Text(), "a text is wanted, not `5`"),
        ("25:00", TimeOfDay(), "`25:00` is not a time of day; the last one is 23:59"),
    ],
)
def test_what_does_not_fit_says_why(raw: Json, type: Type, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_value(raw, type)
    assert str(caught.value) == message


def test_types_are_shown_as_they_are_declared() -> None:
    assert show_type(EUR) == "money(EUR) 0 EUR..500 EUR step 10 EUR"
    assert show_type(Optional(MOOD)) == "one of calm | cross?"
    assert show_type(ListOf(Text(), 1, 5)) == "list of text 1..5"


def test_an_empty_set_is_none_in_a_sentence() -> None:
    topics = SetOf(Enum(("cost", "effort")))
    assert in_words((), topics) == "none"
    assert in_words(("cost",), topics) == show(("cost",), topics) == "cost"
