"""Characters: the bytes of a file as checked text, and the way back from characters to bytes.

YAML marks count characters, spans count bytes; ``Characters`` converts. Whatever an author cannot see in an editor (control
characters, marks that reverse the reading direction, foreign line ends) or that is not text at all is refused here, so that
everything later may assume plain UTF-8 text whose only line ends are LF and CRLF.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from dramaturg.dsl.diagnostics import Diagnostic, Fix, diagnose
from dramaturg.dsl.spans import Source, Span

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FOREIGN_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_BIDI = re.compile("[\u202a-\u202e]")
_ISOLATES = re.compile("[\u2066-\u2069]")
"""Isolates are how a text quotes words of the other direction; one that its line does not close turns what comes after it."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_VISIBLE = bytes(range(0x20, 0x7F)) + b"\t\n"
"""What most files consist of, as one pass in C can tell."""
_LINE_ENDS = {
    "\r": "a lone carriage return",
    "\x85": "a NEXT LINE mark",
    "\u2028": "a LINE SEPARATOR",
    "\u2029": "a PARAGRAPH SEPARATOR",
}


@dataclass(frozen=True, eq=False)
class Characters:
    """The text of a source. ``bytes_at`` gives the byte offset of each character and of the end; None where all are ASCII."""

    source: Source
    text: str
    base: int
    bytes_at: array[int] | None

    def byte(self, index: int) -> int:
        """The byte offset of the character ``index``, clipped to the text."""
        index = min(max(index, 0), len(self.text))
        return self.base + index if self.bytes_at is None else self.bytes_at[index]

    def span(self, start: int, end: int) -> Span:
        return Span(self.source, self.byte(start), self.byte(max(start, end)))

    def bytes_of(self, indices: list[int]) -> tuple[int, ...]:
        if self.bytes_at is None:
            return tuple([self.base + index for index in indices])
        return tuple([self.bytes_at[index] for index in indices])

    def line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def line_end(self, index: int) -> int:
        """The index of the end of the line, its line end excluded."""
        end = self.text.find("\n", index)
        end = len(self.text) if end < 0 else end
        return end - 1 if end > index and self.text[end - 1] == "\r" else end


def characters(source: Source) -> Characters | Diagnostic:
    """The text of a source, or what is wrong with its characters."""
    data = source.data
    for mark, encoding in _FOREIGN_MARKS.items():
        if data.startswith(mark):
            message = f"this file is written in {encoding}; save it as UTF-8"
            return diagnose("not-utf8", Span(source, 0, len(mark)), message)
    zero = data.find(b"\0")
    if zero >= 0:
        message = "this is not a text file: it contains a zero byte"
        return diagnose("not-text", Span(source, zero, zero + 1), message)
    base = len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0
    try:
        text = data[base:].decode("utf-8")
    except UnicodeDecodeError as error:
        return _undecodable(source, base + error.start)
    bytes_at = None
    if len(text) != len(data) - base:
        widths = [1 + (c > "\x7f") + (c > "\u07ff") + (c > "\uffff") for c in text]
        bytes_at = array("Q", accumulate(widths, initial=base))
    found = Characters(source, text, base, bytes_at)
    if bytes_at is None and b"\r" not in data and not data[base:].translate(None, _VISIBLE):
        return found
    turning = next(_turning(text), None)
    if turning is not None:
        return _bidi(found, turning)
    if control := _CONTROL.search(text):
        return _control(found, control.start())
    return found


def _undecodable(source: Source, at: int) -> Diagnostic:
    data = source.data
    sample = data[max(0, at - 512) : at + 512]
    strange = sum(byte >= 0x80 or (byte < 0x20 and byte not in b"\t\n\r") for byte in sample)
    if strange * 3 > len(sample):
        return diagnose("not-text", Span(source, at, at + 1), "this is not a text file: its bytes spell no characters")
    message = f"the byte {data[at]:02X} here is not UTF-8; save the file as UTF-8"
    notes = []
    if data[at] >= 0xA0:
        notes.append(f"in an old Western encoding it would be `{bytes([data[at]]).decode('latin-1')}`")
    return diagnose("not-utf8", Span(source, at, at + 1), message, notes=notes, fixes=_western(source))


def _western(source: Source) -> list[Fix]:
    """Each byte that is not UTF-8 as the letter that it is in Windows-1252; a guess, if a likely one."""
    edits: list[tuple[Span, str]] = []
    at = 0
    for char in source.data.decode("utf-8", "surrogateescape"):
        if "\udc80" <= char <= "\udcff":
            letter = bytes([ord(char) - 0xDC00]).decode("cp1252", "replace")
            if letter == "\ufffd":
                return []
            edits.append((Span(source, at, at + 1), letter))
            at += 1
        else:
            at += len(char.encode())
    return [Fix("take the file for Western European text (Windows-1252)", tuple(edits), safe=False)]


def _turning(text: str) -> Iterator[int]:
    """Where marks stand that change how the rest of a line reads: embeddings, overrides, and isolates without their partner."""
    if text.isascii():
        return
    yield from (mark.start() for mark in _BIDI.finditer(text))
    opened: list[int] = []
    for mark in _ISOLATES.finditer(text):
        if opened and text.find("\n", opened[-1], mark.start()) >= 0:
            yield from opened
            opened.clear()
        if mark[0] != "\u2069":
            opened.append(mark.start())
        elif opened:
            opened.pop()
        else:
            yield mark.start()
    yield from opened


def _bidi(found: Characters, at: int) -> Diagnostic:
    char, span = found.text[at], found.span(at, at + 1)
    name = unicodedata.name(char).lower()
    message = f"an invisible mark (U+{ord(char):04X}, {name}) makes this line read differently from what it says"
    edits = tuple((found.span(at, at + 1), "") for at in sorted(set(_turning(found.text))))
    return diagnose("hidden-direction", span, message, fixes=[Fix("remove the invisible marks", edits)])


def _control(found: Characters, at: int) -> Diagnostic:
    char, span = found.text[at], found.span(at, at + 1)
    if char in _LINE_ENDS:
        message = f"there is {_LINE_ENDS[char]} here, which only some editors show as a line end"
        instead, title = ("\n", "use a line feed") if char == "\r" else (" ", "use a space")
        return diagnose("control-character", span, message, fixes=[Fix(title, ((span, instead),))])
    message = f"there is an invisible character (U+{ord(char):04X}) here"
    return diagnose("control-character", span, message, fixes=[Fix("remove it", ((span, ""),))])
