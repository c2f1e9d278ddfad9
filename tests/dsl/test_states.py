"""States in states, as they are written: what is read of them, and what is said of the mistakes that one can make there."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl import core
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load
from dramaturg.dsl.nesting import Nesting
from dramaturg.dsl.scenario import Task, TaskState

HEAD = """
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
world:
  calls: int 0..9 = 0
  fare: money(EUR) 0 EUR..100 EUR step 10 EUR = 50 EUR
events:
  noted: {n: int 0..9}
agent:
  wakes: [user, noted]
  acts:
    answer: {kind: says}
user:
  moves: {ask: {}, thank: {}, pay: {}}
  stance: {trust: int 0..9 = 5}
  opens: {do: ask}
  replies:
    - {to: agent.answer, if: calls < 3 and fare < 90 EUR and user.trust > 1, do: thank}
    - {to: agent.answer, do: pay}
tasks:
  help:
"""
NESTED = """
    OPEN:
      history: deep
      if_over: quiet
      on_entry: {set: {calls: calls + 1}}
      on_exit: {emit: noted, with: {n: calls}}
      do:
        - {when: done, go: SHUT}
      regions:
        left:
          ONE: [{when: user.pay, go: TWO}]
          TWO: {end: done}
        right:
          THREE:
            states:
              FOUR: [{when: user.thank, go: SIX}]
              FIVE: []
          SIX: {end: done}
    SHUT: {end: good}
"""


def said(body: str, folder: Path) -> list[Diagnostic]:
    path = folder / "small.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    return [d for d in load(path).diagnostics if d.severity == "error"]


def task(body: str, folder: Path) -> Task:
    path = folder / "small.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    loaded = load(path)
    assert loaded.scenario is not None, [d.message for d in loaded.diagnostics]
    return loaded.scenario.tasks[0]


def test_every_state_is_read_where_it_lies(tmp_path: Path) -> None:
    read = task(NESTED, tmp_path)
    assert [(s.name, s.parent, s.region) for s in read.states] == [
        ("OPEN", "", ""),
        ("ONE", "OPEN", "left"),
        ("TWO", "OPEN", "left"),
        ("THREE", "OPEN", "right"),
        ("FOUR", "THREE", ""),
        ("FIVE", "THREE", ""),
        ("SIX", "OPEN", "right"),
        ("SHUT", "", ""),
    ]
    first: TaskState = read.states[0]
    assert (first.history, first.if_over) == ("deep", "quiet")
    assert first.on_entry is not None
    assert [name for name, _ in first.on_entry.sets] == ["calls"]
    assert first.on_exit is not None
    assert first.on_exit.emit is not None
    assert (first.on_exit.emit.event, first.on_exit.emit.fields[0][0]) == ("noted", "n")


def test_done_is_being_in_an_end_of_every_region(tmp_path: Path) -> None:
    (line,) = task(NESTED, tmp_path).states[0].transitions
    assert line.when is not None
    assert line.when.text == "done"
    assert line.when.expr == core.And((core.InState("task.help", ("TWO",)), core.InState("task.help", ("SIX",))))


OPEN = "    OPEN: [{LINE}]\n    SHUT: {end: good}\n"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("if: calls > 3, go: SHUT", None),
        ("chance: 50%, go: SHUT", None),
        ("when: user.pay, emit: noted, with: {n: 3}", None),
        ("go: SHUT", "either-or"),
        ("set: {calls: 3}", "either-or"),
        ("if: calls > 3, set: {calls: 3}", "stays-at-once"),
        ("when: user.pay", "no-effect"),
        ("when: user.pay, emit: user.thank", "not-the-worlds"),
        ("when: user.pay, emit: notet, with: {n: 3}", "unknown-event"),
        ("when: user.pay, emit: noted", "missing-argument"),
        ("when: user.pay, emit: noted, with: {n: 1..3}", "draw-not-allowed"),
        ("when: user.pay, emit: noted, with: {n: user.trust}", "hidden-flow"),
        ("when: user.pay, go: SHUT, with: {n: 3}", "with-without-event"),
        ("when: done, go: SHUT", "never-done"),
    ],
)
def test_lines(line: str, name: str | None, tmp_path: Path) -> None:
    assert [d.name for d in said(OPEN.replace("LINE", line), tmp_path)] == ([] if name is None else [name])


def test_a_line_that_stays_is_repaired_with_when(tmp_path: Path) -> None:
    (item,) = said(OPEN.replace("LINE", "if: calls > 3, set: {calls: 3}"), tmp_path)
    (fix,) = item.fixes
    assert [(span.text, text) for span, text in fix.edits] == [("if", "when")]


@pytest.mark.parametrize(
    ("old", "new", "name", "at", "beside"),
    [
        ("          SIX:", "          ONE:", "state-twice", "ONE", "ONE"),
        ("user.thank, go: SIX", "user.thank, go: TWO", "other-region", "TWO", "TWO"),
        ("user.thank, go: SIX", "user.thank, go: FIV", "unknown-state", "FIV", None),
        ("SHUT: {end: good}", "SHUT: {end: done}", "nothing-to-end", "done", None),
        ("SIX: {end: done}", "SIX: []", "never-done", "done", "OPEN"),
        ("              FIVE: []", "              FIVE: {history: shallow}", "nothing-to-resume", "history", None),
        ("TWO: {end: done}", "TWO: {end: done, do: [{when: user.ask, go: ONE}]}", "goes-on-after-end", None, "TWO"),
        ("      regions:", "      states: {SEVEN: []}\n      regions:", "either-or", "regions", "states"),
        ("on_entry: {set: {calls: calls + 1}}", "on_entry: {}", "no-effect", None, None),
    ],
)
def test_mistakes(old: str, new: str, name: str, at: str | None, beside: str | None, tmp_path: Path) -> None:
    assert old in NESTED
    items = [d for d in said(NESTED.replace(old, new), tmp_path) if d.name == name]
    assert len(items) == 1
    if at is not None:
        assert items[0].span.text == at
    assert (items[0].labels[0].span.text if items[0].labels else None) == beside


def test_two_regions_may_not_set_one_variable(tmp_path: Path) -> None:
    body = NESTED.replace("go: TWO}", "go: TWO, set: {fare: 10 EUR}}").replace(
        "go: SIX}", "go: SIX, set: {fare: 20 EUR}}"
    )
    (item,) = said(body, tmp_path)
    assert item.name == "two-writers"
    assert "`right`" in item.message
    assert "`left`" in item.message
    assert item.span.text == "20 EUR"
    assert [label.span.text for label in item.labels] == ["10 EUR"]


def test_a_state_and_the_one_around_may_set_one_variable(tmp_path: Path) -> None:
    assert said(NESTED.replace("go: TWO}", "go: TWO, set: {calls: 0}}"), tmp_path) == []


def test_thousands_of_states_are_read_in_time_that_grows_with_them() -> None:
    def asked(number: int) -> int:
        states = [TaskState(f"S{i}") for i in range(number)]
        nesting = Nesting(Task("many", tuple(states)))
        return sum(nesting.apart(f"S{i}", f"S{number - 1 - i}") is None for i in range(number))

    # A quadratic search would take minutes here.
    assert asked(60_000) == 60_000
