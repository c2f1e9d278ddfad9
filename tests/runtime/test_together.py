"""Episodes side by side: the same traces as one by one, grouped by place also where a run is resumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.runtime import benchmark
from dramaturg.runtime.agents import Oracle
from dramaturg.runtime.episode import AgentFailure, play
from dramaturg.runtime.policy import Batched, TurnView
from dramaturg.runtime.together import Start, groups, play_all
from dramaturg.runtime.trace import Answer, Trace
from tests.training.stage import flights


@cache
def compiled() -> Compiled:
    return compile_scenario(flights(160), analyse=False)


@dataclass
class Chorus:
    """The oracle, several turns at once; fails at its ``fails``-th call."""

    width: int = 3
    name: str = "oracle"
    fails: int = 0
    asked: list[int] = field(default_factory=list)

    def answer(self, view: TurnView) -> Answer:
        return self.answer_all([view])[0]

    def answer_all(self, views: Sequence[TurnView]) -> list[Answer]:
        self.asked.append(len(views))
        if len(self.asked) == self.fails:
            raise ConnectionError("gone")
        return [Oracle().answer(view) for view in views]


STARTS = [Start(binding, seed) for binding in range(len(compiled().graph.bindings)) for seed in (0, 1)]


def test_episodes_played_together_are_those_played_alone() -> None:
    chorus = Chorus()
    assert isinstance(chorus, Batched)
    assert not isinstance(Oracle(), Batched)
    alone = [play(compiled(), start.binding, Oracle(), start.seed) for start in STARTS]
    assert play_all(compiled(), STARTS, chorus) == alone
    assert chorus.asked[0] == len(STARTS)
    assert len(chorus.asked) == max(len(trace.turns) for trace in alone)


def test_groups_are_cut_by_place() -> None:
    assert list(groups(7, Chorus())) == [range(3), range(3, 6), range(6, 7)]
    assert list(groups(2, Oracle())) == [range(1), range(1, 2)]
    assert list(groups(0, Chorus())) == []


def test_a_failure_takes_the_episodes_that_were_still_being_played() -> None:
    ends = play_all(compiled(), STARTS, Chorus(fails=3))
    assert any(isinstance(end, Trace) for end in ends)
    failed = [end for end in ends if isinstance(end, AgentFailure)]
    assert failed
    assert str(failed[0]) == "oracle: ConnectionError: gone"


@pytest.mark.parametrize("kept", [1, 2, 4, 5])
def test_a_resumed_run_groups_as_before(tmp_path: Path, kept: int) -> None:
    items = benchmark.build(compiled())
    whole = tmp_path / "whole.jsonl"
    benchmark.run(items, compiled(), Chorus(), journal=whole)
    lines = whole.read_bytes().splitlines(keepends=True)
    assert len(lines) > 6
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(b"".join(lines[:kept]))
    chorus = Chorus()
    result = benchmark.run(items, compiled(), chorus, journal=torn)
    assert torn.read_bytes() == whole.read_bytes()
    assert len(result.results) == len(items.items)
    assert chorus.asked[0] == 3  # the whole group that the interruption fell into, as it was
