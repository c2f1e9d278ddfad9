"""Keys: which part of the format stands at a place of a file.

The tree of a file and the shapes of the format are walked down together to a byte; what comes back is the chain of shapes,
outermost first, with the key under each. ``hover`` says what a key is about, and ``outline`` what a section holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from dramaturg.dsl.format.shapes import Each, Forms, Key, Line, Names, Record, Shape
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq


@dataclass(frozen=True, slots=True)
class Step:
    """One key on the way to a place."""

    entry: Entry
    known: Key | None
    """The key of the format; None where the author made the key up."""
    what: str
    """What the entry is, where the author made its key up ("a parameter")."""
    shape: Shape
    """The shape of the entry's value."""


def chain(tree: Node, shape: Shape, offset: int) -> tuple[Step, ...]:
    """The keys around a byte of the file, outermost first; the last one's key or value holds it."""
    match shape, tree:
        case Forms(list=Each() as each), Seq():
            return chain(tree, each, offset)
        case Forms(map=Record() as inner), Map():
            return chain(tree, inner, offset)
        case Forms(map=Names() as names), Map():
            return chain(tree, names, offset)
        case Each(item), Seq():
            for part in tree.items:
                if _holds(part, offset):
                    return chain(part, item, offset)
        case ((Record() | Names()), Map()):
            for entry in tree.entries:
                if entry.key.span.start <= offset <= entry.key.span.end or _holds(entry.value, offset):
                    step = _step(entry, shape)
                    if step is None:
                        return ()
                    return (step, *chain(entry.value, step.shape, offset))
    return ()


def _step(entry: Entry, shape: Record | Names) -> Step | None:
    if isinstance(shape, Names):
        return Step(entry, None, shape.what, shape.value)
    key = shape.key(entry.key.text)
    if key is not None:
        return Step(entry, key, "", key.shape)
    return Step(entry, None, shape.rest.what, shape.rest.value) if shape.rest is not None else None


def _holds(node: Node, offset: int) -> bool:
    return node.span.start <= offset <= node.span.end


def line_at(tree: Node, offset: int) -> Scalar | None:
    """The scalar value that holds a byte."""
    match tree:
        case Scalar():
            return tree if _holds(tree, offset) else None
        case Map():
            parts = [entry.value for entry in tree.entries]
        case Seq():
            parts = list(tree.items)
    for part in parts:
        if (found := line_at(part, offset)) is not None:
            return found
    return None


def reads(shape: Shape) -> str:
    """How the text of a value is read, where it may be one text; empty otherwise."""
    match shape:
        case Line(reads):
            return reads
        case Forms(line=Line(reads)):
            return reads
    return ""
