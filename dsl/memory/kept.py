"""Kept files: bytes that were worked out once and are kept between runs, in a place where nobody has to trust them.

Each is a line with the hash of the rest. What is cut, damaged, a link, another user's, or open to other users counts as not there,
and whoever asks works it out again. Files are written beside their place and renamed into it, so that no reader sees half of one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

SWITCH = "DRAMATURG_CACHE"
"""The environment variable that says that nothing is kept: ``DRAMATURG_CACHE=off``."""


class Doubtful(ValueError):
    """What stands there is not what was kept."""


def place(name: str) -> Path | None:
    """The folder for files of this kind; None where nothing is kept."""
    if os.environ.get(SWITCH, "").lower() in ("off", "0", "no"):
        return None
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):
        home = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home) / "dramaturg" / name if os.path.isabs(home) else None


def read(path: Path, head: bytes, largest: int) -> bytes:
    """The bytes that were kept under this head. Raises OSError where there are none, and ValueError where they are not to be
    believed."""
    _ours(os.lstat(path.parent))
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        _ours(status)
        if not stat.S_ISREG(status.st_mode) or status.st_size > largest:
            raise Doubtful(path.name)
        first, _, body = file.read(largest).partition(b"\n")
    if first != head + hashlib.sha256(body).hexdigest().encode():
        raise Doubtful(path.name)
    return body


def _ours(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise Doubtful("a link")
    if hasattr(os, "geteuid") and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
        raise Doubtful("others may write it")


def write(path: Path, head: bytes, body: bytes) -> None:
    """Keep these bytes under this head, in one piece. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".draft")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
