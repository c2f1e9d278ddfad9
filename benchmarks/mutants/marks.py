"""Marks: one character of the file more, less or another, where YAML or the language gives it a meaning.

Indentation by one, a comment sign inside a line, quotes of two kinds, letters of another alphabet, blanks that are none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.mutants.exchanges import entries, expressions
from benchmarks.mutants.library import File, Library, Spot, is_declaration, is_prose, is_template
from benchmarks.mutants.mutant import Mutant, edit, kind, plain


def heads(file: File) -> Iterator[tuple[Spot, int, int]]:
    """Entries of block maps that begin their line, with the line's start and where the key begins."""
    for spot in entries(file):
        if spot.key is None or spot.flow:
            continue
        line = file.text.rfind("\n", 0, spot.key[0]) + 1
        if not file.text[line : spot.key[0]].strip():
            yield spot, line, spot.key[0]


@kind("one blank more before a key")
def one_more(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Out of line with its neighbours: a continued text, or no YAML. The lines before and after are places too."""
    for file in library.mutable:
        for spot, line, _ in heads(file):
            owner = file.owner(spot)
            if owner is None or len(file.children(owner)) < 2 or spot.kind != "scalar":
                continue
            made = edit(library, "one blank more before a key", file, line, line, " ")
            here = file.line(line)
            yield replace(made, lines=frozenset({here - 1, here, here + 1}))


@kind("one blank less before a key")
def one_less(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot, line, at in heads(file):
            owner = file.owner(spot)
            if owner is None or len(file.children(owner)) < 2 or at == line:
                continue
            made = edit(library, "one blank less before a key", file, line, line + 1, "")
            here = file.line(line)
            yield replace(made, lines=frozenset({here - 1, here, here + 1}))


@kind("comment sign inside a line")
def comment_inside(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The rest of a line of braces becomes a comment, with the closing brace."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.flow and spot.key and file.text[spot.key[0] - 2 : spot.key[0]] == ", ":
                made = edit(library, "comment sign inside a line", file, spot.key[0], spot.key[0], "# ")
                yield replace(made, lines=frozenset({file.line(spot.key[0]), file.line(spot.key[0]) + 1}))


@kind("quotes of two kinds")
def two_quotes(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A text begins with one kind of quote and ends with the other."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.style == "quoted":
                other = "'" if file.text[spot.start] == '"' else '"'
                at = rng.choice((spot.start, spot.end - 1))
                made = edit(library, "quotes of two kinds", file, at, at + 1, other)
                yield made


@kind("other sign for the colon")
def other_colon(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in entries(file):
            if spot.key and file.text[spot.key[1]] == ":":
                sign = rng.choice((";", " ->", ".", ",", " -", " is"))
                if spot.kind != "scalar" and spot.style == "block":
                    sign = rng.choice((";", ".", ","))
                made = edit(library, "other sign for the colon", file, spot.key[1], spot.key[1] + 1, sign)
                yield made


@kind("colon for a dot")
def colon_dot(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``agent:follow_up``, ``agent/follow_up``, ``agent->follow_up`` in an expression."""
    for file in library.mutable:
        for spot in expressions(file):
            for start, end in plain(file, spot):
                for match in re.compile(r"(?<=[a-z])\.(?=[a-z])").finditer(file.text, start, end):
                    yield edit(library, "colon for a dot", file, *match.span(), rng.choice((":", "/", "->", "::", "#")))


ALIKE = dict(zip("aceopxyi", "асеорхуі"))


@kind("letter of another alphabet")
def alphabet(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """One letter of a key, a name or a word of the language is a Cyrillic one that looks the same."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.path[0] == "recordings" or "words" in spot.path or is_prose(spot):
                continue
            if spot.key:
                places = [i for i in range(*spot.key) if file.text[i] in ALIKE]
                if places:
                    at = rng.choice(places)
                    yield edit(library, "letter of another alphabet", file, at, at + 1, ALIKE[file.text[at]])
        for spot in (*expressions(file), *(s for s in file.spots if is_declaration(s))):
            if spot.style != "plain":
                continue
            places = [i for a, b in plain(file, spot) for i in range(a, b) if file.text[i] in ALIKE]
            if places:
                at = rng.choice(places)
                yield edit(library, "letter of another alphabet", file, at, at + 1, ALIKE[file.text[at]])


@kind("value hung on a dash")
def dashed(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``when: - user.accept``: a list cannot begin on the line of its key."""
    for file in library.mutable:
        for spot in entries(file):
            if not spot.key or spot.kind != "scalar" or spot.flow or spot.style != "plain" or spot.path[0] == "words":
                continue
            if file.line(spot.key[0]) == file.line(spot.start):
                yield edit(library, "value hung on a dash", file, spot.start, spot.start, "- ")


SINGLE = (
    *(
        "scenario",
        "domain",
        "family",
        "horizon",
        "turns",
        "pace",
        "kind",
        "if",
        "chance",
        "go",
        "emit",
        "within",
        "again",
    ),
    *("end", "weight", "persona", "first", "history", "if_over", "every", "at", "takes", "labels", "role", "proactive"),
    "staged",
)


@kind("scalar in brackets or braces")
def wrapped(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A single value where none of several can be: ``turns: [16]``, ``go: {AGREED}``."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.kind != "scalar" or spot.name not in SINGLE or not spot.key or spot.style == "block":
                continue
            if spot.path[0] in ("words", "recordings", "uses") or "with" in spot.path or "moves" in spot.path:
                continue
            raw = file.raw(spot)
            if "," in raw or "[" in raw or "{" in raw:
                continue
            new = rng.choice((f"[{raw}]", f"{{{raw}}}", f"{{value: {raw}}}", f"[{raw}, {raw}]"))
            yield edit(library, "scalar in brackets or braces", file, spot.start, spot.end, new)


@kind("map as a list of its entries")
def map_as_list(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The entries of a map of one line in brackets, or a list of its keys alone."""
    maps = ("set", "with", "slots", "moves", "fields", "stance", "opens", "feels")
    for file in library.mutable:
        for spot in entries(file):
            if spot.kind != "map" or spot.style != "flow" or spot.name not in maps:
                continue
            inside = file.children(spot)
            if not inside:
                continue
            keys = "[" + ", ".join(s.name for s in inside) + "]"
            pairs = "[" + ", ".join(f"{{{file.text[s.key[0] : s.end]}}}" for s in inside if s.key) + "]"
            values = "[" + ", ".join(file.raw(s) for s in inside) + "]"
            new = rng.choice((keys, pairs, values, inside[0].name))
            yield edit(library, "map as a list of its entries", file, spot.start, spot.end, new)


@kind("template's braces inside a condition")
def braces(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``{{ fare }} > 3``: a placeholder where an expression names things by themselves."""
    for file in library.mutable:
        for spot in expressions(file):
            if spot.style != "plain" or file.line(spot.start) != file.line(spot.end):
                continue
            for start, end in plain(file, spot):
                for match in re.compile(r"(?<![\w.])[a-z_]+(?= [<>=!])").finditer(file.text, start, end):
                    new = rng.choice((f"{{{{ {match[0]} }}}}", f"${match[0]}", f"${{{match[0]}}}", f"%{match[0]}%"))
                    yield edit(library, "template's braces inside a condition", file, *match.span(), new)


@kind("blank inside a name")
def blank(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A name of an expression broken in two by a blank, at no low line."""
    for file in library.mutable:
        for spot in expressions(file):
            if spot.style != "plain":
                continue
            for start, end in plain(file, spot):
                for match in re.compile(r"(?<=[a-z]\.)[a-z]{5,}(?![\w.])").finditer(file.text, start, end):
                    at = match.start() + rng.randrange(2, len(match[0]) - 1)
                    if match[0][: at - match.start()] not in library.words:
                        yield edit(library, "blank inside a name", file, at, at, " ")


@kind("text that closes before its end")
def closes_early(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A quote in the middle of a quoted text, without its backslash."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.style != "quoted" or file.text[spot.start] != '"' or spot.end - spot.start < 12:
                continue
            blanks = [m.start() for m in re.compile(r"(?<=\w) (?=\w)").finditer(file.text, spot.start, spot.end)]
            if blanks and not (is_template(spot) and "{%" in spot.text):
                yield edit(library, "text that closes before its end", file, at := rng.choice(blanks), at, '"')
