"""Safe, help, levels, acceptable acts and values: by hand on small graphs, and against plain loops on random ones."""

from collections.abc import Callable, Hashable

import numpy as np
import pytest
from hypothesis import given, settings

from dramaturg.compiler import values
from dramaturg.compiler.graph import AGENT, END, Edge, StateGraph
from dramaturg.compiler.solution import Solution
from dramaturg.compiler.solve import ROOT, quiet_ends, solve, turns_to_good_end
from dramaturg.compiler.values import FloatArray, weights
from tests.clock import within
from tests.compiler.graphs import graph, node, scenario
from tests.compiler.randomness import graphs

OFFER = """
    r -> w1 bind
    w1 -> a1 tick 0.5 +5m
    w1 -> w1 tick 0.5 +5m
    a1 -> p1 agent.follow_up
    a1 -> w1 agent.keep_silent
    p1 -> g1 user.accept 0.25
    p1 -> a1 nothing 0.75
"""


def labels(item: StateGraph, solution: Solution) -> dict[Hashable, list[str]]:
    """The acceptable events per agent node."""
    return {
        item.configs[n]: [e.event for i, e in enumerate(item.edges) if e.src == n and solution.acceptable[i]]
        for n in np.flatnonzero(item.owner == AGENT)
    }


def test_value_of_repeated_offers_is_geometric() -> None:
    item = graph(OFFER)
    solution = solve(item)
    assert solution.value[node(item, "p1")] == pytest.approx(1 - 0.75**9, abs=1e-12)
    assert solution.value[node(item, "a1")] == pytest.approx(1 - 0.75**8, abs=1e-12)
    assert solution.level[ROOT] == 3


def test_a_violation_is_worth_nothing_and_no_acceptable_act_brings_one() -> None:
    item = graph("""
        r -> a1 bind
        a1 -> g1 agent.follow_up !invented:seat
        a1 -> p1 agent.ask
        a1 -> b1 agent.keep_silent
        p1 -> g1 user.accept 0.1
        p1 -> b1 user.decline 0.9
    """)
    solution = solve(item)
    assert labels(item, solution) == {"a1": ["agent.ask"]}
    assert solution.value[node(item, "a1")] == pytest.approx(0.1)


def test_only_safety_is_adversarial() -> None:
    """A user may decline; but a world that may close the window before anybody is called makes the way there unsafe."""
    item = graph("""
        r -> a1 bind
        a1 -> w1 agent.keep_silent
        a1 -> p1 agent.ask
        w1 -> a2 tick 0.9
        w1 -> a3 tick 0.1 !missed:seat
        a2 -> g1 agent.follow_up
        a3 -> g1 agent.follow_up
        p1 -> g1 user.accept 0.01
        p1 -> b1 user.decline 0.99
    """)
    solution = solve(item)
    assert solution.level[node(item, "w1")] == 2
    assert solution.level[node(item, "p1")] == 3
    assert labels(item, solution)["a1"] == ["agent.ask"]


def test_labels_go_on_after_a_mistake() -> None:
    item = graph("""
        r -> a1 bind
        a1 -> a2 agent.follow_up
        a2 -> a3 agent.one !rule:never
        a2 -> a4 agent.two !rule:never
        a3 -> g1 agent.one
        a4 -> b1 agent.one
        a3 -> b1 agent.two
    """)
    solution = solve(item)
    assert [int(solution.level[node(item, n)]) for n in ("a1", "a2", "a3", "a4")] == [1, 1, 3, 0]
    assert labels(item, solution) == {"a1": ["agent.follow_up"], "a2": [], "a3": ["agent.one"], "a4": ["agent.one"]}


def test_one_unsafe_binding_leaves_the_others_alone() -> None:
    item = graph("""
        r -> a1 bind
        r -> w1 bind
        w1 -> b1 tick !missed:seat
        a1 -> g1 agent.follow_up
    """)
    solution = solve(item)
    assert [int(solution.level[node(item, n)]) for n in ("a1", "w1")] == [3, 0]
    assert solution.safe[node(item, "a1")]
    assert not solution.safe[ROOT]
    assert solution.level[ROOT] == 0
    assert solution.value[ROOT] == pytest.approx(0.5)


def test_time_that_never_ends_is_worth_nothing() -> None:
    item = graph("""
        r -> w1 bind
        w1 -> w2 tick
        w2 -> w1 tick
    """)
    assert solve(item).value.tolist() == [0, 0, 0]


def test_when_turns_run_out_the_tasks_decide_if_they_are_asked() -> None:
    item = graph(
        """
        r -> a1 bind
        a1 -> w1 agent.keep_silent
        w1 -> a1 tick
        a1: task.trip=OPEN
        w1: task.trip=OPEN
        """,
        scenario(turns=3),
    )
    assert solve(item).value[1] == 0
    assert solve(item, truncated=quiet_ends(item)).value[1] == 1


def test_acts_within_a_turn_cost_nothing() -> None:
    text = """
        r -> a1 bind
        a1 -> a2 agent.more
        a2 -> a1 agent.more
        a2 -> p1 agent.follow_up
        p1 -> g1 user.accept 0.5
        p1 -> a1 nothing 0.5
    """
    item = graph(text, scenario(turns=2))
    assert solve(item).value[1] == pytest.approx(0.5)
    free = solve(item, costs_turn=lambda edge: edge.event != "agent.more")
    assert free.value[1] == pytest.approx(0.75)


def test_distance_counts_agent_turns_only() -> None:
    item = graph(OFFER)
    turns = turns_to_good_end(solve(item))
    assert turns[node(item, "w1")] == 1
    assert turns[node(item, "p1")] == 0


def test_moves_without_a_chance_share_what_is_left() -> None:
    item = graph("""
        r -> w1 bind
        r -> w2 bind
        w1 -> g1 one 0.5
        w1 -> b1 two
        w1 -> b1 three
        w2 -> g1 one 0.2
        w2 -> b1 two 0.2
    """)
    assert weights(item).tolist() == [0.5, 0.5, 0.5, 0.25, 0.25, 0.5, 0.5]


def plain_values(item: StateGraph, turns: int) -> FloatArray:
    """The definition, iterated long enough."""
    chance = weights(item)
    value = np.array([float(item.verdict.get(n) == "good") for n in range(len(item))])
    for left in range(turns + 1):
        before = value.copy()
        value = np.array([float(item.verdict.get(n) == "good") for n in range(len(item))])
        for n in range(len(item)):
            if item.owner[n] == AGENT and left:
                value[n] = max([0.0, *(before[e.dst] for e in item.out(n) if not e.violations)])
        for _ in range(3000):
            for n in range(len(item)):
                if item.owner[n] not in (AGENT, END):
                    moves = range(int(item.out_ptr[n]), int(item.out_ptr[n + 1]))
                    value[n] = sum(chance[i] * value[item.dst[i]] for i in moves if not item.edges[i].violations)
    return value


@settings(max_examples=20)
@given(graphs(scenario(turns=2)))
def test_values_agree_with_plain_iteration(item: StateGraph) -> None:
    assert solve(item).value == pytest.approx(plain_values(item, 2), abs=1e-9)


@settings(max_examples=20)
@given(graphs(scenario(turns=2)))
def test_large_components_are_solved_alike(item: StateGraph) -> None:
    expected = solve(item).value
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "DENSE", 0)
        assert solve(item).value == pytest.approx(expected, abs=1e-10)


def test_a_large_ring_that_is_hard_to_leave() -> None:
    """A play circles in a ring of 4,000 places and leaves each with probability 0.001, to a good end from every second."""
    size, leave = 4000, 0.001
    lines = ["r -> w0 bind"]
    for place in range(size):
        lines.append(f"w{place} -> w{(place + 1) % size} tick {1 - leave}")
        lines.append(f"w{place} -> {'gb'[place % 2]} over {leave}")
    item = graph("\n".join(lines), scenario(turns=1))
    # v = p + (1 - p) u and u = (1 - p) v
    good = leave / (1 - (1 - leave) ** 2)
    assert solve(item).value[1] == pytest.approx(good, abs=1e-9)


@given(graphs())
def test_levels_agree_with_their_definition(item: StateGraph) -> None:
    solution = solve(item)
    inner = [n for n in range(len(item)) if n != ROOT]
    unsafe: set[int] = set()
    while True:
        more = set(unsafe)
        for n in inner:
            moves = item.out(n)
            if item.owner[n] == AGENT:
                if all(e.violations or e.dst in unsafe for e in moves):
                    more.add(n)
            elif any(e.violations or e.dst in unsafe for e in moves):
                more.add(n)
        if more == unsafe:
            break
        unsafe = more

    def reach(allowed: Callable[[Edge], bool]) -> set[int]:
        found = {n for n, verdict in item.verdict.items() if verdict == "good"}
        while True:
            more = found | {e.src for e in item.edges if e.src != ROOT and e.dst in found and allowed(e)}
            if more == found:
                return found
            found = more

    anyhow = reach(lambda e: True)
    clean = reach(lambda e: not e.violations)
    safely = reach(lambda e: not e.violations and e.src not in unsafe and e.dst not in unsafe)
    for n in inner:
        assert solution.safe[n] == (n not in unsafe)
        expected = 3 if n not in unsafe and n in safely else 2 if n in clean else 1 if n in anyhow else 0
        assert solution.level[n] == expected
    for i, e in enumerate(item.edges):
        choices = [solution.level[o.dst] for o in item.out(e.src) if not o.violations]
        fine = item.owner[e.src] == AGENT and not e.violations and solution.level[e.dst] == max(choices)
        assert solution.acceptable[i] == fine


def test_any_number_of_turns_is_solved_at_once() -> None:
    """A scenario may grant more turns than there is memory for a value each; soon a turn more changes nothing."""
    item = graph(OFFER, scenario(turns=10**9))
    solution = within(1, lambda: solve(item))
    assert solution.value[node(item, "p1")] == pytest.approx(1.0)
