"""Writing into an author's files: shown as a diff first, done in one piece, and never where a link leads out.

What ``check --fix`` and ``fmt`` change is the author's own work, so nothing is written that was not read a moment ago, a
file keeps its permissions, and whoever reads it meanwhile sees the old text or the new one, never half of it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from dramaturg.commands.outcome import REFUSED, Outcome


def replace_text(path: Path, before: bytes, after: bytes, root: Path) -> None:
    """Put ``after`` in the place of ``before``. Ends the command where that is not what the file holds, or the file is a
    link that leads out of ``root``."""
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve()):
            raise Outcome(REFUSED, f"{_shown(path)} is a link that leads out of its folder; nothing was written to it")
        status = real.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Outcome(REFUSED, f"{_shown(path)} is not a file that can be written")
        if real.read_bytes() != before:
            raise Outcome(REFUSED, f"{_shown(path)} was changed by somebody else meanwhile; nothing was written to it")
        handle, draft = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.", suffix=".draft")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(after)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(draft, stat.S_IMODE(status.st_mode))
            os.replace(draft, real)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(draft)
            raise
    except OSError as error:
        raise Outcome(REFUSED, f"{_shown(path)} cannot be written: {(error.strerror or str(error)).lower()}") from error


def difference(shown: str, before: bytes, after: bytes, *, colour: bool = False) -> str:
    """The unified diff of two texts; empty where they are the same."""
    return "".join(_painted(line) if colour else line for line in _difference(shown, before, after))


def _difference(shown: str, before: bytes, after: bytes) -> Iterator[str]:
    for line in unified_diff(_lines(before), _lines(after), shown, shown, n=2):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    pieces = data.decode("utf-8", "replace").split("\n")
    return [*(f"{piece}\n" for piece in pieces[:-1]), *([pieces[-1]] if pieces[-1] else [])]


def _painted(line: str) -> str:
    style = {"+": "32", "-": "31", "@": "36"}.get(line[:1])
    if line.startswith(("+++", "---")):
        style = "1"
    return f"\x1b[{style}m{line.rstrip(chr(10))}\x1b[0m\n" if style else line


def _shown(path: Path) -> str:
    here = os.path.relpath(path)
    return str(path) if here.startswith("..") else here
