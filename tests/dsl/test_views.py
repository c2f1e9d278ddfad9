"""Views: what is hidden from the agent reaches nothing that it sees, and what may be said is let through."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import Loaded, load

SMALL = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
personas:
  calm:
    traits: {patience: int 1..3, name: "Ada"}
parameters:
  budget: int 1..3
world:
  queue: int 0..9 = 0
  {type: int 0..9 = 0, view: judge}
events:
  bell.rang: {loud: int 0..9}
  log.wrote: {view: teacher, line: int 0..9}
stream:
  - {every: 10m, emit: bell.rang, with: {loud: queue}, set: {queue: queue + 1}}
agent:
  wakes: [user]
  role: You answer questions.
  acts:
    answer: {kind: says, about: Answers what was asked.}
    look: {kind: does, returns: [queue]}
    remind: {kind: does, with: {wish: condition on queue | budget}}
user:
  persona: calm
  stance: {trust: int 0..5 = 2}
  moves: {ask: {size: int 0..9}, thank: {}}
  opens: {do: ask, with: {size: budget}}
  feels:
    - {to: agent.answer, set: {trust: trust + 1}}
  replies:
    - {to: agent.answer, if: trust > 2, do: thank}
    - {to: agent.look, do: ask, with: {size: queue}}
concerns:
  doubt:
    story: He was cheated by a plumber.
    says: I am not sure.
    surfaces: agent.answer
    price: 7
tasks:
  help:
    slots: {limit: int 0..9 = budget}
    OPEN:
      - {when: user.thank, go: DONE}
    DONE: {end: good}
words:
  user.ask: ["Is {{ size }} enough?", "{{ persona.name }} here."]
  user.thank: ["Thank you."]
  bell.rang: ["The bell rings."]
""".replace("  {type: int 0..9 = 0, view: judge}\n", "  truth: {type: int 0..9 = 0, view: judge}\n")


def said(tmp_path: Path, *changes: tuple[str, str]) -> list[Diagnostic]:
    text = SMALL
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    loaded: Loaded = load(path)
    assert (loaded.scenario is None) == any(d.severity == "error" for d in loaded.diagnostics)
    return [d for d in loaded.diagnostics if d.severity != "note" and d.name not in ("unused-name", "move-never-made")]


def test_what_may_be_said_is_let_through(tmp_path: Path) -> None:
    assert said(tmp_path) == []


LEAKS = {
    "stance in a move": [("with: {size: queue}", "with: {size: user.trust}")],
    "stance in an event of the world": [("with: {loud: queue}", "with: {loud: user.trust}")],
    "stance through a world variable": [("set: {queue: queue + 1}", "set: {queue: user.trust}")],
    "stance through a slot into a move": [
        ("= budget}", "= 0}"),
        ("go: DONE}", "set: {limit: user.trust}, go: DONE}"),
        ("with: {size: queue}", "with: {size: limit}"),
    ],
    "a trait through a start": [("queue: int 0..9 = 0", "queue: int 0..9 = persona.patience")],
    "a judge's variable in a move": [("with: {size: queue}", "with: {size: truth}")],
    "a judge's variable in a result": [("returns: [queue]", "returns: [truth]")],
    "stance in a result": [("returns: [queue]", "returns: [trust]")],
    "a trait in a result": [("returns: [queue]", "returns: [persona.patience]")],
    "a trait in an event of the world": [("with: {loud: queue}", "with: {loud: persona.patience}")],
    "a concern's constant in an event of the world": [("with: {loud: queue}", "with: {loud: concern.doubt.price}")],
    "a hidden event's field in a move": [
        ("ask: {size: int 0..9}", "ask: {size: int 0..9?}"),
        ("with: {size: queue}", "with: {size: log.wrote.line}"),
    ],
    "stance in a condition": [("condition on queue | budget", "condition on queue | trust")],
    "a hidden event wakes": [("wakes: [user]", "wakes: [user, log.wrote]")],
    "a story in the role": [("You answer questions.", "He was cheated by a plumber!")],
    "a story in an act": [("Answers what was asked.", "Tells that He was cheated by a plumber.")],
    "a story in words": [('"Is {{ size }} enough?"', '"He was cheated by a plumber."')],
    "stance in words": [("{{ persona.name }}", "{{ trust }}")],
    "a world variable in words": [("{{ persona.name }}", "{{ queue }}")],
    "a concern in words": [("{{ persona.name }}", "{{ concern.doubt.story }}")],
    "a trait in the words of the world": [("The bell rings.", "{{ persona.name }} rings.")],
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_one_error(name: str, tmp_path: Path) -> None:
    (diagnostic,) = said(tmp_path, *LEAKS[name])
    assert diagnostic.name in ("hidden-flow", "leak"), f"{diagnostic.name}: {diagnostic.message}"
    changed = SMALL
    for before, after in LEAKS[name]:
        changed = changed.replace(before, after, 1)
    if len(LEAKS[name]) == 1 and "through" not in name:
        ((_, after),) = LEAKS[name]
        assert diagnostic.span.line == changed.count("\n", 0, changed.index(after)) + 1


def test_the_path_of_a_leak_is_shown_step_by_step(tmp_path: Path) -> None:
    (diagnostic,) = said(tmp_path, *LEAKS["stance through a slot into a move"])
    assert diagnostic.message == "the agent would see `user.trust`, which is hidden from it, in `user.ask.size`"
    assert [label.text for label in diagnostic.labels] == [
        "`user.trust` is a stance, hidden from the agent",
        "it flows into `help.limit` here",
        "the agent sees this field",
    ]


ALLOWED = {
    "a trait in her own words": [("{{ persona.name }}", "{{ persona.patience }}")],
    "a trait in her own move": [("with: {size: queue}", "with: {size: persona.patience}")],
    "a concern's constant in her own move": [("with: {size: queue}", "with: {size: concern.doubt.price}")],
    "a slot in a move": [("with: {size: queue}", "with: {size: limit}")],
    "a parameter in an event": [("with: {loud: queue}", "with: {loud: budget}")],
    "stance decides a reply": [("if: trust > 2", "if: trust > 2 and concern.doubt is hidden")],
    "a hidden field of a public event": [
        ("bell.rang: {loud: int 0..9}", "bell.rang: {loud: {type: int 0..9, view: judge}}"),
        ("with: {loud: queue}", "with: {loud: user.trust}"),
    ],
    "the words of a hidden event": [("  bell.rang: [", '  log.wrote: ["{{ line }} {{ trust }}"]\n  bell.rang: [')],
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_no_leak_is_let_through(name: str, tmp_path: Path) -> None:
    assert said(tmp_path, *ALLOWED[name]) == []


def test_a_leak_through_a_variable_is_told_once_with_all_its_sinks(tmp_path: Path) -> None:
    (diagnostic,) = said(tmp_path, *LEAKS["stance through a world variable"])
    assert diagnostic.message.endswith("in `bell.rang.loud`")
    assert [label.text for label in diagnostic.labels if label.text.startswith("and in")] == [
        "and in `user.ask.size`",
        "and in the result of `look`",
        "and in the conditions of `remind`, which may not name it",
    ]


def test_the_default_views(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    scenario = load(path).scenario
    assert scenario is not None
    assert {name: event.view for name, event in scenario.events.items()} == {
        "bell.rang": "public",
        "log.wrote": "teacher",
        "user.ask": "public",
        "user.thank": "public",
        "user.voice": "public",
        "agent.answer": "public",
        "agent.look": "agent",
        "agent.remind": "agent",
        "agent.keep_silent": "agent",
        "result.look": "agent",
    }
    assert {name: variable.view for name, variable in scenario.variables.items()} == {
        "budget": "world",
        "persona.patience": "user",
        "queue": "world",
        "truth": "judge",
        "help.limit": "world",
        "user.trust": "user",
    }
    assert [field.view for field in scenario.events["user.voice"].fields] == ["user"]
    assert [field.view for field in scenario.events["log.wrote"].fields] == ["teacher"]
