"""Leaks: every way that somebody might try to get something hidden to the agent, each an error that shows where it was hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load

SCENE = """\
scenario: scene
about: A customer calls a shop. He was cheated by a plumber.
domain: demo
family: demo
horizon: 1h
turns: 4
uses:
  - {module: news, with: {what: queue, note: quiet day, offer: agent.answer}}
personas:
  calm:
    background: He has run a small bakery for nine years.
    traits: {name: "Ada", patience: int 1..3}
parameters:
  budget: int 1..3
world:
  queue: int 0..9 = 0
  board: {type: int 0..9 = 0, view: public}
  truth: {type: int 0..9 = 0, view: judge}
events:
  bell.rang: {loud: int 0..9, late: yes/no}
  log.wrote: {view: teacher, line: int 0..9}
  inner.step: {view: world, level: int 0..9}
  screen.shows: {what: text, help: {type: yes/no, view: judge}}
recordings:
  tape:
    fields: {what: text, help: {type: yes/no, view: judge}}
    rows: [{at: 1m, what: A window opens., help: yes}]
stream:
  - {every: 10m, emit: bell.rang, with: {loud: queue, late: no}, set: {queue: queue + 1}}
  - {at: 20m, emit: inner.step, with: {level: queue}}
  - {when: inner.step, emit: bell.rang, with: {loud: 1, late: no}, set: {board: queue}}
  - {at: 30m, emit: log.wrote, with: {line: truth}}
  - {play: tape, emit: screen.shows}
agent:
  wakes: [customer, bell.rang]
  role: You answer the phone of a shop.
  acts:
    answer: {kind: says, about: Answers what was asked.}
    look: {kind: does, returns: [queue]}
    remind: {kind: does, with: {wish: condition on queue | budget}}
cast:
  rep:
    role: colleague
    moves: {greet: {size: int 0..9}}
    stance: {zeal: int 0..5 = 2}
    feels:
      - {to: agent.answer, set: {zeal: zeal + 1}}
    replies:
      - {to: customer.ask, if: zeal > 1, do: greet, with: {size: queue}}
  customer:
    role: user
    persona: calm
    needs: To get the oven repaired by eleven.
    stance: {trust: int 0..5 = 2}
    moves: {ask: {size: int 0..9}, thank: {sure: yes/no}, wince: {view: user, pain: int 0..9}}
    opens: {do: ask, with: {size: budget}}
    feels:
      - {to: agent.answer, set: {trust: trust + 1}}
    replies:
      - {to: agent.answer, if: trust > 2 and concern.doubt is voiced, do: thank, with: {sure: yes}}
      - {to: agent.look, do: wince, with: {pain: trust}}
      - {to: agent.remind, do: ask, with: {size: queue}}
concerns:
  doubt:
    of: customer
    story: He was cheated by a plumber.
    says: I am not sure that I can trust you.
    surfaces: agent.answer
    price: 7
shifts:
  cheaper: {when: agent.look, as: customer.object, with: {most: budget}, says: It should cost less.}
tasks:
  help:
    slots: {limit: int 0..9 = budget}
    OPEN:
      - {when: customer.thank, go: DONE}
      - {when: rep.greet, set: {limit: limit + 1}}
    DONE: {end: good}
triggers:
  chance: {when: bell.rang(late), within: 2 turns, expect: agent.answer}
words:
  customer.ask: ["Is {{ size }} enough?", "{{ persona.name }} here."]
  customer.thank: ['{% if sure %}Thank you.{% else %}Well.{% endif %}']
  rep.greet: ["Good morning, number {{ size }}."]
  bell.rang: ['The bell rings, and the board says {{ board }}.']
"""
NEWS = """\
needs: {what: int, note: text, offer: act}
events:
  news.came: {size: int 0..9}
stream:
  - {when: offer, emit: news.came, with: {size: what}}
words:
  news.came: ["News of a {{ note }}: {{ size }}."]
"""


def said(tmp_path: Path, *changes: tuple[str, str]) -> list[Diagnostic]:
    scene, news = SCENE, NEWS
    for before, after in changes:
        assert before in scene or before in news, before
        scene, news = scene.replace(before, after, 1), news.replace(before, after, 1) if before not in scene else news
    (tmp_path / "scene.yaml").write_text(scene, encoding="utf-8")
    (tmp_path / "news.yaml").write_text(news, encoding="utf-8")
    return [d for d in load(tmp_path / "scene.yaml").diagnostics if d.severity == "error"]


def test_the_scene_leaks_nothing(tmp_path: Path) -> None:
    assert [(d.name, str(d.span), d.message) for d in said(tmp_path)] == []


LOUD = "with: {loud: queue, late: no}"
LEAKS: dict[str, tuple[list[tuple[str, str]], str, str]] = {
    # what was tried: the changes, what the message names, the line on which that is hidden
    "a stance in an event": ([(LOUD, "with: {loud: customer.trust, late: no}")], "customer.trust", "stance: {trust"),
    "a calculation with a stance": (
        [(LOUD, "with: {loud: 9 - (customer.trust + 1), late: no}")],
        "customer.trust",
        "stance: {trust",
    ),
    "a draw around a stance": (
        [(LOUD, "with: {loud: customer.trust..9, late: no}")],
        "customer.trust",
        "stance: {trust",
    ),
    "a comparison with a stance": (
        [("late: no}, set", "late: customer.trust > 2}, set")],
        "customer.trust",
        "stance: {trust",
    ),
    "one person's stance said by the other": (
        [("do: greet, with: {size: queue}", "do: greet, with: {size: customer.trust}")],
        "customer.trust",
        "stance: {trust",
    ),
    "a trait said by the other": (
        [("do: greet, with: {size: queue}", "do: greet, with: {size: persona.patience}")],
        "persona.patience",
        "patience: int",
    ),
    "a trait in the words of the other": (
        [("Good morning, number {{ size }}", "Good morning, {{ persona.name }}")],
        "persona.name",
        'name: "Ada"',
    ),
    "a concern's constant said by the other": (
        [("do: greet, with: {size: queue}", "do: greet, with: {size: concern.doubt.price}")],
        "concern.doubt.price",
        "concern.doubt.price",
    ),
    "resistance": ([(LOUD, "with: {loud: customer.resistance, late: no}")], "customer.resistance", "  doubt:"),
    "the state of a concern": (
        [("late: no}, set", "late: concern.doubt is voiced}, set")],
        "concern.doubt",
        "  doubt:",
    ),
    "the state of a concern in her own move": (
        [("with: {sure: yes}", "with: {sure: concern.doubt is eased}")],
        "concern.doubt",
        "  doubt:",
    ),
    "the state of a trigger": (
        [("late: no}, set", "late: trigger.chance is open}, set")],
        "trigger.chance",
        "  chance:",
    ),
    "the state of a shift": ([("late: no}, set", "late: shift.cheaper is done}, set")], "shift.cheaper", "  cheaper:"),
    "that a hidden event happened": ([("late: no}, set", "late: once log.wrote}, set")], "log.wrote", "  log.wrote:"),
    "that a hidden move was made": (
        [("late: no}, set", "late: (customer.wince in last 9m)}, set")],
        "customer.wince",
        "wince:",
    ),
    "how often a hidden event happened": (
        [(LOUD, "with: {loud: queue, late: count(log.wrote) > 2}")],
        "log.wrote",
        "  log.wrote:",
    ),
    "a hidden field within a pattern": (
        [("late: no}, set", "late: once screen.shows(help)}, set")],
        "screen.shows.help",
        "  screen.shows:",
    ),
    "the field of a hidden move": (
        [("late: no}, set", "late: customer.wince.pain is known}, set")],
        "customer.wince.pain",
        "wince:",
    ),
    "a judge's variable": ([(LOUD, "with: {loud: truth, late: no}")], "truth", "  truth:"),
    "a stance by way of a variable": (
        [
            ("set: {queue: queue + 1}", "set: {queue: customer.trust}"),
            ("returns: [queue]", "returns: [budget]"),
            ("condition on queue | budget", "condition on budget"),
            ("with: {what: queue", "with: {what: 3"),
            ("do: greet, with: {size: queue}", "do: greet, with: {size: 3}"),
            ("do: ask, with: {size: queue}", "do: ask, with: {size: 3}"),
            ("set: {board: queue}", "set: {board: 1}"),
        ],
        "customer.trust",
        "stance: {trust",
    ),
    "a stance by way of a slot": (
        [
            ("set: {limit: limit + 1}", "set: {limit: rep.zeal}"),
            ("do: ask, with: {size: queue}", "do: ask, with: {size: limit}"),
        ],
        "rep.zeal",
        "stance: {zeal",
    ),
    "a trait by way of a start": (
        [("board: {type: int 0..9 = 0", "board: {type: int 0..9 = persona.patience")],
        "persona.patience",
        "patience: int",
    ),
    "a stance by way of an event that nobody sees": (
        [
            ("with: {level: queue}", "with: {level: customer.trust}"),
            ("with: {loud: 1, late: no}", "with: {loud: inner.step.level, late: no}"),
            ("{loud: int 0..9, late", "{loud: int 0..9?, late"),
        ],
        "customer.trust",
        "stance: {trust",
    ),
    "a stance by way of the event at hand": (
        [
            ("with: {level: queue}", "with: {level: customer.trust}"),
            ("with: {loud: 1, late: no}", "with: {loud: level, late: no}"),
        ],
        "customer.trust",
        "stance: {trust",
    ),
    "a stance in a variable that all may see": (
        [("set: {board: queue}", "set: {board: customer.trust}")],
        "customer.trust",
        "stance: {trust",
    ),
    "a stance in what entering a state does": (
        [
            ("    DONE: {end: good}", "    DONE: {on_entry: {set: {board: customer.trust}}, end: good}"),
            (", set: {board: queue}", ""),
        ],
        "customer.trust",
        "stance: {trust",
    ),
    "a stance in what a transition emits": (
        [
            (
                "{when: rep.greet, set: {limit: limit + 1}}",
                "{when: rep.greet, set: {limit: limit + 1}, emit: bell.rang, with: {loud: rep.zeal, late: no}}",
            )
        ],
        "rep.zeal",
        "stance: {zeal",
    ),
    "a stance in what a state that is left emits": (
        [
            (
                "    OPEN:\n",
                "    OPEN:\n      on_exit: {emit: bell.rang, with: {loud: customer.trust, late: no}}\n      do:\n",
            ),
            ("      - {when: customer.thank", "        - {when: customer.thank"),
            ("      - {when: rep.greet", "        - {when: rep.greet"),
        ],
        "customer.trust",
        "stance: {trust",
    ),
    "a stance in a result": ([("returns: [queue]", "returns: [trust]")], "customer.trust", "stance: {trust"),
    "a trait in a condition": (
        [("condition on queue | budget", "condition on queue | persona.patience")],
        "persona.patience",
        "patience: int",
    ),
    "a hidden event that wakes": (
        [("wakes: [customer, bell.rang]", "wakes: [customer, log.wrote]")],
        "log.wrote",
        "  log.wrote:",
    ),
    "a hidden column that is played in the open": (
        [("help: {type: yes/no, view: judge}}\nrec", "help: yes/no}\nrec")],
        "help",
        "    fields: {what",
    ),
    "a stance in words": ([("{{ board }}", "{{ customer.trust }}")], "customer.trust", "stance: {trust"),
    "a stance under its short name in words": ([("{{ board }}", "{{ trust }}")], "trust", "stance: {trust"),
    "a wording chosen by a stance": ([("{% if sure %}", "{% if trust %}")], "trust", "stance: {trust"),
    "a wording chosen by a concern": (
        [("{% if sure %}", '{% if concern.doubt == "voiced" %}')],
        "concern.doubt",
        "  doubt:",
    ),
    "a wording chosen inside a placeholder": (
        [("{{ board }}", '{{ "late" if truth else "early" }}')],
        "truth",
        "  truth:",
    ),
    "a wording chosen by the world": ([("{% if sure %}", "{% if queue %}")], "queue", "  queue:"),
    "a hidden field in words": (
        [("  bell.rang: [", '  screen.shows: ["{{ help }}"]\n  bell.rang: [')],
        "help",
        "  screen.shows:",
    ),
    "a concern's story in words": ([("{{ board }}", "{{ concern.doubt.story }}")], "concern.doubt.story", "    story:"),
    "a story in the role": (
        [("You answer the phone of a shop.", "He was cheated by a plumber!")],
        "story",
        "    story:",
    ),
    "a story in an act": (
        [("Answers what was asked.", "Knows that he was CHEATED by a plumber.")],
        "story",
        "    story:",
    ),
    "a story in the first sentence": ([("A customer calls a shop. He", "He")], "story", "    story:"),
    "a story in words of the world": ([("The bell rings, and", "He was cheated by a plumber;")], "story", "    story:"),
    "a story that is said": (
        [("It should cost less.", "You know that he was cheated by a plumber.")],
        "story",
        "    story:",
    ),
    "a need in the role": (
        [("You answer the phone of a shop.", "Your aim is to get the oven repaired by eleven.")],
        "needs",
        "    needs:",
    ),
    "a background in an act": (
        [("Answers what was asked.", "Answers. He has run a small bakery for nine years.")],
        "background",
        "  calm:",
    ),
    "what a concern says before it is said": (
        [("You answer the phone", "I am not sure that I can trust you. You answer the phone")],
        "says",
        "    says:",
    ),
    "a stance as an argument of a module": (
        [("what: queue", "what: customer.trust")],
        "customer.trust",
        "stance: {trust",
    ),
    "a story as an argument of a module": (
        [("note: quiet day", "note: man who was told. He was cheated by a plumber")],
        "story",
        "    story:",
    ),
    "a stance by name as an argument of a module": (
        [("{{ note }}", "{{ what }}"), ("what: queue", "what: trust"), ("with: {size: what}", "with: {size: 3}")],
        "trust",
        "stance: {trust",
    ),
    "a hidden name that a module shows itself": ([("{{ note }}", "{{ truth }}")], "truth", "  truth:"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_one_error_that_shows_the_way(name: str, tmp_path: Path) -> None:
    changes, source, declared = LEAKS[name]
    found = said(tmp_path, *changes)
    assert [d.name for d in found] in (["hidden-flow"], ["leak"]), [d.message for d in found]
    (leak,) = found
    assert source in leak.message
    lines = [label.span.source.line(label.span.line) for label in leak.labels] + [leak.span.source.line(leak.span.line)]
    assert any(declared in line for line in lines), lines


def test_the_way_through_an_unseen_event_is_shown_step_by_step(tmp_path: Path) -> None:
    changes, _, _ = LEAKS["a stance by way of an event that nobody sees"]
    (leak,) = said(tmp_path, *changes)
    assert leak.message == "the agent would see `customer.trust`, which is hidden from it, in `bell.rang.loud`"
    assert [label.text for label in leak.labels] == [
        "`customer.trust` is a stance, hidden from the agent",
        "it flows into `inner.step.level` here",
        "the agent sees this field",
    ]


LEGAL: dict[str, list[tuple[str, str]]] = {
    "a trait in her own move": [("with: {size: budget}", "with: {size: persona.patience}")],
    "a trait in her own words": [("Is {{ size }} enough?", "{{ persona.patience }} of {{ size }}?")],
    "a wording of hers chosen by a trait of hers": [("{% if sure %}", '{% if persona.name == "Ada" %}')],
    "a constant of her concern in her own move": [
        ("do: ask, with: {size: queue}", "do: ask, with: {size: concern.doubt.price}")
    ],
    "a stance decides which move is made": [("if: zeal > 1, do", "if: zeal > 1 and customer.trust > 1, do")],
    "resistance decides whether something happens": [
        ("{every: 10m, emit: bell", "{every: 10m, if: customer.resistance > 0, emit: bell")
    ],
    "a hidden event decides when something happens": [
        ("{when: inner.step, emit: bell", "{when: log.wrote, emit: bell")
    ],
    "a stance in a hidden field": [
        (
            "{what: text, help: {type: yes/no, view: judge}}\nrec",
            "{what: text, help: {type: yes/no, view: judge}, mood: {type: int 0..9?, view: judge}}\nrec",
        )
    ],
    "a stance in a hidden event": [("with: {line: truth}", "with: {line: customer.trust}")],
    "a stance in a variable that nobody sees": [("set: {limit: limit + 1}", "set: {limit: rep.zeal}")],
    "the words of a hidden move": [
        ("  bell.rang: [", '  customer.wince: ["{{ trust }} {{ truth }} {{ pain }}"]\n  bell.rang: [')
    ],
    "a parameter that is published": [(LOUD, "with: {loud: budget, late: no}")],
    "a slot that is published": [(LOUD, "with: {loud: help.limit, late: no}")],
    "the state of a task": [("late: no}, set", "late: task.help is OPEN}, set")],
    "that something public happened": [("late: no}, set", "late: once customer.thank}, set")],
    "a field that all may see within a pattern": [("late: no}, set", "late: once rep.greet(size > 2)}, set")],
    "a wording chosen by a field of the move": [("{{ board }}", "{% if late %}late{% else %}early{% endif %}")],
    "a secret behind the first sentence": [
        ("A customer calls a shop.", "Somebody calls. To get the oven repaired by eleven.")
    ],
    "what is needed, in her own words": [("Is {{ size }} enough?", "I want to get the oven repaired by eleven.")],
    "a word of the story": [("You answer the phone of a shop.", "You answer the phone of a plumber.")],
    "a name that only looks like a concern": [("Answers what was asked.", "Answers every concern.")],
    "an argument of a module that is the world's": [("what: queue", "what: budget + 1")],
    "a hidden column in a hidden field": [("emit: screen.shows}", "emit: screen.shows, if: budget > 1}")],
}


@pytest.mark.parametrize("name", LEGAL)
def test_what_only_looks_like_a_leak_is_let_through(name: str, tmp_path: Path) -> None:
    assert [(d.name, str(d.span), d.message) for d in said(tmp_path, *LEGAL[name])] == []


def test_of_two_variables_of_one_short_name_the_hidden_one_counts(tmp_path: Path) -> None:
    """At run time the first one is shown; whichever that is, it must be one that may be."""
    for first, second in (("", "view: public"), ("view: public", "")):
        changes = [
            ("stance: {zeal: int 0..5 = 2}", f"stance: {{zeal: int 0..5 = 2, mood: {{type: int 0..5 = 1, {first}}}}}"),
            (
                "stance: {trust: int 0..5 = 2}",
                f"stance: {{trust: int 0..5 = 2, mood: {{type: int 0..5 = 1, {second}}}}}",
            ),
            ("{{ board }}", "{{ mood }}"),
        ]
        tidy = [(before, after.replace(", }", "}")) for before, after in changes]
        assert [d.name for d in said(tmp_path, *tidy)] == ["leak"]
