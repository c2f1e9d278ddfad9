"""Playing by hand, and the scene that a trace reads as. What people read is held in ``golden``."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dramaturg.dsl.scenario import Act, EventField
from dramaturg.dsl.types import Bool, Enum, ListOf, Number, Optional, Text
from dramaturg.runtime.agents import Script
from dramaturg.runtime.arguments import Unfit
from dramaturg.runtime.episode import play
from dramaturg.runtime.interactive import Unreadable, parse, perform, signature
from dramaturg.runtime.narration import clock, narrate
from dramaturg.runtime.trace import Answer, Trace
from tests.runtime.scene import compiled, scenario

GOLDEN = Path(__file__).parent / "golden"
COMES = 4
"""The binding in which the price falls to 3 EUR."""


def told(text: str, binding: int = COMES, seed: int = 1) -> tuple[str, Trace | None]:
    sink = io.StringIO()
    trace = perform(compiled(), binding, seed, io.StringIO(text), sink)
    return sink.getvalue(), trace


def golden(name: str, text: str) -> None:
    """Compare with a golden file. To accept a change, delete the file and run the test once: it is written and fails."""
    path = GOLDEN / name
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path} was not there; it has been written: read it, and run again")
    assert text == path.read_text(encoding="utf-8")


def test_a_good_game() -> None:
    text, trace = told('\n5\ntell at=3 EUR say="Three euros, now!"\nfinish\n')
    assert trace is not None
    assert trace.ended == "good"
    golden("good-game.txt", text)


def test_a_bad_game() -> None:
    text, trace = told("dance\ntell\ntell at=99 EUR\ntell at\n?\nlook\nlook\n1 at=7 EUR\n")
    assert trace is not None
    assert {"rule:not_twice", "rule:honest"} & set(trace.violations) == {"rule:not_twice"}
    golden("bad-game.txt", text)


@pytest.mark.parametrize("text", ["", "look\nquit\n"])
def test_a_person_may_leave(text: str) -> None:
    shown, trace = told(text)
    assert trace is None
    assert shown.endswith("You leave.\n")


def test_nothing_hidden_is_shown() -> None:
    text, _ = told("ask_why\n\n\n\n\n")
    assert "I have to save." in text
    assert "She owes money" not in text
    assert "debt" not in text
    assert "mood" not in text


def test_a_played_trace_reads_like_a_scene() -> None:
    answers = (Answer("look"), Answer("ask_why"), Answer("keep_silent"), Answer("tell", (("at", 700),)))
    golden("scene.txt", narrate(play(compiled(), COMES, Script("script", answers), 3), scenario()))


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "00:00:00"), (59_999, "00:00:59"), (3_661_000, "01:01:01"), (9 * 86_400_000 + 20_000, "9d 00:00:20")],
)
def test_clock(ms: int, text: str) -> None:
    assert clock(ms) == text


TOPIC = Enum(("cost", "effort"), "topic")
ASK = Act(
    "ask",
    "says",
    (
        EventField("topic", Optional(TOPIC)),
        EventField("sure", Optional(Bool())),
        EventField("count", Optional(Number("int", 0, 9))),
        EventField("wait", Optional(Number("duration"))),
        EventField("notes", Optional(ListOf(Text(), 0, 3))),
    ),
    proactive=True,
    about="Ask her.",
)


def asked(line: str) -> Answer:
    from dataclasses import replace

    base = scenario()
    return parse(line, replace(base, agent=replace(base.agent, acts=(ASK, *base.agent.acts))))


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("ask", {}),
        ("1 topic=cost", {"topic": "cost"}),
        ("ask sure=yes count=3", {"sure": True, "count": 3}),
        ("ask wait=1h30m", {"wait": 5_400_000}),
        ("ask notes=a b; c topic=effort", {"notes": ("a b", "c"), "topic": "effort"}),
        ('ask notes="topic=cost; x" topic=effort', {"notes": ("topic=cost", "x"), "topic": "effort"}),
    ],
)
def test_answers_are_read_by_the_types_of_their_fields(line: str, given: dict[str, object]) -> None:
    assert {name: value for name, value in asked(line).args if value is not None} == given


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("9", "there are 6 acts"),
        ("dance", "no act dance"),
        ("ask cost", "name=value"),
        ("ask colour=red", "no field colour"),
        ("ask topic=price", "topic .*one of cost, effort"),
        ("ask count=many", "count .*many"),
        ("ask wait=soon", "wait .*soon"),
    ],
)
def test_what_cannot_be_read_says_why(line: str, reason: str) -> None:
    with pytest.raises((Unreadable, Unfit), match=reason):
        asked(line)


def test_a_signature_names_fields_and_kind() -> None:
    assert signature(ASK).startswith("ask topic=cost|effort sure=yes/no count=int wait=duration notes=list of text")
    assert signature(ASK).endswith("(says, proactive): Ask her.")
