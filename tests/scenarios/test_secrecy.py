"""What is hidden stays hidden while an episode is played: of two scenarios that differ in nothing else, the agent sees the same."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.dsl.scenario import Scenario
from dramaturg.runtime.agents import agent
from dramaturg.runtime.episode import Episode
from dramaturg.runtime.policy import TurnView
from dramaturg.runtime.prompt import messages
from tests.scenarios.test_library import SCENARIOS, compiled

MARK = "Zq7"
"""Begins every hidden text of the other scenario; nothing that ships contains it."""


def says(name: str) -> str:
    return f"{MARK} says {name}."


def other_texts(scenario: Scenario) -> Scenario:
    """The scenario with other stories, needs, backgrounds and concerns' words; nothing that a condition reads is another."""
    concerns = tuple(replace(it, story=f"{MARK} story of {it.name}.", says=says(it.name)) for it in scenario.concerns)
    cast = tuple(
        replace(
            it,
            needs=f"{MARK} needs.",
            persona=it.persona and replace(it.persona, background=f"{MARK} background."),
        )
        for it in scenario.cast
    )
    return replace(scenario, concerns=concerns, cast=cast)


@cache
def twin(name: str) -> tuple[Compiled, Compiled]:
    """The scenario as it ships, and with other hidden texts: the same graph, played on the same engine."""
    made = compiled(name)
    other = Compiled(other_texts(made.scenario), made.explored, made.solution, made.semantics)
    assert other.scenario.digest == made.scenario.digest, "one key for all draws"
    return made, other


def prompts(view: TurnView | None) -> list[str]:
    return [] if view is None else [str(message["content"]) for message in messages(view)]


def voiced(episode: Episode) -> set[str]:
    """The concerns whose words were said so far."""
    return {it.name for it in episode.scenario.concerns if any(step.text == it.says for step in episode.steps)}


@pytest.mark.parametrize("name", SCENARIOS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_hidden_texts_reach_no_prompt_before_they_are_said(name: str, data: st.DataObject) -> None:
    made, other = twin(name)
    binding = data.draw(st.integers(0, len(made.semantics.bindings) - 1))
    seed, player = data.draw(st.integers(0, 99)), data.draw(st.sampled_from(["random", "eager", "silent", "oracle"]))
    policy = agent(player)
    left, right = Episode(made, binding, seed, player), Episode(other, binding, seed, player)
    while left.view is not None:
        assert right.view is not None
        shown = prompts(right.view)
        heard = voiced(right)
        assert heard == voiced(left)
        for concern in made.scenario.concerns:
            if concern.name in heard:
                shown = [text.replace(says(concern.name), " ".join(concern.says.split())) for text in shown]
        assert not any(MARK in text for text in shown)
        assert shown == prompts(left.view)
        answer = policy.answer(left.view)
        left.answer(answer)
        right.answer(answer)
    assert right.view is None
    assert [step.event for step in left.steps] == [step.event for step in right.steps]


def flipped(scenario: Scenario) -> Scenario:
    """The scenario with every recorded yes or no that is hidden turned over."""
    stream = []
    for entry in scenario.stream:
        if entry.recording is not None and entry.emit is not None:
            hidden = {it.name for it in scenario.events[entry.emit].fields if it.view == "judge"}
            rows = tuple(
                (at, {key: (not value if key in hidden else value) for key, value in row.items()})
                for at, row in entry.recording.rows
            )
            assert rows != entry.recording.rows
            entry = replace(entry, recording=replace(entry.recording, rows=rows))
        stream.append(entry)
    return replace(scenario, stream=tuple(stream))


def test_labels_of_a_recording_reach_no_prompt() -> None:
    made = compiled("coding-session")
    other = compile_scenario(flipped(made.scenario))
    for binding in range(len(made.semantics.bindings)):
        left, right = Episode(made, binding, 1, "silent"), Episode(other, binding, 1, "silent")
        turns = 0
        while left.view is not None and right.view is not None:
            assert prompts(left.view) == prompts(right.view)
            left.answer(agent("silent").answer(left.view))
            right.answer(agent("silent").answer(right.view))
            turns += 1
        assert left.view is None and right.view is None and turns > 5
        assert left.steps != right.steps, "the labels do differ"


def test_the_twins_differ_in_something() -> None:
    made, other = twin("delayed-train")
    assert other.scenario != made.scenario
    assert MARK not in repr(made.scenario) and MARK in repr(other.scenario)


def test_concerns_are_said_in_such_episodes() -> None:
    made, other = twin("merchant-recruitment")
    heard: set[str] = set()
    for binding in range(len(made.semantics.bindings)):
        episode = Episode(other, binding, 0, "oracle")
        while episode.view is not None:
            episode.answer(agent("oracle").answer(episode.view))
        heard |= voiced(episode)
    assert heard
