"""Indentation: lines that stand where nothing can begin, tabs, and where each was meant to be.

YAML reads what belongs to what off the blanks at the beginning of a line. What an author meant shows in the lines around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.format.shapes import MODULE, SCENARIO
from dramaturg.dsl.reading.characters import Characters

_TAB_LINE = re.compile(r"^[ ]*\t[ \t]*", re.MULTILINE)


def tab_lines(found: Characters) -> Iterator[tuple[int, int]]:
    """For each line with a tab in its indentation: where the first tab stands, and where the indentation ends."""
    for match in _TAB_LINE.finditer(found.text):
        yield found.text.index("\t", match.start()), match.end()


def tab_indentation(found: Characters, at: int) -> Diagnostic:
    """Tabs as indentation; ``at`` lies in the indentation of the first line that has one."""
    first = found.text.index("\t", found.line_start(at))
    lines = list(tab_lines(found))
    width = _tab_width(found, first)
    edits = []
    for start, end in lines[:1000]:
        edits += [(found.span(i, i + 1), " " * width) for i in range(start, end) if found.text[i] == "\t"]
    notes = [f"{len(lines):,} lines of this file are indented with tabs"] if len(lines) > 1 else []
    return diagnose(
        "tab-indentation",
        found.span(first, first + 1),
        "this line is indented with a tab; indent with spaces",
        notes=notes,
        fixes=[Fix(f"replace each tab by {_WIDTHS[width]} spaces", tuple(edits))],
    )


_WIDTHS = {2: "two", 3: "three", 4: "four", 6: "six", 8: "eight"}


def _tab_width(found: Characters, first: int) -> int:
    """How wide the first tab of a file is, so that its line goes with those around it where they have spaces; else two."""
    line = found.line_start(first)
    indent = found.text[line : found.line_end(first)]
    indent = indent[: len(indent) - len(indent.lstrip(" \t"))]
    tabs, spaces = indent.count("\t"), indent.count(" ")
    above, below = found.text[:line].rstrip(), found.text[found.line_end(first) :].lstrip("\r\n")
    above = above[above.rfind("\n") + 1 :]
    opens = above.split(" #")[0].rstrip().endswith(":")
    beside = below[: len(below) - len(below.lstrip(" \t"))] if opens else above[: len(above) - len(above.lstrip(" \t"))]
    wide = (len(beside) - spaces) // tabs
    fits = "\t" not in beside and wide in _WIDTHS and wide * tabs + spaces == len(beside)
    return wide if fits and (not opens or len(beside) > len(above) - len(above.lstrip())) else 2


def in_tab_indentation(found: Characters, at: int) -> bool:
    before = found.text[found.line_start(at) : at]
    return not before.strip(" \t") and ("\t" in before or found.text[at : at + 1] == "\t")


def more_indented(found: Characters, at: int) -> bool:
    """Whether the next line with text is indented more than the line of ``at``."""
    line = found.text[found.line_start(at) : at]
    rest = found.text[found.line_end(at) :].lstrip("\r\n")
    return len(rest) - len(rest.lstrip(" ")) > len(line) - len(line.lstrip(" "))


def misplaced(found: Characters, problem: str, at: int, opened: list[int]) -> Diagnostic:
    """A line that stands where no item of the map or list around it can begin."""
    line = found.line_start(at)
    char = found.text[at : at + 1]
    if char == ":":
        return diagnose("key-not-text", found.span(at, at + 1), "there is no name before this colon")
    if "document start" in problem and re.search(r"^\.\.\.", found.text[:at], re.MULTILINE):
        message = "a second document begins here; a file holds one scenario or one library"
        return diagnose("several-documents", found.span(at, at + 1), message)
    end = found.line_end(at)
    column = at - line
    before = found.text[:line].rstrip()
    previous = before[before.rfind("\n") + 1 :]
    starts = {start - found.line_start(start) for start in opened if start < at}
    if "'-' indicator" in problem and column in starts:
        if (dashed := _dashed(found, opened[-1], at)) is not None:
            return dashed
        labels = [Label(found.span(opened[-1], opened[-1] + 1), "the list begins here")]
        glued = char == "-" and found.text[at + 1 : at + 2].strip() not in ("", "-")
        fixes = [Fix("put a space after the `-`", ((found.span(at + 1, at + 1), " "),))] if glued else []
        message = "a list item must begin with `- `"
        named = re.match(r"[\w.-]+: ", found.text[at:end]) is not None and not glued
        notes = ["where every line has a name, as under `rules`, none has a dash: `name: value`"] if named else []
        return diagnose("bad-indentation", found.span(at, end), message, labels=labels, notes=notes, fixes=fixes)
    if char == "-" and column in starts:
        labels = [Label(found.span(opened[-1], opened[-1] + 1), "the map begins here")]
        message = "a list item stands among the names of a map"
        name = re.compile(r"- +(?=[\w.-]+:( |$))").match(found.text, at, end)
        rest = found.text[end:].lstrip("\r\n")
        alone = len(rest) - len(rest.lstrip(" ")) <= column  # no further lines of an item
        fixes = [Fix("leave the dash out", ((found.span(*name.span()), ""),))] if name is not None and alone else []
        return diagnose("bad-indentation", found.span(at, at + 1), message, labels=labels, fixes=fixes)
    if char != "-" and column not in starts and (first := _first_out_of_line(found, at)) is not None:
        return first
    if (nameless := _nameless(found, before, at)) is not None:
        return nameless
    columns = sorted(starts | {len(previous) - len(previous.lstrip(" "))})
    notes = [f"the lines around it are indented by {_spaces(columns)}"]
    if column in columns:
        message = "this line does not go with what stands above it, which is complete or of another kind"
        return diagnose("bad-indentation", found.span(at, end), message, notes=notes)
    message = f"this line is indented by {_spaces([column])}, which matches nothing above it"
    return diagnose(
        "bad-indentation",
        found.span(at, end),
        message,
        notes=notes,
        fixes=_aligned(found, line, column, starts, previous),
    )


def _first_out_of_line(found: Characters, at: int) -> Diagnostic | None:
    """An entry above that does not stand in line with its neighbours, of which the one at ``at`` is the next.

    Of two that are one blank apart the one in the odd column is off: nobody indents by one. A heading is off where what stands
    below it is indented more than its neighbours are, or as much as it is itself.
    """
    line = found.line_start(at)
    column = at - line
    inner: list[tuple[int, int]] = []
    for start, own in _upward(found, line):
        if own > column + 1:
            inner.append((start, own))
            continue
        text = found.text[start : found.line_end(start)]
        if not _BEGINS.match(text):
            return None
        if abs(own - column) == 1 and own % 2:
            return _off(found, start, own, column, at)
        if own >= column or not inner or not _OPENS.search(text) or text.rstrip().endswith(("|", ">", "-")):
            return None
        above = next((it for _, it in _upward(found, found.line_start(start)) if it <= column), None)
        if above != column and not _beside(found, at, column):
            return None
        child, deep = inner[-1]
        text = found.text[child : found.line_end(child)]
        following = found.text[found.line_end(child) :].lstrip("\r\n")
        empty = len(following) - len(following.lstrip(" ")) == deep and _OPENS.search(text)
        several = sum(it == deep for _, it in inner) > 1
        above_it = next(_upward(found, found.line_start(start)), (0, -1))
        if above_it[1] == column and _empty_heading(found, above_it[0]):
            return _transposed(found, above_it[0], start)
        opens = _OPENS.search(found.text[at : found.line_end(at)]) and more_indented(found, at)
        if opens and len(inner) == 1 and _empty_heading(found, child):
            return _transposed(found, child, at)
        if empty or (not several and _BEGINS.match(text) and not text.startswith("-")):
            return _off(found, child, deep, column, at)
        section = own == 0 and _SECTION.match(found.text, start) is not None
        if several and not section and above == column:
            return _off(found, start, own, column, at)
        return _headless(found, child, deep, at) if several and opens and _BEGINS.match(text) else None
    return None


def _headless(found: Characters, child: int, deep: int, at: int) -> Diagnostic:
    """Lines that are indented as if they stood below a name such as the line at ``at`` is one."""
    column = at - found.line_start(at)
    return diagnose(
        "bad-indentation",
        found.span(child, found.line_end(child)),
        f"this line is indented by {_spaces([deep])}, and what follows it by {_spaces([column])}: is the name above it missing?",
        labels=[Label(found.span(at, found.line_end(at)), "this is such a name")],
    )


def _empty_heading(found: Characters, start: int) -> bool:
    """Whether the line whose text begins at ``start`` opens something, and nothing below is indented more."""
    return _OPENS.search(found.text[start : found.line_end(start)]) is not None and not more_indented(found, start)


def _transposed(found: Characters, upper: int, lower: int) -> Diagnostic:
    """Two lines, the lower of which is the heading of the upper one."""
    ends = found.line_end(upper), found.line_end(lower)
    begins = found.line_start(upper), found.line_start(lower)
    texts = [found.text[begin:end] for begin, end in zip(begins, ends)]
    edits = [(found.span(begin, end), text) for begin, end, text in zip(begins, ends, reversed(texts))]
    return diagnose(
        "bad-indentation",
        found.span(lower, ends[1]),
        "this line stands below its first entry: the two lines have changed places",
        labels=[Label(found.span(upper, ends[0]), "this belongs below it")],
        fixes=[Fix("exchange the two lines", tuple(edits))],
    )


def _upward(found: Characters, line: int) -> Iterator[tuple[int, int]]:
    """Where the text of each line above a line begins, from the last upward, and in which column. Comments are passed by."""
    end = line
    while end > 0:
        head = found.line_start(end - 1)
        text = found.text[head : end - 1]
        own = len(text) - len(text.lstrip(" "))
        if text.strip() and text[own] != "#":
            yield head + own, own
        end = head


def _beside(found: Characters, at: int, column: int) -> bool:
    """Whether a further entry below the line of ``at`` stands in line with it."""
    for match in re.compile(r"(?m)^( *)(?=[^\s#])").finditer(found.text, found.line_end(at)):
        if len(match[1]) <= column:
            return len(match[1]) == column
    return False


def _off(found: Characters, start: int, own: int, column: int, at: int) -> Diagnostic:
    head, by = found.line_start(start), column - own
    edit = (found.span(head, head), " " * by) if by > 0 else (found.span(head, head - by), "")
    return diagnose(
        "bad-indentation",
        found.span(start, found.line_end(start)),
        f"this line is indented by {_spaces([own])}, and what stands beside it by {_spaces([column])}",
        labels=[Label(found.span(at, found.line_end(at)), "this goes on beside it")],
        fixes=[Fix(f"indent it by {_spaces([column])}", (edit,))],
    )


def _nameless(found: Characters, before: str, at: int) -> Diagnostic | None:
    """The line before, where it stands among names and has none: its colon was left out, or is another sign."""
    start = before.rfind("\n") + 1
    line = re.sub(r"\s#.*", "", before[start:]).rstrip()
    text = line.lstrip(" ")
    column, here = len(line) - len(text), at - found.line_start(at)
    if not text or text[0] in "-'\"[{|>#&*!%@`" or _BEGINS.match(line) or here < column:
        return None
    named = re.compile(r"[\w.-]+:(\s|$)")
    if named.match(found.text, at) is None and not found.text.startswith("- ", at):
        return None
    above = before[:start].rstrip()
    owner = above[above.rfind("\n") + 1 :]
    if not _OPENS.search(owner) or re.search(r"[|>][-+]?\s*(#.*)?$", owner):
        return None
    sign = re.match(r"[\w.-]*\w( *(?:[-=]>|;)|[.,])(?=[ ]|$)", text)
    place = found.span(start + column, start + len(line))
    if sign is None:
        return diagnose("yaml-syntax", place, "this line has no colon: write `name: value`")
    begin, end = start + column + sign.start(1), start + column + sign.end(1)
    message = f"between a name and its value stands a colon, not `{sign[1].strip()}`"
    fix = Fix("write a colon", ((found.span(begin, end), ":"),))
    return diagnose("yaml-syntax", found.span(end - len(sign[1].strip()), end), message, fixes=[fix])


def _dashed(found: Characters, start: int, at: int) -> Diagnostic | None:
    """A dash before the first name of a map, whose next names (the one at ``at`` is the first) have none."""
    first, following = found.text[start : found.line_end(start)], found.text[at : found.line_end(at)]
    between = found.text[found.line_end(start) : found.line_start(at)]
    dash = re.match(r"- +(?=[\w.-]+:( |$))", first)
    if dash is None or between.strip() or re.match(r"[\w.-]+:( |$)", following) is None:
        return None
    fix = Fix("leave the dash out", ((found.span(start, start + dash.end()), ""),))
    labels = [Label(found.span(at, found.line_end(at)), "this has none")]
    message = "a list item stands among the names of a map"
    return diagnose("bad-indentation", found.span(start, start + 1), message, labels=labels, fixes=[fix])


def _aligned(found: Characters, line: int, column: int, starts: set[int], previous: str) -> list[Fix]:
    """The line and those below it that go with it, moved to the nearest places. Safe where only one is nearest and a blank
    away."""
    # The line above gives a place only where it begins an entry: below a line of a text, this one would be read as text.
    begins = _BEGINS.match(previous)
    columns = starts | _columns_above(found, line)
    beside = len(previous) - len(previous.lstrip(" "))
    rest = found.text[found.line_end(line) :].lstrip("\r\n")
    below = len(rest) - len(rest.lstrip(" "))
    opens = _OPENS.search(found.text[line : found.line_end(line)])
    if opens:
        columns = {other for other in columns if other < below}  # it is the parent of what is below it
    if not columns:
        return []
    if begins and not opens and below == beside and abs(beside - column) <= 2:
        # The lines above and below agree, and this one alone has slipped.
        by = beside - column
        edit = (found.span(line, line), " " * by) if by > 0 else (found.span(line, line - by), "")
        return [Fix(f"indent it by {_spaces([beside])}", (edit,))]
    near = min(abs(other - column) for other in columns)
    nearest = sorted((other for other in columns if abs(other - column) == near), reverse=True)
    moved: list[tuple[int, int]] = []
    at = line
    while at < len(found.text):
        end = found.line_end(at)
        text = found.text[at:end]
        if text.strip():
            if len(text) - len(text.lstrip(" ")) < column:
                break
            moved.append((at, end))
        at = found.text.find("\n", end) % (len(found.text) + 1) + 1
    out = []
    for other in nearest:
        by = other - column
        edits = [(found.span(at, at), " " * by) if by > 0 else (found.span(at, at - by), "") for at, _ in moved]
        out.append(Fix(f"indent it by {_spaces([other])}", tuple(edits), safe=near == 1 and len(nearest) == 1))
    return out


_BEGINS = re.compile(r" *(- |-$|[\w.-]+:(\s|$))")
"""A line that begins an entry."""
_OPENS = re.compile(r":\s*([|>][-+]?\s*)?(#.*)?$")
"""A line below which the value of its key stands."""


_SECTION = re.compile(rf"(?:{'|'.join(sorted({key.name for part in (SCENARIO, MODULE) for key in part.keys}))}):")
"""A line that begins a section of a file."""


def _columns_above(found: Characters, line: int) -> set[int]:
    """Where the entries begin that the lines above a line stand in, from the last of them outward."""
    out: set[int] = set()
    for above in reversed(found.text[:line].splitlines()):
        column = len(above) - len(above.lstrip(" "))
        if _BEGINS.match(above) and (not out or column < min(out)):
            out.add(column)
            if column == 0:
                break
    return out


def _spaces(columns: list[int]) -> str:
    if len(columns) == 1:
        return f"{columns[0]} space{'' if columns[0] == 1 else 's'}"
    return f"{', '.join(str(column) for column in columns[:-1])} or {columns[-1]} spaces"
