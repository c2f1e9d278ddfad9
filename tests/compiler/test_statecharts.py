"""The algebra of keys: places, what is left and entered, and what a history remembers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.compiler.statecharts import Statechart
from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Task, TaskState
from tests.compiler.machines import Machine, machines

S = TaskState
TRIP = Task(
    "trip",
    (
        S("PLANNING", if_over="good"),
        S("BOOKED", history="shallow", if_over="quiet"),
        S("UNPAID", parent="BOOKED"),
        S("PAID", parent="BOOKED"),
        S("FRESH", parent="PAID"),
        S("SENT", parent="PAID", if_over="good"),
        S("MOVING", history="deep"),
        S("CARRIED", parent="MOVING", region="luggage", if_over="quiet"),
        S("CHECKED", parent="MOVING", region="luggage", end="done"),
        S("STANDING", parent="MOVING", region="seat", if_over="good"),
        S("SEATED", parent="MOVING", region="seat"),
        S("GONE", parent="MOVING", region="seat", end="done"),
        S("OUT"),
        S("FAILED", end="bad"),
    ),
)
CHART = Statechart.of(TRIP)
NEST = CHART.nesting


def test_every_place_is_listed_once() -> None:
    places = NEST.places()
    assert len(places) == len(set(places)) == NEST.size == 12
    assert places[:3] == ("PLANNING", "UNPAID", "FRESH")
    assert "CHECKED & SEATED" in places
    assert NEST.initial == "PLANNING"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("SEATED & CARRIED", "CARRIED & SEATED"),
        (" PAID ", None),
        ("CARRIED", None),
        ("CARRIED & PLANNING", None),
        ("nowhere", None),
        ("UNPAID", "UNPAID"),
    ],
)
def test_a_claimed_place_is_read_in_any_order_and_only_whole(text: str, place: str | None) -> None:
    assert NEST.read(text) == place


@pytest.mark.parametrize(
    ("key", "moves", "after", "left", "entered"),
    [
        ("PLANNING", [("PLANNING", "BOOKED")], "UNPAID", ("PLANNING",), ("BOOKED", "UNPAID")),
        ("UNPAID", [("UNPAID", "SENT")], "SENT", ("UNPAID",), ("PAID", "SENT")),
        ("SENT", [("BOOKED", "UNPAID")], "UNPAID", ("SENT", "PAID"), ("UNPAID",)),
        ("SENT", [("BOOKED", "BOOKED")], "FRESH", ("SENT", "PAID", "BOOKED"), ("BOOKED", "PAID", "FRESH")),
        ("SENT", [("BOOKED", "OUT")], "OUT (BOOKED: PAID)", ("SENT", "PAID", "BOOKED"), ("OUT",)),
        ("OUT (BOOKED: PAID)", [("OUT", "BOOKED")], "FRESH", ("OUT",), ("BOOKED", "PAID", "FRESH")),
        ("OUT (BOOKED: PAID)", [("OUT", "UNPAID")], "UNPAID", ("OUT",), ("BOOKED", "UNPAID")),
        ("OUT (BOOKED: PAID)", [("OUT", "FAILED")], "FAILED", ("OUT",), ("FAILED",)),
        ("UNPAID", [("BOOKED", "OUT")], "OUT", ("UNPAID", "BOOKED"), ("OUT",)),
        (
            "CARRIED & STANDING",
            [("CARRIED", "CHECKED"), ("STANDING", "SEATED")],
            "CHECKED & SEATED",
            ("STANDING", "CARRIED"),
            ("CHECKED", "SEATED"),
        ),
        (
            "CHECKED & SEATED",
            [("MOVING", "OUT")],
            "OUT (MOVING: CHECKED & SEATED)",
            ("SEATED", "CHECKED", "MOVING"),
            ("OUT",),
        ),
        ("CHECKED & GONE", [("MOVING", "OUT")], "OUT", ("GONE", "CHECKED", "MOVING"), ("OUT",)),
        ("OUT", [("OUT", "SEATED")], "CARRIED & SEATED", ("OUT",), ("MOVING", "CARRIED", "SEATED")),
    ],
)
def test_moves(
    key: str, moves: list[tuple[str, str]], after: str, left: tuple[str, ...], entered: tuple[str, ...]
) -> None:
    assert CHART.move(key, tuple(moves)) == (after, left, entered)


def test_the_second_of_two_regions_that_leave_at_once_gives_way() -> None:
    assert CHART.agreeing("CARRIED & STANDING", [("CARRIED", "OUT"), ("STANDING", "PLANNING")]) == [True, False]
    assert CHART.agreeing("CARRIED & STANDING", [("CARRIED", "CHECKED"), ("STANDING", "SEATED")]) == [True, True]
    assert CHART.agreeing("CARRIED & STANDING", [("CARRIED", None), ("STANDING", "OUT")]) == [True, True]


def test_a_line_inside_shadows_those_around_it_alone() -> None:
    assert CHART.chosen("SENT", lambda name: name in ("SENT", "BOOKED") or None) == [("SENT", True)]
    assert CHART.chosen("CARRIED & STANDING", lambda name: name != "OUT" or None) == [
        ("CARRIED", True),
        ("STANDING", True),
    ]
    assert CHART.chosen("FAILED", lambda name: True) == []
    assert tuple(CHART.outward("SENT")) == ("SENT", "PAID", "BOOKED")
    assert tuple(CHART.outward("CARRIED")) == ("CARRIED",)


@pytest.mark.parametrize(
    ("place", "worth"),
    [
        ("PLANNING", "good"),
        ("UNPAID", "quiet"),
        ("SENT", "good"),
        ("OUT", None),
        ("CARRIED & STANDING", "quiet"),
        ("CARRIED & SEATED", None),
        ("CHECKED & STANDING", "good"),
        ("CHECKED & GONE", None),
    ],
)
def test_what_it_is_worth_to_stop(place: str, worth: str | None) -> None:
    assert NEST.if_over(place) == worth


def test_regions_beside_each_other_are_apart() -> None:
    assert NEST.apart("CARRIED", "SEATED") is NEST.regions["MOVING"][0]
    assert NEST.apart("CARRIED", "CHECKED") is None
    assert NEST.apart("CARRIED", "MOVING") is None
    assert NEST.apart("SENT", "SEATED") is None


@given(machines(), st.data())
def test_keys_say_all_that_was_written_into_them(machine: Machine, data: st.DataObject) -> None:
    chart = Statechart.of(machine.task())
    key = chart.start().key
    for _ in range(8):
        active = chart.active(key)
        place, memory = chart.read(key)
        assert chart.write(active, memory) == key
        assert place in chart.nesting.places()
        assert chart.nesting.entered(place.split(" & ")) == active
        going = [
            (name, go)
            for name in sorted(active)
            for go in chart.nesting.states
            if chart.nesting.apart(name, go) is None
        ]
        name, go = data.draw(st.sampled_from(going))
        moved = chart.move(key, ((name, go),))
        assert chart.active(moved.key) == (active - set(moved.left)) | set(moved.entered)
        assert set(moved.left) <= active
        assert go in moved.entered
        key = moved.key


def test_a_flat_task_is_at_the_names_of_its_states() -> None:
    nesting = Nesting(Task("t", (S("A"), S("B", end="good"))))
    assert nesting.flat
    assert nesting.places() == ("A", "B")
    assert nesting.end("B") == "good"
