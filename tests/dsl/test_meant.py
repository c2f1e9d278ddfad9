"""What is legal, and nearly always meant otherwise: amounts between two steps, concerns that nothing eases.

What may be meant stays silent.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.compiler.analyses import analyse
from dramaturg.compiler.compiled import compile_scenario
from dramaturg.dsl.load import load

TEXT = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
world:
  fare: money(EUR) 0 EUR..500 EUR step 10 EUR = 200 EUR
  delay: duration 5m..65m step 20m = 5m
  share: percent 0%..100% step 5% = 50%
agent:
  wakes: [user]
  acts:
    ask: {kind: says}
    offer: {kind: says, with: {price: money(EUR) 0 EUR..500 EUR step 10 EUR}}
user:
  moves: {hello: {}, accept: {}, decline: {}}
  opens: {do: hello}
  replies:
    - {to: agent.offer(price <= 100 EUR), if: user.resistance < 2 and fare >= 10 EUR and delay >= 5m and share >= 5%, do: accept}
    - {to: agent.offer, do: decline}
concerns:
  too_dear: {story: Thin margins., says: Too much., weight: 2, surfaces: agent.ask, eased: agent.offer(price <= 50 EUR)}
tasks:
  sale:
    OPEN:
      - {when: user.accept, go: DONE}
      - {after: 30m, go: LATE}
    DONE: {end: good}
    LATE: {end: bad}
"""


def said(folder: Path, *edits: tuple[str, str]) -> list[tuple[str, str]]:
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path = folder / "small.yaml"
    path.write_text(text)
    loaded = load(path)
    assert loaded.scenario is not None, [d.message for d in loaded.diagnostics]
    return [(d.name, d.span.text) for d in loaded.diagnostics if d.severity == "warning"]


@pytest.mark.parametrize(
    "edit",
    [
        ("fare >= 10 EUR", "fare <= 75 EUR"),  # by order, any step will do
        ("fare >= 10 EUR", "fare in 15 EUR..75 EUR"),
        ("delay >= 5m", "delay == 45m"),  # steps are counted from the low end
        ("share >= 5%", "share == 15%"),
        ("price <= 50 EUR", "price == 50 EUR"),
        (", eased: agent.offer(price <= 50 EUR)", ", eased: no"),
        ("weight: 2, surfaces: agent.ask, eased: agent.offer(price <= 50 EUR)", "weight: 0, surfaces: agent.ask"),
    ],
)
def test_what_is_meant_is_not_warned_of(edit: tuple[str, str], tmp_path: Path) -> None:
    assert said(tmp_path, edit) == []


@pytest.mark.parametrize(
    ("edit", "at"),
    [
        (("= 200 EUR", "= 7 EUR"), "7 EUR"),
        (("price <= 50 EUR", "price == 55 EUR"), "55 EUR"),
        (("fare >= 10 EUR", "fare != 15 EUR"), "15 EUR"),
        (("delay >= 5m", "delay == 40m"), "40m"),
        (("share >= 5%", "12% == share"), "12%"),
    ],
)
def test_an_amount_between_two_steps_is_told_where_it_stands(edit: tuple[str, str], at: str, tmp_path: Path) -> None:
    assert said(tmp_path, edit) == [("off-step", at)]


def test_resistance_that_nobody_asks_for_may_stay(tmp_path: Path) -> None:
    never = (", eased: agent.offer(price <= 50 EUR)", "")
    assert said(tmp_path, never) == [("never-eased", "too_dear")]
    assert said(tmp_path, never, ("user.resistance < 2 and ", "")) == []


def test_who_says_that_nothing_eases_it_is_believed(tmp_path: Path) -> None:
    said(tmp_path, (", eased: agent.offer(price <= 50 EUR)", ", eased: no"))
    scenario = load(tmp_path / "small.yaml").scenario
    assert scenario is not None
    made = compile_scenario(scenario, analyse=False)
    assert "impossible-guard" not in {d.name for d in analyse(made.graph, made.solution)}


@pytest.mark.parametrize(
    ("rule", "warned"),
    [
        ("agent.offer and agent.offer in last 30m", ["agent.offer in last 30m"]),
        ("once agent.offer and agent.offer", ["once agent.offer"]),
        ("agent.offer and earlier agent.offer", []),
        ("agent.offer and earlier agent.offer in last 30m", []),
        ("agent.offer and user.decline in last 30m", []),
        ("agent.offer and once agent.offer since user.decline", []),
        ("agent.offer(price > 20 EUR) and agent.offer in last 30m", []),  # wider, and left alone
        ("fare > 20 EUR and fare > 20 EUR in last 30m", []),  # no event
    ],
)
def test_what_happens_now_is_among_what_happened_lately(rule: str, warned: list[str], tmp_path: Path) -> None:
    found = said(tmp_path, ("tasks:\n", f"rules:\n  norm: never ({rule})\ntasks:\n"))
    assert found == [("always-so-now", text) for text in warned]


def test_what_happens_now_is_left_out_by_the_repair(tmp_path: Path) -> None:
    rule = "agent.offer and agent.offer in last 30m"
    said(tmp_path, ("tasks:\n", f"rules:\n  norm: never ({rule})\ntasks:\n"))
    (found,) = [it for it in load(tmp_path / "small.yaml").diagnostics if it.severity == "warning"]
    assert [new for _, new in found.fixes[0].edits] == ["earlier agent.offer in last 30m"]
    assert not found.fixes[0].safe
