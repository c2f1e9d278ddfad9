"""Theorems: each kind proved and broken by hand, and ``leads to`` against a search over every run of random graphs."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.compiler.analyses.theorems import Proof, diagnostics, proofs
from dramaturg.compiler.graph import END, Edge, StateGraph
from dramaturg.compiler.solve import ROOT, solve
from dramaturg.dsl.scenario import Check, Scenario
from tests.compiler.graphs import MINUTE, graph, scenario, theorem
from tests.compiler.randomness import graphs


def prove(text: str, check: Check, turns: int = 8, hours: int = 8) -> tuple[StateGraph, Proof]:
    item = graph(text, scenario(checks=[check], turns=turns, hours=hours))
    (proof,) = proofs(item, solve(item))
    return item, proof


def events(item: StateGraph, proof: Proof) -> list[str]:
    assert proof.path is not None
    return [item.edges[i].event for i in proof.path]


CALL = """
    r -> a1 bind
    a1 -> p1 agent.follow_up {offer}
    a1 -> g1 agent.keep_silent !rule:talks {silent}
    p1 -> g1 user.accept 0.5 {accept}
    p1 -> a1 nothing 0.5
"""


def call(**words: str) -> str:
    return CALL.format(**{name: words.get(name, "") for name in ("offer", "silent", "accept")})


def test_never() -> None:
    item, proof = prove(call(accept="#c"), theorem("c", "never"))
    assert not proof.holds
    assert events(item, proof) == ["bind", "agent.follow_up", "user.accept"]
    _, proof = prove(call(silent="#c"), theorem("c", "never"))
    assert proof.holds, "an agent that keeps the rules never does it"


def test_always() -> None:
    _, proof = prove(call(offer="#c", accept="#c"), theorem("c", "always"))
    assert not proof.holds
    _, proof = prove("r -> a1 bind\na1 -> g1 agent.follow_up #c", theorem("c", "always"))
    assert proof.holds, "the binding is no step"


def test_possible_keeps_the_rules_and_says_when_it_rests_on_may_edges() -> None:
    item, proof = prove(call(accept="#c"), theorem("c", "possible"))
    assert proof.holds
    assert events(item, proof)[-1] == "user.accept"
    assert not proof.rests_on_may
    _, proof = prove(call(silent="#c"), theorem("c", "possible"))
    assert not proof.holds
    _, proof = prove("r -> w1 bind\nw1 -> g1 tick may #c", theorem("c", "possible"))
    assert proof.holds
    assert proof.rests_on_may


def test_possible_within_a_deadline() -> None:
    text = "r -> w1 bind\nw1 -> w2 tick +10m\nw2 -> g1 tick +10m #c\nw1 -> g1 tock +25m #c"
    assert prove(text, theorem("c", "possible", minutes=20))[1].holds
    assert not prove(text, theorem("c", "possible", minutes=19))[1].holds


def test_a_run_that_needs_more_turns_than_there_are_is_no_run() -> None:
    text = "r -> a1 bind\na1 -> a2 agent.one\na2 -> a3 agent.two\na3 -> g1 agent.three #c"
    assert prove(text, theorem("c", "possible"), turns=3)[1].holds
    assert not prove(text, theorem("c", "possible"), turns=2)[1].holds
    assert prove(text, theorem("c", "never"), turns=2)[1].holds


def test_winnable_is_inside_safe_play() -> None:
    text = """
        r -> a1 bind
        a1 -> w1 agent.keep_silent
        w1 -> g1 tick 0.5 #c
        w1 -> b1 tick 0.5 {missed}
    """
    assert prove(text.format(missed=""), theorem("c", "winnable"))[1].holds
    _, proof = prove(text.format(missed="!missed:seat"), theorem("c", "winnable"))
    assert not proof.holds
    assert "force" in proof.reason


def test_winnable_needs_one_binding_only() -> None:
    text = "r -> a1 bind\nr -> a2 bind\na1 -> b1 agent.one\na2 -> g1 agent.one #c"
    item, proof = prove(text, theorem("c", "winnable"))
    assert proof.holds
    assert proof.path is not None
    assert item.edges[proof.path[0]].dst == item.configs.index("a2")


def test_eventually_is_broken_by_any_end_without_it() -> None:
    assert prove("r -> a1 bind\na1 -> g1 agent.one #c", theorem("c", "eventually"))[1].holds
    assert not prove("r -> a1 bind\na1 -> g1 agent.one\na1 -> g2 agent.two #c", theorem("c", "eventually"))[1].holds
    circle = "r -> w1 bind\nw1 -> w1 tick 0.5 +5m\nw1 -> g1 tock 0.5 #c"
    assert not prove(circle, theorem("c", "eventually"))[1].holds, "the horizon may come first"
    talk = "r -> a1 bind\na1 -> a1 agent.keep_silent\na1 -> g1 agent.one #c"
    assert not prove(talk, theorem("c", "eventually"))[1].holds, "the turns may be used up first"


def test_until() -> None:
    fine = "r -> w1 bind\nw1 -> w2 tick #c\nw2 -> g1 tick #c.right"
    assert prove(fine, theorem("c", "until"))[1].holds
    gap = "r -> w1 bind\nw1 -> w2 tick #c\nw2 -> w3 tick\nw3 -> g1 tick #c.right"
    item, proof = prove(gap, theorem("c", "until"))
    assert not proof.holds
    assert events(item, proof) == ["bind", "tick", "tick"]
    never = "r -> w1 bind\nw1 -> w2 tick #c\nw2 -> g1 tick #c"
    assert not prove(never, theorem("c", "until"))[1].holds


WAIT = """
    r -> p1 bind
    p1 -> w1 user.ask 1 #c
    w1 -> w2 tick +10m
    w2 -> w3 tick +10m {mid}
    w3 -> w3 tick +10m
    w3 -> g1 tick #c.right
"""


def test_leads_to_within_a_deadline() -> None:
    assert prove(WAIT.format(mid="#c.right"), theorem("c", "leads_to", minutes=20))[1].holds
    item, proof = prove(WAIT.format(mid="#c.right"), theorem("c", "leads_to", minutes=19))
    assert not proof.holds
    assert events(item, proof) == ["bind", "user.ask", "tick", "tick"]
    _, proof = prove(WAIT.format(mid=""), theorem("c", "leads_to", minutes=60))
    assert not proof.holds, "the circle of ticks can be walked as often as one likes"


def test_a_deadline_past_the_horizon_never_expires() -> None:
    assert prove(WAIT.format(mid=""), theorem("c", "leads_to", minutes=60), hours=1)[1].holds
    assert not prove(WAIT.format(mid=""), theorem("c", "leads_to", minutes=50), hours=1)[1].holds


def test_leads_to_in_the_same_instant() -> None:
    text = "r -> p1 bind\np1 -> w1 user.ask 1 #c\nw1 -> w2 settle +{delay}m\nw2 -> g1 tick +5m #c.right"
    assert not prove(text.format(delay=0), theorem("c", "leads_to", minutes=0))[1].holds
    at_once = "r -> p1 bind\np1 -> w1 user.ask 1 #c\nw1 -> g1 settle #c.right"
    assert prove(at_once, theorem("c", "leads_to", minutes=0))[1].holds
    same_step = "r -> p1 bind\np1 -> b1 user.ask 1 #c #c.right"
    assert prove(same_step, theorem("c", "leads_to", minutes=0))[1].holds


def test_leads_to_without_a_deadline_is_broken_by_an_end_but_not_by_running_out() -> None:
    assert not prove("r -> p1 bind\np1 -> b1 user.ask 1 #c", theorem("c", "leads_to"))[1].holds
    assert not prove("r -> p1 bind\np1 -> w1 user.ask 1 #c\nw1 -> b1 tick", theorem("c", "leads_to"))[1].holds
    assert prove("r -> p1 bind\np1 -> w1 user.ask 1 #c\nw1 -> b1 over", theorem("c", "leads_to"))[1].holds


def test_leads_to_within_turns_counts_the_agents_turns() -> None:
    text = "r -> p1 bind\np1 -> a1 user.ask 1 #c\na1 -> p2 agent.one {one}\np2 -> a2 user.hm 1 {hm}\na2 -> g1 agent.two #c.right"
    turns = theorem("c", "leads_to", turns=1)
    assert prove(text.format(one="#c.right", hm=""), turns)[1].holds
    assert prove(text.format(one="", hm="#c.right"), turns)[1].holds, "what others do before the next turn still counts"
    item, proof = prove(text.format(one="", hm=""), turns)
    assert not proof.holds
    assert events(item, proof)[-1] == "agent.two"
    assert prove(text.format(one="", hm=""), theorem("c", "leads_to", turns=2))[1].holds


def test_a_broken_check_is_an_error_with_its_trace() -> None:
    item = graph(call(accept="#c"), scenario(checks=[theorem("c", "never")]))
    (found,) = diagnostics(item, solve(item))
    assert (found.name, found.severity) == ("broken-check", "error")
    assert "user.accept" in found.notes[0]


def broken_runs(item: StateGraph, allowance: int, spent: Callable[[Edge], int]) -> bool:
    """Whether some run has a step of the left side after which the right side stays away for more than the allowance."""
    for first in item.edges:
        if not first.facts & 1 or first.facts & 2 or not _reachable(item, first.src):
            continue
        todo: list[tuple[int, int]] = [(first.dst, 0)]
        known: set[tuple[int, int]] = set()
        while todo:
            at, so_far = todo.pop()
            if (at, so_far) in known or item.owner[at] == END:
                continue
            known.add((at, so_far))
            for e in item.out(at):
                total = so_far + spent(e)
                if total > allowance:
                    return True
                if not e.facts & 2:
                    todo.append((e.dst, total))
    return False


def _reachable(item: StateGraph, target: int) -> bool:
    known, todo = {ROOT}, [ROOT]
    while todo:
        for e in item.out(todo.pop()):
            if e.dst not in known:
                known.add(e.dst)
                todo.append(e.dst)
    return target in known


TIMED = scenario(checks=[theorem("c", "leads_to", minutes=20)], hours=1000)
COUNTED = scenario(checks=[theorem("c", "leads_to", turns=2)], turns=1000)


@settings(max_examples=200)
@given(st.data())
@pytest.mark.parametrize("setting", [TIMED, COUNTED], ids=["time", "turns"])
def test_leads_to_agrees_with_every_run(setting: Scenario, data: st.DataObject) -> None:
    item = data.draw(graphs(setting, words=("#c", "#c.right")))
    (proof,) = proofs(item, solve(item))
    if setting is TIMED:
        expected = broken_runs(item, 20 * MINUTE, lambda e: e.delay)
    else:
        expected = broken_runs(item, 2, lambda e: int(e.actor == "agent"))
    assert proof.holds != expected
    if proof.path is not None:
        assert item.edges[proof.path[0]].src == ROOT
        assert all(item.edges[a].dst == item.edges[b].src for a, b in zip(proof.path, proof.path[1:]))
