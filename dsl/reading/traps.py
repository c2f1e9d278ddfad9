"""Traps: texts that YAML takes apart without a word.

Inside ``{…}`` and ``[…]`` a comma or a bracket ends a text, and everywhere `` #`` begins a comment. ``{when: f(a, b)}`` therefore
loads silently as ``when: f(a`` and an empty key ``b)``. These functions see that a text was cut, say so with the repair, and
put the text together again, so that the rest of the file is still read as its author meant it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeAlias

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.reading.characters import Characters
from dramaturg.dsl.reading.offsets import plain
from dramaturg.dsl.spans import Span
from dramaturg.dsl.tree import Entry, Node, Scalar

Places: TypeAlias = dict[tuple[int, int], tuple[int, int]]
"""The plain scalars of a file: the characters where each starts and ends, by its ``spot``."""

_COMMENT = re.compile(r"[ \t]+(#[^\n]{0,2000})")
_GLUED = re.compile(r"([\w.-]+):(\S.*)")
_ASSIGNED = re.compile(r"([\w.-]+)( *(?:=(?= )|：) *)(?=\S)")
_STEPPED = re.compile(r"([\w.]+) *([-+*])= *([^=\s].*)")
_TAGGED = re.compile(r"#\w")
"""A hash that belongs to the word behind it: comments have a space there."""
_DECIMAL = re.compile(r"(-?\d+),(\d{1,2})(?!\d)( ?(?:%|[A-Za-z€$£]+))?")
"""A number with a comma for its decimals: three digits would rather be thousands."""
_CURLY = {"“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", "‚": "‘’"}
"""Quotation marks of word processors, and what closes them."""
_REACH = 10
"""How many pieces further on the end of a cut text is looked for."""
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


def spot(node: Node) -> tuple[int, int]:
    """What tells a node from all others: the bytes where it starts and ends."""
    return node.span.start, node.span.end


def balance(text: str, waiting: list[str] | None = None) -> list[str]:
    """The closers that ``text`` still waits for, outermost first; a closer too many is ignored.

    With ``waiting``, which is changed, the text goes on after one that left these.
    """
    waiting = [] if waiting is None else waiting
    for char in text:
        if waiting and waiting[-1] == '"':
            if char == '"':
                waiting.pop()
        elif char == '"':
            waiting.append('"')
        elif char in _CLOSERS:
            waiting.append(_CLOSERS[char])
        elif waiting and char == waiting[-1]:
            waiting.pop()
    return waiting


def end_in_flow(text: str, start: int) -> int:
    """Where the text that starts at ``start`` was meant to end: at the comma or bracket of the map or list around it."""
    waiting: list[str] = []
    for at in range(start, len(text)):
        char = text[at]
        if char == "\n" and not waiting:
            return _trimmed(text, start, at)
        if waiting and waiting[-1] == '"':
            if char == '"':
                waiting.pop()
        elif char == '"':
            waiting.append('"')
        elif char in _CLOSERS:
            waiting.append(_CLOSERS[char])
        elif waiting and char == waiting[-1]:
            waiting.pop()
        elif not waiting and char in ",}]":
            return _trimmed(text, start, at)
        if at - start > 2000:
            break
    return _trimmed(text, start, min(len(text), text.find("\n", start) % (len(text) + 1)))


def end_in_block(text: str, start: int) -> int:
    """Where a text outside flow maps was meant to end: at the line's end, or at a comment after it."""
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    at = start
    while (at := text.find(" #", at, end)) >= 0:
        if not balance(text[start:at]):
            return _trimmed(text, start, at)
        at += 1
    return _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def quote(found: Characters, start: int, end: int, title: str = "put the text in quotes") -> Fix:
    """The repair that quotes the characters ``start`` to ``end``, with quotes that the text does not use itself.

    Curly quotes around the whole text were meant as the quotes, and become straight ones.
    """
    inside = found.text[start:end]
    if curly(inside) and '"' not in inside and "\\" not in inside:
        return Fix("write straight quotes", ((found.span(start, start + 1), '"'), (found.span(end - 1, end), '"')))
    if '"' not in inside and "\\" not in inside:
        return Fix(title, ((found.span(start, start), '"'), (found.span(end, end), '"')))
    edits = [(found.span(start, start), "'")]
    edits += [(found.span(start + i, start + i), "'") for i, char in enumerate(inside) if char == "'"]
    return Fix(title, (*edits, (found.span(end, end), "'")))


def curly(text: str) -> bool:
    """Whether the text stands in quotation marks of a word processor."""
    return len(text) > 2 and text[-1] in _CURLY.get(text[0], ())


def cut_by_comment(found: Characters, start: int, end: int, in_flow: bool) -> Diagnostic | None:
    """Whether the plain text from ``start`` to ``end`` lost its end to `` #``: an open bracket or quote that the comment closes."""
    match = _COMMENT.match(found.text, end)
    if match is None:
        return None
    mark = match.start(1)
    read = found.text[max(start, found.line_start(end)) : end]
    waiting = balance(read)
    if not waiting and not in_flow and len(read.split()) > 2 and _TAGGED.match(match[1]):
        return diagnose(
            "text-cut-short",
            found.span(mark, mark + 1),
            "the text ends here: ` #` begins a comment",
            labels=[Label(found.span(start, end), "this is all that is read")],
            notes=["where a comment is meant, put a space after the `#`"],
            fixes=[quote(found, start, _trimmed(found.text, start, found.line_end(end)))],
        )
    if not waiting or waiting[-1] not in match[1]:
        return None
    whole = end_in_flow(found.text, start) if in_flow else end_in_block(found.text, start)
    return diagnose(
        "text-cut-short",
        found.span(mark, mark + 1),
        "the text ends here: ` #` begins a comment",
        labels=[Label(found.span(start, end), f"this is all that is read, with a {_called(waiting[-1])} left open")],
        fixes=[quote(found, start, whole)],
    )


def _called(closer: str) -> str:
    return "quote" if closer == '"' else "bracket"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"


def whole(value: Node) -> bool:
    """Whether what stands in a flow map or list is certainly not cut: not empty, and no bracket or quote of it left open.

    False says nothing: then it is worth a closer look.
    """
    if type(value) is not Scalar:
        return True
    text = value.text
    if not text or '"' in text or "[" in text or "{" in text:
        return False
    opened = text.find("(")
    return opened < 0 or (text.find("(", opened + 1) < 0 and text.find(")", opened) > 0)


def rejoin_map(found: Characters, entries: list[Entry], places: Places) -> tuple[list[Entry], list[Diagnostic]]:
    """The entries of a flow map with the texts that commas cut put together again.

    What is not in ``places`` (quoted texts, maps, lists) is left alone.
    """
    out: list[Entry] = []
    diagnostics: list[Diagnostic] = []
    at = 0
    while at < len(entries):
        entry = entries[at]
        joined = _run(found, entries, at, places)
        if joined > at + 1 and isinstance(entry.value, Scalar):
            last = entries[joined - 1]
            tail = last.value if isinstance(last.value, Scalar) and last.value.text else last.key
            start, end = places[spot(entry.value)][0], places[spot(tail)][1]
            diagnostics.append(_comma(found, f"`{_short(entry.key.text)}`", start, places[spot(entry.value)][1], end))
            entry = Entry(entry.key, _scalar(found, start, end))
        elif _bare(found, entry, places):
            _once(diagnostics, _valueless(found, entry, places))
            parted = _parted(found, *places[spot(entry.key)])
            if parted is None:
                at = joined
                continue
            entry = parted
        out.append(entry)
        at = joined
    return out, diagnostics


def _once(said: list[Diagnostic], more: Diagnostic) -> None:
    """Say of several names without values in one map once what they lack: a quote or colon that is missing takes the rest apart."""
    for number, one in enumerate(said):
        if one.name == more.name and not more.fixes:
            if len(one.labels) < _REACH:
                said[number] = replace(one, labels=(*one.labels, Label(more.span, "and here")))
            return
    said.append(more)


def _run(found: Characters, entries: list[Entry], at: int, places: Places) -> int:
    """The first entry after ``at`` that does not belong to its text."""
    value = entries[at].value
    if spot(value) not in places or not isinstance(value, Scalar) or not value.text:
        return at + 1
    start, end = places[spot(value)]
    waiting = balance(found.text[start:end])
    after, sure = at + 1, at + 1
    while after < min(len(entries), at + _REACH) and spot(entries[after].key) in places:
        entry = entries[after]
        bare = _bare(found, entry, places)
        if not waiting and (not bare or _parted(found, *places[spot(entry.key)]) is not None):
            break
        if not bare and spot(entry.value) not in places:
            break
        cut, end = end, places[spot(entry.key if bare else entry.value)][1]
        waiting = balance(found.text[cut:end], waiting)
        after += 1
        if not waiting:
            sure = after
    return sure


def _bare(found: Characters, entry: Entry, places: Places) -> bool:
    """Whether the entry is a key without even a colon."""
    if spot(entry.key) not in places or not isinstance(entry.value, Scalar) or entry.value.text:
        return False
    end = places[spot(entry.key)][1]
    return not found.text[end:].lstrip(" \t\r\n").startswith(":") if end + 1 < len(found.text) else True


def _valueless(found: Characters, entry: Entry, places: Places) -> Diagnostic:
    start, end = places[spot(entry.key)]
    text = entry.key.text
    if (equals := _ASSIGNED.match(found.text, start, end)) is not None:
        return diagnose(
            "key-without-value",
            found.span(start, end),
            f"`{_short(text)}` is read as a name without a value: a colon stands there, not `{equals[2].strip()}`",
            fixes=[Fix("write a colon", ((found.span(*equals.span(2)), ": "),))],
        )
    if (step := _STEPPED.fullmatch(text)) is not None:
        meant = f"{step[1]}: {step[1]} {step[2]} {step[3]}"
        return diagnose(
            "key-without-value",
            found.span(start, end),
            f"`{_short(text)}` is read as a name without a value: what it becomes stands behind a colon, `{meant}`",
            fixes=[Fix(f"write `{meant}`", ((found.span(start, end), meant),))],
        )
    if (parted := _parted(found, start, end)) is not None:
        at = start + len(parted.key.text) + 1
        return diagnose(
            "key-without-value",
            found.span(start, end),
            f"`{_short(text)}` is read as a name without a value: a space is missing after the colon",
            fixes=[Fix("put a space after the colon", ((found.span(at, at), " "),))],
        )
    return diagnose(
        "key-without-value",
        found.span(start, end),
        f"`{_short(text)}` has no value: inside {{…}} each item is `name: value`",
        notes=["a list is written [a, b], a choice in an expression a | b"],
    )


def _parted(found: Characters, start: int, end: int) -> Entry | None:
    """The entry that ``name:value`` was meant to be."""
    if (equals := _ASSIGNED.match(found.text, start, end)) is not None:
        return Entry(_scalar(found, start, equals.end(1)), _scalar(found, equals.end(), end))
    match = _GLUED.fullmatch(found.text, start, end)
    if match is None:
        return None
    return Entry(_scalar(found, start, match.end(1)), _scalar(found, match.start(2), end))


def rejoin_list(found: Characters, items: list[Node], places: Places) -> tuple[list[Node], list[Diagnostic]]:
    """The items of a flow list with the texts that commas cut put together again."""
    out: list[Node] = []
    diagnostics: list[Diagnostic] = []
    at = 0
    while at < len(items):
        item, after = items[at], at + 1
        if isinstance(item, Scalar) and spot(item) in places:
            start, first_end = places[spot(item)]
            end, look = first_end, after
            waiting = balance(found.text[start:end])
            while waiting and look < min(len(items), at + _REACH) and spot(items[look]) in places:
                cut, end = end, places[spot(items[look])][1]
                waiting = balance(found.text[cut:end], waiting)
                look += 1
            if look > after and not waiting:
                diagnostics.append(_comma(found, "this item", start, first_end, end))
                item, after = _scalar(found, start, end), look
        out.append(item)
        at = after
    return out, diagnostics


def _comma(found: Characters, what: str, start: int, cut: int, end: int) -> Diagnostic:
    comma = found.text.find(",", cut)
    if (number := _DECIMAL.fullmatch(found.text, start, end)) is not None:
        meant = f"{number[1]}.{number[2]}{number[3] or ''}"
        return diagnose(
            "comma-in-flow-text",
            found.span(comma, comma + 1),
            f"the comma ends the number here; decimals are written with a point, `{meant}`",
            fixes=[Fix(f"write `{meant}`", ((found.span(comma, comma + 1), "."),))],
        )
    return diagnose(
        "comma-in-flow-text",
        found.span(comma, comma + 1),
        f"the comma ends the text of {what} here, because it stands inside {{…}} or […]",
        notes=["quote the text, or write it on a line of its own"],
        fixes=[quote(found, start, end)],
    )


def _scalar(found: Characters, start: int, end: int) -> Scalar:
    raw = found.text[start:end]
    if "\n" not in raw:
        return Scalar(raw, found.span(start, end))
    chars, places = plain(raw)
    return Scalar("".join(chars), found.span(start, end), offsets=found.bytes_of([start + place for place in places]))


CONDITIONS = (
    *("when", "if", "to", "until", "within", "after", "expect", "otherwise", "allow", "surfaces", "eased", "hardens"),
    *("chance", "at", "every", "go", "do", "emit", "weight", "as"),
)
"""Keys behind which no text stands."""


def unquoted_template(found: Characters, start: int) -> Diagnostic:
    """A text that begins with ``{{`` outside quotes: ``start`` is the first brace."""
    line_start = found.line_start(start)
    before = found.text[line_start:start]
    in_flow = before.count("[") > before.count("]") or before.count("{") > before.count("}")
    end = end_in_flow(found.text, start) if in_flow else end_in_block(found.text, start)
    span: Span = found.span(start, start + 2)
    bare = re.fullmatch(r"\{\{ *([\w.]+) *\}\}", found.text[start:end])
    key = re.search(r"([a-z_]+): *$", before)
    if bare is not None and key is not None and key[1] in CONDITIONS:
        fixes = [Fix(f"write `{bare[1]}`", ((found.span(start, end), bare[1]),))]
        message = "only in texts a name stands between double braces"
        return diagnose("unquoted-template", span, message, fixes=fixes)
    return diagnose(
        "unquoted-template", span, "a text that begins with `{{` must stand in quotes", fixes=[quote(found, start, end)]
    )
