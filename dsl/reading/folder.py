"""Folder: a file below the folder of the scenarios, opened so that nothing can lead out of that folder, not even a race.

The way is walked one name at a time, each opened relative to the descriptor of the folder before it and never through a link. A
link is read and its text walked in the same manner, so a link that stays inside is followed and one that leads out is refused.
What is opened is what is then asked for its kind and read, by descriptor: between a check and its use there is no name that
somebody could put another file under. Where a system has no such calls (Windows), the file is opened first, and is the one that the
resolved way leads to or is not read.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from pathlib import Path, PurePath

FOLLOWED = 40
"""Links on one way, at most; a circle of links ends here."""

_NONE = 0
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", _NONE)  # a pipe must not wait for a writer
    | getattr(os, "O_NOCTTY", _NONE)
    | getattr(os, "O_CLOEXEC", _NONE)
    | getattr(os, "O_BINARY", _NONE)
)
_NOT_THROUGH = getattr(os, "O_NOFOLLOW", _NONE)
_INTO = getattr(os, "O_DIRECTORY", _NONE)
RELATIVE = bool(_NOT_THROUGH and _INTO) and os.open in os.supports_dir_fd and os.readlink in os.supports_dir_fd
"""Whether this system opens names relative to a descriptor."""


class Outside(Exception):
    """The way leads out of the folder."""


class Absent(Exception):
    """There is no file of that name, and nothing on the way that pretends to be one."""


def open_path(path: Path) -> int:
    """A descriptor of whatever stands at ``path``, links followed: for a file that the user named. Raises OSError."""
    return os.open(path, _FLAGS)


def open_below(root: Path, name: str) -> tuple[int, str]:
    """A descriptor of the file ``name`` (with ``/``) below ``root``, and its name with all links resolved.

    Raises Outside, Absent, or the OSError of what stands there and cannot be opened. The caller closes the descriptor, and asks it
    what kind of file it is.
    """
    return _walk(root, name) if RELATIVE else _compared(root, name)


def _walk(root: Path, name: str) -> tuple[int, str]:
    try:
        folders = [os.open(root, os.O_RDONLY | _INTO | getattr(os, "O_CLOEXEC", _NONE))]
    except FileNotFoundError:
        raise Absent(name) from None
    real: list[str] = []
    todo = deque(PurePath(name).parts)
    links = 0
    try:
        while todo:
            part = todo.popleft()
            if part == "..":
                if not real:
                    raise Outside(name)
                os.close(folders.pop())
                real.pop()
                continue
            try:
                opened = _one(part, folders[-1], last=not todo)
            except OSError as error:
                target = _target(part, folders[-1])
                if target is None and not links and error.errno in (errno.ENOENT, errno.ENOTDIR):
                    raise Absent(name) from None
                if target is None:
                    raise
                links += 1
                if links > FOLLOWED:
                    raise Outside(name) from None
                way = PurePath(target)
                if way.is_absolute():
                    way = _below(way, root, name)
                    while len(folders) > 1:
                        os.close(folders.pop())
                    real.clear()
                todo.extendleft(reversed(way.parts))
                continue
            if not todo:
                return opened, "/".join([*real, part])
            folders.append(opened)
            real.append(part)
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    finally:
        for folder in folders:
            os.close(folder)


def _one(part: str, folder: int, last: bool) -> int:
    """Open one name in a folder, never through a link; a link raises whatever the system says of it."""
    if not last:
        return os.open(part, os.O_RDONLY | _INTO | _NOT_THROUGH | getattr(os, "O_CLOEXEC", _NONE), dir_fd=folder)
    kind = stat.S_IFMT(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode)
    if kind in (stat.S_IFCHR, stat.S_IFBLK):  # opening a device can already do something
        raise OSError(errno.EINVAL, "it is a device")
    return os.open(part, _FLAGS | _NOT_THROUGH, dir_fd=folder)


def _target(part: str, folder: int) -> str | None:
    try:
        return os.readlink(part, dir_fd=folder)
    except OSError:
        return None


def _below(way: PurePath, root: Path, name: str) -> PurePath:
    """An absolute way as one from the root."""
    for base in (Path(os.path.abspath(root)), Path(os.path.realpath(root))):
        if way.is_relative_to(base):
            return way.relative_to(base)
    raise Outside(name)


def _compared(root: Path, name: str) -> tuple[int, str]:
    path = root / name
    try:
        opened = open_path(path)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.lexists(path):
            raise
        raise Absent(name) from None
    try:
        real, base = path.resolve(strict=True), root.resolve(strict=True)
        if not real.is_relative_to(base) or not os.path.samestat(os.fstat(opened), os.lstat(real)):
            raise Outside(name)
    except (OSError, RuntimeError, Outside):
        os.close(opened)
        raise Outside(name) from None
    return opened, real.relative_to(base).as_posix()
