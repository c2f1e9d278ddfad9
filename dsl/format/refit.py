"""Refitting: a value of the wrong kind, written in the kind that was meant.

``wakes: user`` means a list of one, ``opens: ask`` the move to do, ``moves: [ask, accept]`` moves without fields. Where only one
reading is possible, the repair adds the brackets, names or colons that are missing around the author's own text; and
where something stands twice, it takes the second away. Whoever applies a repair looks at the result again, so nothing
here need be cleverer than a person reading the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from dramaturg.dsl.diagnostics import Fix
from dramaturg.dsl.format.shapes import EVENT, NAME, Each, Forms, Line, Names, Record, Shape
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

_Item = TypeVar("_Item")

_TAKEN_APART = re.compile(r"[\[\]{},]")
"""What would end a text inside brackets."""


def refit(node: Node, shape: Shape) -> Fix | None:
    """The repair that makes the node fit the shape, where there is one."""
    match node, shape:
        case Scalar(text=""), _:
            return None
        case Scalar() as leaf, Each(item=Line() as line) | Each(item=Forms(line=Line() as line)):
            return _listed(leaf, line)
        case Scalar(style="plain") as leaf, Record() as record:
            return _keyed(leaf, record)
        case Scalar(style="plain") as leaf, Names(empty=True, pattern=pattern) if re.fullmatch(pattern, leaf.text):
            return Fix(f"write `{{{leaf.text}: {{}}}}`", (_before(leaf, "{"), _after(leaf, ": {}}")))
        case Scalar(style="plain") as leaf, Names(value=Line(reads="value")):
            return _assigned(leaf)
        case Seq() as items, Names(empty=True, pattern=pattern):
            return _named(items, pattern)
        case Seq(flow=True), Line(reads="declaration") | Forms(line=Line(reads="declaration")):
            return _choices(node)
        case Seq(flow=True, items=(Scalar() as leaf,)) as items, Line():
            return _single(items, leaf)
        case Map(flow=True), Each(item=Record()):
            return Fix("make it a list, with `[` and `]`", (_before(node, "["), _after(node, "]")))
        case Map(flow=False) as block, Each(item=Record()) if block.entries:
            return _dashed(block)
        case Seq(flow=False) as items, Names(empty=False):
            return _undashed(items)
        case Seq() as items, Record() as record:
            return _under(items, record)
        case Scalar(style="plain") as leaf, Forms(map=Record() as record) if fix := _chosen(leaf, record):
            return fix
        case Map() | Scalar(), Forms(list=Each() as inner):
            return refit(node, inner)
        case Seq(), Forms(map=Names() as names):
            return refit(node, names)
    return None


def _choices(items: Seq) -> Fix | None:
    """``patience: [short, long]``."""
    words = [item.text for item in items.items if isinstance(item, Scalar) and item.style == "plain"]
    if len(words) != len(items.items) or len(words) < 2 or not all(re.fullmatch(NAME, word) for word in words):
        return None
    meant = "yes/no" if sorted(words) == ["no", "yes"] else f"one of {' | '.join(words)}"
    return Fix(f"write `{meant}`", ((items.span, meant),))


def _before(node: Node, text: str) -> tuple[Span, str]:
    return Span(node.span.source, node.span.start, node.span.start), text


def _after(node: Node, text: str) -> tuple[Span, str]:
    return Span(node.span.source, node.span.end, node.span.end), text


def _listed(leaf: Scalar, line: Line) -> Fix | None:
    """``wakes: user``, ``wakes: user, result``."""
    if leaf.style == "block" or "\n" in leaf.span.text:
        return None
    parts = [part.strip() for part in leaf.text.split(",")]
    names = line.reads in ("name", "event", "path") and all(re.fullmatch(rf"{EVENT}|[\w/-]+", part) for part in parts)
    if leaf.style == "plain" and not names and _TAKEN_APART.search(leaf.text):
        if '"' in leaf.text or "\\" in leaf.text:
            return None
        return Fix("make it a list, with `[` and `]`", (_before(leaf, '["'), _after(leaf, '"]')))
    if leaf.style == "quoted" and len(parts) > 1 and names:
        return None
    return Fix("make it a list, with `[` and `]`", (_before(leaf, "["), _after(leaf, "]")))


def _keyed(leaf: Scalar, record: Record) -> Fix | None:
    """``opens: ask``: the only key that must be there, left out."""
    needed = [key for key in record.keys if key.required]
    if len(needed) != 1 or not isinstance(line := needed[0].shape, Line) or _TAKEN_APART.search(leaf.text):
        return None
    fits = leaf.text in line.choices if line.choices else line.reads == "name" and re.fullmatch(NAME, leaf.text)
    if not fits:
        return None
    return Fix(
        f"write `{{{needed[0].name}: {leaf.text}}}`", (_before(leaf, f"{{{needed[0].name}: "), _after(leaf, "}"))
    )


_ASSIGNMENT = re.compile(rf"({NAME}) *([-+*]?)= *([^=\s].*)")


def _assigned(leaf: Scalar) -> Fix | None:
    """``set: mood = 3``, ``set: mood -= 1``."""
    found = _ASSIGNMENT.fullmatch(leaf.text)
    if found is None or _TAKEN_APART.search(leaf.text):
        return None
    meant = f"{{{found[1]}: {f'{found[1]} {found[2]} ' if found[2] else ''}{found[3]}}}"
    return Fix(f"write `{meant}`", ((leaf.span, meant),))


def _named(items: Seq, pattern: str) -> Fix | None:
    """``moves: [ask, accept]``, or one name after each dash."""
    names = [item for item in items.items if isinstance(item, Scalar) and re.fullmatch(pattern, item.text)]
    if len(names) != len(items.items) or not names or len({name.text for name in names}) < len(names):
        return None
    source, edits = items.span.source, [_after(name, ": {}") for name in names]
    if items.flow:
        opening, closing = items.span.start, items.span.end - 1
        edits += [(Span(source, opening, opening + 1), "{"), (Span(source, closing, closing + 1), "}")]
        return Fix("give each name an empty map", tuple(edits))
    for name in names:
        dash = source.data.rfind(b"-", 0, name.span.start)
        if source.data[dash + 1 : name.span.start].strip(b" ") or dash < 0:
            return None
        edits.append((Span(source, dash, name.span.start), ""))
    return Fix("give each name an empty map", tuple(edits))


def _undashed(items: Seq) -> Fix | None:
    """A list of single entries, ``- calm: never …``, where a map is wanted."""
    entries = [item.entries[0] for item in items.items if isinstance(item, Map) and len(item.entries) == 1]
    if len(entries) != len(items.items) or len({entry.key.text for entry in entries}) < len(entries):
        return None
    source, edits = items.span.source, []
    for entry in entries:
        dash = source.data.rfind(b"-", 0, entry.key.span.start)
        if dash < 0 or source.data[dash + 1 : entry.key.span.start].strip(b" "):
            return None
        edits.append((Span(source, dash, entry.key.span.start), ""))
    return Fix("leave the dashes out", tuple(edits))


def _under(items: Seq, record: Record) -> Fix | None:
    """``concerns: [dear, rival]``: the list of the only key that takes one."""
    keys = [key.name for key in record.keys if isinstance(key.shape, Each | Forms)]
    if len(keys) != 1 or not items.flow or set(record.required) - {*keys}:
        return None
    return Fix(f"write `{{{keys[0]}: […]}}`", (_before(items, f"{{{keys[0]}: "), _after(items, "}")))


def _chosen(leaf: Scalar, record: Record) -> Fix | None:
    """``DONE: good``, ``DONE: end good``: a choice of the record without its key."""
    word = leaf.text.rpartition(" ")[2]
    for key in record.keys:
        if isinstance(key.shape, Line) and word in key.shape.choices and leaf.text in (word, f"{key.name} {word}"):
            return Fix(f"write `{{{key.name}: {word}}}`", ((leaf.span, f"{{{key.name}: {word}}}"),))
    return None


def _single(items: Seq, leaf: Scalar) -> Fix | None:
    """``when: [user.ask]``."""
    source, start, end = items.span.source, items.span.start, items.span.end
    around = source.data[start + 1 : leaf.span.start] + source.data[leaf.span.end : end - 1]
    if around.strip(b" "):
        return None
    edits = ((Span(source, start, leaf.span.start), ""), (Span(source, leaf.span.end, end), ""))
    return Fix("leave the brackets out", edits)


def _dashed(block: Map) -> Fix:
    """A map where a list of such maps is wanted: its first line gets a dash, the others go below it."""
    source = block.span.source
    edits = [_before(block, "- ")]
    at = source.data.find(b"\n", block.span.start, block.span.end)
    while at >= 0:
        if source.data[at + 1 : at + 2] not in (b"\n", b"\r", b""):
            edits.append((Span(source, at + 1, at + 1), "  "))
        at = source.data.find(b"\n", at + 1, block.span.end)
    return Fix("make it a list, with `- `", tuple(edits))


# --- taking away ------------------------------------------------------------------------------------------------------


def without_entry(entries: Sequence[Entry], number: int, flow: bool, title: str, *, safe: bool) -> list[Fix]:
    """The repair that takes an entry out of a map; none where a comment would go with it."""
    near, at = _neighbours(entries, number)
    places = [(entry.key.span.start, max(entry.value.span.end, entry.key.span.end)) for entry in near]
    return _without(near[at].key.span, places, at, flow, title, safe)


def without_item(items: Sequence[Node], number: int, flow: bool, title: str, *, safe: bool) -> list[Fix]:
    """The repair that takes an item out of a list; none where a comment would go with it."""
    near, at = _neighbours(items, number)
    return _without(near[at].span, [(item.span.start, item.span.end) for item in near], at, flow, title, safe)


def _neighbours(items: Sequence[_Item], number: int) -> tuple[Sequence[_Item], int]:
    """An item with those beside it, and its number among them."""
    return items[max(number - 1, 0) : number + 2], min(number, 1)


def without_start(start: Span) -> list[Fix]:
    """The repair that takes ``= VALUE`` off a declaration."""
    before = start.source.data[: start.start].rstrip(b" ")
    if not before.endswith(b"="):
        return []
    begin = len(before[:-1].rstrip(b" "))
    return [Fix("leave the start out", ((Span(start.source, begin, start.end), ""),), safe=False)]


def _without(at: Span, places: Sequence[tuple[int, int]], number: int, flow: bool, title: str, safe: bool) -> list[Fix]:
    data = at.source.data
    start, end = places[number]
    if flow:
        if number:
            start = places[number - 1][1]
        elif len(places) > 1:
            end = places[1][0]
        gone = data[start:end]
        if b"\n" in gone:
            return []
    else:
        start = data.rfind(b"\n", 0, start) + 1
        stop = data.find(b"\n", max(end - 1, start))
        end = len(data) if stop < 0 else stop + 1
        gone = data[start:end]
        before = data[start : places[number][0]].strip(b" ")
        if len(places) == 1 or before not in (b"", b"-"):
            return []
        if before == b"-" and any(start <= other < end for index, (other, _) in enumerate(places) if index != number):
            return []
    if b"#" in gone:
        return []
    return [Fix(title, ((Span(at.source, start, end), ""),), safe)]
