"""Scenarios in German, Chinese, Hindi and Arabic: nothing to say about them, and everything made of them reads right."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from dramaturg.compiler import render
from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.dsl.load import load
from dramaturg.runtime.agents import Oracle
from dramaturg.runtime.dialects import DIALECTS, Dialect, tool_name, tools
from dramaturg.runtime.episode import Episode, play
from dramaturg.runtime.prompt import messages

FILES = sorted((Path(__file__).parents[1] / "dsl" / "languages").glob("*.yaml"))
SCRIPTS = {"deutsch": "LATIN", "zhongwen": "CJK", "hindi": "DEVANAGARI", "arabi": "ARABIC"}


@cache
def compiled(path: Path) -> Compiled:
    loaded = load(path)
    assert loaded.diagnostics == ()
    assert loaded.scenario is not None
    return compile_scenario(loaded.scenario)


@pytest.fixture(params=FILES, ids=[path.stem for path in FILES])
def path(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


def test_there_is_one_of_each() -> None:
    assert [path.stem for path in FILES] == sorted(SCRIPTS)


def test_a_scenario_in_another_language_has_no_findings(path: Path) -> None:
    assert compiled(path).diagnostics == ()


def test_an_oracle_plays_it_to_a_good_end_in_its_own_words(path: Path) -> None:
    trace = play(compiled(path), 0, Oracle(), 0)
    assert trace.ended == "good"
    words = "".join(step.text for step in trace.steps)
    letters = [unicodedata.name(char, "") for char in words if char.isalpha()]
    assert sum(name.startswith(SCRIPTS[path.stem]) for name in letters) > 20


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_prompts_and_answers_keep_every_name(path: Path, dialect: Dialect) -> None:
    scenario = compiled(path).scenario
    episode = Episode(compiled(path), 0, 0, "oracle")
    while episode.view is not None:
        text = json.dumps(messages(episode.view, dialect), ensure_ascii=False)
        assert all(unicodedata.is_normalized("NFC", part) for part in (text,))
        if dialect.name == "native":
            assert all(act.name in text for act in scenario.agent.acts)
        answer = Oracle().answer(episode.view)
        if dialect.name != "proactive":
            assert dialect.read(dialect.write(answer, scenario), scenario).act == answer.act
        episode.answer(answer)


def test_tools_have_names_that_every_server_takes(path: Path) -> None:
    scenario = compiled(path).scenario
    names = [str(tool["function"]["name"]) for tool in tools(scenario)]  # type: ignore[index,call-overload]
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,64}", name) for name in names)
    assert len(set(names)) == len(names)


def test_a_long_name_is_cut_and_stays_itself() -> None:
    names = {tool_name("价格" * 40), tool_name("价格" * 40 + "低"), tool_name("ask")}
    assert len(names) == 3
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,64}", name) for name in names)


def test_graphs_show_the_names(path: Path) -> None:
    made = compiled(path)
    state = next(iter(made.scenario.tasks)).states[0].name
    for write in render.RENDERERS.values():
        assert state in write(made.graph, made.solution)
