"""What a corpus is: a name, the wire format of its rows, and the pure function that reads them off an episode's turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dramaturg.training.corpora.origin import Row
from dramaturg.training.turns import Labelled

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Corpus(Generic[R]):
    """A kind of corpus."""

    name: str
    row: type[R]
    """The wire format of its rows."""
    rows: Callable[[Sequence[Labelled]], Iterator[R]]
    """The rows of one episode, given its turns in order."""
    keys: Callable[[R], Iterable[str]]
    """What a row teaches, as texts: a row of which every text was taught before is left out."""
    prompts: Callable[[R], Iterable[str]]
    """The texts of a row that a deployed model sees or writes: nothing hidden may occur in them."""
    per_turn: bool = True
    """Whether every turn gives rows of its own, each with its whole prompt. Such a corpus is read off a part of the episodes only,
    as it grows with the square of their length."""
