"""Renaming: one symbol, everywhere that it stands, and nothing else.

The edits are the occurrences of the symbol in every scenario that shares a file with it. That they mean what they should is not
argued but tried: the edited texts are loaded, no error may have come in, and every name must stand where it stood and mean
what it meant, up to the new name. A name that is taken, or that something nearer would be taken for, is so refused by the
loader's own rules. Comments and texts are left as they are.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dramaturg.dsl.declarations.inventory import ACTORS, PREFIXES
from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.editing.indexing import index
from dramaturg.dsl.editing.occurrences import KINDS, Index, Occurrence, Symbol
from dramaturg.dsl.expressions.parser import RESERVED
from dramaturg.dsl.expressions.spelling import WORD
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.fit import is_named
from dramaturg.dsl.load import Understood, understand
from dramaturg.dsl.reading.reader import NOTHING_OVER, Overlay
from dramaturg.dsl.spans import Span

PATTERNS = {"event": shapes.EVENT, "state": shapes.STATE, "choice": WORD, "recording": shapes.NAME}
UNMENTIONED = ("rule", "check", "recording", "persona")
"""Kinds whose names no expression speaks of, so that words of the language may name them."""


@dataclass(frozen=True, slots=True)
class Known:
    """A scenario of the workspace: its file, what the loader understood, and its index."""

    path: Path
    seen: Understood
    index: Index

    def file(self, shown: str) -> Path:
        """The absolute path of a file that the scenario read."""
        if shown == self.seen.loaded.sources[0].path:
            return self.path
        return self.seen.library.root / shown

    def shown_as(self, path: Path, data: bytes) -> str | None:
        """How the scenario calls a file, where it read it as it is written now."""
        for source in self.seen.loaded.sources:
            if self.file(source.path) == path and source.data == data:
                return source.path
        return None


@dataclass(frozen=True, slots=True)
class Renamed:
    """What to write where: absolute path, place, new text. In order of path and place, without overlaps."""

    edits: tuple[tuple[Path, Span, str], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a name cannot be given, in a sentence."""

    reason: str


def known(path: Path, overlay: Overlay = NOTHING_OVER) -> Known:
    path = Path(os.path.abspath(path))
    seen = understand(path, overlay=overlay)
    return Known(path, seen, index(seen))


def movable(symbol: Symbol, scenarios: Iterable[Known]) -> str | None:
    """Why a symbol cannot be renamed at all; None where it can."""
    if symbol.kind == "module":
        return "a module is named by its file; rename the file, and the lines under `uses`"
    if symbol == Symbol("person", "user") or not any(each.index.declarations(symbol) for each in scenarios):
        return f"`{symbol.short}` is a word of the language"
    return None


def rename(symbol: Symbol, new: str, scenarios: Sequence[Known], overlay: Overlay = NOTHING_OVER) -> Renamed | Refused:
    """Give a symbol of the first of these scenarios a new name, there and in all that share a file in which it stands.

    ``overlay`` are unsaved texts.
    """
    reason = movable(symbol, scenarios) or _unfit(symbol, new)
    if reason is not None:
        return Refused(reason)
    reached = _reached(symbol, scenarios)
    edits: dict[tuple[Path, int, int], tuple[Path, Span, str]] = {}
    for each in reached:
        for one in each.index.of(symbol):
            file = each.file(one.span.path)
            edits[file, one.span.start, one.span.end] = (file, one.span, new)
    made = Renamed(tuple(edits[key] for key in sorted(edits)))
    if new == symbol.short:
        return made
    changed = {**overlay, **applied(made)}
    for each in reached:
        if (problem := _differs(each, known(each.path, changed), made, symbol, new)) is not None:
            return Refused(problem)
    return made


def applied(renamed: Renamed) -> dict[Path, bytes]:
    """The texts after the edits, by path."""
    out: dict[Path, bytes] = {}
    for path, span, text in reversed(renamed.edits):
        data = out.get(path, span.source.data)
        out[path] = data[: span.start] + text.encode() + data[span.end :]
    return out


def _unfit(symbol: Symbol, new: str) -> str | None:
    pattern = PATTERNS.get(symbol.kind, shapes.NAME)
    if not is_named(pattern, new):
        how = (
            "capital letters, digits and `_`"
            if symbol.kind == "state"
            else "letters, digits and `_`, a small letter first"
        )
        return f"`{new}` cannot name {KINDS[symbol.kind]}: a name has {how}"
    if symbol.kind not in UNMENTIONED and new in RESERVED:
        return f"`{new}` is a word of the language and cannot be a name"
    if symbol.kind in ("variable", "person", "event", "field") and new.partition(".")[0] in (*PREFIXES, *ACTORS):
        return f"`{new.partition('.')[0]}` is a word of the language and cannot be a name"
    return None


def _reached(symbol: Symbol, scenarios: Sequence[Known]) -> list[Known]:
    """The scenarios that have the symbol, from the first one on by way of the files that they share."""
    having = [each for each in scenarios if each.index.of(symbol)]
    if not having:
        return []
    out = [having.pop(0)]
    files = {out[0].file(one.span.path) for one in out[0].index.of(symbol)}
    grown = True
    while grown:
        grown = False
        for each in list(having):
            mine = {each.file(one.span.path) for one in each.index.of(symbol)}
            if mine & files:
                files |= mine
                out.append(each)
                having.remove(each)
                grown = True
    return out


def _differs(old: Known, new: Known, made: Renamed, symbol: Symbol, name: str) -> str | None:
    """What the new name would break in a scenario; None where everything still means what it meant."""
    before, after = _errors(old.seen), _errors(new.seen)
    if extra := after - before:
        worst = next(d for d in new.seen.loaded.diagnostics if (d.name, d.severity) in extra)
        return f"`{symbol.short}` cannot become `{name}` in `{old.seen.loaded.sources[0].path}`: {worst.message}"
    moved = {_moved(one, old, made): one.symbol for one in old.index.occurrences}
    stands = {(new.file(one.span.path), one.span.start, one.symbol.kind): one.symbol for one in new.index.occurrences}
    lost = [place for place in moved if place not in stands] or [place for place in stands if place not in moved]
    pairs = {(was, stands[place]) for place, was in moved.items() if place in stands}
    if lost or len({was for was, _ in pairs}) != len(pairs) or len({now for _, now in pairs}) != len(pairs):
        return f"`{symbol.short}` cannot become `{name}`: something else of that name would be taken for it"
    return None


def _errors(seen: Understood) -> Counter[tuple[str, str]]:
    said: Iterable[Diagnostic] = seen.loaded.diagnostics
    return Counter((d.name, d.severity) for d in said if d.severity == "error")


def _moved(one: Occurrence, scenario: Known, made: Renamed) -> tuple[Path, int, str]:
    """Where an occurrence begins once the edits are made."""
    file = scenario.file(one.span.path)
    by = sum(
        len(text.encode()) - (span.end - span.start)
        for path, span, text in made.edits
        if path == file and span.end <= one.span.start
    )
    return file, one.span.start + by, one.symbol.kind
