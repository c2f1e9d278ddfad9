"""Packs: what ``check`` remembers of one folder, in one file that nobody has to trust.

A pack is JSON in a kept file (``dsl.kept``): one that is damaged, or not ours alone, counts as not there, and so does one that
belongs to another folder or another version of the tool. What is written is joined with what somebody else has put there
meanwhile, so that the worst that two writers can do to each other is to forget something.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from dramaturg.dsl.memory import kept
from dramaturg.dsl.memory.collector import held_off

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
        return _parsed(kept.read(place / _name(folder), FORMAT, LARGEST), folder, tool)
    except (OSError, ValueError, RecursionError):
        return empty()


def write(place: Path, folder: str, tool: str, parts: Parts) -> None:
    """Remember this of a folder, and what somebody else remembers of it meanwhile. Raises OSError."""
    there = read(place, folder, tool)
    joined = {part: dict(list({**there[part], **parts[part]}.items())[-MOST:]) for part in PARTS}
    body = json.dumps({"folder": folder, "tool": tool, **joined}, ensure_ascii=True, separators=(",", ":")).encode()
    if len(body) > LARGEST - 200:
        body = json.dumps({"folder": folder, "tool": tool, **parts}, ensure_ascii=True).encode()
    kept.write(place / _name(folder), FORMAT, body)
    _forget(place)


def _name(folder: str) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:40] + ".pack"


def _parsed(body: bytes, folder: str, tool: str) -> Parts:
    with held_off():
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
