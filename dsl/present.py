"""Presentation: diagnostics as people and tools read them.

Five forms of the same list, always in the order (path, place, code) and the same for the same input: ``full`` for a terminal, with
the author's line and a caret under the exact columns; ``concise``, one line each; ``json``, one canonical array; ``sarif`` (2.1.0)
for code scanning; ``github``, workflow commands. Columns count characters; carets count terminal columns, in which an
East Asian wide character takes two and a combining one none.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dramaturg.dsl.diagnostics import Diagnostic, Fix
from dramaturg.dsl.spans import Source, Span

FORMS = ("full", "concise", "json", "sarif", "github")
WIDTH = 120
"""Terminal columns of an author's line that are shown; a longer one is cut around its mark."""

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

_COLOURS = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "gutter": "34",
    "label": "1;34",
    "strong": "1",
    "fix": "32",
}
_TAB = 4


def present(diagnostics: Iterable[Diagnostic], form: str = "full", *, colour: bool = False) -> str:
    """The diagnostics in one of ``FORMS``; empty where there is nothing to say. Raises ValueError on another form."""
    found = in_order(diagnostics)
    match form:
        case "full":
            return "".join(full(diagnostic, colour=colour) + "\n" for diagnostic in found)
        case "concise":
            return "".join(f"{_concise(diagnostic)}\n" for diagnostic in found)
        case "json":
            return _dump([_record(diagnostic) for diagnostic in found])
        case "sarif":
            return _dump(_sarif(found))
        case "github":
            return "".join(f"{_github(diagnostic)}\n" for diagnostic in found)
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
    out = [f"{head} {paint('strong', _clean(diagnostic.message))}"]
    for source, marks in _by_source(diagnostic):
        first = next((mark for mark in marks if mark.primary), marks[0])
        arrow = "-->" if first.primary else ":::"
        out.append(f"{' ' * margin}{paint('gutter', arrow)} {_clean(source.path)}:{first.line}:{first.start + 1}")
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
        groups.setdefault(span.path, (span.source, []))[1].append(_mark(span, _clean(text), primary))
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
    for mark in marks:
        text = source.line(mark.line)
        begin, stop = _window(text, next(m for m in marks if m.line == mark.line))
        before = _cells(text[begin : min(max(mark.start, begin), stop)])
        under = _cells(text[min(max(mark.start, begin), stop) : min(max(mark.end, begin), stop)])
        if mark.line != shown:
            if shown and mark.line > shown + 1:
                out.append(paint("gutter", "..."))
            ends = ("…" if begin else "", "…" if stop < len(text) else "")
            number = paint("gutter", f"{mark.line:>{margin}}")
            out.append(f"{number} {bar} {ends[0]}{_visible(text[begin:stop])}{ends[1]}".rstrip())
            shown = mark.line
        line = ("^" if mark.primary else "-") * max(under, 1)
        words = f"{line} {mark.text}".rstrip()
        out.append(
            f"{' ' * margin} {bar} {' ' * (before + bool(begin))}{paint(severity if mark.primary else 'label', words)}"
        )
    return out


def _window(text: str, mark: _Mark) -> tuple[int, int]:
    """The characters of a line that are shown: all of them, or those around its first mark."""
    if len(text) <= WIDTH and _cells(text) <= WIDTH:
        return 0, len(text)
    begin = max(0, mark.start - WIDTH // 3)
    stop, cells = begin, 0
    while stop < len(text) and cells < WIDTH:
        cells += _cell(text[stop])
        stop += 1
    return begin, stop


def _noted(note: str, margin: int, paint: Callable[[str, str], str]) -> list[str]:
    """A note; one of several lines, such as a trace, keeps them, below its first."""
    first, *rest = note.splitlines() or [""]
    lead = f"{' ' * margin} {paint('gutter', '=')} note: "
    return [lead + _visible(first), *(f"{' ' * margin}   {_visible(line)}".rstrip() for line in rest)]


def _repaired(fix: Fix, margin: int, paint: Callable[[str, str], str]) -> list[str]:
    """The repair, with the line as it would be where it changes a single one."""
    out = [f"{' ' * margin} {paint('gutter', '=')} fix: {_clean(fix.title)}"]
    lines = {(span.path, span.source.position(at)[0]) for span, _ in fix.edits for at in (span.start, span.end)}
    if len(lines) != 1 or any("\n" in text for _, text in fix.edits):
        return out
    source = fix.edits[0][0].source
    (_, number), *_ = lines
    start = source.data.rfind(b"\n", 0, fix.edits[0][0].start) + 1
    line = source.data[start : start + len(source.line(number).encode())]
    for span, text in sorted(fix.edits, key=lambda edit: (edit[0].start, edit[0].end), reverse=True):
        line = line[: span.start - start] + text.encode() + line[span.end - start :]
    repaired = line.decode("utf-8", "replace")
    if len(repaired) <= WIDTH:
        plus = paint("gutter", f"{number:>{margin}} +")
        out.append(f"{plus} {paint('fix', _visible(repaired))}")
    return out


def _cell(char: str) -> int:
    """The terminal columns that one character takes as it is shown."""
    if char == "\t":
        return _TAB
    if " " <= char <= "~":
        return 1
    if (shown := _visible(char)) != char:
        return len(shown)
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _cells(text: str) -> int:
    return len(text) if text.isascii() and text.isprintable() else sum(map(_cell, text))


_HIDDEN = {ord("\t"): " " * _TAB, 0x7F: "␡"}
_HIDDEN |= {code: chr(0x2400 + code) for code in range(0x20) if code != 0x09}
_HIDDEN |= {code: f"<U+{code:04X}>" for code in (*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_HIDDEN |= {code: f"<U+{code:04X}>" for code in (0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0x2060)}
_HIDDEN |= {code: f"<U+{code:04X}>" for code in (0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)}


def _visible(text: str) -> str:
    """The text with what would command a terminal, or hide in it, made visible."""
    return text if text.isascii() and text.isprintable() else text.translate(_HIDDEN)


def _clean(text: str) -> str:
    return _visible(" ".join(text.splitlines()) if "\n" in text else text)


# --- for tools --------------------------------------------------------------------------------------------------------


def _concise(diagnostic: Diagnostic) -> str:
    return f"{_clean(str(diagnostic.span))}: {diagnostic.code} {diagnostic.name}: {_clean(diagnostic.message)}"


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _range(span: Span) -> dict[str, Json]:
    def at(offset: int) -> dict[str, Json]:
        line, column = span.source.position(offset)
        return {"line": line, "column": column, "offset": offset}

    return {"path": span.path, "start": at(span.start), "end": at(max(span.end, span.start))}


def _record(diagnostic: Diagnostic) -> dict[str, Json]:
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_range(diagnostic.span),
        "labels": [{"text": label.text, **_range(label.span)} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "fixes": [
            {"title": fix.title, "edits": [{"text": text, **_range(span)} for span, text in fix.edits]}
            for fix in diagnostic.fixes
        ],
    }


def _sarif(found: list[Diagnostic]) -> dict[str, Json]:
    """A SARIF 2.1.0 log (OASIS standard) with one run."""
    rules = sorted({(diagnostic.code, diagnostic.name) for diagnostic in found})
    index = {code: at for at, (code, _) in enumerate(rules)}
    from importlib.metadata import PackageNotFoundError, version

    try:
        release = version("dramaturg")
    except PackageNotFoundError:
        release = "0"
    results: list[Json] = []
    for diagnostic in found:
        result: dict[str, Json] = {
            "ruleId": diagnostic.code,
            "ruleIndex": index[diagnostic.code],
            "level": diagnostic.severity,
            "message": {"text": " ".join([_sentence(diagnostic.message), *map(_sentence, diagnostic.notes)])},
            "locations": [_location(diagnostic.span)],
        }
        if diagnostic.labels:
            result["relatedLocations"] = [
                {"id": at, "message": {"text": label.text}, **_location(label.span)}
                for at, label in enumerate(diagnostic.labels)
            ]
        if diagnostic.fixes:
            result["fixes"] = [_sarif_fix(fix) for fix in diagnostic.fixes]
        results.append(result)
    driver: Json = {
        "name": "dramaturg",
        "version": release,
        "rules": [
            {"id": code, "name": name, "shortDescription": {"text": name.replace("-", " ")}} for code, name in rules
        ],
    }
    run: Json = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return {"$schema": schema, "version": "2.1.0", "runs": [run]}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _artifact(path: str) -> Json:
    from urllib.parse import quote

    return {"uri": quote(path.replace("\\", "/"))}


def _region(span: Span) -> Json:
    line, column = span.source.position(span.start)
    last, last_column = span.source.position(max(span.end, span.start))
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": last,
        "endColumn": last_column,
        "byteOffset": span.start,
        "byteLength": max(span.end - span.start, 0),
    }


def _location(span: Span) -> dict[str, Json]:
    return {"physicalLocation": {"artifactLocation": _artifact(span.path), "region": _region(span)}}


def _sarif_fix(fix: Fix) -> Json:
    changes: dict[str, list[Json]] = {}
    for span, text in fix.edits:
        replacement: Json = {"deletedRegion": _region(span), "insertedContent": {"text": text}}
        changes.setdefault(span.path, []).append(replacement)
    files: list[Json] = [
        {"artifactLocation": _artifact(path), "replacements": edits} for path, edits in changes.items()
    ]
    return {"description": {"text": fix.title}, "artifactChanges": files}


def _github(diagnostic: Diagnostic) -> str:
    """A workflow command; a file and a title escape more characters than the message does."""
    level = {"error": "error", "warning": "warning"}.get(diagnostic.severity, "notice")
    line, column = diagnostic.span.source.position(diagnostic.span.start)
    last, last_column = diagnostic.span.source.position(max(diagnostic.span.end, diagnostic.span.start))
    fields = {"file": diagnostic.span.path, "line": line, "endLine": last, "col": column}
    if last == line:
        fields["endColumn"] = max(last_column - 1, column)
    fields["title"] = f"{diagnostic.code} {diagnostic.name}"
    written = ",".join(f"{name}={_escape(str(value), ':,')}" for name, value in fields.items())
    said = " ".join(map(_sentence, [diagnostic.message, *diagnostic.notes]))
    return f"::{level} {written}::{_escape(said, '')}"


def _escape(text: str, more: str) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for char in more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text
