"""The desk: the texts that an editor has open, the scenarios around them, and what is known of each.

A file is read from the editor's buffer where it has one and from the disk elsewhere. What was understood of a scenario is kept
as long as every file behind it is what it was; of a file that cannot be read as it stands (half a line was typed), the last
understanding that there was is kept beside, so that names can still be completed. Not for two threads at once.
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.editing.occurrences import Index
from dramaturg.dsl.editing.renaming import Known, known
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.fit import Fitting, fit
from dramaturg.dsl.load import understand
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import Source
from dramaturg.dsl.tree import Map

HEAD = re.compile(rb"^(\xef\xbb\xbf)?(scenario|'scenario'|\"scenario\")\s*:", re.MULTILINE)
MODULE_HEAD = re.compile(
    rb"^(\xef\xbb\xbf)?(" + b"|".join(key.name.encode() for key in shapes.MODULE.keys) + rb")\s*:", re.MULTILINE
)
LARGEST = 1_000_000
"""Bytes of a file on the disk that is looked into unasked."""
MOST = 500
"""Scenarios of a workspace that are looked at for the sake of the modules that they share."""
ENDINGS = (".yaml", ".yml")
KEPT = 64

Stamp = tuple[tuple[Path, int, int], ...]


@dataclass(slots=True)
class Desk:
    """Open texts and what is known of scenarios."""

    opened: dict[Path, bytes] = field(default_factory=dict)
    roots: tuple[Path, ...] = ()
    """The folders that the editor works in."""
    _known: OrderedDict[Path, tuple[Stamp, Known]] = field(default_factory=OrderedDict)
    _readable: dict[Path, Known] = field(default_factory=dict)
    """The latest understanding of each scenario whose file could be read."""
    _users: dict[Path, set[Path]] = field(default_factory=dict)
    """The scenarios that read a file, as far as was seen."""

    def put(self, path: Path, data: bytes) -> None:
        self.opened[path] = data

    def close(self, path: Path) -> None:
        self.opened.pop(path, None)

    def data(self, path: Path) -> bytes:
        """The text of a file; empty where there is none."""
        if path in self.opened:
            return self.opened[path]
        try:
            return path.read_bytes() if path.stat().st_size <= LARGEST * 16 else b""
        except (OSError, ValueError):
            return b""

    def is_scenario(self, path: Path) -> bool:
        return HEAD.search(self.data(path)) is not None

    def is_ours(self, path: Path) -> bool:
        """Whether a file looks like a scenario or a module at all, so that other YAML is left alone."""
        if path.suffix not in ENDINGS:
            return False
        return self.is_scenario(path) or bool(self.users(path)) or MODULE_HEAD.search(self.data(path)) is not None

    def known(self, path: Path) -> Known:
        """What is known of the scenario in a file, as its texts are now."""
        kept = self._known.get(path)
        if kept is not None and self._stamp(kept[1]) == kept[0]:
            self._known.move_to_end(path)
            return kept[1]
        found = known(path, self.opened)
        self._known[path] = (self._stamp(found), found)
        self._known.move_to_end(path)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        if found.seen.names is not None:
            self._readable[path] = found
        for users in self._users.values():
            users.discard(path)
        for source in found.seen.loaded.sources:
            self._users.setdefault(found.file(source.path), set()).add(path)
        return found

    def _stamp(self, found: Known) -> Stamp:
        """What the files behind a scenario were when it was understood: sizes and times, or the very text of a buffer."""
        out = []
        for source in found.seen.loaded.sources:
            path = found.file(source.path)
            if path in self.opened:
                same = self.opened[path] == source.data
                out.append((path, -1 if same else -2, 0))
                continue
            try:
                status = path.stat()
                out.append((path, status.st_mtime_ns, status.st_size))
            except (OSError, ValueError):
                out.append((path, 0, 0))
        return tuple(out)

    def forget(self) -> None:
        """Something on the disk may have changed that no stamp shows: a file came into being, or went."""
        self._known.clear()

    def last_readable(self, path: Path) -> Known | None:
        """The latest understanding of a scenario in which names were found; the present one where it has any."""
        now = self.known(path)
        return now if now.seen.names is not None else self._readable.get(path)

    def scenarios(self) -> list[Path]:
        """Every scenario in the editor's folders and buffers, in order of path."""
        found = {path for path in self.opened if self.is_scenario(path)}
        for root in self.roots:
            for folder, folders, names in os.walk(root):
                folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
                for name in sorted(names):
                    path = Path(folder, name)
                    if name.endswith(ENDINGS) and path not in found and _small(path) and self.is_scenario(path):
                        found.add(path)
                if len(found) >= MOST:
                    return sorted(found)
        return sorted(found)

    def look_around(self) -> None:
        """Understand every scenario of the workspace once, so that it is known who uses which module."""
        for path in self.scenarios():
            self.known(path)

    def users(self, path: Path) -> list[Path]:
        """The scenarios that read a file; the file itself where it is one."""
        if self.is_scenario(path):
            return [path]
        return sorted(user for user in self._users.get(path, ()) if self.is_scenario(user))

    def home(self, path: Path) -> Known | None:
        """The scenario through which a file is looked at: itself, or the first one that uses it (an open one before others)."""
        users = sorted(self.users(path), key=lambda user: (user not in self.opened, user))
        return self.last_readable(users[0]) if users else None

    def family(self, path: Path) -> list[Known]:
        """Every scenario of the workspace, the one through which this file is looked at first."""
        home = self.home(path)
        if home is None:
            return []
        return [home, *(self.known(other) for other in self.scenarios() if other != home.path)]

    def index(self, path: Path) -> tuple[Known, Index] | None:
        home = self.home(path)
        return None if home is None else (home, home.index)

    def findings(self, path: Path) -> dict[Path, list[Diagnostic]]:
        """What there is to say of a file that was changed: of a scenario all that the loader says, of a module that no scenario
        uses whether it fits the format. By file; files that were read and have nothing said of them are there, empty."""
        users = self.users(path)
        if not users:
            return {path: self._alone(path)}
        out: dict[Path, list[Diagnostic]] = {}
        for user in users:
            found = self.known(user)
            for source in found.seen.loaded.sources:
                out.setdefault(found.file(source.path), [])
            for diagnostic in found.seen.loaded.diagnostics:
                here = out.setdefault(found.file(diagnostic.span.path), [])
                if all(
                    (d.code, d.span, d.message) != (diagnostic.code, diagnostic.span, diagnostic.message) for d in here
                ):
                    here.append(diagnostic)
        return out

    def _alone(self, path: Path) -> list[Diagnostic]:
        if not self.is_ours(path):
            return []
        if path.suffix in ENDINGS and MODULE_HEAD.search(self.data(path)) is None:
            return list(understand(path, overlay=self.opened).loaded.diagnostics)
        node, problems = read(Source(path.name, self.data(path)))
        found = Fitting()
        if isinstance(node, Map):
            fit(node, shapes.MODULE, found, "a module")
        return [*problems, *found.diagnostics]


def _small(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size <= LARGEST
    except OSError:
        return False


def shown(path: Path, roots: Iterable[Path]) -> str:
    """A path as a person in one of these folders would name it."""
    for root in roots:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name
