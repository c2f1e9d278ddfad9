"""Draws: who decides which of several moves is made, where no agent does.

An episode asks for a decision wherever people, the world or chance have more than one move. Three things can answer:
the generator; a *script* of decisions that a benchmark item brings; and the record of an episode that is replayed.

A script is enforced decision by decision. Its entries are kept per *menu*, which is what could be chosen there (the
alternatives' events and arguments): a decision takes the next entry with its menu, in order, and where the script
holds none, because the agent has led the conversation elsewhere, the generator decides. So an agent that leaves the
script at one point still meets the world that the script lays down.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from dramaturg.compiler.chance import Stream
from dramaturg.runtime.record import args_json, canonical

if TYPE_CHECKING:
    from dramaturg.compiler.configuration import Move

Choose: TypeAlias = "Callable[[Sequence[Move], int], int]"
"""(alternatives, number of the decision) to the index of the one that is made."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of a script."""

    menu: str
    choice: int


def menu(moves: Sequence[Move]) -> str:
    """Twelve hex digits that name what may be chosen here: actor, event and arguments of every alternative, in order."""
    text = canonical([[move.actor, move.event, args_json(move.args)] for move in moves])
    return sha256(text.encode()).hexdigest()[:12]


def generated(chance: Stream) -> Choose:
    """The generator, each alternative with its chance; alternatives without one are equally likely."""

    def choose(moves: Sequence[Move], decision: int) -> int:
        return chance.pick(decision, [1.0 if move.chance is None else move.chance for move in moves])

    return choose


def scripted(script: Iterable[Decision], otherwise: Choose) -> Choose:
    """A script, and what decides where it says nothing."""
    left: defaultdict[str, deque[int]] = defaultdict(deque)
    for entry in script:
        left[entry.menu].append(entry.choice)

    def choose(moves: Sequence[Move], decision: int) -> int:
        held = left[menu(moves)]
        return held.popleft() if held else otherwise(moves, decision)

    return choose


def recorded(choices: Sequence[int]) -> Choose:
    """The choices of a recorded episode. Raises ValueError where the episode goes on differently from its record."""

    def choose(moves: Sequence[Move], decision: int) -> int:
        if decision >= len(choices) or choices[decision] >= len(moves):
            raise ValueError(f"the record has no choice for decision {decision} among {len(moves)} moves")
        return choices[decision]

    return choose
