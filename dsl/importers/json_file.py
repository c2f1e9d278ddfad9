"""Reading a JSON file of somebody else's: its value with the place of each row, or one sentence about what is wrong.

Data files are large and written by programs, so the limits are wider than those of authored files, and the mistakes are few:
the file is not there, is not text, is not JSON, or holds something else than what the importer reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.limits import Limits
from dramaturg.dsl.reading.reader import open_source
from dramaturg.dsl.spans import Source, Span

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

LIMITS = Limits(size=64 * 1024 * 1024)
"""Data is larger than what people write by hand."""

_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A file that was read."""

    source: Source
    value: Json
    starts: tuple[int, ...] = ()
    """Byte offset of each item, where the file is one list."""

    def whole(self) -> Span:
        """The place of the file as such: its first character."""
        return Span(self.source, 0, min(1, len(self.source.data)))

    def row(self, number: int) -> Span:
        """The place where item ``number`` (from 0) of the list begins."""
        start = self.starts[number] if number < len(self.starts) else 0
        return Span(self.source, start, start + 1)


def named(path: Path) -> str:
    """A file as findings and headers call it: its own name, whatever folder it lay in."""
    return path.name


def read_json(path: Path) -> JsonFile | Diagnostic:
    """The value of a JSON file, or the one finding that keeps it from being read."""
    source = open_source(path, named(path), limits=LIMITS)
    if isinstance(source, Diagnostic):
        return source
    data = source.data
    start = Span(source, 0, min(1, len(data)))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Span(source, error.start, error.start + 1)
        return diagnose("unreadable-import", place, f"`{named(path)}` is not a text in UTF-8")
    marked = len(data) - len(text.encode())
    try:
        value, starts = _decoded(text)
    except json.JSONDecodeError as error:
        at = marked + len(text[: error.pos].encode())
        return diagnose("unreadable-import", Span(source, at, at + 1), f"`{named(path)}` is not JSON from here on")
    except (RecursionError, ValueError):  # ValueError: a whole number of thousands of digits
        return diagnose(
            "unreadable-import", start, f"`{named(path)}` is nested too deeply or holds a number that is too long"
        )
    return JsonFile(source, value, _bytes_at(text, starts, marked))


def _bytes_at(text: str, places: Sequence[int], first: int) -> tuple[int, ...]:
    """The byte offsets of rising character places, the text beginning at byte ``first``."""
    out: list[int] = []
    before, at = 0, first
    for place in places:
        at += len(text[before:place].encode())
        before = place
        out.append(at)
    return tuple(out)


def _decoded(text: str) -> tuple[Json, list[int]]:
    """The value, and the character at which each item begins where the value is a list."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    if not text.startswith("[", at):
        return json.loads(text), []
    items: list[Json] = []
    starts: list[int] = []
    at = _skip(text, at + 1)
    while not text.startswith("]", at):
        if items:
            if not text.startswith(",", at):
                raise json.JSONDecodeError("no comma", text, at)
            at = _skip(text, at + 1)
        starts.append(at)
        item, at = decoder.raw_decode(text, at)
        items.append(item)
        at = _skip(text, at)
    if _skip(text, at + 1) != len(text):
        raise json.JSONDecodeError("more text", text, at + 1)
    return items, starts


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
