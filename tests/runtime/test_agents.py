"""Agents by name, and what each of the trivial ones does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dramaturg.runtime.agents import TRIVIAL, Script, UnknownAgent, agent, read_script
from dramaturg.runtime.episode import Episode, play
from dramaturg.runtime.policy import TurnView
from dramaturg.runtime.trace import ActKey, Answer
from tests.runtime.scene import compiled


def first_view(binding: int = 3) -> TurnView:
    view = Episode(compiled(), binding, 0, "hand").view
    assert view is not None
    return view


def test_the_trivial_agents_go_by_their_names() -> None:
    assert [agent(name).name for name in TRIVIAL] == list(TRIVIAL)


@pytest.mark.parametrize("name", ["", "orakel", "script:", "local", "chat:", "oracle:x", "Oracle"])
def test_other_names_are_refused_with_the_list(name: str) -> None:
    with pytest.raises(UnknownAgent, match=r"there are oracle, silent.*chat:MODEL"):
        agent(name)


def test_silent_never_acts() -> None:
    trace = play(compiled(), 3, agent("silent"), 0)
    assert {turn.answer.act for turn in trace.turns} == {"keep_silent"}


def test_eager_takes_the_first_proactive_act_that_is_possible() -> None:
    view = first_view()
    told = next(option for option in view.options if option.act == "tell")
    assert agent("eager").answer(view) == Answer("tell", told.args)


def test_eager_speaks_where_nothing_proactive_is_possible() -> None:
    view = first_view()
    quiet = TurnView(
        view.scenario, 0, 0, (), 0, (ActKey("keep_silent"), ActKey("look"), ActKey("ask_why")), None, (), 0.0
    )
    assert agent("eager").answer(quiet).act == "ask_why"
    nothing = TurnView(view.scenario, 0, 0, (), 0, (), None, (), 0.0)
    assert [agent(name).answer(nothing).act for name in TRIVIAL] == ["keep_silent"] * 4


def test_random_takes_every_option() -> None:
    acts = [play(compiled(), 3, agent("random"), seed).turns[0].answer for seed in range(60)]
    assert {ActKey(a.act, a.args) for a in acts} == set(first_view().options)


def test_a_script_answers_turn_by_turn_and_then_keeps_silent(tmp_path: Path) -> None:
    rows = [{"act": "tell", "with": {"at": 300}, "say": "Now!", "status": {"buy": "OPEN"}}, "look"]
    jsonl, yaml = tmp_path / "a.jsonl", tmp_path / "a.yaml"
    jsonl.write_text("\n".join(json.dumps(row) for row in rows))
    yaml.write_text("- {act: tell, with: {at: 300}, say: Now!, status: {buy: OPEN}}\n- look\n")
    expected = (Answer("tell", (("at", 300),), "Now!", (("buy", "OPEN"),)), Answer("look"))
    assert read_script(jsonl) == read_script(yaml) == expected
    policy = agent(f"script:{jsonl}")
    assert isinstance(policy, Script)
    assert policy.name == "script:a.jsonl"
    view = first_view()
    late = TurnView(view.scenario, 2, 0, (), 0, (), None, (), 0.0)
    assert [policy.answer(view), policy.answer(late)] == [expected[0], Answer("keep_silent")]


def test_a_script_may_make_several_acts_in_one_turn(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("- {acts: [look, {act: tell, with: {at: 300}}], say: Now!}\n- look\n")
    assert read_script(path) == (Answer("look"), Answer("tell", (("at", 300),), "Now!"), Answer("look"))


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "- {acts: look}",
        "- {acts: []}",
        "- {acts: [look, 3]}",
        "- 3",
        "look",
        "- {act: look, wiht: {}}",
        "- {act: look, with: 3}",
    ],
)
def test_a_file_that_is_no_script_says_where(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"a\.yaml"):
        agent(f"script:{path}")


@pytest.mark.parametrize("what", ["absent", "folder", "picture"])
def test_a_script_that_cannot_be_read_is_named(what: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    if what == "folder":
        path.mkdir()
    elif what == "picture":
        path.write_bytes(b"\x89PNG\xff")
    with pytest.raises(ValueError, match=r"a\.yaml cannot be read"):
        agent(f"script:{path}")
