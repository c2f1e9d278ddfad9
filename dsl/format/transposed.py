"""Transposed lines: the heading of a section and the line below it, in each other's place.

An editor moves a line with one stroke too many, and what was the first entry of a section is the last of the one before, while the
section lacks its beginning. YAML reads such a file. It is told by trying: with the two lines put back there must be less to
complain of, and nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.format.fit import Fitting, fit
from dramaturg.dsl.format.shapes import Record
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Scalar, Seq


def turned_back(node: Map, shape: Record, owner: str) -> tuple[Map, Diagnostic] | None:
    """The file with the two lines as they were meant, and what is said of them; None where no two are transposed."""
    before: set[tuple[str, str, int]] | None = None
    for tree, line, heading in _candidates(node, shape):
        if before is None:
            before = _complaints(node, shape, owner)
        if before and _complaints(tree, shape, owner) < before:
            return tree, _told(line, heading)
    return None


def _complaints(node: Map, shape: Record, owner: str) -> set[tuple[str, str, int]]:
    found = Fitting()
    fit(node, shape, found, owner)
    return {(it.name, it.message, it.span.start) for it in found.diagnostics}


def _candidates(node: Map, shape: Record) -> Iterator[tuple[Map, Entry, Entry]]:
    """The tree with a section's heading above the line before it, that line, and the heading."""
    for at, (above, below) in enumerate(zip(node.entries, node.entries[1:])):
        taken = _without_last(above, below.key.span.line - 1)
        if taken is None or shape.table.get(below.key.text) is None or below.key.span.column != above.key.span.column:
            continue
        rest, last = taken
        if isinstance(last.value, Scalar) and not last.value.text:
            inner: tuple[Entry, ...] = (Entry(last.key, below.value),)
            if isinstance(below.value, Map) and below.value.entries:
                step = below.value.entries[0].key.span.column
                if step <= last.key.span.column:
                    continue
                own = [it for it in below.value.entries if it.key.span.column >= step]
                inner = (Entry(last.key, Map(tuple(own), below.value.span)),)
        elif isinstance(below.value, Map) and not below.value.flow:
            inner = (last, *below.value.entries)
        else:
            continue
        span = Span(last.key.span.source, last.key.span.start, max(last.value.span.end, below.value.span.end))
        entries = (*node.entries[:at], rest, Entry(below.key, Map(inner, span)), *node.entries[at + 2 :])
        yield Map(entries, node.span, node.flow, node.damaged), last, below


def _without_last(entry: Entry, line: int) -> tuple[Entry, Entry] | None:
    """An entry without its last line, where that is an entry of its own on this line of the file."""
    body = entry.value
    if not isinstance(body, Map) or body.flow or not body.entries:
        return None
    last = body.entries[-1]
    if (last.key.span.line == line and not isinstance(last.value, Map | Seq)) or _short(last, line):
        rest = Map(body.entries[:-1], body.span, body.flow, body.damaged)
        return Entry(entry.key, rest), last
    inner = _without_last(last, line)
    if inner is None:
        return None
    kept, taken = inner
    return Entry(entry.key, Map((*body.entries[:-1], kept), body.span, body.flow, body.damaged)), taken


def _short(last: Entry, line: int) -> bool:
    """Whether an entry with a map or list of one line stands on this line."""
    return last.key.span.line == line and isinstance(last.value, Map | Seq) and last.value.flow


def _told(line: Entry, heading: Entry) -> Diagnostic:
    source = heading.key.span.source
    first, second = (source.data.rfind(b"\n", 0, it.key.span.start) + 1 for it in (line, heading))
    end = source.data.find(b"\n", second) % (len(source.data) + 1)
    upper, lower = source.data[first:second].decode(), source.data[second:end].decode()
    fix = Fix("exchange the two lines", ((Span(source, first, end), f"{lower}\n{upper.rstrip(chr(10))}"),), safe=False)
    return diagnose(
        "misplaced-entry",
        heading.key.span,
        f"`{heading.key.text}:` stands below its first line: the two lines have changed places",
        labels=[Label(line.key.span, "this belongs below it")],
        fixes=[fix],
    )
