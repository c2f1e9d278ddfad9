"""The composer: YAML's events as a tree of ours.

It is iterative and reads one event at a time, so that depth, nodes and text lengths are limited while the file is read:
the C loader dies on a hundred thousand nested brackets, and the C parser takes seconds over them. Anchors, tags and merge
keys are refused, duplicate keys are reported with both places, and texts stay texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from dramaturg.dsl import traps
from dramaturg.dsl.characters import Characters
from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.limits import Limits, how_to_raise
from dramaturg.dsl.offsets import place
from dramaturg.dsl.slips import explain, tab_indentation, tab_lines
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq


@dataclass(slots=True)
class _Open:
    """A map or list that is being read."""

    start: int
    is_map: bool
    flow: bool
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    key: Scalar | None = None


class _Stop(Exception):
    """The file cannot be read on; carries the diagnostic that says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(slots=True)
class _Reading:
    """What is known so far of the file that is being read."""

    found: Characters
    limits: Limits
    open: list[_Open] = field(default_factory=list)
    root: Node | None = None
    nodes: int = 0
    places: traps.Places = field(default_factory=dict)
    last: tuple[int, int] | None = None
    """The latest scalar, for the explanation of a syntax error."""
    starts: set[int] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    anchors: list[tuple[int, int]] = field(default_factory=list)
    merges: list[tuple[int, int]] = field(default_factory=list)
    tags: list[tuple[int, int]] = field(default_factory=list)


def compose(found: Characters, limits: Limits) -> tuple[Node | None, list[Diagnostic]]:
    """The tree of a text and what is wrong with it. No tree where what was read cannot be trusted."""
    reading = _Reading(found, limits)
    try:
        for event in _events(reading):
            _take(reading, event)
    except _Stop as stop:
        return None, [stop.diagnostic]
    if (unsupported := _unsupported(reading)) is not None:
        return None, [unsupported]
    if (tab := _tabs(reading)) is not None:
        return None, [tab]
    if reading.root is None or (
        isinstance(reading.root, Scalar) and not reading.root.text and reading.root.style == "plain"
    ):
        return None, [diagnose("empty-file", found.span(0, 0), "this file says nothing")]
    return reading.root, reading.diagnostics


def _events(reading: _Reading) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(reading.found.text, Loader=yaml.CLoader)
    except yaml.MarkedYAMLError as error:
        innermost = next((opened.flow for opened in reversed(reading.open)), False)
        starts = [opened.start for opened in reading.open]
        raise _Stop(explain(reading.found, error, reading.last, innermost, starts)) from None
    except yaml.YAMLError:
        whole = reading.found.span(0, 0)
        raise _Stop(diagnose("yaml-syntax", whole, "this file cannot be read as YAML")) from None


def _take(reading: _Reading, event: yaml.Event) -> None:
    assert event.start_mark is not None and event.end_mark is not None, "the parser marks every event"
    start, end = event.start_mark.index, event.end_mark.index
    match event:
        case yaml.ScalarEvent():
            _note(reading, event, start)
            _add(reading, _scalar(reading, event, start, end), start)
        case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
            _note(reading, event, start)
            _begin(reading, isinstance(event, yaml.MappingStartEvent), bool(event.flow_style), start)
        case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
            _end(reading, end)
        case yaml.AliasEvent():
            reading.anchors.append((start, end))
            _add(reading, Scalar("", reading.found.span(start, end)), start)
        case yaml.DocumentStartEvent():
            if reading.root is not None:
                message = "a second document begins here; a file holds one scenario or one library"
                raise _Stop(diagnose("several-documents", reading.found.span(start, end), message))


def _note(reading: _Reading, event: yaml.NodeEvent, start: int) -> None:
    """Remember anchors and tags, which are refused when the file has been read, and enforce the number of nodes."""
    text = reading.found.text
    reading.starts.add(start)
    reading.nodes += 1
    if reading.nodes > reading.limits.nodes:
        message = f"this file holds more than {reading.limits.nodes:,} maps, lists and texts"
        notes = [how_to_raise("nodes", reading.limits.nodes)]
        raise _Stop(diagnose("too-many-nodes", reading.found.span(start, start + 1), message, notes=notes))
    if event.anchor is not None:
        at = text.find("&" + event.anchor, start)
        at = start if at < 0 else at
        reading.anchors.append((at, at + 1 + len(event.anchor)))
    if getattr(event, "tag", None) is not None:
        at = text.find("!", start)
        stop = at
        while stop < len(text) and text[stop] not in " \t\r\n,[]{}":
            stop += 1
        reading.tags.append((at, stop))


def _scalar(reading: _Reading, event: yaml.ScalarEvent, start: int, end: int) -> Scalar:
    found, value = reading.found, event.value
    style = "plain" if not event.style else "block" if event.style in "|>" else "quoted"
    span = found.span(start, end)
    if len(value) > reading.limits.text:
        message = f"this text has {len(value):,} characters, more than {reading.limits.text:,}"
        span = found.span(start, min(end, found.line_end(start)))
        raise _Stop(diagnose("text-too-long", span, message, notes=[how_to_raise("text", len(value))]))
    raw = found.text[start:end]
    reading.last = (start, end)
    if style == "plain" and raw == value:
        node = Scalar(value, span)
    else:
        places = place(raw, event.style, value)
        if places is None:
            places = [0] * len(value) + [len(raw)]
        node = Scalar(value, span, style, found.bytes_of([start + at for at in places]))
    if style == "plain" and event.anchor is None and event.tag is None:
        reading.places[traps.spot(node)] = (start, end)
        in_flow = bool(reading.open) and reading.open[-1].flow
        if (
            value
            and len(reading.diagnostics) < 100
            and (cut := traps.cut_by_comment(found, start, end, in_flow)) is not None
        ):
            _report(reading, cut)
    return node


def _begin(reading: _Reading, is_map: bool, flow: bool, start: int) -> None:
    found = reading.found
    if len(reading.open) >= reading.limits.depth:
        message = f"maps and lists are nested more than {reading.limits.depth} deep here"
        notes = [how_to_raise("depth", reading.limits.depth)]
        raise _Stop(diagnose("too-deep", found.span(start, start + 1), message, notes=notes))
    if reading.open and reading.open[-1].is_map and reading.open[-1].key is None:
        outer = reading.open[-1]
        if outer.flow and start == outer.start + 1 and found.text.startswith("{{", outer.start):
            raise _Stop(traps.unquoted_template(found, outer.start))
        message = f"the name before a colon must be a text, and this is a {'map' if is_map else 'list'}"
        raise _Stop(diagnose("key-not-text", found.span(start, start + 1), message))
    reading.open.append(_Open(start, is_map, flow))


def _report(reading: _Reading, *diagnostics: Diagnostic) -> None:
    """Keep what was found, up to a hundred: nobody repairs more at a time."""
    reading.diagnostics.extend(diagnostics[: max(0, 100 - len(reading.diagnostics))])


def _end(reading: _Reading, end: int) -> None:
    found = reading.found
    done = reading.open.pop()
    node: Node
    if done.is_map:
        entries = done.entries
        if done.flow:
            entries, cuts = traps.rejoin_map(found, entries, reading.places)
            _report(reading, *cuts)
        span = found.span(done.start, end)
        if not done.flow and entries:
            span = Span(found.source, entries[0].key.span.start, entries[-1].value.span.end)
        node = Map(tuple(_unique(reading, entries)), span, done.flow)
    else:
        items = done.items
        if done.flow:
            items, cuts = traps.rejoin_list(found, items, reading.places)
            _report(reading, *cuts)
        span = found.span(done.start, end)
        if not done.flow and items:
            span = Span(found.source, span.start, items[-1].span.end)
        node = Seq(tuple(items), span, done.flow)
    _add(reading, node, done.start)


def _unique(reading: _Reading, entries: list[Entry]) -> Iterator[Entry]:
    first: dict[str, Scalar] = {}
    for entry in entries:
        key = entry.key
        if key.text in first:
            message = f"`{key.text}` is already written in this map"
            labels = [Label(first[key.text].span, "first written here")]
            _report(reading, diagnose("duplicate-key", key.span, message, labels=labels))
        else:
            first[key.text] = key
            yield entry


def _add(reading: _Reading, node: Node, start: int) -> None:
    if not reading.open:
        reading.root = node
        return
    parent = reading.open[-1]
    if not parent.is_map:
        parent.items.append(node)
    elif parent.key is not None:
        parent.entries.append(Entry(parent.key, node))
        parent.key = None
    else:
        assert isinstance(node, Scalar), "maps and lists as keys are refused when they begin"
        if node.style == "plain" and node.text == "<<":
            reading.merges.append((start, start + 2))
        elif not node.text and not reading.anchors:
            at = reading.found.span(start, start + 1)
            raise _Stop(diagnose("key-not-text", at, "there is no name before this colon"))
        parent.key = node


def _unsupported(reading: _Reading) -> Diagnostic | None:
    """One diagnostic for what YAML offers and this language refuses: merge keys, else anchors, else tags."""
    for name, found, message, text in (
        ("merge-key", reading.merges, "`<<` takes over another map, and this language has no such thing", "also here"),
        ("anchor-or-alias", reading.anchors, "`&name` and `*name` are not part of this language", "also here"),
        ("tag", reading.tags, "`!` gives a text a type, and here the field decides that", "also here"),
    ):
        if not found:
            continue
        more = found[1:4] + (reading.anchors[:2] if name == "merge-key" else [])
        labels = [Label(reading.found.span(*place), text) for place in more]
        notes = [f"{len(found)} places in this file"] if len(found) > 4 else []
        if name == "tag":
            at, stop = found[0]
            after = stop + len(reading.found.text[stop:]) - len(reading.found.text[stop:].lstrip(" "))
            fix = Fix("remove the tag", ((reading.found.span(at, after), ""),))
            return diagnose(name, reading.found.span(at, stop), message, labels=labels, notes=notes, fixes=[fix])
        notes.append("write it out, or move what is shared to a file and bring it in with `uses`")
        return diagnose(name, reading.found.span(*found[0]), message, labels=labels, notes=notes)
    return None


def _tabs(reading: _Reading) -> Diagnostic | None:
    """Tabs before the first token of a line that YAML let pass (inside brackets)."""
    for start, after in tab_lines(reading.found):
        if after in reading.starts:
            return tab_indentation(reading.found, start)
    return None
