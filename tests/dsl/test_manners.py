"""Manners: personas that bring moves, moods and replies, so that several scenarios share how somebody behaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.compiler.compiled import compile_scenario
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario

PERSONA = """\
personas:
  haggler:
    background: Buys nothing at the first price.
    traits:
      patience: one of short | long
    needs: To pay less.
    moves: {greet: {}, accept: {}, haggle: {}}
    opens: {do: greet}
    stance: {trust: int 0..3 = 1}
    feels:
      - {to: agent.offer, set: {trust: trust + 1}}
    replies:
      - {to: agent.offer, if: trust > 1 or persona.patience is short, do: accept}
      - {to: agent.offer, do: haggle}
words:
  user.greet: [Hello.]
"""
SCENARIO = """\
scenario: shop
domain: demo
family: demo
horizon: 1h
turns: 4
uses: [personas/shoppers]
agent:
  wakes: [user]
  acts:
    offer: {kind: says}
    wait: {kind: silent}
user:
  persona: haggler
tasks:
  sale:
    OPEN:
      - {when: user.accept, go: SOLD}
      - {after: 30m, go: LOST}
    SOLD: {end: good}
    LOST: {end: bad}
"""


def read(folder: Path, scenario: str, persona: str = PERSONA) -> tuple[Scenario | None, list[str]]:
    (folder / "personas").mkdir(exist_ok=True)
    (folder / "personas" / "shoppers.yaml").write_text(persona)
    (folder / "shop.yaml").write_text(scenario)
    loaded = load(folder / "shop.yaml")
    return loaded.scenario, [
        f"{d.name} {d.span.path}:{d.span.line}" for d in loaded.diagnostics if d.severity != "note"
    ]


def test_a_persona_brings_what_its_person_does(tmp_path: Path) -> None:
    scenario, said = read(tmp_path, SCENARIO)
    assert scenario is not None and said == []
    (user,) = scenario.cast
    assert list(user.moves) == ["user.greet", "user.accept", "user.haggle"]
    assert (user.needs, user.opens.event if user.opens else "") == ("To pay less.", "user.greet")
    assert [reply.do.event for reply in user.replies if reply.do] == ["user.accept", "user.haggle"]
    assert len(user.feels) == 1 and "user.trust" in scenario.variables
    assert not [d for d in compile_scenario(scenario).diagnostics if d.severity == "error"]


def test_what_the_scenario_says_comes_first(tmp_path: Path) -> None:
    own = SCENARIO.replace(
        "  persona: haggler\n",
        "  persona: haggler\n  needs: A hat.\n  moves: {leave: {}}\n  stance: {trust: int 0..9 = 5}\n"
        "  replies:\n    - {to: agent.offer, chance: 10%, do: leave}\n",
    )
    scenario, said = read(tmp_path, own)
    assert scenario is not None and said == []
    (user,) = scenario.cast
    assert list(user.moves) == ["user.leave", "user.greet", "user.accept", "user.haggle"]
    assert [reply.do.event for reply in user.replies if reply.do] == ["user.leave", "user.accept", "user.haggle"]
    assert user.needs == "A hat."
    start = scenario.variables["user.trust"].start
    assert start is not None and start.text == "5"


def test_two_of_the_cast_may_have_the_same_persona(tmp_path: Path) -> None:
    both = SCENARIO.replace(
        "user:\n  persona: haggler\n",
        "cast:\n  ann: {role: user, persona: haggler}\n  bob: {role: colleague, persona: haggler, opens: {do: haggle}}\n",
    ).replace("user.accept", "ann.accept")
    plain = PERSONA.partition("words:")[0].replace(" or persona.patience is short", "")
    plain = plain.replace("    traits:\n      patience: one of short | long\n", "")
    scenario, said = read(tmp_path, both.replace("wakes: [user]", "wakes: [ann]"), plain)
    assert scenario is not None and said == []
    assert [[r.do.event for r in p.replies if r.do] for p in scenario.cast] == [
        ["ann.accept", "ann.haggle"],
        ["bob.accept", "bob.haggle"],
    ]


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (("do: accept}", "do: acept}"), "unknown-move personas/shoppers.yaml:13"),
        (("trust > 1", "trst > 1"), "unknown-name personas/shoppers.yaml:13"),
        (("    replies:", "    replys:"), "unknown-key personas/shoppers.yaml:12"),
    ],
)
def test_a_slip_in_a_persona_is_told_where_it_is(slip: tuple[str, str], said: str, tmp_path: Path) -> None:
    _, found = read(tmp_path, SCENARIO, PERSONA.replace(*slip))
    assert found == [said]
