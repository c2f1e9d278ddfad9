"""The composer: YAML's events as a tree of ours.

It is iterative and reads one event at a time, so that depth, nodes and text lengths are limited while the file is read:
the C loader dies on a hundred thousand nested brackets, and the C parser takes seconds over them. Anchors, tags and merge
keys are refused, duplicate keys are reported with both places, and texts stay texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

import yaml

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.format.refit import without_entry
from dramaturg.dsl.limits import Limits, how_to_raise
from dramaturg.dsl.reading import traps
from dramaturg.dsl.reading.characters import Characters
from dramaturg.dsl.reading.indentation import tab_indentation, tab_lines
from dramaturg.dsl.reading.offsets import Later, place
from dramaturg.dsl.reading.slips import explain
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


class _Mark(Protocol):
    index: int


class _Event(Protocol):
    """What the parser says of an event, as far as its kind has it."""

    start_mark: _Mark
    end_mark: _Mark
    anchor: str | None
    tag: str | None
    value: str
    style: str
    flow_style: bool


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
    tabs: bool = field(init=False)
    """Whether there is a tab anywhere: only then is it worth knowing where every token starts."""

    def __post_init__(self) -> None:
        self.tabs = "\t" in self.found.text


def compose(found: Characters, limits: Limits) -> tuple[Node | None, list[Diagnostic]]:
    """The tree of a text and what is wrong with it. No tree where what was read cannot be trusted."""
    reading = _Reading(found, limits)
    try:
        _read(reading)
    except _Stop as stop:
        return None, [stop.diagnostic]
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in str(error.problem):
            return None, [_beyond(found, limits, error)]
        innermost = next((opened.flow for opened in reversed(reading.open)), False)
        starts = [opened.start for opened in reading.open]
        return None, [explain(reading.found, error, reading.last, innermost, starts)]
    except yaml.YAMLError:
        return None, [diagnose("yaml-syntax", reading.found.span(0, 0), "this file cannot be read as YAML")]
    if (unsupported := _unsupported(reading)) is not None:
        return None, [unsupported]
    if reading.tabs and (tab := _tabs(reading)) is not None:
        return None, [tab]
    if reading.root is None or (
        isinstance(reading.root, Scalar) and not reading.root.text and reading.root.style == "plain"
    ):
        return None, [diagnose("empty-file", found.span(0, 0), "this file says nothing")]
    return reading.root, reading.diagnostics


def _read(reading: _Reading) -> None:
    """Take one event after the other. Most are plain texts as they stand in the file, so these are made right here."""
    text, source, base, bytes_at = reading.found.text, reading.found.source, reading.found.base, reading.found.bytes_at
    most, longest, commented, tabs = reading.limits.nodes, reading.limits.text, "#" in text, reading.tabs
    next_event = cast("Callable[[], _Event]", yaml.CLoader(text).get_event)
    stack = reading.open
    nodes = 0
    while True:
        event = next_event()
        kind: object = type(event)
        if kind is yaml.ScalarEvent:
            start, end, value = event.start_mark.index, event.end_mark.index, event.value
            nodes += 1
            if nodes > most:
                raise _Stop(_too_many(reading, start))
            if tabs:
                reading.starts.add(start)
            usual = event.anchor is None and event.tag is None
            if not usual:
                _note(reading, event, start)
            if len(value) > longest:
                raise _Stop(_too_long(reading, value, start, end))
            reading.last = start, end
            if event.style:
                node = _styled(reading, value, event.style, start, end)
            else:
                if text[start:end] != value:
                    node = _placed(reading, value, "plain", "", start, end)
                elif bytes_at is None:
                    node = Scalar(value, Span(source, base + start, base + end))
                else:
                    node = Scalar(value, Span(source, bytes_at[start], bytes_at[end]))
                if usual:
                    if stack and stack[-1].flow:
                        reading.places[node.span.start, node.span.end] = start, end
                    if commented and value and text[end : end + 1] in _BLANKS:
                        _look_behind(reading, start, end)
            if stack:
                parent = stack[-1]
                if not parent.is_map:
                    parent.items.append(node)
                elif parent.key is not None:
                    parent.entries.append(Entry(parent.key, node))
                    parent.key = None
                elif value and value != "<<":
                    parent.key = node
                else:
                    _add(reading, node, start)
            else:
                reading.root = node
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            start = event.start_mark.index
            nodes += 1
            if nodes > most:
                raise _Stop(_too_many(reading, start))
            if tabs:
                reading.starts.add(start)
            if event.anchor is not None or event.tag is not None:
                _note(reading, event, start)
            _begin(reading, kind is yaml.MappingStartEvent, bool(event.flow_style), start)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            _end(reading, event.end_mark.index)
        elif kind is yaml.AliasEvent:
            start, end = event.start_mark.index, event.end_mark.index
            reading.anchors.append((start, end))
            _add(reading, Scalar("", reading.found.span(start, end)), start)
        elif kind is yaml.DocumentStartEvent:
            if reading.root is not None:
                start, end = event.start_mark.index, event.end_mark.index
                message = "a second document begins here; a file holds one scenario or one library"
                raise _Stop(diagnose("several-documents", reading.found.span(start, end), message))
        elif kind is yaml.StreamEndEvent:
            return


def _beyond(found: Characters, limits: Limits, error: yaml.MarkedYAMLError) -> Diagnostic:
    """The parser has a limit of its own (from libyaml 0.2.6 on), and looks ahead: it meets that before we have seen an event.
    What stands before the place where it gave up is read again, which goes beyond our limit where that is the lower one."""
    at = min(error.problem_mark.index, len(found.text)) if error.problem_mark is not None else 0
    before = _Reading(replace(found, text=found.text[:at]), limits)
    try:
        _read(before)
    except _Stop as stop:
        return stop.diagnostic
    except yaml.YAMLError:  # of course: the rest is missing
        pass
    message = "maps and lists are nested deeper here than YAML's parser reads, whatever the limit"
    return diagnose("too-deep", found.span(at, at + 1), message)


_BLANKS = (" ", "\t")


def _too_many(reading: _Reading, start: int) -> Diagnostic:
    message = f"this file holds more than {reading.limits.nodes:,} maps, lists and texts"
    notes = [how_to_raise("nodes", reading.limits.nodes)]
    return diagnose("too-many-nodes", reading.found.span(start, start + 1), message, notes=notes)


def _too_long(reading: _Reading, value: str, start: int, end: int) -> Diagnostic:
    message = f"this text has {len(value):,} characters, more than {reading.limits.text:,}"
    span = reading.found.span(start, min(end, reading.found.line_end(start)))
    return diagnose("text-too-long", span, message, notes=[how_to_raise("text", len(value))])


def _note(reading: _Reading, event: _Event, start: int) -> None:
    """Remember anchors and tags, which are refused when the file has been read."""
    text = reading.found.text
    if event.anchor is not None:
        at = text.find("&" + event.anchor, start)
        at = start if at < 0 else at
        reading.anchors.append((at, at + 1 + len(event.anchor)))
    if event.tag is not None:
        at = text.find("!", start)
        stop = at
        while stop < len(text) and text[stop] not in " \t\r\n,[]{}":
            stop += 1
        reading.tags.append((at, stop))


def _styled(reading: _Reading, value: str, style: str, start: int, end: int) -> Scalar:
    """A text in quotes or a block."""
    found, name = reading.found, "block" if style in "|>" else "quoted"
    if name == "quoted" and end - start == len(value) + 2 and found.text.startswith(value, start + 1):
        # Nothing stands between the quotes but the text itself.
        span = found.span(start, end)
        if found.bytes_at is None:
            return Scalar(value, span, name, range(span.start + 1, span.end))
        return Scalar(value, span, name, tuple(found.bytes_at[start + 1 : end]))
    return _placed(reading, value, name, style, start, end)


def _placed(reading: _Reading, value: str, name: str, style: str, start: int, end: int) -> Scalar:
    """A text that is not written as it reads; where its characters stand is worked out when somebody asks."""
    found = reading.found

    def places() -> tuple[int, ...]:
        raw = found.text[start:end]
        inside = place(raw, style, value)
        if inside is None:
            inside = [0] * len(value) + [len(raw)]
        return found.bytes_of([start + at for at in inside])

    return Scalar(value, found.span(start, end), name, Later(len(value) + 1, places))


def _look_behind(reading: _Reading, start: int, end: int) -> None:
    """Whether a remark behind a plain text is the rest of it."""
    in_flow = bool(reading.open) and reading.open[-1].flow
    if len(reading.diagnostics) < 100:
        cut = traps.cut_by_comment(reading.found, start, end, in_flow)
        if cut is not None:
            _report(reading, cut)


def _begin(reading: _Reading, is_map: bool, flow: bool, start: int) -> None:
    stack = reading.open
    if len(stack) >= reading.limits.depth:
        message = f"maps and lists are nested more than {reading.limits.depth} deep here"
        notes = [how_to_raise("depth", reading.limits.depth)]
        raise _Stop(diagnose("too-deep", reading.found.span(start, start + 1), message, notes=notes))
    if stack and stack[-1].is_map and stack[-1].key is None:
        outer = stack[-1]
        if outer.flow and start == outer.start + 1 and reading.found.text.startswith("{{", outer.start):
            raise _Stop(traps.unquoted_template(reading.found, outer.start))
        message = f"the name before a colon must be a text, and this is a {'map' if is_map else 'list'}"
        raise _Stop(diagnose("key-not-text", reading.found.span(start, start + 1), message))
    stack.append(_Open(start, is_map, flow))


def _report(reading: _Reading, *diagnostics: Diagnostic) -> None:
    """Keep what was found, up to a hundred: nobody repairs more at a time."""
    reading.diagnostics.extend(diagnostics[: max(0, 100 - len(reading.diagnostics))])


def _end(reading: _Reading, end: int) -> None:
    found = reading.found
    done = reading.open.pop()
    node: Node
    if done.is_map:
        entries, cuts = done.entries, list[Diagnostic]()
        if done.flow and not all(map(traps.whole, [entry.value for entry in entries])):
            entries, cuts = traps.rejoin_map(found, entries, reading.places)
            _report(reading, *cuts)
        if not done.flow and entries:
            span = Span(found.source, entries[0].key.span.start, entries[-1].value.span.end)
        else:
            span = _between(found, done.start, end)
        if len({entry.key.text for entry in entries}) < len(entries):
            entries = list(_unique(reading, entries, done.flow))
        node = Map(tuple(entries), span, done.flow, bool(cuts))
    else:
        items = done.items
        if done.flow and not all(map(traps.whole, items)):
            items, cuts = traps.rejoin_list(found, items, reading.places)
            _report(reading, *cuts)
        span = _between(found, done.start, end)
        if not done.flow and items:
            span = Span(found.source, span.start, items[-1].span.end)
        node = Seq(tuple(items), span, done.flow)
    _add(reading, node, done.start)


def _between(found: Characters, start: int, end: int) -> Span:
    """``found.span`` for what surely lies within the text."""
    if found.bytes_at is None:
        return Span(found.source, found.base + start, found.base + end)
    return found.span(start, end)


def _unique(reading: _Reading, entries: list[Entry], flow: bool) -> Iterator[Entry]:
    """The first entry of each name. Several that come again one after the other are one mistake: they had a name above them."""
    first: dict[str, Entry] = {}
    again: list[int] = []
    for number, entry in enumerate(entries):
        if first.setdefault(entry.key.text, entry) is not entry:
            again.append(number)
    reach = again[-1] + 1 - again[0]
    block = again[1:] and not flow and 2 * len(again) > reach
    taken = range(again[0], again[0] + reach) if block else again
    yield from (entry for number, entry in enumerate(entries) if number not in taken)
    for number in again[:1] if block else again:
        key = entries[number].key
        if len(reading.diagnostics) >= 100:  # no more are kept, and the repair of each looks at the whole map
            return
        if block:
            message = (
                f"`{key.text}` and what follows it are already written in this map: is the name above them missing?"
            )
            labels = [Label(first[entries[it].key.text].key.span, "first written here") for it in again[:5]]
            _report(reading, diagnose("duplicate-key", key.span, message, labels=labels))
            continue
        message = f"`{key.text}` is already written in this map"
        labels = [Label(first[key.text].key.span, "first written here")]
        same = first[key.text].value.span.text == entries[number].value.span.text
        title = "take the second one away, which says the same" if same else "take the second one away"
        fixes = without_entry(entries, number, flow, title, safe=same)
        _report(reading, diagnose("duplicate-key", key.span, message, labels=labels, fixes=fixes))


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
