"""What an expression depends on, and how far it looks, is what it says."""

from __future__ import annotations

import pytest

from dramaturg.dsl import core
from dramaturg.dsl.elaboration.effects import EVER, NOW, Horizon, describe, described, effect, of_line
from dramaturg.dsl.scenario import Guard
from dramaturg.dsl.spans import NOWHERE
from dramaturg.dsl.types import Number
from tests.dsl.test_elaborate import guard

LINES = [
    ("late", "yes/no · reads late"),
    ("fare <= trip.max_price and delay >= 20m", "yes/no · reads fare, trip.max_price, delay"),
    ("(fare <= 100 EUR) for 10m", "yes/no · reads fare · looks back 10m"),
    ("(late for 10m) in last 2 turns", "yes/no · reads late · looks back 10m and 2 turns"),
    ("agent.ask(topic == cost)", "yes/no · reads topic · fires on each agent.ask"),
    ("agent.ask or ann.accept", "yes/no · fires on each agent.ask or ann.accept"),
    ("agent.ask or late", "yes/no · reads late · remembers agent.ask"),
    ("once ann.accept since fare.changed", "yes/no · remembers ann.accept, fare.changed · looks back to the start"),
    ("count(agent.ask) >= 2", "yes/no · remembers agent.ask · looks back to the start"),
    ("task.trip is DONE and concern.cost is voiced", "yes/no · asks task.trip, concern.cost"),
    ("ann.resistance < 3", "yes/no · weighs the concerns of ann"),
    (
        "agent.arm(condition matches cheap)",
        "yes/no · reads condition · is held against cheap · fires on each agent.arm",
    ),
    ("yes", "yes/no"),
]


@pytest.mark.parametrize(("text", "line"), LINES)
def test_an_expression_is_described_in_one_line(text: str, line: str) -> None:
    shown = describe(guard(text))
    if "agent.ask or late" in text:  # it may hold without the event: then the event is one thing among others
        assert shown == "yes/no · reads late · remembers agent.ask"
    assert shown == line


def test_horizons_add_up_inwards_and_take_the_farther_beside_each_other() -> None:
    assert Horizon(ms=5) + Horizon(turns=2) == Horizon(5, 2)
    assert Horizon(ms=5) | Horizon(ms=7, turns=1) == Horizon(7, 1)
    assert (NOW | EVER) == EVER
    assert not NOW
    assert effect(guard("(late for 10m) and (late for 20m)")).back == Horizon(ms=1_200_000)


def test_a_line_reads_its_conditions_and_values_and_writes_what_it_sets() -> None:
    value = Guard(core.Arith("+", core.Var("fare"), core.Field("by")), "fare + by", NOWHERE)
    found = of_line([Guard(guard("fare.changed"), "", NOWHERE), None], [("fare", value)])
    assert (found.reads, found.fields, found.writes) == (("fare",), ("by",), ("fare",))
    assert described(found) == "reads by, fare · fires on each fare.changed · sets fare"


def test_a_value_is_described_with_its_type() -> None:
    assert describe(core.Var("fare"), Number("money(EUR)")) == "money(EUR) · reads fare"
