"""The tree of a YAML file, with the place of every token.

Scalars are text until the type of their field reads them: ``no``, ``12:30`` and ``017`` mean what the field says. A scalar maps
any range of its value back to bytes of the file, also where quotes, escapes or folding stand between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import TypeAlias

from dramaturg.dsl.immutable import immutable
from dramaturg.dsl.spans import Span
from dramaturg.dsl.types import Enum


@immutable
class Piece:
    """Characters of a scalar that do not stand in the file like this: a module's parameter, or a name of an instance of it."""

    start: int
    end: int
    name: str
    """What stands in the file there."""
    given: Span | None = None
    """The argument that stands for the parameter, which means what it means where it was written. None for a name that was only
    given its instance's prefix: it means what it meant."""
    choice: Enum | None = None
    """The type of an argument that is one of a few words: in a comparison nothing else might tell."""


@immutable
class Scalar:
    """A text as YAML gives it, and where its characters stand."""

    text: str
    span: Span
    """The whole token, quotes included."""
    style: str = "plain"
    """plain | quoted | block"""
    offsets: Sequence[int] | None = None
    """Byte offset in the file of each character of ``text`` and of its end; None where they follow ``span.start`` as they stand
    (a plain one-line scalar)."""
    pieces: tuple[Piece, ...] = ()
    """What was put into the text for a parameter of the module (see ``instances``); a later one may lie inside an earlier one."""

    def part(self, start: int, end: int) -> Span:
        """The span of characters ``start`` to ``end`` (exclusive) of ``text``; a piece counts as the whole that stands for it."""
        for piece in self.pieces:
            if piece.start < end < piece.end:
                end = piece.end
        if self.offsets is None and self.text.isascii():
            first, last = self.span.start + start, self.span.start + min(end, len(self.text))
        elif self.offsets is None:
            first = self.span.start + len(self.text[:start].encode())
            last = first + len(self.text[start:end].encode())
        else:
            first, last = self.offsets[start], self.offsets[end]
        return Span(self.span.source, first, max(last, first))

    def tail(self, start: int) -> Scalar:
        """The characters from ``start`` on, as a scalar of their own."""
        offsets = None if self.offsets is None else self.offsets[start:]
        pieces = tuple(
            Piece(piece.start - start, piece.end - start, piece.name, piece.given, piece.choice)
            for piece in self.pieces
            if piece.start >= start
        )
        return Scalar(self.text[start:], self.part(start, len(self.text)), self.style, offsets, pieces)

    def written(self, text: str) -> str:
        """How a text is written between this scalar's quotes, so that a repair does not end them."""
        match self.span.source.data[self.span.start : self.span.start + 1] if self.style == "quoted" else b"":
            case b'"':
                return text.replace("\\", "\\\\").replace('"', '\\"')
            case b"'":
                return text.replace("'", "''")
        return text

    def piece(self, at: int) -> Piece | None:
        """The innermost piece that the character belongs to."""
        if not self.pieces:
            return None
        return next((piece for piece in reversed(self.pieces) if piece.start <= at < piece.end), None)


@immutable
class Entry:
    key: Scalar
    value: Node


@immutable
class Map:
    """A mapping; keys are unique (a duplicate is a diagnostic, the first one counts)."""

    entries: tuple[Entry, ...]
    span: Span
    flow: bool = False
    damaged: bool = field(default=False, compare=False)
    """Whether entries were lost on the way here, so that what seems to be missing may only have been unreadable."""

    index: dict[str, Node] | None = field(default=None, init=False, compare=False, repr=False)
    """The values by their keys, once somebody has looked for one."""

    def get(self, key: str) -> Node | None:
        index = self.index
        if index is None:
            index = {entry.key.text: entry.value for entry in self.entries[::-1]}
            object.__setattr__(self, "index", index)
        return index.get(key)


@immutable
class Seq:
    items: tuple[Node, ...]
    span: Span
    flow: bool = False


Node: TypeAlias = Scalar | Map | Seq
