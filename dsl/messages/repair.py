"""Repair: fixes applied to the texts they were offered for, and only where they help.

A fix is a set of byte-range edits that some diagnostic offers. A round applies all that do not touch each other, in the order of
the file, and has the result looked at again: where a mistake is still there, or a new error has come, the round is undone and
its fixes are tried one at a time; one that does not help is never tried again. So a repaired file is never worse than
before, and its bytes outside the edits, comments above all, are as they were. Nothing here reads or writes a file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from dramaturg.dsl.diagnostics import Diagnostic, Fix
from dramaturg.dsl.spans import Span

ROUNDS = 10
"""A repair may make room for another, but not for ever."""
CHAIN = 3
"""Steps of repairs that bring each other to light, before the whole is judged."""
PHASES = ("E1", "E45", "E2", "E3 E4", "E5", "E6")
"""What is found first hides what would be found later: areas of codes, in the order in which loading comes to them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to say about some files, and where they lie."""

    diagnostics: tuple[Diagnostic, ...]
    root: Path
    """The paths of the spans are relative to this folder."""


Look: TypeAlias = Callable[[Mapping[Path, bytes]], Seen]
"""Says what is wrong, given texts that count instead of those on the disk, by absolute path."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of the files."""

    files: dict[Path, bytes]
    """The new text of every file that changed, by absolute path, with what ``look`` was given to begin with."""
    done: tuple[tuple[Diagnostic, Fix], ...]
    """Which mistakes were mended, and how. Places are those of the text in which each was found."""
    left: Seen
    """What there is to say afterwards."""


@dataclass(slots=True)
class _Work:
    look: Look
    files: dict[Path, bytes]
    seen: Seen
    done: list[tuple[Diagnostic, Fix]] = field(default_factory=list)
    refused: set[tuple[str, str, str, str]] = field(default_factory=set)


def repair(look: Look, files: Mapping[Path, bytes] | None = None, *, unsafe: bool = False) -> Repaired:
    """Apply every safe fix (with ``unsafe`` every fix) until nothing changes, at most ``ROUNDS`` times.

    ``files`` are texts that already count instead of those on the disk; they are among the files of the result.
    """
    work = _Work(look, dict(files or {}), look(files or {}))
    for _ in range(ROUNDS):
        chosen = _chosen(work, unsafe)
        if not chosen:
            break
        if _attempt(work, chosen):
            continue
        sound = [one for one in chosen if _trial(work, [one]) is not None] if len(chosen) > 1 else []
        work.refused.update(_name(*one) for one in chosen if one not in sound)
        if sound and not _attempt(work, sound):
            _attempt(work, sound[:1])
        elif not sound:
            any(_chain(work, one) for one in chosen)
    return Repaired(work.files, tuple(work.done), work.seen)


def edited(data: bytes, edits: Sequence[tuple[Span, str]]) -> bytes:
    """``data`` with the edits made. Raises ValueError where two of them overlap or one lies outside."""
    out: list[bytes] = []
    at = 0
    for span, text in sorted(edits, key=lambda edit: (edit[0].start, edit[0].end)):
        if not at <= span.start <= span.end <= len(data):
            raise ValueError(
                f"the edit of {span.start}–{span.end} does not fit a text of {len(data)} bytes edited to {at}"
            )
        out += [data[at : span.start], text.encode()]
        at = span.end
    return b"".join([*out, data[at:]])


def _chosen(work: _Work, unsafe: bool) -> list[tuple[Diagnostic, Fix]]:
    """One fix for each diagnostic that has any, first come first served where two would touch."""
    taken: dict[str, list[tuple[int, int]]] = {}
    chosen: list[tuple[Diagnostic, Fix]] = []
    for diagnostic in sorted(work.seen.diagnostics, key=lambda item: (item.span.path, item.span.start)):
        for fix in diagnostic.fixes:
            if not (fix.safe or unsafe) or not fix.edits or _name(diagnostic, fix) in work.refused:
                continue
            ranges = [(span.path, span.start, span.end) for span, _ in fix.edits]
            if any(span.path.startswith("<") for span, _ in fix.edits) or not _apart(ranges, taken):
                continue
            for path, start, end in ranges:
                taken.setdefault(path, []).append((start, end))
            chosen.append((diagnostic, fix))
            break
    return chosen


def _apart(ranges: Sequence[tuple[str, int, int]], taken: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    return not any(
        start <= end_ and start_ <= end for path, start, end in ranges for start_, end_ in taken.get(path, ())
    )


def _attempt(work: _Work, chosen: Sequence[tuple[Diagnostic, Fix]]) -> bool:
    """Make these edits, and keep them where they help."""
    trial = _trial(work, chosen)
    if trial is None:
        return False
    work.files, work.seen = trial
    work.done += chosen
    return True


def _trial(work: _Work, chosen: Sequence[tuple[Diagnostic, Fix]]) -> tuple[dict[Path, bytes], Seen] | None:
    """The files with these edits made and what is said of them then; None where that is no better."""
    files = _made(work.files, work.seen, chosen)
    if files is None:
        return None
    after = work.look(files)
    edits: dict[str, list[tuple[Span, str]]] = {}
    for span, text in (edit for _, fix in chosen for edit in fix.edits):
        edits.setdefault(span.path, []).append((span, text))
    helped = _helped(work.seen, after, [diagnostic for diagnostic, _ in chosen], edits)
    return (files, after) if helped else None


def _chain(work: _Work, first: tuple[Diagnostic, Fix]) -> bool:
    """Make a repair that helps only together with others: with those of what it brings to light on its own lines.

    One slip may hide another of the same text (`delay => 20 minutes`). The repairs are judged as one, against what was said before.
    """
    if any("\n" in span.text + text for span, text in first[1].edits):
        return False
    said = {(item.code, item.message) for item in work.seen.diagnostics}
    lines = {(work.seen.root / span.path, span.line) for span, _ in first[1].edits}
    files, seen, todo = work.files, work.seen, [first]
    done: list[tuple[Diagnostic, Fix]] = []
    for _ in range(CHAIN):
        made = _made(files, seen, todo)
        if made is None:
            return False
        files, seen = made, work.look(made)
        done += todo
        mended = {(item.code, item.message, item.span.line) for item, _ in done}
        if any((item.code, item.message, item.span.line) in mended for item in seen.diagnostics):
            return False
        fresh = [it for it in seen.diagnostics if it.severity == "error" and (it.code, it.message) not in said]
        if not fresh:
            work.files, work.seen = files, seen
            work.done += done
            return True
        todo = [(item, fix) for item in fresh for fix in item.fixes[:1] if fix.safe and fix.edits]
        if len(todo) < len(fresh) or any((seen.root / it.span.path, it.span.line) not in lines for it in fresh):
            return False
    return False


def _made(
    files: Mapping[Path, bytes], seen: Seen, chosen: Sequence[tuple[Diagnostic, Fix]]
) -> dict[Path, bytes] | None:
    """The files with these edits of what was seen in them; None where they do not go together."""
    edits: dict[str, list[tuple[Span, str]]] = {}
    for _, fix in chosen:
        for span, text in fix.edits:
            edits.setdefault(span.path, []).append((span, text))
    out = dict(files)
    for path, changes in edits.items():
        try:
            out[seen.root / path] = edited(changes[0][0].source.data, changes)
        except ValueError:
            return None
    return out


def _helped(
    before: Seen, after: Seen, mended: Sequence[Diagnostic], edits: Mapping[str, Sequence[tuple[Span, str]]]
) -> bool:
    """Whether what was to be mended is gone and nothing new is wrong."""
    moves = {path: _moves(changes) for path, changes in edits.items()}

    def moved(item: Diagnostic) -> tuple[str, Path, int]:
        return item.code, before.root / item.span.path, _moved(item.span.start, moves.get(item.span.path))

    now = {(item.code, after.root / item.span.path, item.span.start) for item in after.diagnostics}
    if any(moved(item) in now for item in mended):
        return False
    touched = {(before.root / path, line) for path, changes in edits.items() for line in lines_of(changes)}
    said = {(item.code, item.message) for item in before.diagnostics}
    places = {moved(item) for item in before.diagnostics}
    reached = min(_phase(item) for item in mended)

    laid_out = any(item.name == "bad-indentation" for item in mended)

    def known(item: Diagnostic) -> bool:
        """Whether it was said before, or comes to light now because what hid it is mended."""
        file = after.root / item.span.path
        if laid_out and (file, item.span.line) in touched:
            return (
                False  # a line that is wrong where it stands now may well have been moved to where it does not belong
            )
        if (item.code, item.message) in said or (item.code, file, item.span.start) in places:
            return True
        return _phase(item) > reached or (reached == 0 and (file, item.span.line) not in touched)

    return all(known(item) for item in after.diagnostics if item.severity == "error")


def _phase(item: Diagnostic) -> int:
    code = f"E{item.code[1:]}"
    return next((at for at, codes in enumerate(PHASES) if code.startswith(tuple(codes.split()))), len(PHASES))


def lines_of(edits: Sequence[tuple[Span, str]]) -> set[int]:
    """The lines of the new text on which something was changed."""
    out: set[int] = set()
    added = 0
    for span, text in sorted(edits, key=lambda edit: (edit[0].start, edit[0].end)):
        first = span.line + added
        out.update(range(first, first + text.count("\n") + 1))
        added += text.count("\n") - span.text.count("\n")
    return out


_Moves: TypeAlias = tuple[list[int], list[int]]
"""Where edits end, and by how much what follows has moved."""


def _moves(edits: Sequence[tuple[Span, str]]) -> _Moves:
    ends, shifts, total = [], [], 0
    for span, text in sorted(edits, key=lambda edit: (edit[0].start, edit[0].end)):
        total += len(text.encode()) - (span.end - span.start)
        ends.append(span.end)
        shifts.append(total)
    return ends, shifts


def _moved(offset: int, moves: _Moves | None) -> int:
    if moves is None:
        return offset
    at = bisect_right(moves[0], offset)
    return offset + (moves[1][at - 1] if at else 0)


def _name(diagnostic: Diagnostic, fix: Fix) -> tuple[str, str, str, str]:
    """What tells a fix from others though its place may move."""
    return diagnostic.code, diagnostic.span.path, diagnostic.message, repr([text for _, text in fix.edits])
