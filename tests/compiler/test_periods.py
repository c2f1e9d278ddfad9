"""Streams that repeat: what comes at fixed times comes then and at no other time, and fine clocks beside it cost nothing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.compiler.graph import AGENT
from dramaturg.compiler.semantics import Semantics
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario
from tests.compiler.play import played

HOUR = 3_600_000

CRM = """
scenario: crm
about: An assistant watches the customer base of a sales rep, and offers a demonstration when a lead is warm.
domain: sales
family: crm
horizon: 9d
turns: 12
parameters:
  lead: one of hot | cold
world:
  score: int 0..100 step 20 = 20
  visits: int 0..2 = 0
events:
  lead.opened_mail: {}
  lead.visited: {pages: int 1..2}
  calendar.free: {}
stream:
  - {every: 2d, emit: lead.opened_mail, if: lead == hot, set: {score: score + 20}}
  - {every: 3d, chance: 50%, emit: lead.visited, with: {pages: 1}, set: {visits: visits + pages}}
  - {at: 3d, emit: calendar.free}
agent:
  wakes: [user, lead.opened_mail, lead.visited, calendar.free]
  acts:
    suggest: {kind: says, proactive: yes}
    nudge: {kind: says, proactive: yes}
    book: {kind: does}
    keep_silent: {kind: silent}
user:
  moves: {brief: {}, agree: {}, refuse: {}, wait: {}}
  opens: {do: brief}
  replies:
    - {to: agent.suggest, if: score >= 60, do: agree}
    - {to: agent.suggest, do: refuse}
    - {to: agent.nudge, do: wait}
tasks:
  booking:
    WATCHING:
      - {when: user.agree, go: AGREED}
      - {when: user.refuse, go: ANNOYED}
    AGREED:
      - {when: agent.book, go: BOOKED}
      - {after: 1h, go: COLD}
    BOOKED: {end: good}
    ANNOYED: {end: bad}
    COLD: {end: bad}
  manners:
    FREE: {if_over: good, do: [{when: agent.nudge, go: NUDGED}]}
    NUDGED: {if_over: good, do: [{after: 2d, go: FREE}]}
triggers:
  cooling:
    when: not lead.opened_mail in last 3d
    within: 2 turns
    expect: agent.nudge
    otherwise: agent.keep_silent
    again: yes
  book_it: {when: user.agree, within: 30m, expect: agent.book}
rules:
  not_twice: never (agent.nudge and task.manners is NUDGED)
words:
  user.brief: [Watch my leads.]
  user.agree: [Do it.]
  user.refuse: [No.]
  user.wait: [Later.]
  agent.suggest: [Shall I book a demonstration?]
  agent.nudge: [A lead goes cold.]
"""
"""A virtual week, with windows of half an hour in it."""

DRAWN = CRM.replace("every: 2d", "every: 1d..3d").replace("every: 3d", "every: 3d +- 1d")


def read(text: str, folder: Path) -> Scenario:
    path = folder / "crm.yaml"
    path.write_text(text, "utf-8")
    loaded = load(path)
    assert loaded.scenario is not None, [(it.span.line, it.message) for it in loaded.diagnostics]
    return loaded.scenario


@pytest.fixture(scope="module")
def regular(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compile_scenario(read(CRM, tmp_path_factory.mktemp("regular")))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compile_scenario(read(DRAWN, tmp_path_factory.mktemp("drawn")))


def test_a_week_with_short_windows_has_a_small_graph(regular: Compiled, drawn: Compiled) -> None:
    """A graph that ticks as finely as its shortest time would have millions of states."""
    assert len(regular.graph) < 3_000
    assert len(drawn.graph) < 15_000


def emissions(compiled: Compiled, event: str, most: int) -> set[int]:
    """The hours since the start at which an event may happen, as far as ``most``."""
    graph, out = compiled.graph, set()
    todo = [(edge.dst, 0) for edge in graph.out(0)]
    seen = set(todo)
    for node, now in todo:
        for edge in graph.out(node):
            at = now + edge.delay
            if edge.event == event:
                out.add(at // HOUR)
            if at <= most * HOUR and (edge.dst, at) not in seen:
                seen.add((edge.dst, at))
                todo.append((edge.dst, at))
    return out


def test_what_comes_at_fixed_times_comes_then(regular: Compiled) -> None:
    assert emissions(regular, "lead.opened_mail", 144) == {48, 96, 144}
    assert emissions(regular, "lead.visited", 144) == {72, 144}


def test_what_comes_after_drawn_gaps_may_come_at_any_of_their_ticks(drawn: Compiled) -> None:
    assert drawn.graph.tick == 24 * HOUR
    assert emissions(drawn, "lead.visited", 96) == {24, 48, 72, 96}


def test_an_episode_lasts_as_long_as_it_says(regular: Compiled, drawn: Compiled) -> None:
    """Where the stream is short enough for a graph to keep how late it is; else it may be cut off whenever time moves."""
    assert regular.graph.exact
    assert emissions(regular, "over", 9 * 24) == {9 * 24}
    assert not drawn.graph.exact
    assert 0 in emissions(drawn, "over", 9 * 24)


def test_what_repeats_often_is_not_counted(tmp_path: Path) -> None:
    scenario = read(CRM.replace("every: 2d", "every: 6h").replace("every: 3d", "every: 12h"), tmp_path)
    compiled = compile_scenario(scenario)
    assert not compiled.graph.exact
    assert emissions(compiled, "lead.opened_mail", 24) == {6, 12, 18, 24}
    assert len(compiled.graph) < 15_000


@pytest.mark.parametrize(
    ("gap", "ticks"),
    [
        ("1h +- 20m", [40, 60, 80]),
        ("5m..15m", [5, 10, 15]),
        ("10m..1h", [10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]),
        ("1d..3d", [1440, 2880, 4320]),
    ],
)
def test_gaps_are_drawn_as_finely_as_they_are_written(gap: str, ticks: list[int], tmp_path: Path) -> None:
    scenario = read(CRM.replace("every: 2d", f"every: {gap}").replace("  - {every: 3d", "  - {at: 3d"), tmp_path)
    moves = Semantics(scenario).moves(Semantics(scenario).initial(0))
    assert {move.event for move in moves} == {"draw"}
    assert [move.target.stream[0][1] // 60_000 for move in moves] == ticks


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("name", ["regular", "drawn"])
def test_every_exact_move_is_an_edge_of_the_graph(
    name: str, data: st.DataObject, request: pytest.FixtureRequest
) -> None:
    assert list(played(request.getfixturevalue(name), data, 80))


@pytest.mark.parametrize("name", ["regular", "drawn"])
def test_chances_add_up_to_one_in_the_graph(name: str, request: pytest.FixtureRequest) -> None:
    compiled: Compiled = request.getfixturevalue(name)
    for node in range(1, len(compiled.graph)):
        edges = compiled.graph.out(node)
        if edges and int(compiled.graph.owner[node]) != AGENT:
            assert sum(edge.chance or 0 for edge in edges) == pytest.approx(1.0)


def test_a_deadline_between_two_repetitions_can_be_proved(tmp_path: Path) -> None:
    claims = "check:\n  first_mail: never (lead.opened_mail and once calendar.free and not earlier lead.opened_mail)\n"
    names = [it.name for it in compile_scenario(read(CRM + claims, tmp_path)).diagnostics]
    assert "broken-check" not in names
    names = [it.name for it in compile_scenario(read(DRAWN + claims, tmp_path)).diagnostics]
    assert "broken-check" in names, "after a drawn gap the first mail may come later than the free day"


def test_the_order_of_times_is_kept(regular: Compiled) -> None:
    """Along any run time does not go back, and what repeats comes after its gap."""
    engine, config = regular.semantics, regular.semantics.initial(0)
    now, mails = 0, []
    for _ in range(200):
        moves = engine.moves(config)
        if not moves:
            break
        move = next((it for it in moves if it.event == "agent.keep_silent"), moves[-1])
        now += move.delay
        if move.event == "lead.opened_mail":
            mails.append(now)
        config = move.target
    assert mails
    assert all(second - first == 48 * HOUR for first, second in pairwise([0, *mails]))
