"""Splice: putting other characters into a scalar, without losing where anything stands.

Every character that was put in points at the word of the file that it stands for, and the scalar remembers the ranges as pieces,
so that a message about one points at that word and its names are resolved where they were written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dramaturg.dsl.expressions.surface import At
from dramaturg.dsl.tree import Piece, Scalar
from dramaturg.dsl.types import Enum


@dataclass(frozen=True, slots=True)
class Cut:
    """Characters of a scalar that are replaced."""

    at: At
    text: str
    name: str
    """The word of the file that is replaced."""
    given: Scalar | None = None
    """The argument that is put in; None for the new name of a thing of the module's own."""
    choice: Enum | None = None
    """Its type, where it is one of a few words."""
    skip: int = 0
    """Characters of ``text`` before the argument's own (a parenthesis)."""


def splice(scalar: Scalar, cuts: Iterable[Cut]) -> Scalar:
    """The scalar with the cuts made, which do not overlap."""
    cuts = sorted(cuts, key=lambda cut: cut.at)
    if not cuts:
        return scalar
    text, offsets, pieces, done = "", list[int](), list[Piece](), 0
    old = [scalar.part(at, at).start for at in range(len(scalar.text) + 1)]
    for cut in cuts:
        start, end = cut.at
        text += scalar.text[done:start]
        offsets += old[done:start]
        kept = [piece for piece in scalar.pieces if done <= piece.start and piece.end <= start]
        pieces += [_moved(piece, len(text) - start) for piece in kept]
        at = len(text)
        text += cut.text
        offsets += [old[start]] * len(cut.text)
        pieces.append(Piece(at, len(text), cut.name, cut.given.span if cut.given is not None else None, cut.choice))
        if cut.given is not None:
            pieces += [_moved(piece, at + cut.skip) for piece in cut.given.pieces]
        done = end
    kept = [piece for piece in scalar.pieces if done <= piece.start]
    pieces += [_moved(piece, len(text) - done) for piece in kept]
    return replace(scalar, text=text + scalar.text[done:], offsets=tuple(offsets + old[done:]), pieces=tuple(pieces))


def _moved(piece: Piece, by: int) -> Piece:
    return replace(piece, start=piece.start + by, end=piece.end + by)
