"""Outline: what a file declares, nested as it is written, and what of it can be folded away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dramaturg.dsl.editing.indexing import DECLARED
from dramaturg.dsl.format.shapes import Each, Forms, Names, Record, Shape
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

SHOWN = ("do", "replies", "feels", "stream", "acts", "moves", "slots", "stance", "traits", "personas")
"""Keys of the format that stand in the outline below a section."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the outline."""

    name: str
    detail: str
    kind: str
    """A kind of symbol (``occurrences.KINDS``), ``section`` or ``line``."""
    span: Span
    """Key and value."""
    key: Span
    children: tuple[Item, ...] = ()


def outline(tree: Map, shape: Record) -> tuple[Item, ...]:
    """The sections of a file and what each declares."""
    out = []
    for entry in tree.entries:
        key = shape.key(entry.key.text)
        if key is None:
            continue
        if isinstance(entry.value, Scalar):
            out.append(Item(entry.key.text, _short(entry.value), "line", _whole(entry), entry.key.span))
        else:
            inner = tuple(_below(entry.value, key.shape))
            out.append(Item(entry.key.text, "", "section", _whole(entry), entry.key.span, inner))
    return tuple(out)


def _below(node: Node, shape: Shape) -> Iterator[Item]:
    match shape, node:
        case Forms(list=Each() as each), Seq():
            yield from _below(node, each)
        case Forms(map=Record() | Names() as inner), Map():
            yield from _below(node, inner)
        case Names(), Map():
            for entry in node.entries:
                yield _named(entry, shape)
        case Record(), Map():
            for entry in node.entries:
                key = shape.key(entry.key.text)
                if key is None and shape.rest is not None:
                    yield _named(entry, shape.rest)
                elif key is not None and key.name in SHOWN and not isinstance(entry.value, Scalar):
                    yield Item(
                        key.name, "", "section", _whole(entry), entry.key.span, tuple(_below(entry.value, key.shape))
                    )


def _named(entry: Entry, shape: Names) -> Item:
    kind = DECLARED.get(shape.what, "field" if shape.what == "a field" else "line")
    detail = _short(entry.value) if isinstance(entry.value, Scalar) else ""
    children = tuple(_below(entry.value, shape.value))
    return Item(entry.key.text, detail, kind, _whole(entry), entry.key.span, children)


def _whole(entry: Entry) -> Span:
    key, value = entry.key.span, entry.value.span
    return Span(key.source, key.start, max(key.end, value.end if value.path == key.path else key.end))


def _short(line: Scalar) -> str:
    text = " ".join(line.text.split())
    return text if len(text) <= 60 else text[:59] + "…"


def folds(tree: Node) -> Iterator[tuple[int, int]]:
    """(first byte, last byte) of each key with a value over several lines."""
    match tree:
        case Map():
            for entry in tree.entries:
                span = _whole(entry)
                if b"\n" in span.source.data[span.start : span.end].rstrip():
                    text = span.source.data[span.start : span.end].rstrip()
                    yield span.start, span.start + len(text)
                yield from folds(entry.value)
        case Seq():
            for item in tree.items:
                yield from folds(item)
