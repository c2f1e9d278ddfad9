"""Layout: a file with its lines, blanks and indentation put in order, and nothing else touched.

The formatter walks the tree and copies each text from the file as it stands, quotes, folds and all; only what stands between
texts is set anew: two spaces for each level, dashes below their key, one space after a colon and a comma, at most one
blank line, one between sections. Line breaks stay where the author put them. A comment stays on its line or above its
entry; comments that stood in one column still do. Expressions get the spacing of ``pretty``. What came out is read again:
where its tree or its comments differ from the author's, the author's text is given back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.editing.spacing import respaced
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.reading.trivia import Piece, comments, leaves, pieces
from dramaturg.dsl.spans import Source
from dramaturg.dsl.tree import Entry, Map, Node, Scalar, Seq

STEP = 2
"""Spaces for each level."""


class _Unusual(Exception):
    """The file holds something of YAML that no author needs (``? key``, ``...``), and is left alone."""


@dataclass(slots=True)
class _Line:
    """A line of the result. A line of a block text is copied as it is."""

    indent: int = 0
    text: str = ""
    comment: str = ""
    column: int = 0
    """Where the comment stood, and the code before it ended, in the author's file."""
    ended: int = 0
    verbatim: bool = False


@dataclass(slots=True)
class _Work:
    data: bytes
    texts: Mapping[int, str]
    """Texts that are written differently, by where they start: expressions with canonical spacing."""
    lines: list[_Line] = field(default_factory=list)
    at: int = 0
    """Every byte before has been dealt with."""
    blocks: list[tuple[int, int]] = field(default_factory=list)
    """The columns, old and new, of the maps and lists around."""
    latest: list[tuple[int, int]] = field(default_factory=list)
    """The same as of the latest text."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A file in order."""

    data: bytes
    """Its text: the author's own, to the byte, where anything below is not empty."""
    problems: tuple[Diagnostic, ...] = ()
    """Why it could not be read."""
    reason: str = ""
    """Why it was left alone though it could be read."""


def layout(source: Source) -> Laid:
    """The text of a file in order. Line ends are what most of them were; a byte order mark goes."""
    crlf = source.data.count(b"\r\n") * 2 > source.data.count(b"\n")
    plain = Source(source.path, source.data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"))
    tree, problems = read(plain)
    if tree is None or problems:
        return Laid(source.data, tuple(read(source)[1]))
    texts = respaced(tree)
    try:
        work = _Work(plain.data, texts)
        _document(work, tree)
    except _Unusual:
        return Laid(source.data, reason="it uses `? `, `...` or `%`, which no file of this language needs")
    except RecursionError:  # the limit of depth can be raised
        return Laid(source.data, reason="it nests too deeply")
    made = _joined(work.lines)
    if not _same(plain, tree, Source(source.path, made), texts):
        return Laid(source.data, reason="it cannot be laid out without changing what it says")
    return Laid(made.replace(b"\n", b"\r\n") if crlf else made)


def _same(before: Source, tree: Node, after: Source, texts: Mapping[int, str]) -> bool:
    """Whether two files have the same tree, spacing of expressions aside, and the same comments at the same texts."""
    other, problems = read(after)
    if other is None or problems:
        return False
    kept = [(piece, re.sub(r"\s", "", text)) for piece, text in comments(before, tree)]
    if kept != [(piece, re.sub(r"\s", "", text)) for piece, text in comments(after, other)]:
        return False
    return list(_signs(tree, texts)) == list(_signs(other, {}))


def _signs(tree: Node, texts: Mapping[int, str]) -> Iterator[str]:
    """What a tree says, in a row."""
    todo: list[Node | str] = [tree]
    while todo:
        match todo.pop():
            case str(mark):
                yield mark
            case Scalar(text, span, style):
                yield f"{style} {texts.get(span.start, text)}"
            case Map(entries):
                yield "{"
                todo.append("}")
                todo += [part for entry in reversed(entries) for part in (entry.value, entry.key)]
            case Seq(items):
                yield "["
                todo.append("]")
                todo += reversed(items)


# --- the walk ---------------------------------------------------------------------------------------------------------


def _document(work: _Work, tree: Node) -> None:
    head = re.match(rb"(?:[ \t]*(?:#[^\n]*)?\n)*---[ \t]*(?=\n)", work.data)
    if head and head.end() <= tree.span.start:
        mark = work.data.rindex(b"---", 0, head.end())
        _above(work, list(pieces(work.data, 0, mark)), 0, 0)
        _new_line(work, 0)
        _write(work, "---")
        work.at = head.end()
    _above(work, _gap(work, tree.span.start), _column(work, tree.span.start), 0)
    _new_line(work, 0)
    _node(work, tree, 0, sections=True)
    _above(work, _gap(work, len(work.data)), 0, 0)


def _node(work: _Work, node: Node, indent: int, sections: bool = False) -> None:
    """A node whose first character has its place on the current line."""
    work.at = node.span.start
    match node:
        case Map(flow=False, entries=entries) if entries:
            _map(work, entries, indent, sections)
        case Seq(flow=False, items=items) if items:
            _list(work, items, indent)
        case Scalar(style="block"):
            _block_text(work, node, indent)
        case Scalar():
            _text(work, node, indent)
        case _:
            _flow(work, node, indent)


def _map(work: _Work, entries: tuple[Entry, ...], indent: int, sections: bool) -> None:
    column = _column(work, entries[0].key.span.start)
    for number, entry in enumerate(entries):
        start = entry.key.span.start
        if number:
            apart = sections and (_is_section(entry.value) or _is_section(entries[number - 1].value))
            _above(work, _gap(work, start), column, indent, apart)
            _new_line(work, indent)
        work.blocks.append((column, indent))
        _text(work, entry.key, indent)
        gap = _gap(work, entry.value.span.start)
        if not gap or gap[0].text != ":":
            raise _Unusual
        _write(work, ":", gap[0].at + 1)
        _value(work, entry.value, gap[1:], indent)
        work.blocks.pop()


def _list(work: _Work, items: tuple[Node, ...], indent: int) -> None:
    column = _column(work, work.at)
    for number, item in enumerate(items):
        gap = _gap(work, item.span.start)
        dash = next((at for at, piece in enumerate(gap) if piece.kind == "mark"), None)
        if dash is None or gap[dash].text != "-":
            raise _Unusual
        if number:
            _above(work, gap[:dash], column, indent)
            _new_line(work, indent)
        work.blocks.append((column, indent))
        _write(work, "-", gap[dash].at + 1)
        _value(work, item, gap[dash + 1 :], indent, dashed=True)
        work.blocks.pop()


def _value(work: _Work, node: Node, gap: list[Piece], indent: int, dashed: bool = False) -> None:
    """What follows a colon or a dash; ``gap`` is what stands between."""
    if any(piece.kind == "mark" for piece in gap):
        raise _Unusual
    nothing = node.span.start == node.span.end
    below = isinstance(node, Map | Seq) and not node.flow and not dashed
    broken = any(piece.kind == "line end" for piece in gap)
    if nothing:
        work.at = node.span.end
        return
    if below or (broken and (not dashed or any(piece.kind == "comment" for piece in gap))):
        _above(work, gap, _column(work, node.span.start), indent + STEP, opening=True)
        _new_line(work, indent + STEP)
    else:
        _write(work, " ")
    _node(work, node, indent + STEP)


def _is_section(node: Node) -> bool:
    return isinstance(node, Map | Seq) and not node.flow


def _text(work: _Work, leaf: Scalar, indent: int) -> None:
    """A text as it stands, its further lines below the first."""
    first, *rest = work.texts.get(leaf.span.start, leaf.span.text).split("\n")
    _write(work, first.rstrip() if rest and leaf.style == "plain" else first)
    for line in rest:
        work.lines.append(_Line(indent if line.strip() else 0, line.lstrip(" \t")))
        if leaf.style == "plain" or not line.strip():
            work.lines[-1].text = work.lines[-1].text.rstrip()
    _done(work, leaf.span.end)


def _block_text(work: _Work, leaf: Scalar, indent: int) -> None:
    """A text below ``|`` or ``>``: its lines keep their own indentation."""
    head, *rest = leaf.span.text.removesuffix("\n").split("\n")
    marks, _, comment = head.partition("#")
    marks = marks.strip()
    _write(work, marks)
    end = leaf.span.start + len(head.encode())
    if comment:
        place = leaf.span.start + len(head.partition("#")[0].encode())
        _comment(work, Piece("comment", f"#{comment}".rstrip(), place))
    digits = re.sub(r"\D", "", marks)
    parent_old, parent_new = work.blocks[-1] if work.blocks else (0, 0)
    written = [len(line) - len(line.lstrip(" ")) for line in rest if line.strip(" ")]
    old = parent_old + int(digits) if digits else min(written, default=0)
    new = parent_new + int(digits) if digits else indent
    while rest and "+" not in marks and len(rest[-1]) <= old and not rest[-1].strip(" "):
        rest.pop()
    for line in rest:
        work.lines.append(_Line(0, " " * new + line[old:] if line[old:] else "", verbatim=True))
        end += 1 + len(line.encode())
    _done(work, end)


def _flow(work: _Work, node: Node, indent: int) -> None:
    """A map or list between brackets, over as many lines as the author gave it."""
    depth, previous, broken = 0, "", False
    texts = [leaf for leaf in leaves(node) if leaf.span.end > leaf.span.start]
    for leaf in [*texts, None]:
        for piece in pieces(work.data, work.at, leaf.span.start if leaf is not None else node.span.end):
            match piece.kind:
                case "line end":
                    broken = True
                    continue
                case "comment":
                    if broken:
                        _new_line(work, indent + STEP * max(depth - 1, 0))
                    _comment(work, piece)
                    broken = True
                    continue
            if piece.text not in "{}[],:":
                raise _Unusual
            depth -= piece.text in "}]"
            if broken:
                _new_line(work, indent + STEP * max(depth - 1, 0))
            elif (piece.text in "{[" and previous in (",", ":")) or (piece.text in ",}]" and previous == ":"):
                _write(work, " ")
            _write(work, piece.text, piece.at + 1)
            depth += piece.text in "{["
            previous, broken = piece.text, False
        if leaf is not None:
            if broken:
                _new_line(work, indent + STEP * max(depth - 1, 0))
            elif previous in (",", ":"):
                _write(work, " ")
            _text(work, leaf, indent + STEP * max(depth - 1, 0))
            previous, broken = "", False
    _done(work, node.span.end)


# --- lines ------------------------------------------------------------------------------------------------------------


def _gap(work: _Work, end: int) -> list[Piece]:
    return list(pieces(work.data, work.at, end))


def _column(work: _Work, at: int) -> int:
    """The column of a byte in the author's file, from 0, in characters."""
    line = work.data.rfind(b"\n", 0, at) + 1
    return len(work.data[line:at].decode("utf-8", "replace"))


def _new_line(work: _Work, indent: int) -> None:
    work.lines.append(_Line(indent))


def _write(work: _Work, text: str, at: int | None = None) -> None:
    work.lines[-1].text += text
    if at is not None:
        _done(work, at)


def _done(work: _Work, at: int) -> None:
    work.at = at
    work.latest = list(work.blocks)


def _comment(work: _Work, piece: Piece) -> None:
    """A comment at the end of the current line, which may hold nothing else."""
    line = work.lines[-1]
    before = work.data[work.data.rfind(b"\n", 0, piece.at) + 1 : piece.at].decode("utf-8", "replace")
    line.comment, line.column, line.ended = piece.text, len(before), len(before.rstrip())
    work.at = piece.at + len(piece.text.encode())


def _above(
    work: _Work, gap: list[Piece], column: int, indent: int, apart: bool = False, *, opening: bool = False
) -> None:
    """The comments and blank lines between the latest text and one that stands at ``column``, to go to ``indent``.

    With ``apart`` a blank line there must be; with ``opening`` there is none before the first line.
    """
    beside, blank = bool(work.lines), 0
    rows: list[tuple[bool, int, Piece]] = []
    for piece in gap:
        match piece.kind:
            case "mark":
                raise _Unusual
            case "line end":
                beside, blank = False, blank + 1
            case _ if beside:
                _comment(work, piece)
                beside = False
            case _:
                rows.append((blank > 1, _place(work, _column(work, piece.at), column, indent), piece))
                blank = 0
    last = blank > 1
    if apart and not last and not any(empty for empty, _, _ in rows):
        first = next((number for number, row in enumerate(rows) if row[1] <= indent), None)
        if first is None:
            last = True
        else:
            rows[first] = (True, *rows[first][1:])
    for number, (empty, place, piece) in enumerate(rows):
        if empty and work.lines and not (opening and number == 0):
            _new_line(work, 0)
        _new_line(work, place)
        _comment(work, piece)
    if last and work.lines and gap and not (opening and not rows):
        _new_line(work, 0)


def _place(work: _Work, written: int, column: int, indent: int) -> int:
    """The column for a comment on a line of its own: that of the block it stood in, of those that end or go on there."""
    if written <= column:
        return indent
    inner = [new for old, new in work.latest if column < old <= written]
    return inner[-1] if inner else indent


def _joined(lines: list[_Line]) -> bytes:
    """The lines as text, with comments that stood below each other below each other again."""
    out: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.comment or not line.text:
            out.append(line.text if line.verbatim else (" " * line.indent + line.text + line.comment).rstrip())
            at += 1
            continue
        end = at + 1
        while end < len(lines) and lines[end].comment and lines[end].text and lines[end].column == line.column:
            end += 1
        group = lines[at:end]
        gap = max(1, line.column - max(member.ended for member in group))
        column = max(member.indent + len(member.text) for member in group) + gap
        for member in group:
            code = " " * member.indent + member.text
            out.append(code + " " * (column - len(code)) + member.comment)
        at = end
    while out and not out[-1] and not lines[len(out) - 1].verbatim:
        out.pop()
    return "".join(f"{line}\n" for line in out).encode()
