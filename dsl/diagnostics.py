"""Diagnostics: what is said to an author, as values.

One Markdown file per diagnostic in ``dsl/codes/`` (``E201-unknown-key.md``) is at once its registration, its documentation
page, the text of ``explain`` and a test. The first letter is the severity (E error, W warning, N note), the first digit the
area: 1 reading YAML, 2 the shape of a file, 3 expressions, types and units, 4 names and ``uses``, 5 views and templates,
6 the state graph and what is proved of it, 7 recordings, imports and training data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from dramaturg.dsl.spans import Span

SEVERITIES = {"E": "error", "W": "warning", "N": "note"}


@dataclass(frozen=True, slots=True)
class Label:
    """A further place and what it has to do with the matter ("first declared here")."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair: byte-range replacements in the author's file, never re-emitted YAML."""

    title: str
    edits: tuple[tuple[Span, str], ...]
    safe: bool = True
    """Whether what was meant is beyond doubt, so that ``check --fix`` may do it unasked. One that takes something of the
    author's away, or chooses between two readings, is not."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    code: str
    name: str
    severity: str
    message: str
    """One sentence in the author's words, without the place."""
    span: Span
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


@cache
def codes() -> dict[str, str]:
    """Every kebab name with its code, read from the names of the files in ``dsl/codes/``."""
    from importlib.resources import files

    out: dict[str, str] = {}
    for entry in files("dramaturg.dsl").joinpath("codes").iterdir():
        if entry.name.endswith(".md") and "-" in entry.name:
            code, name = entry.name[:-3].split("-", 1)
            assert name not in out, f"two codes are named {name}"
            out[name] = code
    return out


def diagnose(
    name: str,
    span: Span,
    message: str,
    *,
    labels: Iterable[Label] = (),
    notes: Iterable[str] = (),
    fixes: Iterable[Fix] = (),
) -> Diagnostic:
    """A diagnostic by its kebab name. The code and severity come from the file that documents it.

    What is warned of may be meant, so no fix of a warning or a note is safe.
    """
    code = codes()[name]
    offered = tuple(fix if code[0] == "E" else replace(fix, safe=False) for fix in fixes)
    return Diagnostic(code, name, SEVERITIES[code[0]], message, span, tuple(labels), tuple(notes), offered)
