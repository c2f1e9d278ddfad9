"""The first thing that is said of a mistake stands on the line of the mistake, and nothing else is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load

STAGE = Path(__file__).parent / "stage"
MAIN = STAGE / "travel" / "delayed-train.yaml"
ACTS = STAGE / "acts" / "assistant.yaml"
SLOTS = "    slots: {max_price: money(EUR) 0 EUR..200 EUR step 10 EUR = budget}\n"
ARMED = "      - {when: agent.set_reminder, go: IN_PROGRESS}\n"


def told(path: Path, old: str, new: str) -> tuple[Diagnostic, ...]:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, "the stage has changed"
    return load(MAIN, STAGE, {path: text.replace(old, new).encode()}).diagnostics


EDITS = {
    # what: (file, old, new, the one diagnostic, what its line says)
    "a bracket that a comment closes": (
        MAIN,
        "{when: agent.set_reminder, go: IN_PROGRESS}",
        "{when: agent.set_reminder, # go: IN_PROGRESS}",
        "unclosed",
        "agent.set_reminder, #",
    ),
    "two brackets that a comment closes": (
        MAIN,
        "{price: money(EUR) 0 EUR..500 EUR}}",
        "{price: money(EUR) # 0 EUR..500 EUR}}",
        "unclosed",
        "money(EUR) #",
    ),
    "a semicolon behind a name": (MAIN, "    weight: 3", "    weight; 3", "yaml-syntax", "weight; 3"),
    "an arrow behind a name": (
        MAIN,
        "    until: fare > max_price",
        "    until -> fare > max_price",
        "yaml-syntax",
        "until ->",
    ),
    "a semicolon behind a heading": (MAIN, "    PENDING:\n", "    PENDING;\n", "yaml-syntax", "PENDING;"),
    "a full stop behind a name": (MAIN, "persona: commuter", "persona. commuter", "yaml-syntax", "persona."),
    "a comma behind a name, and a comment": (
        MAIN,
        "pace: 20s  ",
        "pace, 20s  ",
        "yaml-syntax",
        "pace, 20s",
    ),
    "a bracket that a comment closes, before another entry": (
        MAIN,
        "{after: 90m, go: FAILED}",
        "{after: 90m, # go: FAILED}",
        "unclosed",
        "90m, #",
    ),
    "a semicolon behind the first name": (MAIN, "    story: She", "    story; She", "yaml-syntax", "story; She"),
    "a semicolon behind the first heading": (MAIN, "  interview:\n", "  interview;\n", "yaml-syntax", "interview;"),
    "a comma behind the first name, and a comment": (
        MAIN,
        "  wakes: [user, result, reminder]  # what",
        "  wakes, [user, result, reminder]  # what",
        "yaml-syntax",
        "wakes, [user",
    ),
    "a first entry that is out of line": (
        MAIN,
        "  train.delayed: {",
        " train.delayed: {",
        "bad-indentation",
        "train.delayed:",
    ),
    "a first heading that is out of line": (
        ACTS,
        "  ask: {kind: says, with: {topic: topic}, about: Ask the user something about the trip.}",
        " ask:\n    kind: says\n    with: {topic: topic}",
        "bad-indentation",
        " ask:",
    ),
    "a first line that is out of line": (
        ACTS,
        "about: What a travel",
        " about: What a travel",
        "bad-indentation",
        "about: What",
    ),
    "an arrow before brackets": (MAIN, "moves: {ask_", "moves -> {ask_", "yaml-syntax", "moves ->"),
    "a heading that stands out": (MAIN, "    IN_PROGRESS:\n", "  IN_PROGRESS:\n", "bad-indentation", "IN_PROGRESS:"),
    "a field behind a comment sign": (
        MAIN,
        "train.delayed: {by: duration 5m..30m step 5m}",
        "train.delayed: {at: duration 5m..30m step 5m, # by: duration 5m..30m step 5m}",
        "unclosed",
        "train.delayed: {",
    ),
    "a field without its colon": (
        MAIN,
        "slots: {max_price: money",
        "slots: {max_price is money",
        "key-without-value",
        "max_price is",
    ),
    "a heading that stands among the sections": (
        ACTS,
        "  ask: {kind: says, with: {topic: topic}, about: Ask the user something about the trip.}\n",
        "  hear: {kind: says}\nask:\n    kind: says\n    with: {topic: topic}\n",
        "bad-indentation",
        "ask:",
    ),
    "a heading of folded text that is out of line": (
        MAIN,
        "  persona: commuter\n",
        "   persona: >-\n    commuter\n",
        "bad-indentation",
        "persona: >-",
    ),
    "a first text that is out of line": (
        MAIN,
        "  delay: duration 0m..6h step 5m = 0m",
        "   delay: duration 0m..6h step 5m = 0m",
        "bad-indentation",
        "delay: duration 0m",
    ),
    "nothing inside a state that ends": (
        MAIN,
        "FAILED: {end: bad}",
        "FAILED: {states: {}, end: bad}",
        "goes-on-after-end",
        "FAILED: {",
    ),
    "what is played is a time": (MAIN, "{every: 1h +- 20m,", "{play: 1h +- 20m,", "unknown-recording", "play:"),
    "arguments of no move": (
        MAIN,
        "    weight: 3\n",
        "    weight: 3\n    with: {about: cost}\n",
        "with-without-event",
        "with:",
    ),
    "a kind in braces": (
        ACTS,
        "keep_silent: {kind: silent}",
        "keep_silent:\n    kind: {silent}",
        "key-without-value",
        "kind: {silent}",
    ),
    "the first move with a word for its fields": (
        MAIN,
        "  moves: {ask_status: {}, accept: {}, decline: {}}\n  opens: {do: ask_status}",
        "  moves:\n    ask_status: {day: int 0..3}\n    accept: {}\n    decline: {}\n  opens: {do: ask_status, with: day}",
        "wrong-kind",
        "opens:",
    ),
    "a list where the fields of an act are": (
        ACTS,
        "ask: {kind: says, with: {topic: topic}, about",
        "ask: {kind: says, with: [topic], about",
        "wrong-kind",
        "with: [topic]",
    ),
    "a line above its heading": (
        ACTS,
        "  ask: {kind: says, with: {topic: topic}, about: Ask the user something about the trip.}\n",
        "  hear:\n    kind: says\n    kind: says\n  ask:\n    with: {topic: topic}\n",
        "duplicate-key",
        "kind: says",
    ),
    "a key that is called nearly like another": (
        MAIN,
        "  cheaper: {when: agent.follow_up",
        "  cheaper: {if: yes, when: agent.follow_up",
        "unknown-key",
        "if: yes",
    ),
    "neither side a condition": (
        MAIN,
        "    until: fare > max_price",
        "    until: fare and max_price",
        "not-yes-no",
        "until:",
    ),
    "a name under the heading of another kind": (
        MAIN,
        "emit: fare.changed,",
        "emit: trigger.affordable_seat,",
        "unknown-event",
        "emit: trigger",
    ),
    "an end that stands first": (
        MAIN,
        "    PENDING:\n      - {when: agent.set",
        "    DONE: {end: good}\n    PENDING:\n      - {when: agent.set",
        "begins-at-its-end",
        "DONE: {end",
    ),
    "an end among lines": (MAIN, "      if_over: quiet  ", "      end: bad  ", "goes-on-after-end", "end: bad"),
    "a length of time that is an event": (
        MAIN,
        "{when: user.shift, set: {max_price: max_price",
        "{after: user.shift, set: {max_price: limit",
        "bad-amount",
        "after: user.shift",
    ),
    "one side a value and the other nothing": (
        MAIN,
        "    until: fare > max_price",
        "    until: fare and crystal",
        "not-yes-no",
        "until:",
    ),
    "a section below its first entry": (
        MAIN,
        "concerns:                          # hidden: simulator, teacher and judge only\n  interview:\n",
        "  interview:\nconcerns:\n",
        "misplaced-entry",
        "concerns:",
    ),
    "a section below its first entry of several": (
        ACTS,
        "acts:\n  ask: {kind: says, with: {topic: topic}, about: Ask the user something about the trip.}\n",
        "  ask:\nacts:\n    kind: says\n    with: {topic: topic}\n",
        "bad-indentation",
        "acts:",
    ),
    "a task below its first state": (
        MAIN,
        f"  trip:\n{SLOTS}    PENDING:\n{ARMED}",
        f"    PENDING:\n  trip:\n{ARMED}{SLOTS}    WAITING:\n",
        "bad-indentation",
        "trip:",
    ),
    "states without their task": (MAIN, "  trip:\n    slots", "    slots", "bad-name", "slots:"),
    "a name that is missing above the first": (
        ACTS,
        "  ask: {kind: says, with: {topic: topic}, about: Ask the user something about the trip.}\n",
        "    kind: says\n    with: {topic: topic}\n  retrieves:\n    kind: silent\n",
        "bad-indentation",
        "kind: says",
    ),
    "a name that is missing above others": (
        ACTS,
        "  ask: {kind: says, with: {topic: topic}, about: Ask the user something about the trip.}\n",
        "  hear:\n    kind: says\n    about: Hear.\n    kind: says\n    with: {topic: topic}\n    about: Ask.\n",
        "duplicate-key",
        "kind: says",
    ),
    "a section without its heading": (
        MAIN,
        "triggers:                          # opportunities: when to act, by when, and what counts\n",
        "",
        "misplaced-entry",
        "affordable_seat:",
    ),
    "a person without a heading": (MAIN, "user:\n", "", "misplaced-entry", "persona: commuter"),
    "events without their heading": (
        MAIN,
        "events:                            # the environment's alphabet\n",
        "",
        "misplaced-entry",
        "train.delayed: {by",
    ),
    "moves that are none": (
        MAIN,
        "moves: {ask_status: {}, accept: {}, decline: {}}",
        "moves: {}",
        "empty-value",
        "moves: {}",
    ),
    "a world that is none": (
        MAIN,
        "  delay: duration 0m..6h step 5m = 0m\n  fare: money(EUR) 0 EUR..500 EUR step 10 EUR = budget + 60 EUR\n",
        "  {}\n",
        "empty-value",
        "world:",
    ),
    "slots that are none": (MAIN, SLOTS, "    slots: {}\n", "empty-value", "slots: {}"),
    "events that are none": (
        MAIN,
        "  train.delayed: {by: duration 5m..30m step 5m}\n  fare.changed:  {to: money(EUR) 0 EUR..500 EUR step 10 EUR}\n",
        "  {}\n",
        "empty-value",
        "events:",
    ),
    "a text where the fields of an act are": (
        ACTS,
        "ask: {kind: says, with: {topic: topic}, about",
        "ask: {kind: says, with: see below, about",
        "wrong-kind",
        "with: see below",
    ),
}


@pytest.mark.parametrize("what", EDITS)
def test_one_mistake_is_said_once_and_where_it_is(what: str) -> None:
    path, old, new, name, line = EDITS[what]
    said = told(path, old, new)
    assert [d.name for d in said] == [name], [f"{d.span} {d.name}: {d.message}" for d in said]
    assert line in said[0].span.source.line(said[0].span.line), f"{said[0].span} {said[0].message}"
