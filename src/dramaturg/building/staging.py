"""Staging: a directory that appears whole or not at all.

What is built is written to a hidden sibling of its place and renamed into it at the very end, so a build that was
killed leaves its place as it was. The sibling is locked while somebody writes it; one that nobody locks any more was
left behind, and the next build of the same place removes it. A place is only ever replaced if it is empty or holds an
earlier build's manifest.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # no advisory locks here: leftovers are then kept, which is the safe mistake
    fcntl = None  # type: ignore[assignment]

MANIFEST = "manifest.json"
LOCK = ".lock"
EARLIER = "earlier"


class Occupied(ValueError):
    """The place holds something that no build made."""


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A fresh directory that becomes ``target`` when the block ends well, and vanishes when it does not.

    Raises Occupied before anything is written where ``target`` holds something that is not an earlier build.
    """
    target = target.absolute()
    if not replaceable(target):
        raise Occupied(f"{target.name} exists and holds no {MANIFEST} of an earlier build; name another or empty it")
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target)
    stage = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
    try:
        with (stage / LOCK).open("w") as lock:
            _acquire(lock)
            content = stage / "content"
            content.mkdir()
            yield content
            _publish(content, target, stage)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def replaceable(target: Path) -> bool:
    """Whether a build may take this place: nothing there, an empty directory, or an earlier build."""
    if target.is_symlink() or not target.exists():
        return not target.is_symlink()
    return target.is_dir() and ((target / MANIFEST).is_file() or not any(target.iterdir()))


def sweep(target: Path) -> list[Path]:
    """Remove what killed builds of ``target`` left beside it. Gives the directories removed."""
    removed = []
    for stage in sorted(target.parent.glob(f"{_prefix(target)}*")):
        if stage.is_dir() and not stage.is_symlink() and _abandoned(stage):
            if (stage / EARLIER).is_dir() and not target.exists():
                (stage / EARLIER).rename(target)
            shutil.rmtree(stage, ignore_errors=True)
            removed.append(stage)
    return removed


def _publish(content: Path, target: Path, stage: Path) -> None:
    """Put ``content`` in the place of ``target``. A kill between the two renames leaves the earlier build in ``stage``,
    from where ``sweep`` puts it back."""
    if target.exists():
        target.rename(stage / EARLIER)
    content.rename(target)


def _prefix(target: Path) -> str:
    return f".{target.name}.building-"


def _acquire(lock: IO[str]) -> bool:
    if fcntl is None:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _abandoned(stage: Path) -> bool:
    """Whether nobody writes here any more. A directory that has no lock yet is just being made, and is left alone."""
    try:
        with (stage / LOCK).open("r+") as lock:
            return _acquire(lock)
    except OSError:
        return False
