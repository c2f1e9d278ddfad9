"""Positions: bytes of a file as lines and columns of an editor, and back.

Editors count a column in UTF-16 units unless both sides agree on UTF-8 or UTF-32, and a line ends at LF, CRLF or CR. Spans count
bytes of UTF-8. Whatever is asked is answered: a place behind the end of a line is its end, one inside a
character its start, and a byte that is no UTF-8 is a character of one unit.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

Position = tuple[int, int]
"""(line, column), both from 0, the column in units of the encoding agreed on."""

ENCODINGS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
"""Bytes of one unit."""


@dataclass(frozen=True, eq=False)
class Text:
    """The bytes of a file (UTF-8 as far as they go) as an editor sees them. ``encoding`` is a key of ``ENCODINGS``."""

    data: bytes
    encoding: str = "utf-16"

    @cached_property
    def starts(self) -> list[int]:
        """The byte at which each line starts."""
        out = [0]
        at = 0
        if b"\r" not in self.data:
            while (at := self.data.find(b"\n", at) + 1) > 0:
                out.append(at)
            return out
        for at, byte in enumerate(self.data):
            if byte == 10 or (byte == 13 and self.data[at + 1 : at + 2] != b"\n"):
                out.append(at + 1)
        return out

    def line(self, number: int) -> bytes:
        """Line ``number`` (from 0) without its end; empty past the last."""
        if not 0 <= number < len(self.starts):
            return b""
        end = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.data)
        return self.data[self.starts[number] : end].rstrip(b"\r\n")

    def position(self, offset: int) -> Position:
        """Where a byte stands."""
        offset = min(max(offset, 0), len(self.data))
        line = bisect_right(self.starts, offset) - 1
        return line, self._units(self.line(line)[: offset - self.starts[line]])

    def offset(self, position: Position) -> int:
        """The byte at a position."""
        line, column = position
        if line < 0 or column < 0:
            return self.starts[max(0, min(line, len(self.starts) - 1))]
        if line >= len(self.starts):
            return len(self.data)
        data = self.line(line)
        if data.isascii():
            return self.starts[line] + min(column, len(data))
        units = 0
        for at, char in enumerate(text := data.decode("utf-8", "surrogateescape")):
            units += self._width(char)
            if units > column:
                return self.starts[line] + len(text[:at].encode("utf-8", "surrogateescape"))
        return self.starts[line] + len(data)

    def _units(self, data: bytes) -> int:
        if data.isascii() or self.encoding == "utf-8":
            return len(data)
        return sum(map(self._width, data.decode("utf-8", "surrogateescape")))

    def _width(self, char: str) -> int:
        match self.encoding:
            case "utf-8":
                return len(char.encode("utf-8", "surrogateescape"))
            case "utf-32":
                return 1
        return 2 if ord(char) > 0xFFFF else 1
