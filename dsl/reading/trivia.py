"""Trivia: what stands between the texts of a YAML file, above all its comments.

A tree holds the texts of a file; between two of them stand only blanks, line ends, comments and the marks of YAML
(``: - , { } [ ]``). So a gap is read without a YAML parser, and a comment is a comment for certain: no ``#`` of a quoted
text can be taken for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dramaturg.dsl.spans import Source
from dramaturg.dsl.tree import Map, Node, Scalar


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing in a gap."""

    kind: str
    """comment | line end | mark"""
    text: str
    at: int
    """The byte where it starts."""


def pieces(data: bytes, start: int, end: int) -> Iterator[Piece]:
    """What stands in a gap, blanks left out."""
    at = start
    while at < end:
        char = data[at : at + 1]
        if char == b"#":
            stop = data.find(b"\n", at, end)
            stop = end if stop < 0 else stop
            yield Piece("comment", data[at:stop].decode("utf-8", "replace").rstrip(), at)
            at = stop
            continue
        if char == b"\n":
            yield Piece("line end", "\n", at)
        elif char not in b" \t\r":
            yield Piece("mark", char.decode("latin-1"), at)
        at += 1


def leaves(node: Node) -> Iterator[Scalar]:
    """The texts of a tree in the order of the file, keys included. Iterative, for trees as deep as may be read."""
    todo: list[Node] = [node]
    while todo:
        match todo.pop():
            case Scalar() as leaf:
                yield leaf
            case Map(entries):
                todo += [part for entry in reversed(entries) for part in (entry.value, entry.key)]
            case sequence:
                todo += reversed(sequence.items)


def comments(source: Source, tree: Node) -> list[tuple[str, str]]:
    """Every comment of a file with the text that it goes with: the one before it on its line, else the next one below."""
    data, out = source.data, list[tuple[str, str]]()
    waiting: list[str] = []
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    before = ""
    for leaf in leaves(tree):
        beside = bool(before)
        for piece in pieces(data, at, leaf.span.start):
            if piece.kind == "line end":
                beside = False
            elif piece.kind == "comment":
                if beside:
                    out.append((piece.text, before))
                else:
                    waiting.append(piece.text)
        if leaf.span.end > leaf.span.start:
            out += [(text, leaf.text) for text in waiting]
            waiting = []
            before = leaf.text
        at = max(at, leaf.span.end)
        if leaf.style == "block":
            head = leaf.span.text.partition("\n")[0]
            if "#" in head:
                out.append(("#" + head.partition("#")[2].rstrip(), leaf.text))
            before = ""
    beside = bool(before)
    for piece in pieces(data, at, len(data)):
        if piece.kind == "line end":
            beside = False
        elif piece.kind == "comment":
            out.append((piece.text, before if beside else ""))
    return out
