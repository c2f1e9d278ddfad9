"""The flights compiled once, their benchmark, and episodes of them, for the tests of this folder."""

from __future__ import annotations

from functools import cache

from dramaturg.compiler.compiled import Compiled, compile_scenario
from dramaturg.runtime import benchmark
from dramaturg.runtime.agents import Eager, Random
from dramaturg.runtime.benchmark import Benchmark
from dramaturg.runtime.episode import play
from dramaturg.runtime.policy import Policy
from dramaturg.training.demonstrations import Reference, Stumbling
from dramaturg.training.turns import Labelled, labelled
from tests.training.stage import flights

PLAYERS: tuple[Policy, ...] = (Reference(), Stumbling(), Random(), Eager())


@cache
def compiled() -> Compiled:
    return compile_scenario(flights(180), analyse=False)


@cache
def items() -> Benchmark:
    return benchmark.build(compiled())


@cache
def turns(binding: int = 0, player: int = 0, seed: int = 0) -> list[Labelled]:
    """The turns of an episode that ``PLAYERS[player]`` played."""
    return labelled(compiled(), play(compiled(), binding, PLAYERS[player], seed))
