"""Paths as people read them."""

from dramaturg.compiler.witness import elapsed, lines, move, trace, violation
from tests.compiler.graphs import graph
from tests.compiler.seat import seat

WALK = """
    r -> w1 bind
    w1 -> w2 tick +5m
    w2 -> w3 skip
    w3 -> a1 fare.changed price=80
    a1 -> p1 agent.follow_up *seat
    p1 -> w4 nothing
    w4 -> b1 over +10m !missed:seat
"""


def test_idle_moves_are_folded_into_the_time() -> None:
    item = graph(WALK)
    assert lines(item, range(7)) == (
        "    0m  the episode begins",
        "    5m  fare.changed(price = 80)",
        "    5m  agent.follow_up",
        "    5m  user says nothing",
        "   15m  the episode is over — misses the window of seat",
    )
    assert elapsed(item, range(7)) == 15 * 60_000


def test_the_last_move_is_always_shown() -> None:
    item = graph(WALK)
    assert lines(item, (0, 1))[-1] == "    5m  time passes"
    assert trace(item, ()) == "shortest trace: at the very start"


def test_arguments_are_shown_in_their_units() -> None:
    made = seat()
    changed = next(e for e in made.graph.edges if e.event == "fare.changed")
    assert move(made.graph, changed).startswith("fare.changed(to = 80 EUR) [")
    assert move(made.graph, made.graph.edges[1]) == "the episode begins(shy = yes)"


def test_violations_in_words() -> None:
    assert violation("rule:polite") == "breaks the rule polite"
    assert violation("wrong:seat") == "does what seat expects, with other arguments"
    assert violation("invented:seat") == "acts though nothing asks for it (seat)"
