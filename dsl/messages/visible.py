"""Visible text: what a terminal is given of an author's words, and how many of its columns they take.

Whatever would command a terminal, or hide in it, is made visible first. An East Asian wide character takes two columns and a
combining one none, so that carets stand where they belong in any script.
"""

from __future__ import annotations

import unicodedata

TAB = 4
"""Columns of a tab."""


def cell(char: str) -> int:
    """The terminal columns that one character takes as it is shown."""
    if char == "\t":
        return TAB
    if " " <= char <= "~":
        return 1
    if (shown := visible(char)) != char:
        return len(shown)
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cells(text: str) -> int:
    return len(text) if text.isascii() and text.isprintable() else sum(map(cell, text))


_HIDDEN = {ord("\t"): " " * TAB, 0x7F: "␡"}
_HIDDEN |= {code: chr(0x2400 + code) for code in range(0x20) if code != 0x09}
_HIDDEN |= {code: f"<U+{code:04X}>" for code in (*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_HIDDEN |= {code: f"<U+{code:04X}>" for code in (0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0x2060)}
_HIDDEN |= {code: f"<U+{code:04X}>" for code in (0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)}


def visible(text: str) -> str:
    """The text with what would command a terminal, or hide in it, made visible."""
    return text if text.isascii() and text.isprintable() else text.translate(_HIDDEN)


def clean(text: str) -> str:
    return visible(" ".join(text.splitlines()) if "\n" in text else text)
