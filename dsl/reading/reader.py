"""The reader: one file as a tree whose every token knows its place, or what is wrong with the file.

Reading never raises and never takes long: whatever is in a file, its author gets diagnostics. What is read is YAML without
its programming (anchors, tags, merge keys, several documents); texts stay texts until the type of their field reads them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.limits import Limits, from_environment, how_to_raise
from dramaturg.dsl.reading import folder
from dramaturg.dsl.reading.characters import Characters, characters
from dramaturg.dsl.reading.compose import compose
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Node

Overlay: TypeAlias = Mapping[Path, bytes]
"""Texts that stand for files, by absolute path: what an editor has not saved yet, what exists nowhere else. They hide the
files of the same paths."""
NOTHING_OVER: Overlay = MappingProxyType({})


def read(source: Source, limits: Limits | None = None) -> tuple[Node | None, list[Diagnostic]]:
    """The tree of a source and its diagnostics, in the order of the file. No tree where none can be trusted.

    Without ``limits`` the default ones hold, raised as the environment says.
    """
    if limits is None:
        chosen = _chosen(Span(source, 0, 0))
        if isinstance(chosen, Diagnostic):
            return None, [chosen]
        limits = chosen
    if len(source.data) > limits.size:
        return None, [_too_large(Span(source, 0, 0), len(source.data), limits)]
    found = characters(source)
    if not isinstance(found, Characters):
        return None, [found]
    tree, diagnostics = compose(found, limits)
    return tree, sorted(diagnostics, key=lambda diagnostic: (diagnostic.span.start, diagnostic.code))


@dataclass(frozen=True, slots=True)
class Below:
    """A file that was read below a folder, and its name there with all links resolved."""

    source: Source
    real: str


def open_source(
    path: Path,
    shown: str,
    at: Span | None = None,
    limits: Limits | None = None,
    overlay: Overlay = NOTHING_OVER,
) -> Source | Diagnostic:
    """The bytes of the file at ``path``, named ``shown`` to people, or why it cannot be read.

    ``at`` is the place that asked for the file; without one the diagnostic points at the file itself. Nothing but a regular
    file is read (a pipe would wait forever), and no more than the limit.
    """
    place = at if at is not None else Span(Source(shown, b""), 0, 0)
    if path in overlay:
        return _held(overlay[path], shown, place, limits)
    return _taken(lambda: folder.open_path(path), shown, place, limits)


def open_below(
    root: Path,
    name: str,
    at: Span | None = None,
    limits: Limits | None = None,
    overlay: Overlay = NOTHING_OVER,
) -> Below | Diagnostic | None:
    """The file ``name`` (with ``/``) below ``root``, or why it cannot be read; None where there is none.

    Nothing outside ``root`` is read, whatever is done to links and folders meanwhile (see ``folder``).
    """
    place = at if at is not None else Span(Source(name, b""), 0, 0)
    if overlay and (path := root / name) in overlay:
        held = _held(overlay[path], name, place, limits)
        below, top = path.resolve(), root.resolve()  # a text that stands behind a link
        if not below.is_relative_to(top):
            return _outside(name, place)
        return held if isinstance(held, Diagnostic) else Below(held, below.relative_to(top).as_posix())
    real = name

    def opened() -> int:
        nonlocal real
        descriptor, real = folder.open_below(root, name)
        return descriptor

    try:
        found = _taken(opened, name, place, limits)
    except folder.Absent:
        return None
    except folder.Outside:
        return _outside(name, place)
    return found if isinstance(found, Diagnostic) else Below(found, real)


def _outside(name: str, place: Span) -> Diagnostic:
    message = f"`{name.rpartition('.')[0] or name}` leads out of the folder of the scenarios"
    return diagnose("outside-root", place, message)


def _held(text: bytes, shown: str, place: Span, limits: Limits | None) -> Source | Diagnostic:
    chosen = limits if limits is not None else _chosen(place)
    if isinstance(chosen, Diagnostic):
        return chosen
    source = Source(shown, text)
    return source if len(text) <= chosen.size else _too_large(Span(source, 0, 0), len(text), chosen)


def _taken(opened: Callable[[], int], shown: str, place: Span, limits: Limits | None) -> Source | Diagnostic:
    """The bytes behind a descriptor, or why they are not read. What ``opened`` raises beside OSError goes through."""
    chosen = limits if limits is not None else _chosen(place)
    if isinstance(chosen, Diagnostic):
        return chosen
    try:
        descriptor = opened()
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                what = "is a folder, not a file" if stat.S_ISDIR(status.st_mode) else "is not a file that can be read"
                return diagnose("unreadable-file", place, f"`{shown}` {what}")
            if status.st_size > chosen.size:
                return _too_large(Span(Source(shown, b""), 0, 0), status.st_size, chosen)
            return Source(shown, _bytes(descriptor, status.st_size, chosen.size + 1))
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return diagnose("unreadable-file", place, f"there is no file `{shown}`")
    except IsADirectoryError:
        return diagnose("unreadable-file", place, f"`{shown}` is a folder, not a file")
    except PermissionError:
        return diagnose("unreadable-file", place, f"`{shown}` may not be read: its permissions forbid it")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not one of a file"
        return diagnose("unreadable-file", place, f"`{shown}` cannot be read: {reason.lower()}")


def _bytes(descriptor: int, size: int, most: int) -> bytes:
    """What is left of a file of about that size, no more than ``most``. Small files are read in one piece, without a buffer."""
    data = os.read(descriptor, min(size + 1, most))
    while len(data) < most and (more := os.read(descriptor, min(most - len(data), 1 << 16))):
        data += more
    return data


def _chosen(place: Span) -> Limits | Diagnostic:
    try:
        return from_environment(os.environ)
    except ValueError as error:
        return diagnose("bad-limits", place, str(error))


def _too_large(place: Span, size: int, limits: Limits) -> Diagnostic:
    message = f"this file has {size:,} bytes, more than the {limits.size:,} that are read"
    notes = [how_to_raise("size", size), "a long recording is best split into several files"]
    return diagnose("file-too-large", place, message, notes=notes)
