"""Beliefs along observed histories, robust acts and the reference act."""

import itertools
from collections.abc import Hashable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.compiler.beliefs import Args, Belief, BeliefOverBudget, Beliefs, Resolve
from dramaturg.compiler.graph import AGENT, END, StateGraph
from dramaturg.compiler.solve import solve
from tests.compiler.graphs import graph, node, scenario
from tests.compiler.randomness import graphs


def literally(item: StateGraph) -> Resolve:
    edges = {(e.src, e.event, e.args): i for i, e in enumerate(item.edges) if item.owner[e.src] == AGENT}
    return lambda at, event, args: edges.get((at, event, args))


def beliefs(item: StateGraph, budget: int = 1000) -> Beliefs:
    return Beliefs(solve(item), literally(item), budget)


def names(item: StateGraph, belief: Belief) -> set[Hashable]:
    return {item.configs[n] for n in belief}


HIDDEN = """
    r -> w1 bind
    r -> w2 bind
    w1 -> a1 fare.changed 0.5 ?cheap
    w1 -> a2 fare.changed 0.5 ?dear
    w2 -> a3 fare.changed 1 ?cheap
    a1 -> g1 agent.follow_up
    a1 -> b1 agent.keep_silent
    a2 -> b1 agent.follow_up !invented:seat
    a2 -> g1 agent.keep_silent
    a3 -> g1 agent.follow_up
    a3 -> g1 agent.keep_silent
"""


def test_only_what_was_seen_tells_configurations_apart() -> None:
    item = graph(HIDDEN)
    known = beliefs(item)
    assert names(item, known.initial(("cheap",))) == {"a1", "a3"}
    assert names(item, known.initial(("dear",))) == {"a2"}


def test_a_robust_act_is_right_everywhere() -> None:
    item = graph(HIDDEN)
    known = beliefs(item)
    assert known.robust(known.initial(("cheap",))) == (("agent.follow_up", ()),)
    assert known.reference(known.initial(("dear",))) == ("agent.keep_silent", ())


def test_nothing_consistent_is_a_disagreement_with_the_graph() -> None:
    item = graph(HIDDEN)
    known = beliefs(item)
    with pytest.raises(AssertionError):
        known.initial(("cheap", "dear"))
    with pytest.raises(AssertionError):
        known.initial(("green",))
    with pytest.raises(AssertionError):
        known.update(known.initial(("dear",)), "agent.dance", (), ())


UNSEEN = """
    r -> a0 bind
    a0 -> w1 agent.keep_silent
    w1 -> w2 tick 0.5 +5m
    w1 -> a1 reminder 0.5 ?ring
    w2 -> w1 tick 0.5 +5m
    w2 -> a2 reminder 0.5 ?ring
    a1 -> g1 agent.follow_up
    a2 -> b1 agent.follow_up
    a1 -> b1 agent.keep_silent !missed:seat
    a2 -> g1 agent.keep_silent
"""


def test_closure_over_time_that_passes_unseen_in_circles() -> None:
    item = graph(UNSEEN)
    known = beliefs(item)
    belief = known.update(known.initial(()), "agent.keep_silent", (), ("ring",))
    assert names(item, belief) == {"a1", "a2"}
    assert known.robust(belief) == ()


def test_without_a_robust_act_the_reference_violates_nothing_anywhere() -> None:
    item = graph(UNSEEN)
    known = beliefs(item)
    belief = known.update(known.initial(()), "agent.keep_silent", (), ("ring",))
    assert known.reference(belief) == ("agent.follow_up", ())


def test_a_violation_does_not_end_the_belief() -> None:
    item = graph("""
        r -> a0 bind
        a0 -> w1 agent.follow_up !invented:seat
        w1 -> a1 tick 1 !missed:seat
        a1 -> g1 agent.follow_up
    """)
    known = beliefs(item)
    assert names(item, known.update(known.initial(()), "agent.follow_up", (), ())) == {"a1"}


def test_arguments_resolve_per_node() -> None:
    """Each node keeps its own representative of an argument class; an act is one wherever it resolves to the same edges."""
    item = graph("""
        r -> a1 bind
        r -> a2 bind
        a1 -> g1 agent.offer price=60
        a1 -> b1 agent.offer price=90
        a2 -> g1 agent.offer price=40
        a2 -> b1 agent.offer price=50
    """)
    limit = {node(item, "a1"): 80, node(item, "a2"): 45}

    def resolve(at: int, event: str, args: Args) -> int | None:
        price = dict(args)["price"]
        assert isinstance(price, int)
        first = int(item.out_ptr[at])
        return first if price <= limit[at] else first + 1

    known = Beliefs(solve(item), resolve)
    assert known.robust(known.initial(())) == (("agent.offer", (("price", 40),)),)


def test_fewer_turns_break_ties_then_document_order() -> None:
    item = graph(
        """
        r -> a1 bind
        a1 -> a2 agent.slow
        a1 -> a3 agent.slower
        a1 -> a4 agent.quick
        a1 -> a5 agent.quick_too
        a2 -> g1 agent.follow_up
        a3 -> a2 agent.follow_up
        a4 -> g1 agent.follow_up
        a5 -> g1 agent.follow_up
        """,
        scenario(turns=5),
    )
    known = beliefs(item)
    assert known.reference(known.initial(())) == ("agent.slow", ())


def test_best_mean_value_comes_first() -> None:
    item = graph("""
        r -> a1 bind
        a1 -> p1 agent.quick
        a1 -> a2 agent.sure
        a2 -> g1 agent.follow_up
        p1 -> g1 user.accept 0.9
        p1 -> b1 user.decline 0.1
    """)
    known = beliefs(item)
    assert known.reference(known.initial(())) == ("agent.sure", ())


def test_budget() -> None:
    item = graph(UNSEEN)
    known = beliefs(item, budget=2)
    start = known.initial(())
    with pytest.raises(BeliefOverBudget, match="more than 2"):
        known.update(start, "agent.keep_silent", (), ("ring",))


def shown(item: StateGraph, starts: Sequence[int], seen: Sequence[Hashable], depth: int) -> set[int]:
    """The agent nodes after ``seen``, by trying every path of at most ``depth`` moves."""
    found: set[int] = set()
    todo: list[tuple[int, int]] = [(n, 0) for n in starts]
    for _ in range(depth):
        after: list[tuple[int, int]] = []
        for n, step in todo:
            if item.owner[n] == AGENT:
                if step == len(seen):
                    found.add(n)
            elif item.owner[n] != END:
                for e in item.out(n):
                    if e.observation is None:
                        after.append((e.dst, step))
                    elif step < len(seen) and seen[step] == e.observation:
                        after.append((e.dst, step + 1))
        todo = list(dict.fromkeys(after))
    return found


@given(graphs(words=("?x", "?y")), st.integers(0, 2))
def test_closure_agrees_with_trying_every_path(item: StateGraph, length: int) -> None:
    known = beliefs(item)
    for seen in itertools.product("xy", repeat=length):
        expected = shown(item, [0], seen, 40)
        try:
            assert known.initial(seen) == expected
        except AssertionError:
            assert not expected
