"""Packs: what ``check`` remembers of one folder, in one file that nobody has to trust.

A pack is a line with the hash of the rest, and the rest is JSON. A pack that is cut, damaged, another user's, open to other users,
a link, or says that it belongs to another folder or another version of the tool counts as not there; so does one that changes while
it is read. It is written beside its place and renamed into it, joined with what somebody else has put there meanwhile, so that
the worst that two writers can do to each other is to forget something.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

FORMAT = b"dramaturg check 4 "
LARGEST = 32_000_000
"""Bytes of a pack, at most."""
KEPT = 1024
"""Packs, about: the oldest go."""
PARTS = ("heads", "files", "folders", "absent", "entries")
MOST = 20_000
"""Records of one kind in a pack, at most: the oldest go."""

Parts: TypeAlias = dict[str, dict[str, object]]
"""``heads`` (which files of the folder are scenarios), ``files`` and ``folders`` (what was there when it was read), ``absent``
(what was not), ``entries`` (what was found in each scenario): each a record by its name."""


class Malformed(ValueError):
    """What was remembered is not what we remember."""


def empty() -> Parts:
    return {part: {} for part in PARTS}


def read(place: Path, folder: str, tool: str) -> Parts:
    """What is remembered of a folder; nothing where there is no pack, or none to believe."""
    try:
        return _parsed(_bytes(place / _name(folder)), folder, tool)
    except (OSError, ValueError, RecursionError):
        return empty()


def write(place: Path, folder: str, tool: str, parts: Parts) -> None:
    """Remember this of a folder, and what somebody else remembers of it meanwhile. Raises OSError."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = read(place, folder, tool)
    joined = {part: dict(list({**there[part], **parts[part]}.items())[-MOST:]) for part in PARTS}
    body = json.dumps({"folder": folder, "tool": tool, **joined}, ensure_ascii=True, separators=(",", ":")).encode()
    if len(body) > LARGEST - 200:
        body = json.dumps({"folder": folder, "tool": tool, **parts}, ensure_ascii=True).encode()
    handle, draft = tempfile.mkstemp(dir=place, suffix=".draft")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(FORMAT + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(draft, place / _name(folder))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
    _forget(place)


def _name(folder: str) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:40] + ".pack"


def _bytes(path: Path) -> bytes:
    """The bytes of a file that is ours alone, in a folder that is ours alone."""
    _ours(os.lstat(path.parent))
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        _ours(status)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            raise Malformed("not a pack")
        return file.read(LARGEST)


def _ours(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise Malformed("a link")
    if hasattr(os, "geteuid") and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
        raise Malformed("others may write it")


def _parsed(data: bytes, folder: str, tool: str) -> Parts:
    head, _, body = data.partition(b"\n")
    if head != FORMAT + hashlib.sha256(body).hexdigest().encode():
        raise Malformed("damaged")
    held = json.loads(body)
    if not isinstance(held, dict) or held.get("folder") != folder or held.get("tool") != tool:
        raise Malformed("of something else")
    return {part: dict(record(held.get(part))) for part in PARTS}


def _forget(place: Path) -> None:
    names = [entry for entry in os.scandir(place) if entry.is_file(follow_symlinks=False)]
    if len(names) > KEPT:
        for entry in sorted(names, key=lambda entry: entry.stat().st_mtime_ns)[: KEPT // 4]:
            with contextlib.suppress(OSError):
                os.unlink(entry.path)


def items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Malformed("list")
    return value


def texts(value: object) -> list[str]:
    found = [text for text in items(value) if isinstance(text, str)]
    if len(found) != len(items(value)):
        raise Malformed("texts")
    return found


def record(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Malformed("record")
    return value
