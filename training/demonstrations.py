"""Demonstrations: the episodes that corpora are read off.

Most are played by the reference policy. The others begin badly: a random or an eager agent plays the first turns, or a reference
player stumbles now and then, so that what is right *after* a mistake is shown as well (a policy that only ever saw good play
does not know its way back). Which episodes there are is a function of the benchmark's items, a seed and a number; every train
item's witness script is among them, so what the benchmark covers is demonstrated.

No episode on a held-out binding is ever for training.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from dramaturg.runtime.agents import Eager, Random
from dramaturg.runtime.arguments import silence
from dramaturg.runtime.benchmark import HELDOUT, TRAIN, Benchmark, Item
from dramaturg.runtime.draws import Decision
from dramaturg.runtime.episode import play
from dramaturg.runtime.policy import Policy, TurnView
from dramaturg.runtime.trace import Answer, Trace
from dramaturg.training.turns import said

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled

STUMBLES = 0.15
"""How often a stumbling player takes any possible act instead of the right one."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference policy with its words and the status of the tasks: what a model should learn to answer."""

    name: str = "reference"

    def answer(self, view: TurnView) -> Answer:
        if view.reference is None:
            return Answer(silence(view.scenario), status=view.reference_status)
        act = view.reference
        return Answer(act.act, act.args, said(view.scenario, act), view.reference_status)


@dataclass(frozen=True, slots=True)
class Stumbling:
    """The reference policy, but for a share of turns at which any possible act is taken."""

    share: float = STUMBLES
    name: str = "stumbling"

    def answer(self, view: TurnView) -> Answer:
        if view.draw >= self.share:
            return Reference().answer(view)
        astray = Random().answer(replace(view, draw=view.draw / self.share))
        # Its claim about the tasks is what it would have been right to claim, as a model's would.
        return replace(astray, status=view.reference_status)


@dataclass(frozen=True, slots=True)
class Prefixed:
    """Another agent for the first turns, then the reference policy."""

    first: Policy
    turns: int

    @property
    def name(self) -> str:
        return f"{self.first.name}-{self.turns}"

    def answer(self, view: TurnView) -> Answer:
        if view.index >= self.turns:
            return Reference().answer(view)
        return replace(self.first.answer(view), status=view.reference_status)


def players() -> tuple[Policy, ...]:
    """Who plays, in turn: half of the episodes are the reference policy's own."""
    return (
        Reference(),
        Stumbling(),
        Reference(),
        Prefixed(Random(), 1),
        Reference(),
        Stumbling(2 * STUMBLES),
        Reference(),
        Prefixed(Eager(), 1),
        Reference(),
        Prefixed(Random(), 3),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """One episode to be played."""

    binding: int
    seed: int
    player: Policy
    script: tuple[Decision, ...] = ()


def plans(benchmark: Benchmark, split: str, episodes: int, seed: int = 0) -> list[Plan]:
    """``episodes`` episodes on the bindings of one split, fewer where the split has none.

    First each item's script with the reference policy, then scripts and free seeds by turns, players taking turns on each
    binding.
    """
    items = [item for item in benchmark.items if item.split == split]
    return list(islice(_plans(items, seed), episodes)) if items else []


def _plans(items: list[Item], seed: int) -> Iterator[Plan]:
    for item in items:
        yield Plan(item.binding, item.seed, Reference(), item.script)
    bindings = list(dict.fromkeys(item.binding for item in items))
    every = players()
    round_ = 0
    while True:
        for place, binding in enumerate(bindings):
            yield Plan(binding, seed + 1 + round_, every[(place + round_) % len(every)])
        for place, item in enumerate(items):
            player = every[(place + round_ + 1) % len(every)]
            yield Plan(item.binding, seed + 1 + round_, player, item.script)
        round_ += 1


def demonstrate(compiled: Compiled, plan: Plan) -> Trace:
    return play(compiled, plan.binding, plan.player, plan.seed, plan.script)


def splits(benchmark: Benchmark) -> tuple[str, ...]:
    """The splits that the benchmark has items of."""
    present = {item.split for item in benchmark.items}
    return tuple(split for split in (TRAIN, HELDOUT) if split in present)
