"""What ``check`` found before, kept between runs: a cache that nobody has to trust.

A result follows from the bytes of every file that the scenario read, from files that must *not* be there (a module that would be
found first), from the options and from the code that did the checking. All of that is kept beside it, in one pack per folder
(``packs``), and a result is used only where every part of it holds: the bytes by their hash, or by a stamp that cannot lie
(``stamps``), which is what makes a thousand unchanged scenarios a matter of milliseconds. Whatever is damaged, from elsewhere,
or speaks of files outside the scenario's folder counts as not there. Only scenarios that load are kept, as what a missing file
means depends on more than files.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dramaturg import __version__
from dramaturg.commands import packs, stamps
from dramaturg.commands.packs import Malformed, Parts
from dramaturg.dsl.memory import kept

if TYPE_CHECKING:
    from dramaturg.dsl.diagnostics import Diagnostic
    from dramaturg.dsl.spans import Source, Span

LARGEST = 4_000_000
"""Bytes of a file that a result follows from, at most."""
BUILT_IN = -1
"""Stands for the source of what no author wrote."""
_WRONG = (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError)
"""What reading something that is not ours may end in."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a scenario."""

    shown: str
    """How the file calls itself: its path below the folder of the scenarios."""
    sources: tuple[Source, ...]
    """Every file that it read, its own first. Of a scenario of which nothing is said, remembered, none."""
    diagnostics: tuple[Diagnostic, ...]


class Memory:
    """The cache as one command uses it: packs are read once, files are asked once, and what is new is written at the end."""

    def __init__(self, place: Path | None = None) -> None:
        self.place = place
        self.packs: dict[str, Parts] = {}
        self.new: dict[str, Parts] = {}
        self.files: dict[str, os.stat_result | None] = {}
        self.digests: dict[str, str] = {}
        self.absent: dict[tuple[str, str, str], bool] = {}

    def pack(self, folder: str) -> Parts:
        found = self.packs.get(folder)
        if found is None:
            found = packs.read(self.place, folder, tool()) if self.place is not None else packs.empty()
            self.packs[folder] = found
        return found

    def status(self, path: str) -> os.stat_result | None:
        """What the system says of a file or folder, links not followed; None where there is none."""
        if path not in self.files:
            try:
                self.files[path] = os.lstat(path)
            except OSError:
                self.files[path] = None
        return self.files[path]

    def keep(self, folder: str, part: str, name: str, record: object) -> None:
        self.pack(folder)[part][name] = record
        self.new.setdefault(folder, packs.empty())[part][name] = record

    def save(self) -> None:
        """Write what is new. Where that cannot be done, the next run checks again."""
        if self.place is None:
            return
        for folder, parts in self.new.items():
            try:
                packs.write(self.place, folder, tool(), parts)
            except (OSError, ValueError):
                return
        self.new.clear()

    # --- which files are scenarios ---------------------------------------------------------------------------------

    def head(self, folder: str, name: str) -> bool | None:
        """Whether a file is a scenario, as far as its first lines say; None where that is not known."""
        record = self.pack(folder)["heads"].get(name)
        status = self.status(f"{folder}{os.sep}{name}")
        try:
            known, held = packs.items(record)
            if status is not None and isinstance(known, bool) and stamps.same(status, stamps.read(held)):
                return known
        except _WRONG:
            pass
        return None

    def keep_head(self, folder: str, name: str, known: bool, status: os.stat_result) -> None:
        """``status`` is what the system said before the file was read."""
        if self.place is not None:
            self.keep(folder, "heads", name, [known, list(stamps.stamp(status))])

    # --- what was found in them ------------------------------------------------------------------------------------

    def recall(self, path: Path, options: Mapping[str, str]) -> Found | None:
        """What was found in the scenario at ``path`` when it was checked last, if nothing has changed since."""
        if self.place is None:
            return None
        try:
            return self._recalled(os.path.abspath(path), options)
        except _WRONG:
            return None

    def _recalled(self, path: str, options: Mapping[str, str]) -> Found | None:
        folder, name = os.path.split(path)
        pack = self.pack(folder)
        record = pack["entries"].get(_key(name, options))
        if record is None:
            return None
        entry = packs.record(record)
        names = packs.texts(entry["files"])
        root = _root(path, names[0])
        if not self._all_absent(folder, root, entry["absent"]):
            return None
        if _together([self._digest(folder, root, below) for below in names]) != entry["together"]:
            return None
        said = packs.items(entry["diagnostics"])
        if not said:
            return Found(names[0], (), ())
        from dramaturg.dsl.spans import Source

        sources = tuple(Source(below, _bytes(root, below)) for below in names)
        if _together([hashlib.sha256(source.data).hexdigest() for source in sources]) != entry["together"]:
            return None
        return Found(names[0], sources, tuple([_diagnostic(item, sources) for item in said]))

    def _all_absent(self, folder: str, root: str, key: object) -> bool:
        """Whether nothing is there that was not. The scenarios of a folder mostly ask for the same, so that is kept once."""
        if not isinstance(key, str):
            raise Malformed("absent")
        known = self.absent.get((folder, root, key))
        if known is None:
            names = packs.texts(self.pack(folder)["absent"][key])
            there = [
                self.status(os.path.join(root, *_inside(name))) for name in names
            ]  # all of them: each must be a name
            known = self.absent[folder, root, key] = not any(there) and key == _together(names)
        return known

    def _digest(self, folder: str, root: str, name: str) -> str:
        """The hash of a file below the root as it is now: by its stamp the one that is kept, or read from its bytes."""
        path = f"{root}{os.sep}{name}"
        known = self.digests.get(path)
        if known is None:
            known = self._stamped(folder, root, _below(name), path) or self._hashed(folder, root, name, path)
            self.digests[path] = known
        return known

    def _stamped(self, folder: str, root: str, name: str, path: str) -> str | None:
        pack = self.pack(folder)
        record, status = pack["files"].get(path), self.status(path)
        if record is None or status is None:
            return None
        digest, held = packs.items(record)
        if not isinstance(digest, str) or not stamps.same(status, stamps.read(held)):
            return None
        above = os.path.dirname(path)
        while len(above) > len(root):
            status = self.status(above)
            if status is None or not stamps.same_folder(status, stamps.read(pack["folders"].get(above))):
                return None
            above = os.path.dirname(above)
        return digest

    def _hashed(self, folder: str, root: str, name: str, path: str) -> str:
        """The hash of the bytes, and a new stamp for next time. The status comes first: a change behind it changes the stamp."""
        before = self.files[path] = os.lstat(path)
        digest = hashlib.sha256(_bytes(root, name)).hexdigest()
        if stamps.TRUSTED and stat.S_ISREG(before.st_mode):
            self.keep(folder, "files", path, [digest, list(stamps.stamp(before))])
            above = os.path.dirname(path)
            while len(above) > len(root):
                self.keep(folder, "folders", above, list(stamps.stamp(os.lstat(above))))
                above = os.path.dirname(above)
        return digest

    def remember(self, path: Path, options: Mapping[str, str], found: Found) -> None:
        """Keep what was found."""
        if self.place is None:
            return
        try:
            here = os.path.abspath(path)
            folder, name = os.path.split(here)
            names = [source.path for source in found.sources]
            digests = [hashlib.sha256(source.data).hexdigest() for source in found.sources]
            root = _root(here, names[0])
            # What was read a moment ago is read again behind its stamp, so that no change in between goes unseen.
            if [self._digest(folder, root, below) for below in names] != digests:
                return
            absent = sorted({_top(root, at) for at in _nearer(names) if not os.path.lexists(os.path.join(root, at))})
            self.keep(folder, "absent", _together(absent), absent)
            record = {
                "files": names,
                "together": _together(digests),
                "absent": _together(absent),
                "diagnostics": [_record(item, found.sources) for item in found.diagnostics],
            }
            self.keep(folder, "entries", _key(name, options), record)
        except _WRONG:
            return


def open_memory(cached: bool = True) -> Memory:
    """The cache; one that remembers nothing where it is off."""
    return Memory(kept.place("check") if cached else None)


def recall(path: Path, options: Mapping[str, str]) -> Found | None:
    """``Memory.recall`` for one file."""
    memory = open_memory()
    found = memory.recall(path, options)
    memory.save()
    return found


def remember(path: Path, options: Mapping[str, str], found: Found) -> None:
    """``Memory.remember`` for one file."""
    memory = open_memory()
    memory.remember(path, options, found)
    memory.save()


def _together(texts: Sequence[str]) -> str:
    """One hash for several texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _top(root: str, name: str) -> str:
    """Of a file that is not there, the first folder on the way that is not there either; else the file."""
    parts = name.split("/")
    tops = ("/".join(parts[:count]) for count in range(1, len(parts)))
    return next((top for top in tops if not os.path.lexists(os.path.join(root, top))), name)


def _inside(name: str) -> list[str]:
    """The parts of the name of a file or folder below the root."""
    parts = name.split("/")
    if not all(parts) or "." in parts or ".." in parts or "\0" in name:
        raise Malformed(name)
    return parts


def _key(name: str, options: Mapping[str, str]) -> str:
    return "\0".join([name, *(f"{option}={value}" for option, value in sorted(options.items()))])


@cache
def tool() -> str:
    """What tells the code that checks from any other: its files and when they changed, and, while they are being worked on, their
    bytes. No stale result can come of work on the tool."""
    total = hashlib.sha256(f"{__version__}\0{sys.version}\0".encode())
    top = os.path.dirname(os.path.dirname(__file__))
    for part in ("dsl", "compiler", "grammars", "commands"):
        for path, status in sorted(_code(os.path.join(top, part))):
            held = stamps.stamp(status)
            total.update(f"{os.path.relpath(path, top)}\0{held[:5]}\0".encode())
            if not stamps.TRUSTED or max(held[3], held[4]) + stamps.SETTLED > time.time_ns():
                with open(path, "rb") as file:
                    total.update(file.read())
    return total.hexdigest()


def _code(top: str) -> Iterator[tuple[str, os.stat_result]]:
    for entry in os.scandir(top):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _code(entry.path)
        elif entry.name.endswith((".py", ".md", ".lark", ".json")):
            yield entry.path, entry.stat()


def _nearer(names: Sequence[str]) -> list[str]:
    """Where a module would be found before the one that was, if somebody put a file there."""
    out: dict[str, None] = {}
    folders = {PurePosixPath(name).parent for name in names}
    for name in names[1:]:
        parts = PurePosixPath(name).parts
        for cut in range(len(parts)):
            place, rest = PurePosixPath(*parts[:cut]), PurePosixPath(*parts[cut:])
            for asking in folders:
                below = [at for at in (asking, *asking.parents) if at != place and at.is_relative_to(place)]
                out.update((str(at / rest), None) for at in below)
    return sorted(out)


def _root(path: str, shown: str) -> str:
    """The folder of the scenarios: ``path`` without what the file calls itself."""
    parts = _below(shown).replace("/", os.sep)
    if not path.endswith(os.sep + parts):
        raise Malformed(shown)
    return path[: -len(parts) - 1] or os.sep


@cache
def _below(name: str) -> str:
    """The name of a file, if it can only be one below the root."""
    last = _inside(name)[-1]
    if not last.endswith((".yaml", ".yml")) or last in (".yaml", ".yml"):
        raise Malformed(name)
    return name


def _bytes(root: str, name: str) -> bytes:
    """The bytes of a file below the root."""
    from dramaturg.dsl.reading import folder as folders

    try:
        descriptor = folders.open_below(Path(root), _below(name))[0]
    except (folders.Outside, folders.Absent) as error:
        raise Malformed(name) from error
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            raise Malformed(name)
        return file.read(LARGEST)


def _record(item: Diagnostic, sources: Sequence[Source]) -> dict[str, object]:
    from dramaturg.dsl.spans import NOWHERE

    numbers = {source.path: number for number, source in enumerate(sources)}
    numbers[NOWHERE.path] = BUILT_IN

    def place(span: Span) -> list[int]:
        if span.path not in numbers:
            raise Malformed(span.path)
        return [numbers[span.path], span.start, span.end]

    return {
        "code": item.code,
        "name": item.name,
        "message": item.message,
        "span": place(item.span),
        "labels": [[place(label.span), label.text] for label in item.labels],
        "notes": list(item.notes),
        "fixes": [[fix.title, [[place(span), text] for span, text in fix.edits], fix.safe] for fix in item.fixes],
    }


def _diagnostic(item: object, sources: Sequence[Source]) -> Diagnostic:
    from dramaturg.dsl.diagnostics import SEVERITIES, Diagnostic, Fix, Label
    from dramaturg.dsl.spans import NOWHERE, Span

    if not isinstance(item, dict):
        raise Malformed("diagnostic")

    def place(at: object) -> Span:
        match at:
            case [int(number), int(start), int(end)] if BUILT_IN <= number < len(sources):
                source = NOWHERE.source if number == BUILT_IN else sources[number]
                if 0 <= start <= end <= len(source.data):
                    return Span(source, start, end)
        raise Malformed("place")

    def pair(of: object) -> tuple[object, str]:
        match of:
            case [first, str(text)]:
                return first, text
        raise Malformed("pair")

    labels = [pair(label) for label in packs.items(item["labels"])]
    fixes: list[Fix] = []
    for fix in packs.items(item["fixes"]):
        match fix:
            case [str(title), list(edits), bool(safe)]:
                fixes.append(Fix(title, tuple((place(at), text) for at, text in map(pair, edits)), safe))
            case _:
                raise Malformed("fix")
    code, name, message = packs.texts([item["code"], item["name"], item["message"]])
    return Diagnostic(
        code,
        name,
        SEVERITIES[code[:1]],
        message,
        place(item["span"]),
        tuple(Label(place(at), text) for at, text in labels),
        tuple(packs.texts(item["notes"])),
        tuple(fixes),
    )
