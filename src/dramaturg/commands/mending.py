"""``check --fix`` and ``check --diff``: what can be repaired in scenarios and the modules that they use.

Each scenario is repaired with what the ones before it changed in mind, so that a module which several of them use is
mended once. Nothing is written before all of them have been looked at.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dramaturg.commands import library
from dramaturg.commands.outcome import FINDINGS, Outcome
from dramaturg.commands.screen import colour
from dramaturg.commands.writing import difference, replace_text

if TYPE_CHECKING:
    from dramaturg.dsl.diagnostics import Diagnostic
    from dramaturg.dsl.messages.repair import Seen


@dataclass(frozen=True, slots=True)
class Mended:
    """One file that would change, and what was done."""

    before: bytes
    after: bytes
    root: Path
    """The folder that bounds what may be written."""


def mend(
    files: Sequence[Path], *, max_states: int | None, unsafe: bool
) -> tuple[dict[Path, Mended], list[Diagnostic], list[tuple[Diagnostic, str]]]:
    """The files that change, what is said of the scenarios afterwards, and each mistake with how it was mended."""
    from dramaturg.commands.places import local
    from dramaturg.dsl.messages.repair import repair

    texts: dict[Path, bytes] = {}
    changed: dict[Path, Mended] = {}
    left: list[Diagnostic] = []
    done: list[tuple[Diagnostic, str]] = []
    for path in files:
        first: list[library.Attempt] = []

        def look(unsaved: Mapping[Path, bytes], path: Path = path, first: list[library.Attempt] = first) -> Seen:
            tried = library.attempt(path, analyse=True, max_states=max_states, overlay=unsaved)
            first.append(tried)
            return seen(tried)

        result = repair(look, texts, unsafe=unsafe)
        read: dict[Path, bytes] = {}
        for tried in first:
            for file, data in _texts(tried).items():
                read.setdefault(file, data)  # a file is read before it is changed
        for file, data in result.files.items():
            if data != texts.get(file, read.get(file)):
                before = changed[file].before if file in changed else read[file]
                changed[file] = Mended(before, data, result.left.root)
        texts = result.files
        shown = first[-1].shown
        left += local(result.left.diagnostics, path, shown)
        placed = local([item for item, _ in result.done], path, shown)
        done += [(item, fix.title) for item, (_, fix) in zip(placed, result.done)]
    return changed, left, done


def seen(tried: library.Attempt) -> Seen:
    """An attempt, as repairs look at it."""
    from dramaturg.dsl.messages.repair import Seen

    return Seen(tried.diagnostics, _root(tried))


def _root(tried: library.Attempt) -> Path:
    return Path(os.path.abspath(tried.file)).parents[len(Path(tried.shown).parts) - 1]


def _texts(tried: library.Attempt) -> dict[Path, bytes]:
    root = _root(tried)
    return {root / source.path: source.data for source in tried.sources}


def show(changed: Mapping[Path, Mended]) -> None:
    """Print what would change, and end the command saying so. Writes nothing."""
    for file in sorted(changed):
        name = os.path.relpath(file).replace(os.sep, "/")
        made = changed[file]
        sys.stdout.write(difference(name, made.before, made.after, colour=colour(sys.stdout)))
    if changed:
        raise Outcome(FINDINGS, f"{_files(len(changed))} would change; nothing was written")


def write(changed: Mapping[Path, Mended], done: Sequence[tuple[Diagnostic, str]]) -> None:
    """Write what changed, and say on stderr what was done."""
    for file in sorted(changed):
        made = changed[file]
        replace_text(file, made.before, made.after, made.root)
    for item, title in done:
        print(f"fixed {item.span}: {item.code} {item.name}: {title}", file=sys.stderr)
    if done:
        count = f"{len(done)} mistake{'' if len(done) == 1 else 's'}"
        print(f"{count} fixed in {_files(len(changed))}", file=sys.stderr)


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
