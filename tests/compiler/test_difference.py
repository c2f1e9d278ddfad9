"""Differences: what changed in meaning, with a moment at which the versions differ, and nothing where only layout did."""
# ruff: noqa: E501  (sentences and scenarios that are compared are kept whole)

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.compiler.compiled import compile_scenario
from dramaturg.compiler.consequences import consequences, signatures
from dramaturg.compiler.difference import Change, Difference, difference
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario
from tests.checkout import ROOT

TRAIN = ROOT / "scenarios" / "travel" / "delayed-train.yaml"
TEXT = TRAIN.read_text(encoding="utf-8")


def scenario(text: str = TEXT) -> Scenario:
    loaded = load(TRAIN, overlay={TRAIN: text.encode()})
    assert loaded.scenario is not None, [d.message for d in loaded.diagnostics]
    return loaded.scenario


OLD = scenario()


def changed(*edits: tuple[str, str], base: str = TEXT) -> Difference:
    text = base
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return difference(OLD, scenario(text))


def told(change: Change) -> str:
    notes = "".join(f" [{note}]" for note in change.notes)
    return f"{' · '.join(change.path)}: {change.kind}: {change.before} → {change.after}{notes}"


FOLLOW = "people · user · replies · to agent.follow_up if fare > max_price do user.decline"


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (
            [("fare > max_price, do: decline", "fare >= max_price, chance: 40%, do: decline")],
            [
                (f"{FOLLOW} · if: changed: fare > max_price → fare >= max_price [at trip.max_price=0 EUR, fare=0 EUR the new one "
                "holds, the old one does not] [it holds at more moments]"),
                f"{FOLLOW} · chance: changed: 100% → 40%",
            ],
        ),
        ([("turns: 16", "turns: 17")], ["turns: changed: 16 → 17"]),
        ([("horizon: 8h", "horizon: 9h")], ["horizon: changed: 8h → 9h"]),
        (
            [("fare > max_price, do: decline", "fare >= max_price, do: decline")],
            [
                (f"{FOLLOW} · if: changed: fare > max_price → fare >= max_price [at trip.max_price=0 EUR, fare=0 EUR the new one "
                "holds, the old one does not] [it holds at more moments]")
            ],
        ),
        (
            [("delay >= 20m) for 10m", "delay >= 30m) for 10m")],
            [
                ("triggers · affordable_seat · when: changed: (fare <= max_price and delay >= 20m) for 10m → (fare <= max_price and "
                "delay >= 30m) for 10m [at trip.max_price=0 EUR, fare=0 EUR, delay=20m the old one holds, the new one does not] "
                "[the window opens at fewer moments]")
            ],
        ),
        (
            [("delay >= 20m) for 10m", "delay >= 20m) for 20m")],
            [
                ("triggers · affordable_seat · when: changed: (fare <= max_price and delay >= 20m) for 10m → (fare <= max_price and "
                "delay >= 20m) for 20m [at trip.max_price=0 EUR, fare=0 EUR, delay=20m the old one holds, the new one does not] "
                "[the window opens at fewer moments]")
            ],
        ),
        ([("within: 10m ", "within: 30m ")], ["triggers · arm · within: changed: 10m → 30m [20m longer]"]),
        ([("within: 4 turns", "within: 3 turns")], ["triggers · affordable_seat · within: changed: 4 turns → 3 turns [1 turn shorter]"]),
        ([("    until: fare > max_price\n", "")], ["triggers · affordable_seat · until: removed: fare > max_price → "]),
        ([("  she_may_give_up: possible task.trip is FAILED\n", "")], ["check · she_may_give_up: removed: possible task.trip is FAILED → "]),
        (
            [("160 EUR step 40 EUR\n", "160 EUR step 20 EUR\n")],
            ["world and parameters · budget · type: changed: money(EUR) 80 EUR..160 EUR step 40 EUR → money(EUR) 80 EUR..160 EUR step 20 EUR"],
        ),
        ([("{after: 10m, go: FAILED}", "{after: 20m, go: FAILED}")], ["tasks · trip · states · AGREED · transitions · after 10m go FAILED · after: changed: 10m → 20m"]),
        ([("{when: user.decline, go: FAILED}", "{when: user.decline, go: AGREED}")], ["tasks · trip · states · IN_PROGRESS · transitions · when user.decline go FAILED · go: changed: FAILED → AGREED"]),
        ([("chance: 30%", "chance: 50%")], ["people · user · replies · to agent.follow_up do user.decline · chance: changed: 30% → 50%"]),
        ([("    - {to: agent.follow_up, do: hesitate}\n", "")], ["people · user · replies: removed: to agent.follow_up do user.hesitate → "]),
        ([("surfaces: agent.ask(topic == purpose)", "surfaces: agent.ask")], ["concerns · interview · surfaces: changed: agent.ask(topic == purpose) → agent.ask [at agent.ask, topic=budget the new one holds, the old one does not] [it is voiced at more moments]"]),
        ([("chance: 40%", "chance: 40%\n    times: 2")], ["shifts · cheaper · times: changed: 1 → 2"]),
        ([("    COMPLETED: {end: good}\n", "    COMPLETED: {end: good}\n    REFUSED: {end: bad}\n")], ["tasks · trip · states · REFUSED: added:  → end bad"]),
        ([("every: 20m +- 10m", "every: 20m +- 5m")], ["stream · every 10m..30m emit train.delayed · earliest: changed: 10m → 15m", "stream · every 10m..30m emit train.delayed · latest: changed: 30m → 25m"]),
        ([("wakes: [user, result, reminder]", "wakes: [user, reminder, train.delayed]")], ["agent · wakes: changed: reminder, result, user → reminder, train.delayed, user"]),
        ([("set: {max_price: limit}", "set: {max_price: limit - 20 EUR}")], ["tasks · trip · states · IN_PROGRESS · transitions · when user.cheaper · set · trip.max_price: changed: limit → limit - 20 EUR"]),
    ],
    ids=lambda value: value[0][:40] if isinstance(value[0], str) else None,
)  # fmt: skip
def test_each_kind_of_edit_is_told_in_the_authors_words(edits: list[tuple[str, str]], said: list[str]) -> None:
    found = changed(*edits)
    assert [told(change) for change in found.meaning] == said and not found.texts


def test_a_renamed_state_is_one_state() -> None:
    found = changed(
        ("FAILED: {end: bad}", "LOST: {end: bad}"), *[("go: FAILED", "go: LOST")] * 3, ("is FAILED", "is LOST")
    )
    assert [told(c) for c in found.meaning if c.kind == "renamed"] == [
        "tasks · trip · states · FAILED: renamed: FAILED → LOST"
    ]


@pytest.mark.parametrize(
    "edits",
    [
        [("fare > max_price, do: decline", "not (fare <= max_price), do: decline")],
        [("until: fare > max_price", "until: fare - max_price >= 20 EUR")],
        [("    accept: {}\n    decline: {}\n", "    decline: {}\n    accept: {}\n")],
        [("# the seat is gone", "# gone")],
        [("world:\n  delay: duration 0m..2h step 10m = 0m\n  fare", "world:\n  delay: duration 0m..120m step 600s = 0m\n\n  fare")],
        [("horizon: 8h", "horizon: 480m")],
        [("if: user.resistance < 3", "if: user.resistance <= 2")],
        [("agent.complete_task and task.trip is not AGREED", "agent.complete_task and task.trip is PENDING | IN_PROGRESS | COMPLETED | FAILED")],
        [("wakes: [user, result, reminder]", "wakes: [reminder, user, result]")],
        [("rules:\n", "# a comment\nrules:\n")],
    ],
)  # fmt: skip
def test_what_means_the_same_is_no_change(edits: list[tuple[str, str]]) -> None:
    found = changed(*edits)
    assert found.changes == ()


def test_texts_are_told_apart_from_meaning() -> None:
    found = changed(("role: >-\n    You look", "role: >-\n    Please look"), ("Lyon by eleven", "Lyon by ten"))
    assert not found.meaning and [change.path[-1] for change in found.texts] == ["needs", "agent role"]


def test_the_difference_turned_round_loses_what_it_gained() -> None:
    new = scenario(
        TEXT.replace("within: 4 turns", "within: 2 turns").replace(
            "    COMPLETED: {end: good}\n", "    COMPLETED: {end: good}\n    REFUSED: {end: bad}\n"
        )
    )
    there, back = difference(OLD, new), difference(new, OLD)
    assert [c.path for c in there.changes] == [c.path for c in back.changes]
    assert {c.kind for c in there.changes} == {"changed", "added"} and {c.kind for c in back.changes} == {
        "changed",
        "removed",
    }


SMALL = """\
scenario: tea
domain: home
family: timers
horizon: 30m
turns: 4
parameters:
  cups: int 1..3
world:
  heat: int 0..3 = 0
events:
  kettle.boiled: {}
  kettle.hums: {}
stream:
  - {at: 5m, emit: kettle.boiled, set: {heat: heat + 1}}
  - {at: 10m, if: cups > 1, emit: kettle.hums}
agent:
  wakes: [user, kettle.boiled, kettle.hums]
  acts:
    tell: {kind: says, proactive: yes}
    wait: {kind: silent}
user:
  moves: {ask: {}, thank: {}}
  opens: {do: ask}
  replies:
    - {to: agent.tell, if: heat > 0, do: thank}
tasks:
  tea:
    WAITING:
      - {when: user.thank, go: SERVED}
      - {when: agent.tell, if: cups > 2 and heat < 1, go: COLD}
      - {after: 20m, go: COLD}
    SERVED: {end: good}
    COLD: {end: bad}
triggers:
  ready: {when: kettle.boiled, within: 1 turn, expect: agent.tell, otherwise: agent.wait}
"""


def small(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "tea.yaml"
    path.write_text(text, encoding="utf-8")
    found = load(path).scenario
    assert found is not None
    return found


def test_only_the_bindings_that_a_change_reaches_are_touched(tmp_path: Path) -> None:
    old = compile_scenario(small(tmp_path, SMALL))
    assert consequences(old, compile_scenario(small(tmp_path, SMALL))).none
    later = compile_scenario(small(tmp_path, SMALL.replace("at: 10m, if: cups > 1", "at: 10m, if: cups > 2")))
    found = consequences(old, later)
    assert found.bindings == 3 and found.moved == ("cups = 2",) and found.touched == ("cups = 2",)
    assert any(figure.name == "states" for figure in found.figures)
    more = consequences(old, compile_scenario(small(tmp_path, SMALL.replace("int 1..3", "int 1..4"))))
    assert more.added == ("cups = 4",) and not more.removed and not more.touched


REWRITES = (
    ("    tell: {kind: says, proactive: yes}\n    wait: {kind: silent}\n", "    wait: {kind: silent}\n    tell: {kind: says, proactive: yes}\n"),
    ("  kettle.boiled: {}\n  kettle.hums: {}\n", "  kettle.hums: {}\n  kettle.boiled: {}\n"),
    ("if: heat > 0", "if: not (heat <= 0)"),
    ("if: cups > 2 and heat < 1", "if: heat < 1 and cups > 2"),
    ("if: cups > 1,", "if: cups >= 2,"),
    ("20m, go", "1200s, go"),
    ("    SERVED: {end: good}\n    COLD: {end: bad}\n", "    COLD: {end: bad}\n    SERVED: {end: good}  # well\n"),
    ("{ask: {}, thank: {}}", "\n    ask: {}\n    thank: {}"),
    ("wakes: [user, kettle.boiled, kettle.hums]", "wakes: [kettle.hums, kettle.boiled, user]"),
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from(REWRITES), min_size=1))
def test_no_difference_means_equal_graphs(
    tmp_path_factory: pytest.TempPathFactory, rewrites: set[tuple[str, str]]
) -> None:
    text = SMALL
    for old, new in rewrites:
        assert old in text
        text = text.replace(old, new)
    folder = tmp_path_factory.mktemp("tea")
    before, after = small(folder, SMALL), small(folder, text)
    assert difference(before, after).changes == ()
    assert signatures(compile_scenario(before, analyse=False)) == signatures(compile_scenario(after, analyse=False))


NUMBERS = [found.span() for found in re.finditer(r"(?<![\w.])\d+", SMALL)]
SIGNS = [found.span() for found in re.finditer(r" [<>] ", SMALL)]
NAMES = [
    found.span() for found in re.finditer(r"kettle\.boiled|kettle\.hums|agent\.tell|agent\.wait|SERVED|COLD", SMALL)
]
OTHER = {
    "kettle.boiled": "kettle.hums",
    "kettle.hums": "kettle.boiled",
    "agent.tell": "agent.wait",
    "agent.wait": "agent.tell",
}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_graphs_that_differ_have_a_difference(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """One number, sign or name of the scenario is another; where nothing is said to have changed, nothing has."""
    start, end = data.draw(st.sampled_from([*NUMBERS, *SIGNS, *NAMES]))
    was = SMALL[start:end]
    if was.isdecimal():
        now = str(max(0, int(was) + data.draw(st.sampled_from([-1, 1, 2]))))
    else:
        now = OTHER.get(was) or (
            f" {was.strip()}= " if was.strip() in "<>" else {"SERVED": "COLD", "COLD": "SERVED"}[was]
        )
    path = tmp_path_factory.mktemp("tea") / "tea.yaml"
    path.write_text(SMALL[:start] + now + SMALL[end:], encoding="utf-8")
    after = load(path).scenario
    if after is None:
        return
    before = small(path.parent, SMALL)
    found = difference(before, after)
    changed = signatures(compile_scenario(before, analyse=False)) != signatures(compile_scenario(after, analyse=False))
    assert found.meaning or not changed
    assert difference(after, before).meaning or not found.meaning


def test_any_two_scenarios_can_be_compared() -> None:
    every = [load(path).scenario for path in sorted((ROOT / "scenarios").glob("*/*.yaml"))]
    there = [found for found in every if found is not None]
    assert len(there) > 4
    for old in there:
        for new in there:
            assert bool(difference(old, new).meaning) == (old is not new)


def test_how_likely_a_value_is_is_told_in_percent(tmp_path: Path) -> None:
    peopled = SMALL.replace("triggers:", PERSONS + "triggers:").replace("user:\n", "user:\n  persona: drinker\n")
    old, new = small(tmp_path, peopled), small(tmp_path, peopled.replace("likely: 60%", "likely: 50%"))
    assert [told(change) for change in difference(old, new).meaning] == [
        "world and parameters · persona.background · likely · early: changed: 60% → 50%",
        "world and parameters · persona.background · likely · late: changed: 40% → 50%",
    ]


PERSONS = """\
personas:
  drinker:
    background:
      early: {text: Up at five., likely: 60%}
      late: Up at ten.
"""
