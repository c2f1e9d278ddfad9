"""Types of the language and the values that inhabit them.

A value is a plain Python value that hashes: ``bool`` for yes/no, ``str`` for enum members and texts, ``int`` for every
number (in the base unit of its family, see ``FAMILIES``), ``None`` for an unknown optional, ``tuple`` for lists,
``str`` (its text in this language) for a condition. No floats: a grid of integers is exact, hashes, and prints the same anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = bool | int | str | tuple["Value", ...] | None


@dataclass(frozen=True, slots=True)
class Family:
    """A family of units that convert into each other, and the size of each unit in base units."""

    name: str
    base: str
    units: tuple[tuple[str, int], ...]


FAMILIES: dict[str, Family] = {
    "duration": Family(
        "duration",
        "ms",
        (("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)),
    ),
    "percent": Family("percent", "0.01%", (("%", 100),)),
    "mass": Family("mass", "g", (("g", 1), ("kg", 1000))),
    "length": Family("length", "m", (("km", 1000),)),
    "turns": Family("turns", "turn", (("turn", 1), ("turns", 1))),
}
"""Money is a family per currency, ``money(EUR)``, in hundredths; a bare ``number`` is in thousandths, an ``int`` in ones."""

MONEY_SCALE = 100
NUMBER_SCALE = 1000
DAY = 86_400_000
"""Milliseconds of a day, after which times of day begin anew."""


@dataclass(frozen=True, slots=True)
class Bool:
    """``yes/no``."""


@dataclass(frozen=True, slots=True)
class Enum:
    """``one of a | b``, or a named type. Members in the author's order."""

    members: tuple[str, ...]
    name: str | None = None


COUNTABLE = 2**40
"""Values of a number at most, where they are counted: a range of Python's has no more than 2**63."""


@dataclass(frozen=True, slots=True)
class Number:
    """Every numeric type: ``int``, ``number``, ``duration``, ``percent``, ``money(CUR)``, …

    ``family`` is ``int``, ``number``, a key of ``FAMILIES`` or ``money(CUR)``. ``lo``, ``hi`` and ``step`` are in base units;
    ``None`` bounds mean unbounded (legal only where no guard reads the name), ``step`` None means the family's base unit
    for ``int`` and "no grid declared" elsewhere.
    """

    family: str
    lo: int | None = None
    hi: int | None = None
    step: int | None = None

    def grid(self) -> range:
        """The values on the declared grid, in order. Raises ValueError where the type is unbounded, has no step, or has more values
        than anybody can count."""
        step = self.step if self.step is not None else (1 if self.family == "int" else None)
        if self.lo is None or self.hi is None or step is None:
            raise ValueError(f"{self} has no finite grid")
        if (self.hi - self.lo) // step > COUNTABLE:
            raise ValueError(f"{self} has too many values to count")
        return range(self.lo, self.hi + 1, step)

    def clamp(self, value: int) -> int:
        """The value saturated at the range."""
        if self.lo is not None and value < self.lo:
            return self.lo
        if self.hi is not None and value > self.hi:
            return self.hi
        return value


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """``time of day``: milliseconds since midnight."""


@dataclass(frozen=True, slots=True)
class Text:
    """Opaque to proofs: compared only for equality with other texts."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``condition on a | b``: a guard that the agent writes, over these names only (world variables or slots)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Optional:
    """``T?``: a value of T, or unknown (None)."""

    inner: Type


@dataclass(frozen=True, slots=True)
class ListOf:
    """``list of T lo..hi``."""

    inner: Type
    lo: int = 0
    hi: int = 16


@dataclass(frozen=True, slots=True)
class SetOf:
    """``set of E``: kept as the tuple of its members in the enum's order."""

    inner: Enum


Type: TypeAlias = Bool | Enum | Number | TimeOfDay | Text | Condition | Optional | ListOf | SetOf


@dataclass(frozen=True, slots=True)
class Wait:
    """An amount of waiting: exactly one of virtual time (``ms``) and agent turns (``turns``)."""

    ms: int | None = None
    turns: int | None = None

    def __post_init__(self) -> None:
        assert (self.ms is None) != (self.turns is None)


VIEWS = ("public", "agent", "world", "user", "teacher", "judge")
"""Who may see a name. ``public`` is seen by all; ``agent`` by the agent; the others never reach the agent's prompt."""


def visible_to_agent(view: str) -> bool:
    return view in ("public", "agent")
