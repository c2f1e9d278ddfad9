"""Mistakes of an author's first day: each is one message, on its line, and the repair gives back what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.load import load
from dramaturg.dsl.messages.repair import Seen, repair

RIGHT = """\
scenario: rooms
domain: travel
family: rooms
horizon: 4h
turns: 4
world:
  fare: money(EUR) 0 EUR..300 EUR step 20 EUR = 200 EUR
personas:
  buyer:
    traits:
      patience: one of short | long
      tone: one of curt | warm | dry = warm
events:
  room.changed: {to: money(EUR) 0 EUR..300 EUR step 20 EUR}
stream:
  - {at: 30m, chance: 30.5%, emit: room.changed, with: {to: 120 EUR}, set: {fare: to}}
agent:
  wakes: [user, room.changed]
  acts:
    offer: {kind: says, proactive: yes, with: {price: money(EUR) 0 EUR..300 EUR step 20 EUR}}
    keep_silent: {kind: silent}
user:
  persona: buyer
  moves: {ask: {}, take: {}}
  opens: {do: ask}
  replies:
    - {to: agent.offer, if: persona.patience is short or fare < 100 EUR, do: take}
words:
  user.ask: ["Tell me, please."]
  user.take: ["I take it ({{ persona.tone }})."]
  agent.offer: ["There are rooms for {{ price | money }}."]
tasks:
  trip:
    OPEN:
      - {when: user.take, go: DONE}
    DONE: {end: good}
triggers:
  cheap:
    when: room.changed
    within: 2 turns
    expect: agent.offer
    otherwise: agent.keep_silent
check:
  can: winnable task.trip is DONE
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    within: 2 turns", "\twithin: 2 turns"),
        ("    expect: agent.offer", "   expect: agent.offer"),
        ("chance: 30.5%", "chance: 30,5%"),
        ('["Tell me, please."]', "[“Tell me, please.”]"),
        ("emit: room.changed", "emit:room.changed"),
        ("one of short | long", "one of short, long"),
        ("one of short | long", "one of short or long"),
        ("one of short | long", "[short, long]"),
        ("one of curt | warm | dry = warm", "one of curt, warm or dry = warm"),
        ("{{ price | money }}", "{ price | money }"),
        ("winnable task.trip is", "winnable trip is"),
        ("  - {at: 30m", "  -{at: 30m"),
        ("fare < 100 EUR, do", "fare =< 100 euros, do"),
        ("do: take}", "do:take}"),
    ],
)
def test_a_mistake_is_one_message_on_its_line_and_its_repair_is_what_was_meant(
    tmp_path: Path, right: str, wrong: str
) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(RIGHT)
    assert load(path, tmp_path).diagnostics == ()
    meant = RIGHT.replace("<", "<=") if "=<" in wrong else RIGHT
    right = right.replace("<", "<=") if "=<" in wrong else right
    path.write_text(meant.replace(right, wrong))
    (found,) = load(path, tmp_path).diagnostics
    assert found.span.line == meant[: meant.index(right)].count("\n") + 1
    result = repair(lambda unsaved: Seen(load(path, tmp_path, unsaved).diagnostics, tmp_path), unsafe="“" in wrong)
    assert result.files[path].decode() == meant


def test_what_is_expected_of_somebody_else_names_the_acts(tmp_path: Path) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(RIGHT.replace("expect: agent.offer", "expect: user.take"))
    (found,) = load(path, tmp_path).diagnostics
    assert found.notes == ("its acts are `agent.offer`, `agent.keep_silent`",)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("within: 2 turns", "within: 2", "`2` has no unit; say of what, such as `2m` or `2 turns`"),
        ("chance: 30.5%", "chance: 0.3", "`0.3` has no unit; a percentage is wanted, such as `30%`"),
    ],
)
def test_a_bare_number_is_told_what_it_might_be(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    path = tmp_path / "rooms.yaml"
    path.write_text(RIGHT.replace(right, wrong))
    (found,) = load(path, tmp_path).diagnostics
    assert found.message == message


SHIFT = """\
shifts:
  later: {when: agent.offer, as: user.want, says: "Tomorrow, rather."}
"""


@pytest.mark.parametrize(("reply", "notes"), [("take", 0), ("want", 1)])
def test_a_move_that_only_a_shift_makes_is_said_in_the_words_of_the_shift(
    tmp_path: Path, reply: str, notes: int
) -> None:
    path = tmp_path / "rooms.yaml"
    text = RIGHT.replace("take: {}}", "take: {}, want: {}}").replace("triggers:", SHIFT + "triggers:")
    text = text.replace("do: take}", f"do: {reply}}}").replace(
        "when: user.take, go", "when: user.take or user.want, go"
    )
    path.write_text(text)
    found = [item for item in load(path, tmp_path).diagnostics if item.name == "plain-words"]
    assert len(found) == notes
