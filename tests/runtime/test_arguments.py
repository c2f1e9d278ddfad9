"""Arguments against the types of an act's fields."""

from __future__ import annotations

import pytest

from dramaturg.dsl.scenario import Act, EventField
from dramaturg.dsl.types import Bool, Condition, Enum, ListOf, Number, Optional, SetOf, Text, TimeOfDay, Type, Value
from dramaturg.runtime.arguments import DAY, Unfit, fit, fit_value

TOPIC = Enum(("cost", "effort"), "topic")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Bool(), True),
        (TOPIC, "cost"),
        (Number("int", 0, 9), 9),
        (TimeOfDay(), DAY - 1),
        (Text(), ""),
        (Condition(("fare",)), "fare <= 120 EUR"),
        (Optional(TOPIC), None),
        (Optional(TOPIC), "effort"),
        (ListOf(Text(), 1, 2), ("a",)),
        (SetOf(TOPIC), ("cost", "effort")),
    ],
)
def test_a_value_of_the_type_fits(kind: Type, value: Value) -> None:
    assert fit_value(kind, value) == value


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (Bool(), 1, "no yes/no"),
        (TOPIC, "price", "none of cost, effort"),
        (Number("money(EUR)", 0, 900), 901, "outside its range"),
        (Number("int"), True, "no int"),
        (Number("int"), "3", "no int"),
        (TimeOfDay(), DAY, "no time of day"),
        (Text(), None, "no text"),
        (ListOf(Text(), 1, 2), (), "has 0 items, not 1 to 2"),
        (ListOf(Text(), 1, 2), ("a", 3), "no text"),
        (SetOf(TOPIC), ("cost", "price"), "none of"),
    ],
)
def test_a_value_of_another_type_is_unfit_with_the_reason(kind: Type, value: Value, reason: str) -> None:
    with pytest.raises(Unfit, match=reason):
        fit_value(kind, value)


def test_arguments_take_the_order_of_the_fields_and_sets_that_of_the_enum() -> None:
    act = Act("ask", "says", (EventField("topics", SetOf(TOPIC)), EventField("note", Optional(Text()))))
    assert fit(act, (("topics", ("effort", "cost", "cost")),)) == (("topics", ("cost", "effort")), ("note", None))
    assert [name for name, _ in fit(act, (("note", "x"), ("topics", ())))] == ["topics", "note"]
