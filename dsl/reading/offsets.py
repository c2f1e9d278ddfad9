"""Offsets: where in the file each character of a scalar's text stands.

YAML turns what is written into text by folding lines, dropping indentation and reading escapes; the parser keeps the text
and forgets the way. These functions read the token once more by the same rules (YAML 1.1 as libyaml applies it) and keep,
for each character of the text, the index of the character in the file that it came from. The result is compared with the
parser's own text, so that a difference in the rules can never move a caret: such a text is placed as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_HEX = {"x": 2, "u": 4, "U": 8}
_BLANK = " \t"

Placed = tuple[list[str], list[int]]
"""Characters of the text, and the index in the raw token of each and of the end."""


class Later(Sequence[int]):
    """Places that are worked out when somebody asks: few texts are ever pointed into."""

    __slots__ = ("known", "length", "work")

    def __init__(self, length: int, work: Callable[[], tuple[int, ...]]) -> None:
        self.length, self.work = length, work
        self.known: tuple[int, ...] | None = None

    def all(self) -> tuple[int, ...]:
        if self.known is None:
            self.known = self.work()
        return self.known

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[int, ...]: ...
    def __getitem__(self, at: int | slice) -> int | tuple[int, ...]:
        return self.all()[at]

    def __len__(self) -> int:
        return self.length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.all() == tuple(other)

    def __hash__(self) -> int:
        return hash(self.all())


def place(raw: str, style: str | None, value: str) -> list[int] | None:
    """The index in ``raw`` (the whole token) of each character of ``value`` and of its end.

    ``style`` is the parser's: None or empty for plain, ``'``, ``"``, ``|`` or ``>``. None where the token cannot be followed.
    """
    match style:
        case "'":
            tries = iter([quoted(raw, escapes=False)])
        case '"':
            tries = iter([quoted(raw, escapes=True)])
        case "|" | ">":
            tries = _blocks(raw)
        case _:
            tries = iter([plain(raw)])
    for chars, places in tries:
        if "".join(chars) == value:
            return places
    return None


def plain(raw: str) -> Placed:
    """A plain scalar, possibly over several lines."""
    chars: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(raw):
        if raw[at] in " \t\r\n":
            at = _fold(raw, at, len(raw), chars, places)
        else:
            chars.append(raw[at])
            places.append(at)
            at += 1
    places.append(len(raw))
    return chars, places


def quoted(raw: str, escapes: bool) -> Placed:
    """A scalar in single quotes, or, with ``escapes``, in double quotes."""
    chars: list[str] = []
    places: list[int] = []
    at, end = 1, len(raw) - 1
    while at < end:
        char = raw[at]
        if char in " \t\r\n":
            at = _fold(raw, at, end, chars, places)
            continue
        places.append(at)
        if not escapes:
            chars.append(char)
            at += 2 if char == "'" else 1
        elif char != "\\":
            chars.append(char)
            at += 1
        elif raw[at + 1] in "\r\n":
            places.pop()
            at = _joined(raw, at + 1, end, chars, places)
        elif raw[at + 1] in _HEX:
            width = _HEX[raw[at + 1]]
            chars.append(chr(int(raw[at + 2 : at + 2 + width], 16)))
            at += 2 + width
        else:
            chars.append(_ESCAPES.get(raw[at + 1], ""))
            at += 2
    places.append(end)
    return chars, places


def _breaks(raw: str, at: int, end: int) -> tuple[int, list[int]]:
    """Past a run of blanks and line ends: where it ends, and where each line end in it stands."""
    found = []
    while at < end and raw[at] in " \t\r\n":
        if raw[at] == "\n":
            found.append(at - 1 if at and raw[at - 1] == "\r" else at)
        at += 1
    return at, found


def _fold(raw: str, at: int, end: int, chars: list[str], places: list[int]) -> int:
    """Blanks stay; a line end becomes a space, n more of them n line feeds, and the blanks around them go."""
    after, breaks = _breaks(raw, at, end)
    if not breaks:
        chars.extend(raw[at:after])
        places.extend(range(at, after))
    elif len(breaks) == 1:
        chars.append(" ")
        places.append(breaks[0])
    else:
        chars.extend("\n" * (len(breaks) - 1))
        places.extend(breaks[:-1])
    return after


def _joined(raw: str, at: int, end: int, chars: list[str], places: list[int]) -> int:
    """After a backslash at a line's end: nothing for that line end, a line feed for each further one."""
    after, breaks = _breaks(raw, at, end)
    chars.extend("\n" * (len(breaks) - 1))
    places.extend(breaks[1:])
    return after


def _blocks(raw: str) -> Iterator[Placed]:
    """A block scalar, for each indentation that its text may have; the first is the one that its first line shows."""
    header_end = raw.find("\n")
    if header_end < 0:
        yield [], [len(raw)]
        return
    header = raw[1:header_end].split("#")[0]
    lines = list(_lines(raw, header_end + 1))
    shown = next((len(line) - len(line.lstrip(" ")) for _, line in lines if line.strip(" ")), 1)
    widths = [shown, *(width for width in range(1, shown + 10) if width != shown)]
    for width in widths:
        yield _block(lines, len(raw), width, raw[0] == ">", "-" if "-" in header else "+" if "+" in header else "")


def _lines(raw: str, at: int) -> Iterator[tuple[int, str]]:
    while at < len(raw):
        end = raw.find("\n", at)
        end = len(raw) if end < 0 else end
        yield at, raw[at:end].removesuffix("\r")
        at = end + 1


def _block(lines: list[tuple[int, str]], size: int, width: int, folded: bool, chomping: str) -> Placed:
    chars: list[str] = []
    places: list[int] = []
    pending: list[int] = []  # line ends since the last line with text; the first is its own
    was_blank = False
    begun = False
    for start, line in lines:
        if start + len(line) == size and not line[width:] and not line.strip(" "):
            break
        if not line[width:] and not line.strip(" "):
            pending.append(start + len(line))
            continue
        is_blank = line[width : width + 1] in _BLANK
        if folded and begun and pending and not was_blank and not is_blank:
            if len(pending) == 1:
                chars.append(" ")
                places.append(pending[0])
            pending = pending[:-1]
        chars.extend("\n" * len(pending))
        places.extend(pending)
        chars.extend(line[width:])
        places.extend(range(start + width, start + len(line)))
        pending, was_blank, begun = [start + len(line)], is_blank, True
    if pending and pending[-1] == size:
        pending.pop()  # the file ends without a line end
    if pending and (chomping == "+" or (chomping == "" and begun)):
        kept = pending if chomping == "+" else pending[:1]
        chars.extend("\n" * len(kept))
        places.extend(kept)
    places.append(places[-1] + 1 if places else size)
    return chars, places
