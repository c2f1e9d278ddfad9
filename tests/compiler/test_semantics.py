"""The step semantics, the state graph, and that the two agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.compiler.configuration import (
    AgentTurn,
    Forced,
    GapDraw,
    Opening,
    Over,
    ResultDue,
    ShiftDraw,
    StreamDue,
)
from dramaturg.compiler.explore import Budget, OverBudget, explore
from dramaturg.compiler.graph import AGENT, END, Edge
from dramaturg.dsl import core
from dramaturg.dsl.core import And, Compare, Const, Field, Spread, Var
from dramaturg.dsl.scenario import Scenario, StreamEntry, Trigger
from dramaturg.dsl.types import Number, Wait
from tests.compiler.play import played
from tests.compiler.stage import DAY, g, on, watch, with_chance

MINUTE = 60_000


def drifting() -> Scenario:
    """The watch with a price that walks every 5 or 10 minutes, and a window that opens once it has been low for 10."""
    scenario = watch()
    price = Number("int", 0, 40, 1)
    variables = dict(scenario.variables)
    variables["price"] = replace(variables["price"], type=price)
    events = dict(scenario.events)
    events["price.changed"] = replace(
        events["price.changed"], fields=(replace(events["price.changed"].fields[0], type=price),)
    )
    cheap = core.Held(Compare("<=", Var("price"), Const(10)), Wait(ms=10 * MINUTE))
    trigger = replace(
        scenario.triggers[1], when=g(cheap, "price <= 10 for 10m"), within=Wait(ms=20 * MINUTE), again=True
    )
    return replace(
        scenario,
        horizon=60 * MINUTE,
        variables=variables,
        events=events,
        stream=(
            StreamEntry(
                "every",
                5 * MINUTE,
                10 * MINUTE,
                emit="price.changed",
                fields=(("to", g(Spread(Var("price"), Const(4)))),),
                sets=(("price", g(Field("to"))),),
            ),
        ),
        agent=replace(scenario.agent, wakes=("user", "reminder")),
        triggers=(scenario.triggers[0], trigger, scenario.triggers[2]),
    )


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_scenario(watch(), analyse=False)


@pytest.fixture(scope="module")
def walking() -> Compiled:
    return compile_scenario(drifting(), analyse=False)


def out(compiled: Compiled, node: int, event: str) -> list[Edge]:
    return [edge for edge in compiled.graph.out(node) if edge.event == event]


def go(compiled: Compiled, *events: str, binding: int = 0) -> int:
    """The node after these moves from the start of a binding, each the first edge with this event."""
    node = compiled.graph.out(0)[binding].dst
    for event in events:
        node = out(compiled, node, event)[0].dst
    return node


def test_the_right_act_serves_its_window(compiled: Compiled) -> None:
    node = go(compiled, "user.ask")
    arm = out(compiled, node, "agent.arm")[0]
    assert arm.served == ("arm",)
    assert compiled.graph.tasks[arm.dst] == {"buy": "WAITING"}


def test_silence_in_a_one_turn_window_misses_it(compiled: Compiled) -> None:
    silence = out(compiled, go(compiled, "user.ask"), "agent.keep_silent")[0]
    assert silence.violations == ("missed:arm",)


def test_a_proactive_act_outside_every_window_is_invented(compiled: Compiled) -> None:
    node = go(compiled, "user.ask", "agent.arm", "tick", "price.changed")
    assert {v for e in out(compiled, node, "agent.follow_up") for v in e.violations} == {"invented:cheap"}
    assert not out(compiled, node, "agent.keep_silent")[0].violations


def test_completing_unasked_breaks_the_rule(compiled: Compiled) -> None:
    assert "rule:no_presuming" in out(compiled, go(compiled, "user.ask"), "agent.complete")[0].violations


def test_the_positive_branch_ends_in_the_completed_task(compiled: Compiled) -> None:
    node = go(compiled, "user.ask", "agent.arm", "tick", "price.changed", "agent.keep_silent", "tick", "price.changed")
    good = [e for e in out(compiled, node, "agent.follow_up") if e.served]
    assert [dict(e.args) for e in good] == [{"at": 8}]
    accepted = compiled.graph.out(good[0].dst)[0]
    assert accepted.event == "user.accept"
    done = out(compiled, accepted.dst, "agent.complete")[0]
    assert compiled.graph.verdict[done.dst] == "good"


def test_a_window_in_virtual_time_is_missed_when_time_moves_past_it(compiled: Compiled) -> None:
    node = go(compiled, "user.ask", "agent.arm", "tick", "price.changed", "agent.keep_silent", "tick", "price.changed")
    node = out(compiled, node, "agent.keep_silent")[0].dst
    at_the_last_instant = compiled.graph.out(node)[0]
    assert (at_the_last_instant.event, at_the_last_instant.delay, at_the_last_instant.violations) == ("tick", DAY, ())
    assert compiled.graph.out(at_the_last_instant.dst)[0].violations == ("missed:cheap",)


def test_the_negative_branch_ends_quietly_at_the_horizon(compiled: Compiled) -> None:
    node = go(compiled, "user.ask", "agent.arm", "tick", "price.changed", "agent.keep_silent", "tick", binding=1)
    last = compiled.graph.out(go(compiled, "user.ask", binding=1))
    assert last
    while int(compiled.graph.owner[node]) != END:
        node = compiled.graph.out(node)[0].dst
    assert compiled.graph.verdict[node] == "good"


def test_chances_at_every_node_of_the_others_add_up(walking: Compiled) -> None:
    for node in range(len(walking.graph)):
        edges = walking.graph.out(node)
        if edges and int(walking.graph.owner[node]) != AGENT:
            assert sum(e.chance or 0 for e in edges) == pytest.approx(1.0)


def test_a_reply_with_a_chance_leaves_the_rest_to_the_next_line() -> None:
    compiled = compile_scenario(with_chance(watch(), 0.25), analyse=False)
    node = go(compiled, "user.ask", "agent.arm", "tick", "price.changed", "agent.keep_silent", "tick", "price.changed")
    follow = next(e for e in out(compiled, node, "agent.follow_up") if e.served)
    assert [(e.event, e.chance) for e in compiled.graph.out(follow.dst)] == [
        ("user.accept", 0.25),
        ("user.decline", 0.75),
    ]


def test_a_walking_price_is_kept_by_region(walking: Compiled) -> None:
    prices = {view["price"] for view in walking.graph.readable if "price" in view}
    assert len(prices) <= 6
    assert not walking.graph.exact


def test_budget_ends_in_a_diagnostic_that_names_a_culprit() -> None:
    with pytest.raises(OverBudget) as caught:
        explore(watch(), Budget(states=20))
    assert caught.value.diagnostic.name == "state-graph-over-budget"


def test_arguments_fall_into_the_classes_that_patterns_tell_apart(compiled: Compiled) -> None:
    node = go(compiled, "user.ask", "agent.arm", "tick", "price.changed", "agent.keep_silent", "tick", "price.changed")
    right = compiled.resolve(node, "agent.follow_up", (("at", 8),))
    accepted = compiled.resolve(node, "agent.follow_up", (("at", 3),))
    refused = compiled.resolve(node, "agent.follow_up", (("at", 17),))
    assert len({right, accepted, refused}) == 3
    assert accepted == compiled.resolve(node, "agent.follow_up", (("at", 5),))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", ["compiled", "walking"])
def test_every_exact_move_is_an_edge_of_the_graph(
    name: str, data: st.DataObject, request: pytest.FixtureRequest
) -> None:
    assert list(played(request.getfixturevalue(name), data, 60))


def test_an_exact_walk_conserves_probability(walking: Compiled) -> None:
    engine = walking.semantics
    config = engine.initial(0)
    for _ in range(30):
        moves = engine.moves(config)
        if not moves:
            break
        if engine.owner(config) != AGENT:
            assert sum(m.chance or 0 for m in moves) == pytest.approx(1.0)
        config = moves[-1].target


def test_past_operators_and_windows_compose(compiled: Compiled) -> None:
    trigger = Trigger(
        "late", g(And((on("user.accept").expr, Compare("<", Var("price"), Const(9))))), within=Wait(turns=1)
    )
    scenario = replace(watch(), triggers=(*watch().triggers, trigger))
    graph = explore(scenario).graph
    assert any(view.get("trigger.late") == "open" for view in graph.readable)


def test_duties_of_different_kinds_are_never_equal() -> None:
    duties: list[object] = [
        AgentTurn(False, 0),
        StreamDue(0, False),
        Opening(0),
        ShiftDraw(0),
        GapDraw(0),
        Forced(0, "good"),
        ResultDue("good"),
        Over("good"),
    ]
    assert len(set(duties)) == len(duties)
