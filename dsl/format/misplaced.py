"""Misplaced entries: what fits well, one level further in or out, or under the heading of another section.

A line with two blanks too many or too few often leaves a file that YAML reads, in which a window stands among the triggers or the
rules are a trigger of that name. Held against the format such a file complains of everything that was moved. So before those
complaints are believed, each of the entries they stand in is tried in the entry before it and one level out; where such a move
makes complaints go away and brings none, the move is what is said, and the file is read on as it was meant. A section that
holds nothing of what its heading says, and suits another, is read under that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.format.fit import Fitting, fit, lacking
from dramaturg.dsl.format.shapes import CONCERN, CONCERNS, KEY_NAMES, NEEDS, PERSON, Forms, Line, Names, Record, Shape
from dramaturg.dsl.format.transposed import turned_back
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

Way: TypeAlias = tuple[int, ...]
"""The numbers of the entries that lead to one, from the root; lists are not gone into, as nothing in them is moved."""

TRIED = 3
"""Complaints whose places are tried, from the first on: a file that is wrong all over was not just moved."""
MOVABLE = ("unknown-key", "wrong-kind", "bad-name", "reserved-word", "unknown-choice")


@dataclass(frozen=True, slots=True)
class _Move:
    tree: Map
    said: Diagnostic
    made_up: bool = False
    """Whether it has become an entry whose name is the author's, which nearly anything can be."""


def fitted(node: Node, shape: Record, found: Fitting, owner: str) -> Node | None:
    """``fit``, of a whole file, after what is misplaced in it has been put where it fits."""
    if isinstance(node, Map) and (headed := _headed(node, shape)) is not None:
        node = headed.tree
        found.diagnostics.append(headed.said)
    trial = Fitting()
    out = fit(node, shape, trial, owner)
    if isinstance(node, Map) and trial.diagnostics and (turned := turned_back(node, shape, owner)) is not None:
        node, said = turned
        found.diagnostics.append(said)
        trial = Fitting()
        out = fit(node, shape, trial, owner)
    while isinstance(node, Map) and (trial.diagnostics or _strays(node, shape)):
        better = _better(node, shape, owner, trial)
        if better is None:
            break
        move, trial, out = better
        node = move.tree
        found.diagnostics.append(move.said)
    if isinstance(node, Map) and trial.diagnostics and (cut := _beheaded(node, shape, trial)) is not None:
        node, trial = cut.tree, Fitting()
        found.diagnostics.append(cut.said)
        out = fit(node, shape, trial, owner)
    found.add(trial)
    return out


def _better(node: Map, shape: Record, owner: str, trial: Fitting) -> tuple[_Move, Fitting, Node | None] | None:
    """The move after which least is complained of, and nothing new; of two that are as good, the one tried first."""
    strays = _strays(node, shape)
    before = {_key(it) for it in trial.diagnostics} | strays.keys()
    places = [*strays.values(), *(it.span for it in trial.diagnostics if it.name in MOVABLE)][:TRIED]
    ways = dict.fromkeys(way[:size] for span in places for way in [_way(node, span)] for size in range(len(way), 0, -1))
    best: tuple[int, _Move, Fitting, Node | None] | None = None
    for way in ways:
        for move in _moves(node, shape, way):
            again = Fitting()
            out = fit(move.tree, shape, again, owner)
            after = {_key(it) for it in again.diagnostics} | _strays(move.tree, shape).keys()
            if after < before and not any(_inside(_entry(node, way), it.span) for it in again.diagnostics):
                lacking(move.tree, shape, move.said.span, lacks := Fitting())
                left = len(after) + len(lacks.diagnostics) + _illegible(move.tree, shape) + move.made_up
                if best is None or left < best[0]:
                    best = left, move, again, out
    return None if best is None else best[1:]


def _strays(node: Map, shape: Record) -> dict[tuple[str, str, int], Span]:
    """What is called as a key that its record lacks stands among made-up names of that record, and does not read as one."""
    out: dict[tuple[str, str, int], Span] = {}
    for entry in node.entries:
        key = shape.table.get(entry.key.text)
        if key is None or not isinstance(entry.value, Map):
            continue
        if isinstance(key.shape, Record):
            out |= _strays(entry.value, key.shape)
        elif isinstance(key.shape, Names) and not isinstance(key.shape.value, Line):
            for inner in entry.value.entries:
                own = shape.table.get(inner.key.text)
                if own is not None and node.get(inner.key.text) is None and _illegible(inner.value, key.shape.value):
                    out["stray", inner.key.text, inner.key.span.start] = inner.key.span
            if isinstance(key.shape.value, Record) and key.shape.value is PERSON:
                for person in entry.value.entries:
                    out |= _strays(person.value, PERSON) if isinstance(person.value, Map) else {}
    return out


def _headed(node: Map, shape: Record) -> _Move | None:
    """The first section whose entries are none of what its heading says, under the one heading that they all suit."""
    present = {it.key.text for it in node.entries}
    for at, entry in enumerate(node.entries):
        key = shape.table.get(entry.key.text)
        if key is None or not isinstance(entry.value, Map) or _plausible(entry.value, key.shape):
            continue
        lines = [it for it in entry.value.entries if isinstance(it.value, Scalar)]
        singles = [Map((it,), entry.value.span) for it in lines]
        if lines and (len(lines) < 2 or any(_plausible(it, key.shape) for it in singles)):
            continue  # one line among others, or one alone, is a mistake of that line
        free = [
            it for it in shape.keys if it.name not in present and isinstance(it.shape, Names) and it.shape is not NEEDS
        ]
        suited = [it.name for it in free if _suited(entry.value, it.shape)]
        if suited:
            return _renamed(node, at, entry, suited[0])
    return None


def _beheaded(node: Map, shape: Record, trial: Fitting) -> _Move | None:
    """The last entries of a section, which do not fit it, under the heading that is missing above them."""
    present = {it.key.text for it in node.entries}
    for at, entry in enumerate(node.entries):
        body = entry.value
        if shape.table.get(entry.key.text) is None or not isinstance(body, Map) or body.flow:
            continue
        wrong = [any(_inside(it, said.span) for said in trial.diagnostics) for it in body.entries]
        first = wrong.index(True) if True in wrong else 0
        before = Map(body.entries[:first], body.span)
        if (
            not first
            or not _plausible(before, shape.table[entry.key.text].shape)
            or body.entries[first].key.span.line < 2
        ):
            continue
        tail = body.entries[first:]
        cut = Map(tail, Span(body.span.source, tail[0].key.span.start, body.span.end))
        own = shape.table[entry.key.text].shape
        if isinstance(own, Names) and _half_known(tail[0].value, own.value):
            continue
        free = [it for it in shape.keys if it.name not in present and isinstance(it.shape, Names | Record)]
        for key in free:
            if (
                key.shape is NEEDS
                or (isinstance(key.shape, Names) and tail[0].key.text in KEY_NAMES)
                or (len(tail) < 2 and not isinstance(tail[0].value, Map))
                or not _suited(cut, key.shape)
            ):
                continue
            line = body.span.source.data.rfind(b"\n", 0, tail[0].key.span.start) + 1
            fix = Fix(f"write `{key.name}:` above it", ((Span(body.span.source, line, line), f"{key.name}:\n"),))
            message = f"`{key.name}:` is missing above this line: it is none of `{entry.key.text}`"
            said = diagnose("misplaced-entry", tail[0].key.span, message, fixes=[fix])
            rest = Entry(entry.key, Map(body.entries[:first], body.span, body.flow, body.damaged))
            whole = Entry(Scalar(key.name, tail[0].key.span), cut)
            entries = (*node.entries[:at], rest, whole, *node.entries[at + 1 :])
            return _Move(Map(entries, node.span, node.flow, node.damaged), said)
    return None


def _half_known(body: Node, shape: Shape) -> bool:
    """Whether half of the keys of an entry are keys that it may have where it stands."""
    form = shape.map if isinstance(shape, Forms) else shape
    if not isinstance(body, Map) or not isinstance(form, Record) or not body.entries:
        return False
    return 2 * sum(it.key.text in form.table for it in body.entries) >= len(body.entries)


def _plausible(section: Map, shape: Shape) -> bool:
    """Whether the first entry of a section looks like what the section holds: of what is right, the first tells enough."""
    if not isinstance(shape, Names) or not section.entries:
        return True
    first, value = section.entries[0].value, shape.value
    if isinstance(value, Line) and not isinstance(first, Scalar):
        return False
    if isinstance(first, Scalar):
        line = value.line if isinstance(value, Forms) else value
        return not isinstance(line, Line) or (_reads(line, first.text) and _begins(shape, first.text))
    form = value.map if isinstance(value, Forms) else value
    if not isinstance(form, Record) or not isinstance(first, Map) or not first.entries:
        return True
    known = sum(it.key.text in form.table for it in first.entries)
    made_up = form.rest is not None and form.what != CONCERN.what and not _illegible(first, form)
    return 2 * known >= len(first.entries) or made_up


def _begins(shape: Names, text: str) -> bool:
    """What varies has no start, and what is true of the world has one."""
    return (shape.what != "a world variable" or " = " in text) and (shape.what != "a parameter" or " = " not in text)


def _suited(section: Map, shape: Shape) -> bool:
    """Whether every entry is what a section holds."""
    found = Fitting()
    fit(section, shape, found)
    if shape is not CONCERNS:  # what a bank says of a concern is not said again
        lacking(section, shape, section.span, found)
    elif not any(isinstance(it.value, Map) and {"story", "surfaces"} & _keys(it.value) for it in section.entries):
        return False
    starts = not isinstance(shape, Names) or all(
        _begins(shape, it.value.text) for it in section.entries if isinstance(it.value, Scalar)
    )
    return not found.diagnostics and starts and _telling(section, shape) and not _illegible(section, shape)


def _telling(section: Map, shape: Shape) -> bool:
    """Whether the lines of a section say what they are: anything is a text, but only wordings have names with a point."""
    value = shape.value if isinstance(shape, Names) else shape
    line = value.line if isinstance(value, Forms) else value
    if not isinstance(line, Line) or line.reads in _READ:
        return True
    return any("." in it.key.text for it in section.entries)


def _starts(node: Node) -> bool:
    """Whether a line declares a start, which no field has."""
    return isinstance(node, Scalar) and " = " in node.text


def _keys(body: Map) -> set[str]:
    return {it.key.text for it in body.entries}


def _illegible(node: Node, shape: Shape | None) -> int:
    """How many lines do not begin as what is read there."""
    if isinstance(shape, Forms):
        shape = shape.line if isinstance(node, Scalar) else shape.list if isinstance(node, Seq) else shape.map
    match node, shape:
        case Scalar(), Line():
            return node.style != "quoted" and not _reads(shape, node.text)
        case Map(), Record(rest=Names(what="a field")) if any(_starts(it.value) for it in node.entries):
            return 1
        case Map(), Record() | Names():
            return sum(_illegible(it.value, _below(shape, it.key.text)) for it in node.entries)
        case _:
            return 0


def _key(said: Diagnostic) -> tuple[str, str, int]:
    return said.name, said.message, said.span.start


def _way(node: Map, span: Span) -> Way:
    """The entries in which a place lies, from the outside in."""
    for number, entry in enumerate(node.entries):
        if _inside(entry, span):
            return (number, *(_way(entry.value, span) if isinstance(entry.value, Map) else ()))
    return ()


def _inside(entry: Entry, span: Span) -> bool:
    return entry.key.span.start <= span.start and span.end <= max(entry.value.span.end, entry.key.span.end)


def _entry(node: Map, way: Way) -> Entry:
    entry = node.entries[way[0]]
    if len(way) == 1:
        return entry
    assert isinstance(entry.value, Map)
    return _entry(entry.value, way[1:])


def _moves(node: Map, shape: Record, way: Way) -> Iterator[_Move]:
    entry = _entry(node, way)
    if way[-1] > 0:
        yield from _inward(node, shape, way, entry)
    if len(way) > 1:
        yield from _outward(node, shape, way, entry)


def _outward(node: Map, shape: Record, way: Way, entry: Entry) -> Iterator[_Move]:
    owner = _entry(node, way[:-1])
    around = _shape(shape, node, way[:-2])
    if not _takes(around, entry) or _has(node if len(way) == 2 else _entry(node, way[:-2]).value, entry):
        return
    inside = _shape(shape, node, way[:-1])
    if _made_up(around, entry) and isinstance(inside, Record) and entry.key.text in inside.table:
        return  # it is a key of where it stands, and would be no more than a name

    def lifted(siblings: tuple[Entry, ...]) -> tuple[Entry, ...]:
        at = way[-2]
        assert isinstance(owner.value, Map)
        rest = tuple(it for it in owner.value.entries if it is not entry)
        left = Entry(owner.key, replace(owner.value, entries=rest))
        return (*siblings[:at], left, entry, *siblings[at + 1 :])

    if _made_up(around, entry) and _known(node, shape, way, entry):
        return
    message = f"`{entry.key.text}` stands one level too far in: it does not belong to `{owner.key.text}`"
    said = _said(entry, message, Label(owner.key.span, "it belongs beside this"), owner.key.span)
    yield _Move(_changed(node, way[:-2], lifted), said, _made_up(around, entry))


def _inward(node: Map, shape: Record, way: Way, entry: Entry) -> Iterator[_Move]:
    at = way[-1]
    owner = _entry(node, (*way[:-1], at - 1))
    body = Map((), owner.value.span) if isinstance(owner.value, Scalar) and not owner.value.text else owner.value
    around = _shape(shape, node, (*way[:-1], at - 1))
    if not isinstance(body, Map) or body.flow or not _takes(around, entry):
        return
    if _has(body, entry):
        return

    def lowered(siblings: tuple[Entry, ...]) -> tuple[Entry, ...]:
        span = Span(body.span.source, body.span.start, max(body.span.end, entry.value.span.end))
        whole = Entry(owner.key, replace(body, entries=(*body.entries, entry), span=span))
        return (*siblings[: at - 1], whole, *siblings[at + 1 :])

    if _made_up(around, entry) and _known(node, shape, way, entry):
        return
    message = f"`{entry.key.text}` stands one level too far out: it belongs to `{owner.key.text}`"
    beside = body.entries[0].key.span if body.entries else None
    said = _said(entry, message, Label(owner.key.span, "it belongs to this"), beside)
    yield _Move(_changed(node, way[:-1], lowered), said, _made_up(around, entry))


def _made_up(shape: Shape | None, entry: Entry) -> bool:
    return not (isinstance(shape, Record) and entry.key.text in shape.table)


def _known(node: Map, shape: Record, way: Way, entry: Entry) -> bool:
    """Whether an entry is one that is known where it stands: then its value is wrong, not its place."""
    return not _made_up(_shape(shape, node, way[:-1]), entry)


def _renamed(node: Map, at: int, entry: Entry, name: str) -> _Move:
    def changed(siblings: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return (*siblings[:at], Entry(Scalar(name, entry.key.span), entry.value), *siblings[at + 1 :])

    message = f"what stands under `{entry.key.text}` reads as `{name}`"
    fix = Fix(f"write `{name}`", ((entry.key.span, name),), safe=False)
    said = diagnose("misplaced-entry", entry.key.span, message, fixes=[fix])
    return _Move(_changed(node, (), changed), said)


def _takes(shape: Shape | None, entry: Entry) -> bool:
    """Whether an entry can be told to belong to a map of this shape: by its key, or by what a made-up name stands before."""
    match shape:
        case Record() if entry.key.text in shape.table:
            return True
        case Record(rest=Names() as rest):
            return _takes(rest, entry)
        case Names(value=value):
            line = value.line if isinstance(value, Forms) else value
            if isinstance(entry.value, Scalar):
                return isinstance(line, Line) and line.reads in _READ and _reads(line, entry.value.text)
            return bool(shape.fits(entry.key.text)) and not isinstance(value, Line)
        case _:
            return False


def _has(node: Node, entry: Entry) -> bool:
    return isinstance(node, Map) and node.get(entry.key.text) is not None


_TYPE = (
    r"(yes/no|one of|int|number|duration|time|money|percent|mass|length|text|set of|list of|condition on)(\b|(?=\())"
)
_READ = {
    "declaration": rf"{_TYPE}|[^\W\d]\w*\??(\s*=.*)?$",
    "type": r"one of\b",
    "norm": r"(never|always)\b",
    "check": r"(never|always|eventually|possible|winnable)\b|.* (leads to|until) ",
}
"""How lines of some readings begin. Of the other readings any text may be one."""


def _reads(line: Line, text: str) -> bool:
    return line.reads not in _READ or re.match(_READ[line.reads], text) is not None


def _below(shape: Record | Names, name: str) -> Shape | None:
    if isinstance(shape, Names):
        return shape.value
    key = shape.table.get(name)
    return key.shape if key is not None else shape.rest.value if shape.rest is not None else None


def _shape(shape: Shape | None, node: Map, way: Way) -> Shape | None:
    """The shape of the map that an entry's value is."""
    for number in way:
        entry = node.entries[number]
        if not isinstance(shape, Record | Names):
            return None
        shape = _below(shape, entry.key.text)
        if isinstance(shape, Forms):
            shape = shape.map
        node = entry.value if isinstance(entry.value, Map) else Map((), entry.value.span)
    return shape


def _changed(node: Map, way: Way, change: Callable[[tuple[Entry, ...]], tuple[Entry, ...]]) -> Map:
    """The tree with the entries of the map at the end of a way changed."""
    if not way:
        return Map(change(node.entries), node.span, node.flow, node.damaged)
    entry = node.entries[way[0]]
    assert isinstance(entry.value, Map)
    inner = Entry(entry.key, _changed(entry.value, way[1:], change))
    return Map((*node.entries[: way[0]], inner, *node.entries[way[0] + 1 :]), node.span, node.flow, node.damaged)


def _said(entry: Entry, message: str, label: Label, beside: Span | None) -> Diagnostic:
    return diagnose("misplaced-entry", entry.key.span, message, labels=[label], fixes=_shifted(entry, beside))


def _shifted(entry: Entry, beside: Span | None) -> Sequence[Fix]:
    """The lines of an entry, moved to the column in which what it belongs beside begins."""
    at = entry.key.span
    data = at.source.data
    first = data.rfind(b"\n", 0, at.start) + 1
    if beside is None or data[first : at.start].strip(b" "):
        return []
    by = (beside.column - 1) - (at.start - first)
    starts, end = [first], max(entry.value.span.end, at.end)
    while (after := data.find(b"\n", starts[-1], end) + 1) > 0:
        starts.append(after)
    source = at.source
    edits: list[tuple[Span, str]] = []
    for start in starts:
        if not data[start : start + 1].strip(b"\r\n"):
            continue  # an empty line has no indentation
        if by < 0 and data[start : start - by].strip(b" "):
            return []
        edits.append((Span(source, start, start), " " * by) if by > 0 else (Span(source, start, start - by), ""))
    return [Fix(f"move it {abs(by)} blanks to the {'right' if by > 0 else 'left'}", tuple(edits))] if by else []
