"""Personas as an author writes them: what is understood, and what is said where something is wrong with them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario

FRAME = """\
scenario: small
about: A shop owner is called.
domain: demo
family: demo
horizon: 1h
turns: 6
{uses}parameters:
  first_trust: int 1..3
agent:
  wakes: [user]
  acts:
    ask: {{kind: says}}
    reassure: {{kind: says}}
user:
  persona: merchant
  moves: {{greet: {{}}, accept: {{}}}}
  opens: {{do: greet}}
  replies:
    - {{to: agent.reassure, if: user.resistance == 0, do: accept}}
{personas}concerns:
  too_dear: {{story: Margins are thin., says: It costs too much., surfaces: agent.ask{dear}}}
  no_time: {{story: Alone in the shop., says: I have no time., surfaces: agent.ask{time}}}
  distrust: {{story: Was cheated once., says: Who are you?, surfaces: agent.ask{distrust}}}
tasks:
  win:
    OPEN:
      - {{when: user.accept, go: DONE}}
    DONE: {{end: good}}
words:
  user.greet: [Hello.]
  user.accept: [All right.]
"""
PERSONA = """\
personas:
  merchant:
    background: Runs a bakery.
"""


def read(
    folder: Path, persona: str = "", uses: str = "", **concerns: str
) -> tuple[Scenario | None, tuple[Diagnostic, ...]]:
    ties = {name: concerns.get(name, "") for name in ("dear", "time", "distrust")}
    path = folder / "small.yaml"
    path.write_text(FRAME.format(personas=PERSONA + persona, uses=uses, **ties))
    loaded = load(path)
    return loaded.scenario, loaded.diagnostics


def told(folder: Path, persona: str = "", **concerns: str) -> Diagnostic:
    """The one thing that there is to say."""
    scenario, found = read(folder, persona, **concerns)
    assert scenario is None
    assert len(found) == 1, [diagnostic.message for diagnostic in found]
    return found[0]


def likely(folder: Path, trait: str) -> dict[object, Fraction]:
    scenario, found = read(folder, f"    traits:\n      x: {trait}\n")
    assert scenario is not None, [diagnostic.message for diagnostic in found]
    return dict(scenario.variables["persona.x"].likely)


def test_percentages_leave_the_rest_to_the_other_values(tmp_path: Path) -> None:
    shares = likely(tmp_path, "{type: one of a | b | c, likely: {a: 50%}}")
    assert shares == {"a": Fraction(1, 2), "b": Fraction(1, 4), "c": Fraction(1, 4)}


def test_plain_numbers_leave_nothing_and_a_range_divides_its_share(tmp_path: Path) -> None:
    shares = likely(tmp_path, "{type: int 20..70 step 10, likely: {20..40: 3, 60: 1}}")
    assert shares == {20: Fraction(1, 4), 30: Fraction(1, 4), 40: Fraction(1, 4), 60: Fraction(1, 4)}


@pytest.mark.parametrize(
    ("type", "key", "value"),
    [
        ("yes/no", "no", False),
        ("money(EUR) 0 EUR..40 EUR step 20 EUR", "20 EUR", 2000),
        ("duration 5m..15m step 5m", "10m", 600_000),
        ("one of vip | plain", "vip", "vip"),
    ],
)
def test_shares_are_of_values_of_any_type(tmp_path: Path, type: str, key: str, value: object) -> None:
    shares = likely(tmp_path, f"\n        type: {type}\n        likely:\n          {key}: 99.5%")
    assert shares[value] == Fraction(995, 1000)


def test_a_drawn_concern_knows_being_absent_and_others_do_not(tmp_path: Path) -> None:
    persona = "    concerns: {draw: 1, from: [too_dear, no_time]}\n"
    scenario, _ = read(tmp_path, persona, distrust=", hardens: concern.too_dear is absent and agent.ask")
    assert scenario is not None
    assert {c.name for c in scenario.concerns if c.drawn} == {"too_dear", "no_time"}
    found = told(tmp_path, persona, distrust=", hardens: concern.distrust is absent and agent.ask")
    assert (found.name, found.span.text) == ("unknown-state", "absent")


def test_a_concern_that_some_people_have_is_drawn(tmp_path: Path) -> None:
    scenario, _ = read(tmp_path, time=", likely: 40%")
    assert scenario is not None
    assert [(c.drawn, c.likely) for c in scenario.concerns] == [(False, None), (True, Fraction(2, 5)), (False, None)]


def test_a_bank_gives_what_a_persona_draws_from_and_what_that_needs(tmp_path: Path) -> None:
    body = "{story: A story., says: A sentence."
    bank = f"concerns:\n  first: {body}}}\n  second: {body}, needs: [third]}}\n  third: {body}}}\n  fourth: {body}}}\n"
    (tmp_path / "bank.yaml").write_text(bank)
    scenario, found = read(tmp_path, "    concerns: {from: [first, second]}\n", uses="uses: [bank]\n")
    assert scenario is not None, [diagnostic.message for diagnostic in found]
    assert {c.name for c in scenario.concerns} >= {"first", "second", "third"}
    assert "fourth" not in {c.name for c in scenario.concerns}


@pytest.mark.parametrize(
    ("persona", "concerns", "name", "at"),
    [
        ("    traits:\n      x: {type: one of a | b, likely: {a: 30%, b: 60%}}\n", {}, "bad-shares", "a: 30%, b: 60%"),
        ("    traits:\n      x: {type: one of a | b, likely: {a: 30%, b: 7}}\n", {}, "bad-shares", "7"),
        ("    traits:\n      x: {type: one of a | b, likely: {a: 0, b: 0}}\n", {}, "bad-shares", "a: 0, b: 0"),
        ("    traits:\n      x: {type: one of a | b, likely: {a: many}}\n", {}, "bad-shares", "many"),
        ("    traits:\n      x: {type: int 0..9 = 4, likely: {4: 1}}\n", {}, "bad-shares", "4"),
        ("    traits:\n      x: {type: one of warm | curt, likely: {wram: 3}}\n", {}, "unknown-member", "wram"),
        ("    traits:\n      x: {type: int 20..70 step 10, likely: {21..29: 1}}\n", {}, "never-so", "21..29"),
        ("    traits:\n      x: {type: int 20..70 step 10, likely: {20..90: 1}}\n", {}, "out-of-range", "90"),
        ("    traits:\n      x: {type: int 20..70 step 10, likely: {25: 1}}\n", {}, "never-so", "25"),
        ("    constraints: [once agent.ask]\n", {}, "not-about-people", "once agent.ask"),
        ("    constraints: [concern.too_dear is hidden]\n", {}, "not-about-people", "concern.too_dear is hidden"),
        ("    constraints: [first_turst > 1]\n", {}, "unknown-name", "first_turst"),
        ("    concerns: {draw: 2..1, from: [too_dear, no_time]}\n", {}, "bad-draw", "2..1"),
        ("    concerns: {draw: some, from: [too_dear]}\n", {}, "bad-draw", "some"),
        ("    concerns: {from: [too_daer]}\n", {}, "unknown-concern", "too_daer"),
        (
            "    concerns: {from: [too_daer, no_time]}\n",
            {"time": ", excludes: [too_dear]"},
            "unknown-concern",
            "too_daer",
        ),
        ("", {"dear": ", needs: [no_tiem]"}, "unknown-concern", "no_tiem"),
        ("", {"dear": ", excludes: [no_time]"}, "not-drawn", "no_time"),
        ("", {"dear": ", needs: [no_time]", "time": ", likely: 40%"}, "not-drawn", "no_time"),
        ("", {"dear": ", needs: [too_dear]"}, "needs-in-circle", "too_dear"),
        (
            "",
            {"dear": ", needs: [no_time]", "time": ", needs: [distrust]", "distrust": ", needs: [too_dear]"},
            "needs-in-circle",
            "no_time",
        ),
        (
            "    concerns: {from: [too_dear, no_time, distrust]}\n",
            {"dear": ", needs: [no_time]", "time": ", needs: [distrust]", "distrust": ", excludes: [too_dear]"},
            "needs-excluded",
            "too_dear",
        ),
    ],
)
def test_a_mistake_is_told_once_and_where_it_is(
    tmp_path: Path, persona: str, concerns: dict[str, str], name: str, at: str
) -> None:
    found = told(tmp_path, persona, **concerns)
    assert (found.name, found.span.text) == (name, at)


def test_a_misspelt_concern_is_put_right(tmp_path: Path) -> None:
    found = told(tmp_path, "    concerns: {from: [too_daer]}\n")
    assert "did you mean `too_dear`" in found.message
    assert [edit for fix in found.fixes for _, edit in fix.edits] == ["too_dear"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  persona: merchant\n", "  persona: [merchant]\n"),
        ("    traits:\n      x:", "    traits: [x]\n    background:\n      y:"),
        ("{type: one of a | b, likely: {a: 30%}}", "[one of a | b]"),
        ("    constraints: [x is a]\n", "    constraints: x is a\n"),
    ],
)
def test_what_hangs_on_a_damaged_persona_is_not_told(tmp_path: Path, old: str, new: str) -> None:
    persona = "    traits:\n      x: {type: one of a | b, likely: {a: 30%}}\n    constraints: [x is a]\n"
    scenario, _ = read(tmp_path, persona, dear=", hardens: agent.ask and persona.x is b")
    assert scenario is not None
    path = tmp_path / "small.yaml"
    text = path.read_text()
    if "background" in new:
        text = text.replace("    background: Runs a bakery.\n", "")
    assert old in text
    path.write_text(text.replace(old, new))
    names = {diagnostic.name for diagnostic in load(path).diagnostics}
    assert names
    assert names <= {"wrong-kind", "unknown-key"}
