"""Spacing: expressions as ``pretty`` writes them, where nothing but blanks would change.

Which texts of a file are expressions is told by the file format itself (``shapes``). Only plain texts on one line are
respaced, only those that parse, and only where the canonical text differs in blanks outside quotes: parentheses that an
author put for clearness stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dramaturg.dsl.expressions.mistakes import Mistake
from dramaturg.dsl.expressions.parser import Entry, parse
from dramaturg.dsl.expressions.pretty import pretty
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.shapes import Each, Forms, Line, Names, Record, Shape
from dramaturg.dsl.tree import Map, Node, Scalar, Seq

ENTRIES: dict[str, Entry] = {"guard": "guard", "pattern": "guard", "check": "check", "value": "value"}
"""How the texts of these readings are parsed."""

_PIECES = re.compile(r'"(?:[^"\\]|\\.)*"|\s+|[^"\s]+|"')
_SUSPECT = re.compile(r"\s\s|[^\s\w][\w]|[\w][^\s\w]|^\s|\s$|\s[),|}]|[({]\s")


def respaced(tree: Node) -> dict[int, str]:
    """The expressions of a file that are written with other blanks, by the byte where each starts."""
    whole = shapes.SCENARIO if isinstance(tree, Map) and tree.get("scenario") is not None else shapes.MODULE
    out: dict[int, str] = {}
    for leaf, reads in _lines(tree, whole):
        entry = ENTRIES.get(reads)
        if entry is None or leaf.style != "plain" or leaf.offsets is not None or not _SUSPECT.search(leaf.text):
            continue
        better = canonical(leaf.text, entry)
        if better is not None and better != leaf.text:
            out[leaf.span.start] = better
    return out


def canonical(text: str, entry: Entry) -> str | None:
    """The text with canonical blanks; None where it does not parse, or where more than blanks would change."""
    tree = parse(text, entry)
    if isinstance(tree, Mistake):
        return None
    written = pretty(tree)
    if _solid(written) != _solid(text):
        return None
    return written if parse(written, entry) == tree else None


def _solid(text: str) -> str:
    """The text without its blanks, those inside quotes kept."""
    return "".join(piece for piece in _PIECES.findall(text) if not piece.isspace())


def _lines(tree: Node, shape: Shape) -> Iterator[tuple[Scalar, str]]:
    """Each text of a tree with what the format reads it as, as far as the tree has the shape."""
    todo: list[tuple[Node, Shape]] = [(tree, shape)]
    while todo:
        match todo.pop():
            case Scalar() as leaf, Line(reads):
                yield leaf, reads
            case Map(entries), Record() as record:
                for entry in entries:
                    key = record.key(entry.key.text)
                    if key is not None:
                        todo.append((entry.value, key.shape))
                    elif record.rest is not None:
                        todo.append((entry.value, record.rest.value))
            case Map(entries), Names(value):
                todo += [(entry.value, value) for entry in entries]
            case Seq(items), Each(item):
                todo += [(inner, item) for inner in items]
            case node, Forms(line, items, inner):
                form = line if isinstance(node, Scalar) else items if isinstance(node, Seq) else inner
                if form is not None:
                    todo.append((node, form))
            case _:
                pass
