"""Rows: what each corpus says of a turn agrees with the graph, and only two fields may hold what is hidden."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.runtime.episode import Episode
from dramaturg.runtime.prompt import messages, read_answer
from dramaturg.runtime.trace import ActKey
from dramaturg.training.chats import chats
from dramaturg.training.corpora import corpora, distill, dpo, grpo, kto, reward, sft
from dramaturg.training.signatures import SIGNATURES, completing, failures
from dramaturg.training.turns import Labelled
from tests.training.played import PLAYERS, compiled, turns
from tests.training.stage import SECRETS

EVERY = list(product(range(len(compiled().graph.bindings)), range(len(PLAYERS)), range(2)))
"""Bindings × players × seeds."""


def act_of(at: Labelled, text: str) -> ActKey:
    answer = read_answer(text, at.scenario)
    assert not answer.invalid, answer.invalid
    return ActKey(answer.act, answer.args)


def test_every_corpus_is_found() -> None:
    assert [corpus.name for corpus in corpora()] == ["distill", "dpo", "grpo", "kto", "reward", "sft"]


@pytest.mark.parametrize("player", range(len(PLAYERS)))
def test_the_prompt_of_a_labelled_turn_is_the_one_that_was_shown(player: int) -> None:
    episode = Episode(compiled(), 1, 1, PLAYERS[player].name)
    shown = []
    while episode.view is not None:
        shown.append(chats(messages(episode.view)))
        episode.answer(PLAYERS[player].answer(episode.view))
    assert [list(at.prompt) for at in turns(1, player, 1)] == shown


@pytest.mark.parametrize(("binding", "player", "seed"), EVERY)
def test_sft_trains_reference_answers_at_robust_turns_only(binding: int, player: int, seed: int) -> None:
    played = turns(binding, player, seed)
    rows = list(sft.rows(played))
    assert len(rows) <= 1
    for row in rows:
        roles = [chat.role for chat in row.messages]
        assert roles == ["system", *["user", "assistant"] * (len(roles) // 2)]
        assert row.trained[-1] == len(row.messages) - 1
        for place in row.trained:
            at = played[(place - 2) // 2]
            act = act_of(at, row.messages[place].content)
            assert act == at.turn.reference
            assert act in at.turn.robust
            status = read_answer(row.messages[place].content, at.scenario).status
            assert status == at.turn.status  # the act was played, so the trace knows what came of it


def test_what_comes_after_a_mistake_is_trained_and_the_mistake_is_not() -> None:
    found = 0
    for binding, player, seed in EVERY:
        played = turns(binding, player, seed)
        for row in sft.rows(played):
            wrong = [2 * at.turn.index + 2 for at in played if not at.turn.ok]
            assert not set(wrong) & set(row.trained)
            found += any(place > min(wrong) for place in row.trained) if wrong else 0
    assert found


@pytest.mark.parametrize(("binding", "player", "seed"), EVERY)
def test_what_preference_corpora_reject_is_wrong_and_what_they_choose_is_right(
    binding: int, player: int, seed: int
) -> None:
    played = turns(binding, player, seed)
    for row in dpo.rows(played):
        at = played[row.turn]
        assert act_of(at, row.chosen[0].content) in at.turn.robust
        rejected = act_of(at, row.rejected[0].content)
        if row.signature == "stale_status":
            assert rejected == at.turn.reference
            assert row.rejected != row.chosen
        else:
            assert rejected not in at.turn.robust
            assert not at.acceptable(rejected)
    for single in kto.rows(played):
        at = played[single.turn]
        assert single.label == (not single.signature)
        if single.label:
            assert act_of(at, single.completion[0].content) in at.turn.robust


def test_the_published_failures_are_found_by_name() -> None:
    found = {failure.signature for case in EVERY for at in turns(*case) for failure in failures(at)}
    assert found >= {
        "premature_completion",
        "out_of_window",
        "silence_in_window",
        "rearming",
        "wrong_argument",
        "stale_status",
    }
    assert found <= set(SIGNATURES)
    assert completing(compiled().scenario) == {"complete_task"}


@pytest.mark.parametrize(("binding", "player", "seed"), EVERY)
def test_reward_judges_each_proposal_and_silence_is_one(binding: int, player: int, seed: int) -> None:
    played = turns(binding, player, seed)
    rows = list(reward.rows(played))
    assert len(rows) == len(played)
    for row in rows:
        at = played[row.turn]
        assert [candidate.kind for candidate in row.candidates].count("silence") == 1
        for candidate in row.candidates:
            assert candidate.accepted == at.acceptable(act_of(at, candidate.answer))
        proposals = [candidate.accepted for candidate in row.candidates if candidate.kind == "proposal"]
        assert row.verdict == ("accept" if any(proposals) else "reject_all")
        assert json.loads(row.judge.hidden)["user.secret_mood"] in range(4)


def test_a_starting_point_of_grpo_leads_to_its_prompt_again() -> None:
    for binding, player, seed in EVERY:
        for row in grpo.rows(turns(binding, player, seed)):
            episode = Episode(compiled(), binding, row.seed, row.agent)
            for text in row.answers:
                episode.answer(read_answer(text, compiled().scenario))
            assert episode.view is not None
            # The raw text of a model is kept, ours is canonical: the prompts agree all the same.
            assert chats(messages(episode.view)) == row.prompt
            assert [window.trigger for window in row.windows] == list(
                turns(binding, player, seed)[row.turn].turn.open_triggers
            )


def test_only_the_teacher_knows() -> None:
    rows = [row for case in EVERY for row in distill.rows(turns(*case))]
    assert rows
    for row in rows:
        assert "SECRET-STORY" in row.teacher[0].content
        assert "user.secret_mood: " in row.teacher[0].content
        assert row.teacher[1:] == row.prompt[1:]
        assert "SECRET-STORY" not in row.prompt[0].content


@settings(max_examples=40, deadline=None)
@given(case=st.sampled_from(EVERY))
def test_hidden_texts_stand_in_the_teachers_and_the_judges_field_only(case: tuple[int, int, int]) -> None:
    for corpus in corpora():
        for row in corpus.rows(turns(*case)):
            data = row.model_dump()
            data.pop("teacher", None)
            data.pop("judge", None)
            text = json.dumps(data)
            assert not [secret for secret in SECRETS if secret in text], corpus.name


def test_a_turn_without_a_robust_act_teaches_no_answer() -> None:
    at = turns()[0]
    unsure = replace(at, turn=replace(at.turn, robust=()))
    assert unsure.gold is None
    assert not list(sft.rows([unsure]))
    assert not list(dpo.rows([unsure]))
    assert not list(distill.rows([unsure]))
