"""What a corpus is: a name, the wire format of its rows, and the pure function that reads them off a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from dramaturg.runtime.trace import Trace
from dramaturg.training.corpora.origin import Row

if TYPE_CHECKING:
    from dramaturg.compiler.compiled import Compiled

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Corpus(Generic[R]):
    """A kind of corpus."""

    name: str
    row: type[R]
    """The wire format of its rows."""
    rows: Callable[[Compiled, Trace], Iterator[R]]
    keys: Callable[[R], Iterable[str]]
    """What a row teaches, as texts: a row of which every text was taught before is left out."""
    prompts: Callable[[R], Iterable[str]]
    """The texts of a row that a deployed model sees or writes: nothing hidden may occur in them."""
