"""Unused names: what the scenario declares and nothing reads is said once, and what counts without being read is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load
from tests.checkout import ROOT

SMALL = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
uses: [bank]
types:
  mood: one of glad | sad
personas:
  calm:
    traits: {name: "Ada", patience: int 1..3}
parameters:
  budget: int 1..3
  branch: one of left | right
world:
  queue: int 0..9 = 0
  seats: int 0..9 = 4
  state: mood = glad
events:
  bell.rang: {loud: int 0..9}
  note.taken: {view: judge, right: yes/no}
stream:
  - {every: 10m, emit: bell.rang, with: {loud: queue}, set: {queue: queue + 1, state: sad}}
  - {at: 5m, if: branch == left, emit: note.taken, with: {right: yes}}
agent:
  wakes: [user]
  acts:
    answer: {kind: says, with: {tone: mood}}
    look: {kind: does, returns: [seats]}
user:
  persona: calm
  stance: {trust: int 0..5 = 2}
  moves: {ask: {size: int 0..9}, thank: {}, object: {}}
  opens: {do: ask, with: {size: budget}}
  feels:
    - {to: agent.answer, set: {trust: trust + 1}}
  replies:
    - {to: agent.answer, if: trust > 2 and persona.patience > 1 and state is glad, do: thank}
concerns:
  doubt:
    story: He was cheated by a plumber.
    says: I am not sure.
    surfaces: agent.answer and budget < concern.doubt.price
    as: user.object
    price: 2
tasks:
  help:
    slots: {limit: int 0..9 = budget}
    OPEN:
      - {when: user.thank, if: note.taken.right is known and limit > 1, go: DONE}
    DONE: {end: good}
words:
  user.ask: ["Is {{ size }} enough? {{ persona.name }} here."]
"""
BANK = """\
types: {shade: one of dark | light}
world: {weather: int 0..9 = 3}
events: {rain: {}}
acts: {reply: {kind: says}}
"""


def said(tmp_path: Path, *changes: tuple[str, str]) -> list[Diagnostic]:
    text = SMALL
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "bank.yaml").write_text(BANK, encoding="utf-8")
    return [d for d in load(tmp_path / "small.yaml").diagnostics if d.severity != "note"]


def test_what_is_read_somewhere_is_not_reported_and_neither_is_what_a_module_declares(tmp_path: Path) -> None:
    assert said(tmp_path) == []


UNUSED = {
    "a parameter": ([("branch == left", "queue < 3")], "branch", "nothing reads the parameter `branch`"),
    "a world variable": (
        [("returns: [seats]", "returns: [queue]")],
        "seats",
        "nothing reads the world variable `seats`",
    ),
    "a variable that only follows from itself": (
        [("with: {loud: queue}", "with: {loud: 3}")],
        "queue",
        "nothing reads the world variable `queue`",
    ),
    "a variable that is only set": ([(" and state is glad", "")], "state", "nothing reads the world variable `state`"),
    "a slot": ([(" and limit > 1", "")], "limit", "nothing reads the slot `limit`"),
    "a stance variable": ([("trust > 2 and ", "")], "trust", "nothing reads the stance variable `trust`"),
    "a trait that varies": ([("persona.patience > 1 and ", "")], "patience", "nothing reads the trait `patience`"),
    "a trait that is fixed": ([(" {{ persona.name }} here.", "")], "name", "nothing reads the trait `name`"),
    "a constant of a concern": (
        [(" and budget < concern.doubt.price", "")],
        "price",
        "nothing reads `price` of the concern `doubt`",
    ),
    "a hidden event": (
        [("note.taken.right is known and ", "")],
        "note.taken",
        "nothing reads the event `note.taken`",
    ),
    "a hidden field": (
        [("note.taken.right is known", "once note.taken")],
        "right",
        "nothing reads `right` of `note.taken`",
    ),
    "an event that nothing emits": (
        [("  note.taken:", "  door.shut: {}\n  note.taken:")],
        "door.shut",
        "nothing reads the event `door.shut`",
    ),
    "a type": (
        [("  mood: one", "  shape: one of round | flat\n  mood: one")],
        "shape",
        "nothing is of the type `shape`",
    ),
    "a persona": ([("  calm:\n", "  wild: {}\n  calm:\n")], "wild", "nobody is a `wild`"),
    "a recording": (
        [("parameters:", "recordings: {tape: {fields: {what: text}, rows: []}}\nparameters:")],
        "tape",
        "nothing plays the recording `tape`",
    ),
    "a move": ([("object: {}", "object: {}, leave: {}")], "leave", "`user` never makes the move `leave`"),
    "a move that is waited for": (
        [("object: {}", "object: {}, leave: {}"), ("when: user.thank", "when: user.thank or user.leave")],
        "leave",
        "`user` never makes the move `leave`",
    ),
}


@pytest.mark.parametrize("name", UNUSED)
def test_an_unused_name_is_one_warning_at_its_declaration(name: str, tmp_path: Path) -> None:
    changes, at, message = UNUSED[name]
    (diagnostic,) = said(tmp_path, *changes)
    assert diagnostic.severity == "warning"
    assert (diagnostic.span.text, diagnostic.message) == (at, message)


UNSEEN = ("returns: [seats]", "returns: [queue]")
SIDELESS = ("branch == left", "queue < 3")
USED = {
    "by a wording": [
        UNSEEN,
        ("Is {{ size }}", "Is {{ seats }}"),
        ("seats: int 0..9 = 4", "seats: {type: int 0..9 = 4, view: public}"),
    ],
    "by a condition that the agent may write": [("returns: [seats]", "with: {wish: condition on seats}")],
    "by a start": [
        UNSEEN,
        ("queue: int 0..9 = 0\n  seats: int 0..9 = 4", "seats: int 0..9 = 4\n  queue: int 0..9 = seats"),
    ],
    "by a check": [UNSEEN, ("words:", "check: {full: possible seats == 0}\nwords:")],
    "by a rule": [SIDELESS, ("words:", "rules: {side: never (agent.answer and branch == right)}\nwords:")],
    "by a draw": [
        UNSEEN,
        ("with: {loud: queue}", "with: {loud: seats..9}"),
        ("set: {queue", "if: queue < 9, set: {queue"),
    ],
    "by a move's argument": [
        SIDELESS,
        ("object: {}", "object: {side: one of left | right}"),
        ("as: user.object", "as: user.object(side == branch)"),
    ],
    "by a wake-up": [
        ("note.taken.right is known and ", ""),
        ("view: judge, right: yes/no", "right: yes/no"),
        ("wakes: [user]", "wakes: [user, note.taken]"),
    ],
}


@pytest.mark.parametrize("name", USED)
def test_whatever_reads_a_name_counts(name: str, tmp_path: Path) -> None:
    assert [(d.name, d.message) for d in said(tmp_path, *USED[name])] == []


def test_nothing_is_said_of_a_scenario_with_errors(tmp_path: Path) -> None:
    assert [d.name for d in said(tmp_path, ("branch == left", "brnch == left"))] == ["unknown-name"]


SHIPPED = [path for path in sorted((ROOT / "scenarios").glob("*/*.yaml")) if path.read_bytes().startswith(b"scenario:")]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_scenarios_that_ship_have_no_unused_name(path: Path) -> None:
    assert [d.message for d in load(path).diagnostics if d.name in ("unused-name", "move-never-made")] == []
