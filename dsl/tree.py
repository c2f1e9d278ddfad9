"""The tree of a YAML file, with the place of every token.

Scalars are text until the type of their field reads them: ``no``, ``12:30`` and ``017`` mean what the field says. A scalar maps
any range of its value back to bytes of the file, also where quotes, escapes or folding stand between the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from dramaturg.dsl.spans import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as YAML gives it, and where its characters stand."""

    text: str
    span: Span
    """The whole token, quotes included."""
    style: str = "plain"
    """plain | quoted | block"""
    offsets: tuple[int, ...] | None = None
    """Byte offset in the file of each character of ``text`` and of its end; None where they follow ``span.start`` as they stand
    (a plain one-line scalar)."""

    def part(self, start: int, end: int) -> Span:
        """The span of characters ``start`` to ``end`` (exclusive) of ``text``."""
        if self.offsets is None:
            first = self.span.start + len(self.text[:start].encode())
            last = first + len(self.text[start:end].encode())
        else:
            first, last = self.offsets[start], self.offsets[end]
        return Span(self.span.source, first, max(last, first))


@dataclass(frozen=True, slots=True)
class Entry:
    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping; keys are unique (a duplicate is a diagnostic, the first one counts)."""

    entries: tuple[Entry, ...]
    span: Span
    flow: bool = False

    def get(self, key: str) -> Node | None:
        for entry in self.entries:
            if entry.key.text == key:
                return entry.value
        return None


@dataclass(frozen=True, slots=True)
class Seq:
    items: tuple[Node, ...]
    span: Span
    flow: bool = False


Node: TypeAlias = Scalar | Map | Seq
