"""Writing YAML: a small tree of texts, maps and lists as a block of text that our reader reads back to the same tree.

Only what importers need: block maps and lists, flow maps for rows, and texts that are quoted wherever a plain scalar could be
taken for something else. Nothing depends on the order of a set or on the machine, so the same tree is always the same text.
Quoted texts are escaped like JSON's, which YAML's double quotes understand; what an editor would not show (control
characters, marks that reverse the reading direction) is escaped as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Flow:
    """A map on one line, as rows and short bodies are written."""

    entries: Mapping[str, str | Flow]


Tree: TypeAlias = "str | Flow | Mapping[str, Tree] | Sequence[Tree]"

_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.()/|=<>?%+-]| (?=[^ #]))*", re.ASCII)
"""Texts that mean themselves in block and in flow style: no comma, colon, bracket, quote or comment sign."""
_EMPTY = {"null", "Null", "NULL", "~", ""}
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def scalar(text: str) -> str:
    """The text as a YAML scalar: plain where that is safe, in single quotes where it holds double ones, else in double."""
    if _PLAIN.fullmatch(text) and text not in _EMPTY:
        return text
    if '"' in text and "'" not in text and "\\" not in text and all(_written(c) == c for c in text if c != '"'):
        return f"'{text}'"
    return quoted(text)


def quoted(text: str) -> str:
    """The text in double quotes. A lone surrogate, which no UTF-8 file can hold, becomes the replacement character."""
    return '"' + "".join(_written(c) for c in text) + '"'


def _written(c: str) -> str:
    if c in _ESCAPED:
        return _ESCAPED[c]
    code = ord(c)
    if 0xD800 <= code <= 0xDFFF:
        return "\N{REPLACEMENT CHARACTER}"
    if c.isprintable() and code not in (0x2028, 0x2029):
        return c
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def document(header: Sequence[str], tree: Mapping[str, Tree]) -> str:
    """A whole file: comment lines, then the sections with an empty line between them."""
    lines = [f"# {line}".rstrip() for line in header]
    for key, value in tree.items():
        if lines:
            lines.append("")
        lines.extend(_entry(key, value, 0))
    return "\n".join(lines) + "\n"


def _entry(key: str, value: Tree, depth: int) -> Iterator[str]:
    pad = "  " * depth
    match value:
        case str():
            yield f"{pad}{scalar(key)}: {scalar(value)}"
        case Flow():
            yield f"{pad}{scalar(key)}: {flow(value)}"
        case Mapping():
            yield f"{pad}{scalar(key)}:" if value else f"{pad}{scalar(key)}: {{}}"
            for inner, item in value.items():
                yield from _entry(inner, item, depth + 1)
        case _:
            yield f"{pad}{scalar(key)}:" if value else f"{pad}{scalar(key)}: []"
            for item in value:
                yield from _item(item, depth + 1)


def _item(value: Tree, depth: int) -> Iterator[str]:
    pad = "  " * depth
    match value:
        case str():
            yield f"{pad}- {scalar(value)}"
        case Flow():
            yield f"{pad}- {flow(value)}"
        case Mapping():
            first = True
            for key, item in value.items():
                for line in _entry(key, item, depth + 1):
                    yield f"{pad}- {line[len(pad) + 2 :]}" if first else line
                    first = False
        case _:
            raise TypeError(f"a list directly inside a list is not written: {value!r:.80}")


def flow(value: Flow) -> str:
    """A map on one line."""
    parts = (
        f"{scalar(key)}: {flow(item) if isinstance(item, Flow) else scalar(item)}"
        for key, item in value.entries.items()
    )
    return "{" + ", ".join(parts) + "}"
