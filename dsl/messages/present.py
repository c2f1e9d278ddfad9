"""Presentation: diagnostics as people and tools read them.

Five forms of the same list, always in the order (path, place, code) and the same for the same input: ``full`` for a terminal, with
the author's line and a caret under the exact columns; ``concise``, one line each; ``json``, one canonical array; ``sarif`` (2.1.0)
for code scanning; ``github``, workflow commands. Columns count characters; carets count terminal columns, in which an
East Asian wide character takes two and a combining one none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from dramaturg.dsl.diagnostics import Diagnostic, Fix
from dramaturg.dsl.messages.visible import cells, clean, visible
from dramaturg.dsl.spans import Source, Span

FORMS = ("full", "concise", "json", "sarif", "github")
WIDTH = 120
"""Terminal columns of an author's line that are shown; a longer one is cut around its mark."""

_COLOURS = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "gutter": "34",
    "label": "1;34",
    "strong": "1",
    "fix": "32",
    "gone": "31",
}
_SHOWN = 4
"""Lines of a repair that are shown, before and after it; of a longer one the title says enough."""


def present(diagnostics: Iterable[Diagnostic], form: str = "full", *, colour: bool = False) -> str:
    """The diagnostics in one of ``FORMS``; empty where there is nothing to say. Raises ValueError on another form."""
    found = in_order(diagnostics)
    match form:
        case "full":
            return "".join(full(diagnostic, colour=colour) + "\n" for diagnostic in found)
        case "concise":
            return "".join(f"{_concise(diagnostic)}\n" for diagnostic in found)
    # Only now: what a person reads needs none of it.
    from dramaturg.dsl.messages import exchange

    match form:
        case "json":
            return exchange.dump([exchange.record(diagnostic) for diagnostic in found])
        case "sarif":
            return exchange.dump(exchange.sarif(found))
        case "github":
            return "".join(f"{exchange.github(diagnostic)}\n" for diagnostic in found)
    raise ValueError(f"{form!r} is none of {', '.join(FORMS)}")


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(diagnostics, key=lambda d: (d.span.path, d.span.start, d.code, d.span.end, d.message))


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """``2 errors, 1 warning``; empty where there is nothing."""
    counts = Counter(diagnostic.severity for diagnostic in diagnostics)
    kinds = [(kind, counts[kind]) for kind in ("error", "warning", "note") if counts[kind]]
    return ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in kinds)


def colour_wanted(environment: Mapping[str, str], terminal: bool) -> bool:
    """Whether to write colours: NO_COLOR wins over FORCE_COLOR, which wins over what the stream is."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") != "0":
        return True
    return terminal and environment.get("TERM") != "dumb"


# --- full -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is underlined in one line of one file, in characters from 0."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


def full(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    """One diagnostic as a block of lines, without a trailing blank line."""

    def paint(style: str, text: str) -> str:
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if colour and text else text

    severity = diagnostic.severity
    head = paint(severity, f"{severity}[{diagnostic.code}] {diagnostic.name}:")
    spans = [diagnostic.span, *(label.span for label in diagnostic.labels)]
    margin = len(str(max(span.line for span in spans if span.source.data or span is diagnostic.span)))
    bar = paint("gutter", "|")
    out = [f"{head} {paint('strong', clean(diagnostic.message))}"]
    for source, marks in _by_source(diagnostic):
        first = next((mark for mark in marks if mark.primary), marks[0])
        arrow = "-->" if first.primary else ":::"
        out.append(f"{' ' * margin}{paint('gutter', arrow)} {clean(source.path)}:{first.line}:{first.start + 1}")
        if source.data:
            out.append(f"{' ' * margin} {bar}")
            out += _snippet(source, marks, margin, severity, paint)
    notes = [line for note in diagnostic.notes for line in _noted(note, margin, paint)]
    fixes = [line for fix in diagnostic.fixes for line in _repaired(fix, margin, paint)]
    if notes or fixes:
        out.append(f"{' ' * margin} {bar}")
    return "\n".join([*out, *notes, *fixes]) + "\n"


def _by_source(diagnostic: Diagnostic) -> list[tuple[Source, list[_Mark]]]:
    """The marks of each file by line, the file of the diagnostic itself first."""
    groups: dict[str, tuple[Source, list[_Mark]]] = {}
    places = [(diagnostic.span, "", True), *((label.span, label.text, False) for label in diagnostic.labels)]
    for span, text, primary in places:
        groups.setdefault(span.path, (span.source, []))[1].append(_mark(span, clean(text), primary))
    return [
        (source, sorted(marks, key=lambda m: (m.line, not m.primary, m.start))) for source, marks in groups.values()
    ]


def _mark(span: Span, text: str, primary: bool) -> _Mark:
    line, column = span.source.position(span.start)
    last, last_column = span.source.position(max(span.end, span.start))
    if last_column == 1 and last > line:
        last -= 1  # a span that takes in the line end only
        last_column = len(span.source.line(last)) + 1
    if last == line:
        return _Mark(line, column - 1, last_column - 1, text, primary)
    shown = span.source.line(line).rstrip()
    return _Mark(line, column - 1, max(len(shown), column), f"{text} (to line {last})".strip(), primary)


def _snippet(
    source: Source, marks: list[_Mark], margin: int, severity: str, paint: Callable[[str, str], str]
) -> list[str]:
    out: list[str] = []
    bar = paint("gutter", "|")
    shown = 0
    for number, group in groupby(marks, key=lambda mark: mark.line):
        text, beside = source.line(number), list(group)
        begin, stop = _window(text, beside[0])
        if shown and number > shown + 1:
            out.append(paint("gutter", "..."))
        ends = ("…" if begin else "", "…" if stop < len(text) else "")
        line = f"{paint('gutter', f'{number:>{margin}}')} {bar} {ends[0]}{visible(text[begin:stop])}{ends[1]}"
        out.append(line.rstrip())
        shown = number
        strokes = []
        for mark in beside:
            before = cells(text[begin : min(max(mark.start, begin), stop)]) + bool(begin)
            under = max(1, cells(text[min(max(mark.start, begin), stop) : min(max(mark.end, begin), stop)]))
            strokes.append(_Stroke(before, under, mark.text, severity if mark.primary else "label", mark.primary))
        out += [f"{' ' * margin} {bar} {row}" for row in _strokes(strokes, paint)]
    return out


@dataclass(frozen=True, slots=True)
class _Stroke:
    """A mark as it is drawn, in terminal columns from the text's first."""

    at: int
    width: int
    text: str
    style: str
    primary: bool

    @property
    def line(self) -> str:
        return ("^" if self.primary else "-") * self.width


def _strokes(strokes: Sequence[_Stroke], paint: Callable[[str, str], str]) -> list[str]:
    """The rows below a line of text: its marks side by side, the last one's words beside it and the others' hanging below;
    marks that overlap each get a row."""
    ordered = sorted(strokes, key=lambda stroke: stroke.at)
    if any(one.at + one.width >= two.at for one, two in pairwise(ordered)):
        return [" " * stroke.at + paint(stroke.style, f"{stroke.line} {stroke.text}".rstrip()) for stroke in strokes]
    last = ordered[-1]
    rows = [_row([(stroke.at, stroke.line, stroke.style) for stroke in ordered[:-1]], last, paint)]
    hanging = [stroke for stroke in ordered[:-1] if stroke.text]
    if hanging:
        rows.append(_row([(stroke.at, "|", stroke.style) for stroke in hanging], None, paint))
    while hanging:
        stroke = hanging.pop()
        held = [(other.at, "|", other.style) for other in hanging]
        rows.append(_row([*held, (stroke.at, stroke.text, stroke.style)], None, paint))
    return rows


def _row(pieces: Sequence[tuple[int, str, str]], last: _Stroke | None, paint: Callable[[str, str], str]) -> str:
    """Texts at their columns, from left to right."""
    if last is not None:
        pieces = [*pieces, (last.at, f"{last.line} {last.text}".rstrip(), last.style)]
    out, column = "", 0
    for at, text, style in pieces:
        out += " " * (at - column) + paint(style, text)
        column = at + cells(text)
    return out


def _window(text: str, mark: _Mark) -> tuple[int, int]:
    """The characters of a line that are shown: all of them, or those around its first mark."""
    if len(text) <= WIDTH and cells(text) <= WIDTH:
        return 0, len(text)
    begin = max(0, mark.start - WIDTH // 3)
    stop, taken = begin, 0
    while stop < len(text) and taken < WIDTH:
        taken += cells(text[stop])
        stop += 1
    return begin, stop


def _noted(note: str, margin: int, paint: Callable[[str, str], str]) -> list[str]:
    """A note; one of several lines, such as a trace, keeps them, below its first."""
    first, *rest = note.splitlines() or [""]
    lead = f"{' ' * margin} {paint('gutter', '=')} note: "
    return [lead + visible(first), *(f"{' ' * margin}   {visible(line)}".rstrip() for line in rest)]


def _repaired(fix: Fix, margin: int, paint: Callable[[str, str], str]) -> list[str]:
    """The repair, with the lines as they would be: one that changes, or a few that go or come."""
    asked = "" if fix.safe else " (only with --unsafe-fixes)"
    out = [f"{' ' * margin} {paint('gutter', '=')} fix: {clean(fix.title)}{asked}"]
    if len({span.path for span, _ in fix.edits}) != 1:
        return out
    source = fix.edits[0][0].source
    edits = sorted(fix.edits, key=lambda edit: (edit[0].start, edit[0].end))
    first = source.position(edits[0][0].start)[0]
    start = source.data.rfind(b"\n", 0, edits[0][0].start) + 1
    last = source.data.find(b"\n", max(edits[-1][0].end, start))
    stop = len(source.data) if last < 0 else last
    pieces, at = [], start
    for span, text in edits:
        if span.start < at:
            return out  # edits that overlap are nobody's to show
        pieces += [source.data[at : span.start], text.encode()]
        at = span.end
    old = source.data[start:stop].decode("utf-8", "replace").split("\n")
    new = b"".join([*pieces, source.data[at:stop]]).decode("utf-8", "replace").split("\n")
    while old and new and old[-1] == new[-1]:  # lines that only stand beside what goes or comes
        old.pop()
        new.pop()
    if not 1 <= len(old) + len(new) <= 2 * _SHOWN or len(old) > _SHOWN or len(new) > _SHOWN:
        return out
    rows = [(first + number, "-", line) for number, line in enumerate(old)] if len(old) != 1 or not new else []
    rows += [(first + number, "+", line) for number, line in enumerate(new)]
    changed = len(source.data[start : edits[0][0].start].decode("utf-8", "replace"))
    for number, sign, line in rows:
        line = line.rstrip("\r")
        begin, end = _window(line, _Mark(number, changed, changed, "", True))
        shown = f"{'…' if begin else ''}{visible(line[begin:end])}{'…' if end < len(line) else ''}"
        style = "fix" if sign == "+" else "gone"
        out.append(f"{paint('gutter', f'{number:>{margin}} {sign}')} {paint(style, shown)}".rstrip())
    return out


def _concise(diagnostic: Diagnostic) -> str:
    return f"{clean(str(diagnostic.span))}: {diagnostic.code} {diagnostic.name}: {clean(diagnostic.message)}"
