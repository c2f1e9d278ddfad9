"""Tasks with states in states, as whole scenarios: what an author writes, and what becomes of it in the graph."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.compiler.compiled import Compiled, OverBudget, compile_scenario
from dramaturg.compiler.graph import Edge
from dramaturg.compiler.render.mermaid import mermaid
from dramaturg.dsl.load import load
from tests.compiler.play import played

GOLDEN = Path(__file__).parent / "golden"
HEAD = """
scenario: small
domain: test
family: small
horizon: 2h
turns: 8
world:
  calls: int 0..9 = 0
  notes: int 0..9 = 0
events:
  alarm: {}
  calm: {}
  noted: {n: int 0..9}
stream:
  - {at: 30m, emit: alarm}
  - {at: 50m, emit: calm}
agent:
  opens: yes
  wakes: [user, alarm, calm, noted]
  acts:
    check: {kind: does}
    seat: {kind: does}
    wait: {kind: silent}
user:
  moves: {thank: {}}
"""
TRIP = """
tasks:
  trip:
    TRAVELLING:
      history: deep
      if_over: quiet
      on_exit: {set: {calls: calls + 1}}
      regions:
        luggage:
          CARRIED: [{when: agent.check, go: CHECKED}]
          CHECKED: {end: done}
        seat:
          STANDING: [{when: agent.seat, go: SEATED}]
          SEATED:
            on_entry: {set: {notes: notes + 1}, emit: noted, with: {n: notes}}
            do: [{when: agent.seat, go: LEAVING}]
          LEAVING: {end: done}
      do:
        - {when: alarm, go: STUCK}
        - {when: done, go: ARRIVED}
    STUCK:
      - {when: calm, go: TRAVELLING}
      - {after: 40m, go: LOST}
    ARRIVED: {end: good}
    LOST: {end: bad}
check:
  arrives: winnable task.trip is ARRIVED
  halfway: possible task.trip is TRAVELLING and task.trip is CHECKED and task.trip is STANDING
  never_both: never (task.trip is STUCK and task.trip is TRAVELLING)
  counted: always (task.trip is STUCK implies calls > 0)
"""


def compiled(body: str, folder: Path, analyse: bool = False) -> Compiled:
    path = folder / "small.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    loaded = load(path)
    assert loaded.scenario is not None, [d.message for d in loaded.diagnostics]
    return compile_scenario(loaded.scenario, analyse=analyse)


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compiled(TRIP, tmp_path_factory.mktemp("trip"), analyse=True)


def after(item: Compiled, *events: str) -> int:
    """The node after these moves, each the first with that event; moves of nobody but time and the world are made between."""
    node = item.graph.out(0)[0].dst
    for event in events:
        edges = [edge for edge in item.graph.out(node) if edge.event == event]
        while not edges:
            (forced,) = item.graph.out(node)
            node = forced.dst
            edges = [edge for edge in item.graph.out(node) if edge.event == event]
        node = edges[0].dst
    return node


def view(item: Compiled, node: int, name: str) -> str:
    return item.graph.readable[node][name]


def test_regions_move_side_by_side(trip: Compiled) -> None:
    node = after(trip, "agent.check")
    assert trip.graph.tasks[node] == {"trip": "CHECKED & STANDING"}
    assert trip.graph.within("trip", "TRAVELLING")[node]
    assert not trip.graph.within("trip", "SEATED")[node]


def test_a_state_is_left_whole_and_resumed_as_it_was(trip: Compiled) -> None:
    stuck = after(trip, "agent.check", "agent.seat", "noted", "agent.wait", "alarm")
    assert trip.graph.tasks[stuck] == {"trip": "STUCK"}
    assert view(trip, stuck, "task.trip") == "STUCK (TRAVELLING: CHECKED & SEATED)"
    assert view(trip, stuck, "calls") == "1"
    back = after(trip, "agent.check", "agent.seat", "noted", "agent.wait", "alarm", "agent.wait", "calm")
    assert trip.graph.tasks[back] == {"trip": "CHECKED & SEATED"}
    assert view(trip, back, "notes") == "2", "resuming a state enters it"


def test_a_raised_event_happens_before_anything_else(trip: Compiled) -> None:
    node = after(trip, "agent.seat")
    (raised,) = trip.graph.out(node)
    assert (raised.actor, raised.event, dict(raised.args), raised.delay) == ("world", "noted", {"n": 0}, 0)
    assert view(trip, node, "notes") == "1", "what it carries was read before the state was entered"


def test_the_state_around_is_done_once_its_regions_are(trip: Compiled) -> None:
    node = after(trip, "agent.check", "agent.seat", "noted", "agent.seat")
    assert trip.graph.tasks[node] == {"trip": "ARRIVED"}
    assert trip.graph.verdict[node] == "good"


def test_checks_read_states_at_every_depth(trip: Compiled) -> None:
    assert {d.code for d in trip.diagnostics if d.severity == "error"} == set()


def test_stopping_counts_by_the_state_around(trip: Compiled) -> None:
    ends = {trip.graph.tasks[node]["trip"]: verdict for node, verdict in trip.graph.verdict.items()}
    assert ends["CARRIED & STANDING"] == "good"
    assert ends["ARRIVED"] == "good"
    assert "STUCK" not in ends or ends["STUCK"] == "bad"


def test_the_picture_shows_what_lies_in_what(trip: Compiled) -> None:
    golden = GOLDEN / "hierarchy.mmd"
    assert mermaid(trip.scenario) == golden.read_text(encoding="utf-8")


@settings(max_examples=60)
@given(data=st.data())
def test_every_exact_move_is_an_edge_of_the_graph(trip: Compiled, data: st.DataObject) -> None:
    assert list(played(trip, data, 40))


def out(item: Compiled, node: int) -> list[Edge]:
    return list(item.graph.out(node))


def test_the_line_inside_comes_first_and_the_one_around_serves_the_rest(tmp_path: Path) -> None:
    item = compiled(
        """
tasks:
  t:
    BUSY:
      do: [{when: agent.check, go: DONE}, {when: agent.seat, set: {calls: calls + 1}}]
      states:
        ONE: [{when: agent.check, go: TWO}]
        TWO: {}
    DONE: {end: good}
""",
        tmp_path,
    )
    assert item.graph.tasks[after(item, "agent.check")] == {"t": "TWO"}
    assert item.graph.tasks[after(item, "agent.check", "agent.check")] == {"t": "DONE"}
    node = after(item, "agent.check", "agent.seat")
    assert (item.graph.tasks[node], view(item, node, "calls")) == ({"t": "TWO"}, "1")


def test_a_timer_counts_from_the_entry_of_its_own_state(tmp_path: Path) -> None:
    item = compiled(
        """
tasks:
  t:
    BUSY:
      do: [{after: 60m, go: DONE}]
      states:
        ONE: [{after: 20m, go: TWO}]
        TWO: [{after: 25m, go: ONE, set: {calls: calls + 1}}]
    DONE: {end: good}
""",
        tmp_path,
    )
    node, minutes, seen = item.graph.out(0)[0].dst, 0, []
    while item.graph.out(node):
        edge = next(
            e for e in item.graph.out(node) if e.event in ("agent.wait", "tick", "alarm", "calm", "over", "user.thank")
        )
        minutes += edge.delay // 60_000
        if item.graph.tasks[edge.dst] != item.graph.tasks[node]:
            seen.append((minutes, item.graph.tasks[edge.dst]["t"]))
        node = edge.dst
    assert seen == [(20, "TWO"), (45, "ONE"), (60, "DONE")]


def test_a_failed_draw_gives_way_to_the_next_line(tmp_path: Path) -> None:
    item = compiled(
        """
tasks:
  t:
    OPEN:
      - {when: agent.check, chance: 25%, go: LUCKY}
      - {when: agent.check, chance: 50%, set: {calls: calls + 1}}
      - {when: agent.check, go: PLAIN}
    LUCKY: {end: good}
    PLAIN: {end: bad}
""",
        tmp_path,
    )
    first = out(item, after(item, "agent.check"))
    assert [(e.event, e.chance) for e in first] == [("draw", 0.25), ("draw", 0.75)]
    assert item.graph.tasks[first[0].dst] == {"t": "LUCKY"}
    second = out(item, first[1].dst)
    assert [e.chance for e in second] == [0.5, 0.5]
    assert view(item, second[0].dst, "calls") == "1"
    assert item.graph.tasks[second[1].dst] == {"t": "PLAIN"}


def test_a_choice_is_drawn_on_the_way_through(tmp_path: Path) -> None:
    item = compiled(
        """
tasks:
  t:
    OPEN: [{when: agent.check, go: TOSS}]
    TOSS: [{chance: 25%, go: LUCKY}, {if: calls > 0, go: LUCKY}, {go: PLAIN}]
    LUCKY: {end: good}
    PLAIN: {end: bad}
""",
        tmp_path,
    )
    node = after(item, "agent.check")
    edges = out(item, node)
    assert [(item.graph.tasks[e.dst]["t"], e.chance) for e in edges] == [("LUCKY", 0.25), ("PLAIN", 0.75)]


def test_a_line_that_stays_acts_each_time_its_condition_becomes_true(tmp_path: Path) -> None:
    item = compiled(
        """
tasks:
  t:
    OPEN:
      - {when: once alarm, set: {calls: calls + 1}}
      - {when: agent.seat, go: DONE}
    DONE: {end: good}
""",
        tmp_path,
    )
    assert view(item, after(item, "agent.wait", "alarm"), "calls") == "1"
    assert view(item, after(item, "agent.wait", "alarm", "agent.wait", "calm"), "calls") == "1"


def test_a_timer_may_be_left_to_chance(tmp_path: Path) -> None:
    item = compiled(
        """
tasks:
  t:
    OPEN: [{after: 10m, chance: 30%, go: DONE}]
    DONE: {end: good}
""",
        tmp_path,
    )
    edges = out(item, after(item, "agent.wait", "tick"))
    assert [(e.event, e.chance) for e in edges] == [("draw", 0.3), ("draw", 0.7)]


def test_several_tasks_move_at_one_event_and_by_each_other(tmp_path: Path) -> None:
    item = compiled(
        """
tasks:
  bag:
    CARRIED: [{when: agent.check, go: CHECKED, emit: noted, with: {n: 3}}]
    CHECKED: {end: good}
  seat:
    STANDING: [{when: agent.check, go: WAITING}]
    WAITING: [{when: noted(n == 3), go: SITTING}]
    SITTING: [{if: task.bag is CHECKED, go: DONE}]
    DONE: {end: good}
""",
        tmp_path,
    )
    node = after(item, "agent.check")
    assert item.graph.tasks[node] == {"bag": "CHECKED", "seat": "WAITING"}
    end = after(item, "agent.check", "noted")
    assert item.graph.tasks[end] == {"bag": "CHECKED", "seat": "DONE"}
    assert item.graph.verdict[end] == "good"


def test_an_event_raised_on_the_way_to_the_end_still_happens(tmp_path: Path) -> None:
    item = compiled(
        """
tasks:
  t:
    OPEN: [{when: agent.check, go: DONE, emit: noted, with: {n: 1}}]
    DONE: {end: good}
""",
        tmp_path,
    )
    node = after(item, "agent.check")
    assert node not in item.graph.verdict
    (raised,) = out(item, node)
    assert (raised.event, item.graph.verdict[raised.dst]) == ("noted", "good")


def test_a_circle_without_an_event_is_said_and_not_run(tmp_path: Path) -> None:
    body = """
tasks:
  t:
    OPEN: [{if: calls < 9, go: SHUT}, {when: agent.seat, go: DONE}]
    SHUT: [{if: notes < 9, go: OPEN}]
    DONE: {end: good}
"""
    with pytest.raises(OverBudget) as raised:
        compiled(body, tmp_path)
    assert raised.value.diagnostic.code == "E615"
    assert raised.value.diagnostic.labels


def test_what_has_ended_well_side_by_side_with_what_has_not_is_over(tmp_path: Path) -> None:
    item = compiled(
        """
tasks:
  t:
    BOTH:
      regions:
        left:
          ONE: [{when: agent.check, go: TWO}]
          TWO: {end: good}
        right:
          THREE: [{when: agent.seat, go: FOUR}]
          FOUR: {end: bad}
""",
        tmp_path,
    )
    node = after(item, "agent.check")
    assert item.graph.tasks[node] == {"t": "TWO & THREE"}
    assert item.graph.verdict[node] == "good"


def test_two_regions_that_may_leave_at_once_are_warned_of(tmp_path: Path) -> None:
    body = """
tasks:
  t:
    BOTH:
      regions:
        left:
          ONE: [{when: agent.check, go: DONE}]
        right:
          TWO: [{when: agent.check, FIRSTgo: LOST}]
    DONE: {end: good}
    LOST: {end: bad}
"""
    said = [d for d in compiled(body.replace("FIRST", ""), tmp_path, analyse=True).diagnostics if d.code == "W623"]
    assert [d.message for d in said] == ["ONE and TWO of t can both leave BOTH at once; the first one wins"]
    meant = compiled(body.replace("FIRST", "first: yes, "), tmp_path, analyse=True)
    assert [d for d in meant.diagnostics if d.code == "W623"] == []
    assert meant.graph.tasks[after(meant, "agent.check")] == {"t": "DONE"}


def test_a_line_inside_that_shadows_one_around_is_no_finding(tmp_path: Path) -> None:
    body = """
tasks:
  t:
    BUSY:
      do: [{when: agent.check, go: DONE}]
      states:
        ONE: [{when: agent.check, go: TWO}]
        TWO: {}
    DONE: {end: good}
"""
    assert [d for d in compiled(body, tmp_path, analyse=True).diagnostics if d.code == "W623"] == []


DRAWN = """
tasks:
  one:
    OPEN:
      - {when: agent.check, set: {calls: calls + 1}}
      - {when: agent.seat, go: DONE}
    DONE: {end: good}
  two:
    slots: {seen: int 0..9 = 9, again: yes/no = no, where: yes/no = no}
    OPEN:
      - {when: agent.check, chance: 50%, set: {seen: calls, again: earlier agent.check, where: task.three is DONE}}
      - {when: agent.seat, go: DONE}
    DONE: {end: good}
  three:
    slots: {told: int 0..9 = 9}
    OPEN:
      - {when: agent.check, chance: 50%, set: {told: calls}, go: DONE}
      - {when: agent.seat, go: DONE}
    DONE: {end: good}
check:
  seen: possible (two.seen == 1 and two.again and two.where and three.told == 0 and calls == 2)
"""


def test_what_a_drawn_line_sets_is_computed_before_the_step(tmp_path: Path) -> None:
    item = compiled(DRAWN, tmp_path)
    yes, _ = out(item, after(item, "agent.check"))
    both, _ = out(item, yes.dst)
    # The first task counted to 1 in the same step, and the third was done by a draw of the same instant.
    found = {name: view(item, both.dst, name) for name in ("calls", "two.seen", "two.again", "two.where", "three.told")}
    assert found == {"calls": "1", "two.seen": "0", "two.again": "no", "two.where": "no", "three.told": "0"}
    assert not [d for d in item.diagnostics if d.severity == "error"]


def test_exact_play_of_drawn_lines_stays_on_the_graph(tmp_path: Path) -> None:
    item = compiled(DRAWN, tmp_path)
    configs = [item.semantics.initial(0)]
    for config in configs:
        for move in item.semantics.moves(config) if len(configs) < 500 else ():
            assert item.locate(move.target) >= 0
            configs.append(move.target)
