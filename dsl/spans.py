"""Sources and spans: where in which text something was written.

A span is a half-open byte range of one source. Line and column are derived when somebody asks, so carrying a span costs
two integers. Columns count characters, not bytes, and both line and column start at 1, as editors show them.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, eq=False)
class Source:
    """One text that was read: the path as a person would name it, and its bytes (UTF-8)."""

    path: str
    data: bytes

    def called(self, path: str) -> None:
        """Give it another path: for whoever made it, as long as nobody else has it."""
        object.__setattr__(self, "path", path)

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        starts = [0]
        at = self.data.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.data.find(b"\n", at + 1)
        return tuple(starts)

    def position(self, offset: int) -> tuple[int, int]:
        """(line, column) of a byte offset, both from 1; the column counts characters."""
        line = bisect_right(self._line_starts, offset)
        start = self._line_starts[line - 1]
        return line, len(self.data[start:offset].decode("utf-8", "replace")) + 1

    def line(self, number: int) -> str:
        """The text of line ``number`` (from 1) without its line end; empty past the last line."""
        if not 1 <= number <= len(self._line_starts):
            return ""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.data)
        return self.data[start:end].decode("utf-8", "replace").rstrip("\r\n")


class Span:
    """The bytes ``start`` to ``end`` (exclusive) of a source. Two spans are equal where path and range are.

    Never changed; written out because a file has thousands of them, and this is as cheap as they get.
    """

    __slots__ = ("end", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Span):
            return NotImplemented
        return self.start == other.start and self.end == other.end and self.source.path == other.source.path

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.source.path))

    def __repr__(self) -> str:
        return f"Span(start={self.start}, end={self.end}, path={self.source.path!r})"

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def text(self) -> str:
        return self.source.data[self.start : self.end].decode("utf-8", "replace")

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


def readable(path: str) -> str:
    """A path as text that can be written down: a name on a disk may hold bytes that are no UTF-8."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


NOWHERE = Span(Source("<built in>", b""), 0, 0)
"""The span of what no author wrote: built-in names and implied moves."""
