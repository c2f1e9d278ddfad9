"""Exchange: diagnostics as other tools read them.

``json`` is ours: one canonical record for each, with bytes, lines and columns of every place. SARIF (2.1.0, OASIS) is for code
scanning: rules with their pages, regions in code points, related places and fixes. Workflow commands are for GitHub's log of a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TypeAlias
from urllib.parse import quote

import orjson

from dramaturg.dsl.diagnostics import SEVERITIES, Diagnostic, Fix
from dramaturg.dsl.messages.explain import explain
from dramaturg.dsl.spans import Span

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"


def dump(value: Json) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE).decode()


@cache
def _release() -> str:
    try:
        return version("dramaturg")
    except PackageNotFoundError:
        return "0"


def _range(span: Span) -> dict[str, Json]:
    def at(offset: int) -> dict[str, Json]:
        line, column = span.source.position(offset)
        return {"line": line, "column": column, "offset": offset}

    return {"path": span.path, "start": at(span.start), "end": at(max(span.end, span.start))}


def record(diagnostic: Diagnostic) -> dict[str, Json]:
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_range(diagnostic.span),
        "labels": [{"text": label.text, **_range(label.span)} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "fixes": [
            {
                "title": fix.title,
                "safe": fix.safe,
                "edits": [{"text": text, **_range(span)} for span, text in fix.edits],
            }
            for fix in diagnostic.fixes
        ],
    }


def sarif(found: list[Diagnostic]) -> dict[str, Json]:
    """A SARIF 2.1.0 log (OASIS standard) with one run."""
    rules = sorted({(diagnostic.code, diagnostic.name) for diagnostic in found})
    index = {code: at for at, (code, _) in enumerate(rules)}
    release = _release()
    results: list[Json] = []
    for diagnostic in found:
        result: dict[str, Json] = {
            "ruleId": diagnostic.code,
            "ruleIndex": index[diagnostic.code],
            "level": diagnostic.severity,
            "message": {"text": " ".join([_sentence(diagnostic.message), *map(_sentence, diagnostic.notes)])},
            "locations": [_location(diagnostic.span)] if _is_file(diagnostic.span) else [],
        }
        if diagnostic.labels:
            result["relatedLocations"] = [
                {"id": at, "message": {"text": label.text}, **_location(label.span)}
                for at, label in enumerate(diagnostic.labels)
                if _is_file(label.span)
            ]
        if diagnostic.fixes:
            result["fixes"] = [_sarif_fix(fix) for fix in diagnostic.fixes]
        results.append(result)
    driver: Json = {
        "name": "dramaturg",
        "version": release,
        "rules": [_rule(code, name) for code, name in rules],
    }
    run: Json = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return {"$schema": schema, "version": "2.1.0", "runs": [run]}


def _rule(code: str, name: str) -> Json:
    """A rule with its page, which code scanning shows beside a finding."""
    page = explain(code)
    said = page.split("## Wrong")[0].strip().split("\n\n")[1:]
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": _sentence(name.replace("-", " ").capitalize())},
        "fullDescription": {"text": " ".join(" ".join(part.split()) for part in said)},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": SEVERITIES[code[0]]},
    }


def _is_file(span: Span) -> bool:
    """Whether a place lies in a file; what no author wrote is called ``<built in>``."""
    return not span.path.startswith("<")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _artifact(path: str) -> Json:
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


def github(diagnostic: Diagnostic) -> str:
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
