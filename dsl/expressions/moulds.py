"""Moulds: the shape of an expression, read once, into which names and literals are then poured.

Most expressions of a library differ from another one in nothing but names, numbers and texts. What is left of an expression
when those are taken out is its *shape*; two texts of one shape are read alike by the parser, token for token, because its lexer
decides by the kind of a token and never by which name or number it is. So each shape is parsed once, by the real parser, and
the tree becomes a *mould*: a function that builds the same tree from other names and literals, at their own places.

What the parser refuses has no mould and is always read by the parser itself, and so is what is not plain ASCII. A shape whose
tokens do not lie exactly where the parser put them is refused as well, so a change of the grammar can make moulds rarer but
never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import fields
from typing import TypeAlias

from dramaturg.dsl.expressions import surface
from dramaturg.dsl.expressions.surface import At, Surface

Mould: TypeAlias = "Callable[[list[str], list[int]], Surface]"
"""Builds a tree from the open tokens of a text and the places where each starts and ends, one after the other."""
Token: TypeAlias = tuple[str, int, int]
"""A token of the parser: its terminal, and where it starts and ends."""
Terminals: TypeAlias = Iterable[tuple[str, str, bool]]
"""Of each terminal of the grammar, the ones that are tried first first: its name, its pattern as a regular expression, and whether
that stands for one text only."""


class Shapes:
    """Takes texts apart into their shape and what fills it, by the terminals of the grammar."""

    def __init__(self, terminals: Terminals, reserved: Collection[str]) -> None:
        words = set(reserved)
        self.open: list[str] = []
        """The terminals whose tokens may read anything, and so are left out of a shape."""
        patterns = []
        for name, pattern, fixed in terminals:
            if fixed:
                words.update(re.findall("[A-Za-z_]+", pattern))
            elif re.match("[a-z]", pattern):  # a keyword; a letter too many from its brackets does no harm
                words.update(re.findall("[a-z_]+", pattern.partition("(?")[0]))
            elif re.search(r"[\[\\]", pattern):
                self.open.append(name)
                patterns.append((name, pattern))
        self.words = frozenset(words)
        patterns.sort(key=lambda named: named[0] != "NAME")
        self.hole = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns))

    def holes(self, text: str) -> list[Token]:
        """The open tokens of a text. A word of the language is none, even where it may be a name."""
        found = [(found.lastgroup or "", *found.span()) for found in self.hole.finditer(text)]
        return [hole for hole in found if hole[0] != "NAME" or text[hole[1] : hole[2]] not in self.words]

    def take_apart(self, text: str) -> tuple[str, list[str], list[int]]:
        """The shape of a text, the open tokens in it, and where each starts and ends. The same as ``holes``, in a hurry."""
        words, at = self.words, 0
        shape = ""
        tokens: list[str] = []
        places: list[int] = []
        for found in self.hole.finditer(text):
            token, kind = found[0], found.lastindex
            if kind == 1 and token in words:
                continue
            start, end = found.span()
            shape += text[at:start] + _MARKS[kind or 0]
            tokens.append(token)
            places += (start, end)
            at = end
        return shape + text[at:], tokens, places


_MARKS = tuple(chr(0xE000 + index) for index in range(64))
"""What stands in a shape for an open token: nothing that is ASCII, as every text with a mould is."""


def mould(shapes: Shapes, tree: Surface, text: str, lexed: Collection[Token]) -> Mould | None:
    """The mould of a tree that the parser built from ``text``; ``lexed`` are the tokens that the parser saw.

    None where the text was not taken apart as the parser does, or a node holds what cannot be told from the text.
    """
    holes = shapes.holes(text)
    if not set(holes) <= set(lexed):
        return None
    places = [place for _, start, end in holes for place in (start, end)]
    code = _Code(text, places)
    body = code.value(tree)
    if body is None:
        return None
    names = ", ".join(f"t{index}" for index in range(len(places) // 2))
    ends = ", ".join(f"s{index}, e{index}" for index in range(len(places) // 2))
    unpack = f"    ({names},) = t\n    ({ends},) = p\n" if places else ""
    space: dict[str, object] = {**_CLASSES, "unquoted": unquoted}
    exec(f"def build(t, p):\n{unpack}    return {body}\n", space)
    built = space["build"]
    assert callable(built)
    return built


_CLASSES: dict[str, type] = {
    name: kind for name, kind in vars(surface).items() if isinstance(kind, type) and hasattr(kind, "__match_args__")
}


_SHAPELY = ("op", "kind")
"""Fields whose texts are words and signs of the language, and so part of the shape."""


class _Code:
    """Writes the expression that builds a tree again."""

    def __init__(self, text: str, places: list[int]) -> None:
        self.text = text
        self.starts = {place: index for index, place in enumerate(places[::2])}
        self.ends = {place: index for index, place in enumerate(places[1::2])}
        self.sorted_ends = [(0, ""), *((place, f"e{index}") for index, place in enumerate(places[1::2]))]

    def at(self, place: int) -> str:
        """A place, said from the end of the open token before it: what lies between is the same in each text of the shape."""
        if place in self.starts:
            return f"s{self.starts[place]}"
        if place in self.ends:
            return f"e{self.ends[place]}"
        before, name = max(end for end in self.sorted_ends if end[0] <= place)
        return f"{name} + {place - before}" if name else str(place)

    def token(self, start: int) -> str | None:
        index = self.starts.get(start)
        return None if index is None else f"t{index}"

    def value(self, tree: Surface) -> str | None:
        """The code of one node; None where a part of it is not what stands in the text."""
        at = f"at=({self.at(tree.at[0])}, {self.at(tree.at[1])})"
        match tree:
            case surface.Path(parts):
                return f"Path({self.parts(parts, tree.at)}, {at})"
            case surface.Number(written) | surface.Quantity(written) | surface.Clock(written):
                token = self.token(tree.at[0])
                # A parenthesis around it widens its place.
                token = token if token is not None else self.inside(written, tree.at)
                return None if token is None else f"{type(tree).__name__}({token}, {at})"
            case surface.Quote():
                start = self.text.find('"', tree.at[0])
                token = self.token(start)
                return None if token is None else f"Quote(unquoted({token}), {at})"
        written_fields = []
        for field in fields(tree):
            if field.name == "at":
                continue
            held = getattr(tree, field.name)
            if isinstance(held, str) and field.name not in _SHAPELY:
                return None
            code = self.field(held)
            if code is None:
                return None
            written_fields.append(code)
        return f"{type(tree).__name__}({', '.join([*written_fields, at])})"

    def field(self, value: object) -> str | None:
        if isinstance(value, tuple):
            items = [self.field(item) for item in value]
            return None if None in items else f"({' '.join(f'{item},' for item in items)})"
        if value is None or isinstance(value, bool | str):
            return repr(value)
        if type(value) in _CLASSES.values():
            return self.value(value)  # type: ignore[arg-type]
        return None

    def inside(self, written: str, at: At) -> str | None:
        found = [index for place, index in self.starts.items() if at[0] <= place < at[1]]
        return f"t{found[0]}" if len(found) == 1 and written in self.text[at[0] : at[1]] else None

    def parts(self, parts: tuple[str, ...], at: At) -> str:
        """The words of a path: open tokens, or words of the language that stand where only a name can."""
        out, place = [], at[0]
        for part in parts:
            place = self.text.index(part, place)
            token = self.token(place)
            out.append(repr(part) if token is None else token)
            place += len(part)
        return f"({' '.join(f'{part},' for part in out)})"


def unquoted(text: str) -> str:
    """A text in quotes of the language, as what it says."""
    if "\\" not in text:
        return text[1:-1]
    out, chars = [], iter(text[1:-1])
    for char in chars:
        if char == "\\":
            char = next(chars)
            char = {"n": "\n", "t": "\t"}.get(char, char)
        out.append(char)
    return "".join(out)
