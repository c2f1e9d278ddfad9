"""Bindings that differ only in what no line reads share the nodes of a graph, and play as if each had its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.compiler.alike import unread
from dramaturg.compiler.compiled import compile_scenario
from dramaturg.runtime.agents import agent
from dramaturg.runtime.episode import play, replay
from tests.compiler.test_persons import TEXT, read

LOOKS = "      hat: one of none | felt | straw\n      voice: {type: one of low | high, likely: {low: 80%}}\n"
SEEN = TEXT.replace("    constraints:\n", LOOKS + "    constraints:\n").replace(
    '"{{ persona.greeting }}."', '"{{ persona.greeting }}, says a {{ persona.voice }} voice."'
)


def test_what_only_wordings_show_does_not_multiply_the_graph(tmp_path: Path) -> None:
    plain, seen = read(tmp_path), read(tmp_path, SEEN)
    assert set(unread(plain)) == {"persona.background", "persona.age"}
    assert set(unread(seen)) == {"persona.background", "persona.age", "persona.hat", "persona.voice"}
    small, large = compile_scenario(plain).graph, compile_scenario(seen).graph
    assert len(large) == len(small)
    assert len(large.bindings) == len(large.out(0)) == 6 * len(small.bindings)
    assert sum(edge.chance or 0 for edge in large.out(0)) == pytest.approx(1)
    assert not any("persona.hat" in view for view in large.readable)


def test_every_binding_is_played_on_the_nodes_that_it_shares(tmp_path: Path) -> None:
    made = compile_scenario(read(tmp_path, SEEN), analyse=False)
    said, values = set(), set()
    for binding in range(0, len(made.graph.bindings), 7):
        for player in ("oracle", "random"):
            trace = play(made, binding, agent(player), seed=3)
            assert dict(trace.binding) == made.graph.bindings[binding]
            assert all(step.node >= 0 for step in trace.steps)
            assert all(turn.acceptable and turn.value_before > 0 for turn in trace.turns if player == "oracle")
            assert replay(made, trace) == trace
            said.add(trace.steps[0].text)
            values.add((dict(trace.binding)["persona.hat"], dict(trace.binding)["persona.voice"]))
    assert said == {"Hello, says a low voice.", "Hello, says a high voice."}
    assert len(values) > 3


def test_a_parameter_that_a_start_reads_is_read(tmp_path: Path) -> None:
    text = TEXT.replace("agent:\n", "world:\n  cakes: int 0..9 = first_trust\nagent:\n", 1)
    text = text.replace("and first_trust == 1", "and cakes == 1")
    assert "first_trust" not in unread(read(tmp_path, text))
