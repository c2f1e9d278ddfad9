"""A mutant: one edit of one shipped file, the mistake that it is, and the lines on which it should be reported.

A *kind* is a small generator of mutants, entered in the registry with ``@kind``. Whether what it makes is wrong is known by how it
is made, never by asking Dramaturg. Kinds whose edits may leave a legal scenario are entered as ``legal`` and only counted apart.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.mutants.library import File, Library, Spot


@dataclass(frozen=True, slots=True)
class Mutant:
    kind: str
    file: str
    """The file that is changed."""
    scenario: str
    """The scenario through which it is looked at."""
    text: str
    """The changed text."""
    lines: frozenset[int]
    """Lines (from 1) of the changed text on which the mistake may be shown."""
    was: str
    now: str
    meant: str = ""
    """For a misspelling: the word that should be suggested."""
    elsewhere: frozenset[tuple[str, int]] = frozenset()
    """Lines of other files that speak of what was taken away."""


Make = Callable[[Library, random.Random], Iterator[Mutant]]


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    make: Make
    legal: bool = False
    """Whether the edit may leave a legal scenario."""
    deep: bool = False
    """Whether only the graph can show the mistake, so that each takes a second."""


KINDS: dict[str, Kind] = {}


def kind(name: str, *, legal: bool = False, deep: bool = False) -> Callable[[Make], Make]:
    def enter(make: Make) -> Make:
        assert name not in KINDS, name
        KINDS[name] = Kind(name, make, legal, deep)
        return make

    return enter


def edit(
    library: Library,
    name: str,
    file: File,
    start: int,
    end: int,
    new: str,
    *,
    also: tuple[int, ...] = (),
    meant: str = "",
) -> Mutant:
    """``file`` with the characters ``start`` to ``end`` replaced. The lines of the edit count as its place, and the lines ``also``
    (of the text as it was) beside them."""
    text = file.text[:start] + new + file.text[end:]
    first = file.line(start)
    last = first + new.count("\n") - (new.endswith("\n") and bool(new.strip()))
    shift = new.count("\n") - file.text.count("\n", start, end)
    lines = set(range(first, last + 1))
    lines |= {line if line <= first else line + shift for line in also}
    was = file.text[start:end]
    return Mutant(name, file.name, library.users[file.name], text, frozenset(lines), was, new, meant)


def without(library: Library, name: str, file: File, spot: Spot, *, also: tuple[int, ...] = ()) -> Mutant:
    """``file`` without an entry. Its owner's line, the line where it stood and the one before are its place."""
    start, end = spot.entry
    owner = file.owner(spot)
    lines: set[int] = {max(1, file.line(start) - 1), file.line(start), *also}
    if owner is not None:
        lines.add(file.line(owner.key[0] if owner.key else owner.start))
        lines.update(range(file.line(owner.start), file.line(owner.start) + 2))
    new = ""
    removed = file.text[start:end]
    if owner is not None and len(file.children(owner)) == 1:  # an emptied map or list stays one
        start, end, new = owner.start, owner.end, "{}" if owner.kind == "map" else "[]"
        if owner.style == "block":
            start = file.text.rfind("\n", 0, owner.start)
            new = " " + new
    made = edit(library, name, file, start, end, new, also=tuple(lines))
    return Mutant(name, made.file, made.scenario, made.text, made.lines, removed, "", "")


def tokens(file: File, spot: Spot, pattern: str) -> Iterator[re.Match[str]]:
    """Matches in the raw text of a value; their ranges are those of the file."""
    yield from re.compile(pattern).finditer(file.text, spot.start, spot.end)


def plain(file: File, spot: Spot) -> Iterator[tuple[int, int]]:
    """The parts of an expression outside of quoted words."""
    at = spot.start
    for match in re.finditer(r'"(?:\\.|[^"\\])*"', file.text[spot.start : spot.end]):
        yield at, spot.start + match.start()
        at = spot.start + match.end()
    yield at, spot.end


def typo(word: str, known: frozenset[str], rng: random.Random) -> str:
    """The word with one slip of the finger, such that no known word comes out."""
    for _ in range(60):
        at = rng.randrange(len(word))
        match rng.randrange(4):
            case 0 if len(word) > 3:
                out = word[:at] + word[at + 1 :]
            case 1 if at + 1 < len(word):
                out = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            case 2:
                out = word[:at] + word[at] + word[at:]
            case _:
                out = word[:at] + rng.choice("aeiorstnlm") + word[at + 1 :]
        out = out.upper() if word.isupper() else out
        if (
            out not in known
            and out != word
            and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", out)
            and out[0].isupper() == word[0].isupper()
        ):
            return out
    return word + ("X" if word.isupper() else "x")
