"""Indentation: lines that stand where nothing can begin, tabs, and where each was meant to be.

YAML reads what belongs to what off the blanks at the beginning of a line. What an author meant shows in the lines around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
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
