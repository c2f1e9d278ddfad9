"""Places as the person at this terminal would name them.

A scenario's own places are relative to the folder of the scenarios, so that what is built from them is the same
everywhere. What is printed here and now is better relative to where the command was run: editors and code scanners
follow such paths.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from dramaturg.dsl.diagnostics import Diagnostic, Label
from dramaturg.dsl.spans import Source, Span


def local(diagnostics: Sequence[Diagnostic], file: Path, shown: str) -> list[Diagnostic]:
    """The diagnostics of a scenario ``file`` that calls itself ``shown``, with paths from the current directory."""
    root = os.path.abspath(file)
    for _ in Path(shown).parts:
        root = os.path.dirname(root)
    prefix = os.path.relpath(root)

    @cache
    def placed(source: Source) -> Source:
        path = os.path.normpath(os.path.join(prefix, source.path)).replace(os.sep, "/")
        return Source(path, source.data)

    def here(span: Span) -> Span:
        return span if span.path.startswith("<") else Span(placed(span.source), span.start, span.end)

    return [
        replace(
            item,
            span=here(item.span),
            labels=tuple(Label(here(label.span), label.text) for label in item.labels),
            fixes=tuple(
                replace(fix, edits=tuple((here(span), text) for span, text in fix.edits)) for fix in item.fixes
            ),
        )
        for item in diagnostics
    ]
