"""The analyses of a graph, on scenarios that each lack one thing. Their pages are tested beside this."""

import pytest

from dramaturg.compiler.analyses import analyse, winnability
from dramaturg.compiler.solve import solve
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.scenario import Task, TaskState, Transition
from tests.compiler.graphs import graph, place, scenario, true
from tests.compiler.seat import SEAT, compiled, seat


def found(text: str) -> dict[str, Diagnostic]:
    return {item.name: item for item in compiled(text).diagnostics}


def test_a_sound_scenario_has_no_findings() -> None:
    assert seat().diagnostics == ()


def test_an_unwinnable_binding_is_named_with_the_best_that_can_be_done() -> None:
    text = SEAT.replace("if: fare < 100 EUR, do: accept", "if: not shy and fare < 100 EUR, do: accept").replace(
        "      if_over: quiet\n", ""
    )
    item = found(text)["unwinnable"]
    assert item.severity == "error"
    assert item.message == "the binding shy = yes cannot be won: no good end can be reached, whatever anybody does"
    assert item.span.text == "winnable"
    assert [label.span.text for label in item.labels] == ["shy"]


def test_a_binding_that_needs_a_violation_names_it() -> None:
    text = SEAT.replace("check:", "rules:\n  shy_people: never (agent.offer and shy)\n\ncheck:").replace(
        "      if_over: quiet\n", ""
    )
    item = found(text)["unwinnable"]
    assert "shy = yes" in item.message
    assert "breaks the rule shy_people" in item.message
    assert "agent.offer" in item.notes[0]


def test_the_best_that_can_be_done_breaks_as_little_as_possible() -> None:
    of = graph("""
        r -> a0 bind
        a0 -> a1 agent.wait
        a0 -> a2 agent.praise
        a1 -> g agent.remind !rule:nagging !missed:taken
        a2 -> g agent.remind !rule:nagging
    """)
    (item,) = winnability.diagnostics(of, solve(of))
    assert item.message.endswith("at best it breaks the rule nagging")
    assert "agent.praise" in item.notes[0]


def test_a_condition_that_cannot_hold_is_said_and_not_what_follows_from_it() -> None:
    text = SEAT.replace("    LOST: {end: bad}\n", "    LOST: {end: bad}\n    GONE: {end: bad}\n").replace(
        "go: LOST}", "go: LOST}\n        - {when: user.change, if: shy and not shy, go: GONE}"
    )
    items = found(text)
    assert set(items) >= {"impossible-guard"}
    assert set(items).isdisjoint({"unreachable-state", "dead-line"}), "these follow from it"


def test_a_dead_reply_says_why() -> None:
    text = SEAT.replace(
        "    - {to: agent, do: nothing}", "    - {to: agent, do: nothing}\n    - {to: agent.offer, do: tell}"
    )
    item = found(text)["dead-line"]
    assert "user.tell to agent.offer" in item.message
    assert "an earlier reply" in item.notes[0]


def test_a_reply_to_a_deed_says_that_nobody_hears_it() -> None:
    text = SEAT.replace("    ask: {kind: says}\n", "    ask: {kind: says}\n    note: {kind: does}\n")
    text = text.replace(
        "    - {to: agent, do: nothing}", "    - {to: agent.note, do: tell}\n    - {to: agent, do: nothing}"
    )
    assert "`agent.note` is a deed (`kind: does`), which nobody hears" in found(text)["dead-line"].notes[0]


def test_a_line_that_nobody_drawn_takes_says_that_they_are_drawn() -> None:
    text = SEAT.replace(
        "    - {to: agent, do: nothing}", "    - {to: agent, do: nothing}\n    - {to: agent.offer, do: tell}"
    )
    assert "sample" not in "".join(found(text)["dead-line"].notes)
    item = found(text.replace("\nturns:", "\nsample: 1\nturns:", 1))["dead-line"]
    assert item.notes[0] == "the graph holds only as many persons as `sample: 1` draws; with others it may happen"


def test_overlapping_lines_have_a_witness_and_first_is_consent() -> None:
    line = "        - {when: user.accept, if: fare <= 100 EUR, go: FOUND}\n"
    text = SEAT.replace("        - {when: user.accept, go: FOUND}\n", line + line.replace("<= 100", ">= 90"))
    item = found(text)["overlapping-guards"]
    assert item.notes[0] == "for example with user.accept, fare = 90 EUR"
    assert "overlapping-guards" not in found(text.replace(">= 90", "> 100"))
    assert "overlapping-guards" not in found(text.replace("fare <= 100 EUR, go", "fare <= 100 EUR, first: yes, go"))


def test_a_window_that_opens_behind_the_agents_back() -> None:
    item = found(SEAT.replace("wakes: [user, fare.changed]", "wakes: [user]"))["window-never-opens"]
    assert "never has a turn" in item.message
    assert "wakes" in item.notes[-1]


def test_a_window_that_never_opens_is_said_so_though_acts_are_invented_outside_it() -> None:
    item = found(
        SEAT.replace("when: fare < 100 EUR\n    until", "when: concern.short_of_money is hardened\n    until")
    )["window-never-opens"]
    assert item.message == "the window of cheap never opens: `concern.short_of_money is hardened` never comes true"


def test_broken_checks_come_with_the_shortest_counterexample() -> None:
    item = found(SEAT.replace("fair: never (user.accept and fare >= 100 EUR)", "fair: never user.accept"))[
        "broken-check"
    ]
    assert item.message == "the check fair does not hold: it happens"
    lines = item.notes[0].splitlines()
    assert lines[0] == "shortest counterexample:"
    assert lines[-1].strip().startswith("30m  user.accept")


def test_findings_are_in_the_order_of_the_text() -> None:
    text = SEAT.replace("wakes: [user, fare.changed]", "wakes: [user]").replace(
        "never (user.accept and", "never (user.want or"
    )
    items = compiled(text).diagnostics
    assert len(items) >= 2
    assert [i.span.start for i in items] == sorted(i.span.start for i in items)


@pytest.mark.parametrize(("ending", "trap"), [(None, True), ("quiet", False)])
def test_a_state_in_which_running_out_is_good_is_no_trap(ending: str | None, trap: bool) -> None:
    states = (
        TaskState("OPEN", (Transition(true(), go="STUCK"), Transition(true(), go="DONE")), span=place("OPEN")),
        TaskState("STUCK", if_over=ending, span=place("STUCK")),
        TaskState("DONE", end="good", span=place("DONE")),
    )
    item = graph(
        """
        r -> a1 bind
        a1 -> a2 agent.one
        a1 -> g1 agent.two
        a2 -> w2 agent.three
        w2 -> b1 over
        w2 -> a2 tick +5m
        a1: task.trip=OPEN
        a2: task.trip=STUCK
        w2: task.trip=STUCK
        g1: task.trip=DONE
        b1: task.trip=STUCK
        """,
        scenario(tasks=[Task("trip", states)]),
    )
    traps = [d for d in analyse(item, solve(item)) if d.name == "trap-state"]
    assert bool(traps) == trap
    if trap:
        assert traps[0].span.text == "STUCK"
        assert "agent.one" in traps[0].notes[0]


BEYOND = """
    LOST: {end: bad}
    GONE: [{when: user.accept, go: AWAY}]
    AWAY: {end: bad}
"""
ISLAND = """
    LOST: {end: bad}
    ONE: [{when: user.accept, go: TWO}]
    TWO: [{when: user.accept, go: ONE}]
"""


def test_a_window_behind_an_impossible_condition_is_not_said_as_well() -> None:
    window = "  absurd: {when: fare < 60 EUR and fare > 80 EUR, expect: agent.offer, within: 1 turn}"
    items = found(SEAT.replace("\nshifts:", f"{window}\n\nshifts:", 1))
    assert "impossible-guard" in items
    assert "window-never-opens" not in items


def test_a_state_behind_a_dead_line_is_not_said_as_well() -> None:
    text = SEAT.replace("\n    LOST: {end: bad}\n", BEYOND).replace(
        "go: LOST}", "go: LOST}\n        - {when: user.change, if: once user.accept, go: GONE}"
    )
    items = found(text)
    assert "dead-line" in items
    assert "unreachable-state" not in items


def test_an_island_of_states_is_said_once() -> None:
    items = compiled(SEAT.replace("\n    LOST: {end: bad}\n", ISLAND)).diagnostics
    assert [d.span.text for d in items if d.name == "unreachable-state"] == ["ONE"]


def test_a_state_that_no_line_leads_to_is_told_once() -> None:
    """Neither the windows and lines that wait for it are told, nor apart the claims that it breaks."""
    text = SEAT.replace("        - {when: user.accept, go: FOUND}\n", "")
    assert text != SEAT
    (item,) = compiled(text).diagnostics
    assert item.name == "cut-off-state"
    assert item.severity == "error"
    assert item.span.text == "FOUND"


def test_an_impossible_until_is_told_at_the_until() -> None:
    text = SEAT.replace("    until: fare >= 100 EUR\n", "    until: shy and not shy\n")
    assert text != SEAT
    (item,) = compiled(text).diagnostics
    assert item.name == "impossible-guard"
    assert item.span.text == "shy and not shy"


def test_a_rule_about_what_never_holds_forbids_nothing() -> None:
    text = SEAT.replace("check:", "rules:\n  odd: never (agent.offer and shy and not shy)\n\ncheck:")
    (item,) = compiled(text).diagnostics
    assert item.name == "impossible-guard"
    assert "odd" in item.message


def test_what_waits_for_a_move_that_another_reply_takes_away_is_not_told_as_well() -> None:
    """The reply that answers first is in front: the second one is told, and no line, window, state or claim that hangs on it."""
    start = SEAT.index("  replies:\n") + len("  replies:\n")
    (line,) = [it for it in SEAT[start:].splitlines(keepends=True) if "do: accept" in it][:1]
    broad = "    - {to: agent.offer, do: decline}\n"
    text = SEAT.replace(line, "").replace("  replies:\n", f"  replies:\n{broad}{line}", 1)
    items = compiled(text).diagnostics
    dead = [item for item in items if item.name in ("dead-line", "needed-line")]
    assert any(item.span.text == line.strip("- \n") for item in dead), [item.message for item in items]
    assert not [item for item in items if item.name in ("unwinnable", "broken-check", "window-never-opens")]


def test_a_line_that_stands_twice_is_told_once() -> None:
    line = "        - {when: user.accept, go: FOUND}\n"
    assert line in SEAT
    assert [item.name for item in compiled(SEAT.replace(line, line * 2)).diagnostics] == ["overlapping-guards"]


def test_a_move_that_nothing_waits_for_is_no_cause_of_a_claim_that_fails() -> None:
    text = SEAT.replace("tell: {}}", "tell: {}, leave: {}}").replace(
        "winnable: winnable task.trip is FOUND", "soon: possible task.trip is FOUND within 5m"
    )
    assert [item.name for item in compiled(text).diagnostics] == ["broken-check"]


def test_a_state_that_is_left_as_it_is_entered_is_entered() -> None:
    """A choice, the last end of a region, and a start that chooses: no configuration of the graph is in them."""
    choice = SEAT.replace("user.accept, go: FOUND}", "user.accept, go: AGREED}").replace(
        "    FOUND: {end: good}\n",
        "    AGREED: [{if: fare < 100 EUR, go: FOUND}, {go: LOST}]\n    FOUND: {end: good}\n",
    )
    assert [(item.name, item.span.text) for item in compiled(choice).diagnostics] == [("dead-line", "{go: LOST}")]
    start = SEAT.replace("    WANTED:\n", "    START: [{if: shy, go: WANTED}, {go: WANTED}]\n    WANTED:\n")
    assert compiled(start).diagnostics == ()
    inside = SEAT.replace("user.accept, go: FOUND}", "user.accept, go: PAYING}").replace(
        "    FOUND: {end: good}\n",
        "    PAYING:\n      states: {OWED: [{when: agent.keep_silent, go: PAID}], PAID: {end: done}}\n"
        "      do: [{when: done, go: FOUND}]\n    FOUND: {end: good}\n",
    )
    assert [item for item in compiled(inside).diagnostics if item.name == "unreachable-state"] == []


def test_states_that_lead_to_each_other_and_nowhere_else_are_one_trap() -> None:
    text = SEAT.replace("user.decline, go: LOST}", "user.decline, go: WAVERING}").replace(
        "    LOST: {end: bad}\n",
        "    WAVERING: [{when: agent.ask, go: SULKING}]\n    SULKING: [{when: agent.offer, go: WAVERING}]\n    LOST: {end: bad}\n",
    )
    (item,) = [it for it in compiled(text).diagnostics if it.name == "trap-state"]
    assert item.span.text == "WAVERING"
    assert [label.span.text for label in item.labels] == ["SULKING"]


def test_of_a_trap_and_the_way_into_it_the_trap_is_told() -> None:
    text = SEAT.replace("user.decline, go: LOST}", "user.decline, go: WAVERING}").replace(
        "    LOST: {end: bad}\n",
        "    WAVERING: [{when: agent.ask, go: SULKING}]\n    SULKING: []\n    LOST: {end: bad}\n",
    )
    (item,) = [it for it in compiled(text).diagnostics if it.name == "trap-state"]
    assert item.span.text == "SULKING"
    assert item.message == "task trip never leaves SULKING: from there no end can be reached"
