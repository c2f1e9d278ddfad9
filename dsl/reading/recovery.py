"""Recovery: reading on past a slip that YAML stumbles over.

A missing quote or bracket keeps the whole file from being read, and its author would be told of one mistake after the other,
one run each. Where the slip has a repair that leaves no doubt, the repaired text is read instead, and everything found in it is put
back to its place in the file as it is. The slip is still reported; what follows is what a person would see who had mended it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label
from dramaturg.dsl.messages.repair import edited, lines_of
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

SLIPS = 10
"""Slips of one file that are read past, at most."""
LARGEST = 100_000
"""Bytes of a file in which it is tried: each slip means reading it again."""

Edit: TypeAlias = tuple[Span, str]
Back: TypeAlias = Callable[[int], int]
"""From a byte of the repaired text to where it stands in the author's."""


def read_on(source: Source, slips: int = SLIPS) -> tuple[Node | None, list[Diagnostic]]:
    """As ``read``, but past slips whose repair leaves no doubt."""
    tree, said = read(source)
    if tree is not None or len(said) != 1 or not slips or len(source.data) > LARGEST:
        return tree, said
    (slip,) = said
    fix = next((fix for fix in slip.fixes if fix.safe), None)
    if fix is None or slip.severity != "error":
        return tree, said
    mended = Source(source.path, edited(source.data, fix.edits))
    tree, more = read_on(mended, slips - 1)
    touched = lines_of(fix.edits)
    if any(item.code.startswith("E1") and item.span.line in touched for item in more):
        return None, said  # that was not what was meant
    back = _back(fix.edits)
    more = [_placed(item, source, back) for item in more]
    found = sorted([slip, *more], key=lambda item: (item.span.start, item.code))
    return None if tree is None else _tree(tree, source, back), found


def _back(edits: tuple[Edit, ...]) -> Back:
    """The way back through the edits. What was put in leads to where it was put."""
    starts, rows, shift = [], list[tuple[int, int, int]](), 0
    for span, text in sorted(edits, key=lambda edit: (edit[0].start, edit[0].end)):
        size = len(text.encode())
        starts.append(span.start + shift)
        rows.append((span.start, span.end, span.start + shift + size))
        shift += size - (span.end - span.start)

    def back(offset: int) -> int:
        at = bisect_right(starts, offset) - 1
        if at < 0:
            return offset
        start, end, after = rows[at]
        return end + offset - after if offset >= after else start

    return back


def _span(span: Span, source: Source, back: Back) -> Span:
    start = back(span.start)
    return Span(source, start, max(start, back(span.end)))


def _placed(item: Diagnostic, source: Source, back: Back) -> Diagnostic:
    return replace(
        item,
        span=_span(item.span, source, back),
        labels=tuple(Label(_span(label.span, source, back), label.text) for label in item.labels),
        fixes=tuple(
            Fix(fix.title, tuple((_span(span, source, back), text) for span, text in fix.edits), fix.safe)
            for fix in item.fixes
        ),
    )


def _tree(node: Node, source: Source, back: Back) -> Node:
    match node:
        case Scalar(text, span, style, offsets):
            if offsets is None:
                offsets = [span.start]
                for char in text:
                    offsets.append(offsets[-1] + len(char.encode()))
            return Scalar(text, _span(span, source, back), style, tuple(map(back, offsets)))
        case Map(entries, span, flow, damaged):
            kept = [Entry(_leaf(entry.key, source, back), _tree(entry.value, source, back)) for entry in entries]
            return Map(tuple(kept), _span(span, source, back), flow, damaged)
        case Seq(items, span, flow):
            return Seq(tuple([_tree(item, source, back) for item in items]), _span(span, source, back), flow)
    raise AssertionError(f"unknown node {node!r}")


def _leaf(leaf: Scalar, source: Source, back: Back) -> Scalar:
    placed = _tree(leaf, source, back)
    assert isinstance(placed, Scalar)
    return placed
