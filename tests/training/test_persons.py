"""What training data says of a person who was drawn: her own concerns, and the versions of what she wants."""

from __future__ import annotations

from pathlib import Path

from dramaturg.compiler.compiled import compile_scenario
from dramaturg.runtime.agents import agent
from dramaturg.runtime.episode import play
from dramaturg.training.corpora import distill, sft
from dramaturg.training.turns import labelled
from tests.compiler.test_persons import read
from tests.compiler.test_shifts import chain
from tests.compiler.test_shifts import read as read_room


def test_the_teacher_knows_the_concerns_that_this_person_has_and_no_others(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path), analyse=False)
    stories = {concern.name: concern.story for concern in made.scenario.concerns}
    checked = 0
    for binding, values in enumerate(made.graph.bindings[:20]):
        had = values["persona.concerns"]
        assert isinstance(had, tuple)
        for row in distill.rows(labelled(made, play(made, binding, agent("oracle"), seed=0))):
            told = row.teacher[0].content
            assert {name for name, story in stories.items() if story in told} == set(had)
            assert "absent" not in told
            checked += 1
    assert checked > 20


def test_rows_say_which_version_of_the_intent_they_serve(tmp_path: Path) -> None:
    made = compile_scenario(read_room(tmp_path, chain(3)), analyse=False)
    intents = set()
    for seed in range(8):
        trace = play(made, 0, agent("oracle"), seed=seed)
        for row in sft.rows(labelled(made, trace)):
            assert row.intent == list(trace.turns[row.turn].intent)
            intents.add(tuple(row.intent))
    assert {("s0",), ("s0", "s1", "s2")} <= intents
