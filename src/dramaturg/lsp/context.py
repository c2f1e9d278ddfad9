"""Context: where in a file somebody is typing, told from the lines alone.

A file in which a line is half written rarely reads as YAML, so the way from the top of the file to the cursor is found by
indentation and brackets: which keys stand around it, what has been written beside it, and whether a key or a value is being
typed. What is there *means* is asked of the format afterwards (``shape_at``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from dramaturg.dsl.format.shapes import Each, Forms, Line, Names, Record, Shape

_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#:,{}\[\]"'-][^#:,{}\[\]]*?|[^\s#:,{}\[\]"'])\s*:(?=\s|$)""")
LONGEST = 20_000
"""Characters of one line, and lines above, that are looked at."""


@dataclass(slots=True)
class Frame:
    """A map or list around the cursor."""

    indent: int
    """The column of its keys; -1 for one in brackets."""
    is_list: bool = False
    key: str | None = None
    """The key that is being given a value."""
    beside: dict[str, str] = field(default_factory=dict)
    """What has been written beside it: key to text."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where the cursor is."""

    frames: tuple[Frame, ...]
    """Outermost first."""
    value: str | None
    """The text of the value before the cursor; None where a key is being typed."""
    typed: str
    """The text of the key before the cursor, where a key is being typed."""

    @property
    def path(self) -> tuple[str, ...]:
        """The keys around the cursor, ``-`` for an item of a list."""
        out: list[str] = []
        for frame in self.frames:
            if frame.is_list:
                out.append("-")
            elif frame.key is not None:
                out.append(frame.key)
        return tuple(out)

    @property
    def beside(self) -> dict[str, str]:
        return next((frame.beside for frame in reversed(self.frames) if not frame.is_list), {})


def context(before: str, after: Iterable[str] = ()) -> Context | None:
    """Where the end of ``before`` (the text of a file up to the cursor) stands; None inside a comment.

    ``after`` are the lines below the cursor's, for what stands beside it further down.
    """
    found = _context(before)
    if found is not None and found.frames and found.frames[-1].indent >= 0:
        _below(found.frames[-1], after)
    return found


def _context(before: str) -> Context | None:
    lines = before.split("\n")[-LONGEST:]
    frames: list[Frame] = [Frame(0)]
    text_below: int | None = None
    value, typed = None, ""
    at = 0
    while at < len(lines):
        line, last = lines[at].rstrip("\r"), at == len(lines) - 1
        at += 1
        stripped = line.lstrip(" ")
        indent = len(line) - len(stripped)
        if text_below is not None and (not stripped or indent > text_below):
            if last:
                return Context(tuple(frames), stripped, "")
            continue
        text_below = None
        if not last and (not stripped or stripped.startswith("#")):
            continue
        if stripped.startswith("#"):
            return None
        while len(frames) > 1 and frames[-1].indent > indent:
            frames.pop()
        if frames[-1].is_list and frames[-1].indent == indent and not re.match(r"-(\s|$)", stripped):
            frames.pop()
        rest, column = stripped, indent
        while re.match(r"-(\s|$)", rest):
            if not (frames[-1].is_list and frames[-1].indent == column):
                frames.append(Frame(column, True))
            inner = rest[1:].lstrip(" ")
            column += len(rest) - len(inner)
            rest = inner
            frames = [frame for frame in frames if frame.indent <= column]
            if rest and not rest.startswith(("{", "[", '"', "'", "#")) and _KEY.match(rest):
                frames.append(Frame(column))
        found = _KEY.match(rest)
        if found is None:
            frame = frames[-1]
            if rest.startswith(("{", "[")):
                flow, value, typed, at = _flow(rest, lines, at)
                if at >= len(lines):
                    return Context((*frames, *flow), value, typed)
                continue
            if last:
                # A key that is being typed, an item of a list, or the next line of a longer text.
                if frame.is_list:
                    return Context(tuple(frames), rest, rest)
                if column > frame.indent or (frame.indent == -1):
                    if frame.key is not None and frame.beside.get(frame.key, ""):
                        return Context(tuple(frames), f"{frame.beside[frame.key]} {rest}", "")
                    return Context((*frames, Frame(column)), None, rest)
                frame.key = None
                return Context(tuple(frames), None, rest)
            if frame.key is not None:
                frame.beside[frame.key] = f"{frame.beside.get(frame.key, '')} {rest}".strip()
            continue
        if frames[-1].is_list or frames[-1].indent != column:
            frames.append(Frame(column))
        frame = frames[-1]
        frame.key = found.group(1).strip("\"'")
        value = rest[found.end() :].lstrip(" ")
        if re.match(r"[>|][0-9+-]*\s*(#.*)?$", value) and not last:
            text_below = column
            continue
        if value.startswith(("{", "[")):
            flow, inner_value, typed, at = _flow(value, lines, at)
            if at >= len(lines) and flow:
                return Context((*frames, *flow), inner_value, typed)
            frame.beside[frame.key] = value
            continue
        if last:
            if re.search(r"(^|\s)#", value) and '"' not in value and "'" not in value:
                return None
            if not rest[found.end() :].strip() and not rest.endswith(" "):
                return Context(tuple(frames), None, rest)
            return Context(tuple(frames), value, "")
        frame.beside[frame.key] = re.sub(r"\s#.*$", "", value).strip("\"'")
    frame = frames[-1]
    return Context(tuple(frames), value if not frame.is_list else "", "")


def _below(frame: Frame, after: Iterable[str]) -> None:
    """What stands beside the cursor in the lines below it."""
    for line in after:
        stripped = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if not stripped or stripped.startswith("#"):
            continue
        if indent < frame.indent or (indent == frame.indent and stripped.startswith("-")):
            return
        found = _KEY.match(stripped)
        if indent == frame.indent and found is not None:
            frame.beside.setdefault(found.group(1).strip("\"'"), stripped[found.end() :].strip().strip("\"'"))


def _flow(text: str, lines: list[str], at: int) -> tuple[tuple[Frame, ...], str | None, str, int]:
    """The brackets that are open at the cursor, from one on that opens in ``text``; the index of the line after its end.

    Where the outermost bracket closes before the cursor there are no frames, and the index is that of the next line.
    """
    frames: list[Frame] = []
    piece, quote = "", ""
    while True:
        for char in text:
            if quote:
                piece += char
                quote = "" if char == quote else quote
            elif char in "\"'" and not piece.strip():
                quote = char
                piece += char
            elif char in "{[":
                frames.append(Frame(-1, char == "["))
                piece = ""
            elif char in "}]":
                _done(frames, piece)
                frames.pop()
                piece = ""
                if not frames:
                    return (), None, "", at
            elif char == ",":
                _done(frames, piece)
                piece = ""
            elif char == ":" and not frames[-1].is_list and frames[-1].key is None:
                frames[-1].key = piece.strip().strip("\"'")
                piece = ""
            else:
                piece += char
        if at >= len(lines):
            break
        text = " " + re.sub(r"(^|\s)#.*$", "", lines[at].strip())
        at += 1
    frame = frames[-1]
    if frame.is_list or frame.key is not None:
        return tuple(frames), piece.lstrip(), piece.lstrip() if frame.is_list else "", at
    return tuple(frames), None, piece.lstrip(), at


def _done(frames: list[Frame], piece: str) -> None:
    frame = frames[-1]
    if frame.key is not None:
        frame.beside[frame.key] = piece.strip().strip("\"'")
        frame.key = None


@dataclass(frozen=True, slots=True)
class Fits:
    """What the format has where the cursor is."""

    shape: Shape | None
    names: tuple[tuple[str, str], ...] = ()
    """The names that the author made up on the way: (what, name), outermost first."""
    key: str = ""
    """The last key of the format on the way."""
    record: str = ""
    """What the innermost known map describes ("a trigger")."""


def shape_at(at: Context, top: Record) -> Fits:
    """The shape in which the cursor stands: of the value that is being typed, or of the map that a key is typed into."""
    shape: Shape | None = top
    names: list[tuple[str, str]] = []
    key, record = "", top.what
    keys = list(at.path)
    if at.value is None and at.frames and not at.frames[-1].is_list and at.frames[-1].key is not None:
        keys.pop()  # the key under the cursor is still being typed
    for part in keys:
        shape = _form(shape, part)
        match shape:
            case Each(item) if part == "-":
                shape = item
            case Names(value, what):
                names.append((what, part))
                shape = value
            case Record():
                record = shape.what
                known = shape.key(part)
                if known is not None:
                    shape, key = known.shape, known.name
                elif shape.rest is not None:
                    names.append((shape.rest.what, part))
                    shape = shape.rest.value
                else:
                    shape = None
            case _:
                shape = None
        if shape is None:
            return Fits(None, tuple(names), key, record)
    if at.value is None:
        shape = shape.map if isinstance(shape, Forms) else shape
        record = shape.what if isinstance(shape, Record) else record
    elif isinstance(shape, Forms):
        shape = shape.line or (shape.list.item if shape.list is not None and at.frames[-1].is_list else shape)
    return Fits(shape, tuple(names), key, record)


def _form(shape: Shape | None, part: str) -> Shape | None:
    if not isinstance(shape, Forms):
        return shape
    return shape.list if part == "-" else shape.map


def line_of(fits: Fits) -> Line | None:
    """The line that is being typed, where the format has one."""
    match fits.shape:
        case Line() as line:
            return line
        case Forms(line=Line() as line):
            return line
    return None
