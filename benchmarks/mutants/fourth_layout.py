"""A fourth batch of kinds, written before it was run once, first part: slips of layout, and sections and keys in the wrong place.

Written as somebody would who has the reference of the language and the shipped files, and has never seen how mutants are made here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise

import yaml

from benchmarks.mutants.library import File, Library, Spot, fits, is_prose, is_template
from benchmarks.mutants.mutant import Mutant, edit, kind
from benchmarks.mutants.structure import transition


def tree(text: str) -> object:
    """What YAML reads, or None where it reads nothing; for telling whether an edit changed the tree."""
    try:
        return yaml.load(text, Loader=yaml.CBaseLoader)
    except yaml.YAMLError:
        return None


def entries(file: File) -> Iterator[tuple[Spot, int, int]]:
    """The entries of block maps with the range of their lines, the head's first."""
    for spot in file.spots:
        if spot.key is None or spot.flow:
            continue
        start = file.text.rfind("\n", 0, spot.key[0]) + 1
        if file.text[start : spot.key[0]].strip():
            continue
        end = file.text.find("\n", spot.end)
        yield spot, start, len(file.text) if end < 0 else end + 1


def texts(spot: Spot) -> bool:
    """Whether an entry is prose, a wording or data, in which most edits are as good as what was there."""
    return is_prose(spot) or is_template(spot) or "recordings" in spot.path


@kind("fourth: entry a level too far out")
def too_far_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """An entry and all that it holds, moved to the level of its owner, where YAML still reads the file."""
    for file in library.mutable:
        before = tree(file.text)
        for spot, start, end in entries(file):
            block = file.text[start:end]
            if not block.startswith("  ") or texts(spot):
                continue
            new = re.sub(r"(?m)^  ", "", block)
            after = tree(file.text[:start] + new + file.text[end:])
            if after is not None and after != before:
                yield edit(library, "fourth: entry a level too far out", file, start, end, new)


@kind("fourth: entry a level too far in")
def too_far_in(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """An entry and all that it holds, moved into the entry before it, where YAML still reads the file."""
    for file in library.mutable:
        before = tree(file.text)
        for spot, start, end in entries(file):
            if texts(spot):
                continue
            new = re.sub(r"(?m)^(?=.)", "  ", file.text[start:end])
            after = tree(file.text[:start] + new + file.text[end:])
            if after is not None and after != before:
                yield edit(library, "fourth: entry a level too far in", file, start, end, new)


@kind("fourth: dash twice")
def dash_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for match in re.compile(r"(?m)^ +(- )(?=\S)").finditer(file.text):
            yield edit(library, "fourth: dash twice", file, *match.span(1), "- - ")


@kind("fourth: dash before a key")
def dash_before_key(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot, _, _ in entries(file):
            if spot.kind == "scalar" and spot.key and len(spot.path) > 1:
                yield edit(library, "fourth: dash before a key", file, spot.key[0], spot.key[0], "- ")


@kind("fourth: colon twice")
def colon_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.key is not None and "words" not in spot.path:
                yield edit(library, "fourth: colon twice", file, spot.key[1], spot.key[1], ":")


@kind("fourth: equals sign for a colon")
def equals_for_colon(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.key is not None and spot.kind == "scalar" and file.text[spot.key[1] : spot.key[1] + 2] == ": ":
                yield edit(library, "fourth: equals sign for a colon", file, spot.key[1], spot.key[1] + 1, " =")


@kind("fourth: semicolon for a comma")
def semicolon_for_comma(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for owner in file.spots:
            if owner.style != "flow" or owner.kind != "map":
                continue
            for one, two in pairwise(file.children(owner)):
                at = file.text.find(",", one.end, two.start)
                if at >= 0:
                    yield edit(library, "fourth: semicolon for a comma", file, at, at + 1, ";")


@kind("fourth: closing sign of the other kind")
def other_closing(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.style == "flow":
                new = {"}": "]", "]": "}"}[file.text[spot.end - 1]]
                yield edit(library, "fourth: closing sign of the other kind", file, spot.end - 1, spot.end, new)


@kind("fourth: closing sign twice")
def closing_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.style == "flow":
                end = file.text[spot.end - 1]
                yield edit(library, "fourth: closing sign twice", file, spot.end, spot.end, end)


@kind("fourth: opening sign left out")
def opening_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.style == "flow" and file.text[spot.start + 1] not in "}]":
                yield edit(library, "fourth: opening sign left out", file, spot.start, spot.start + 1, "")


@kind("fourth: value on the next line")
def value_on_next_line(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A line break behind the colon, and no indentation."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.key is not None and not spot.flow and spot.kind == "scalar" and spot.style == "plain":
                yield edit(library, "fourth: value on the next line", file, spot.key[1] + 1, spot.start, "\n")


@kind("fourth: section written twice")
def section_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A section begins again at the end of the file, with one more entry. Either place may be shown."""
    lines = {"tasks": "  more:\n    BEGUN: {end: good}\n", "triggers": "  more: {when: user.accept, within: 1 turn}\n"}
    for file in library.mutable:
        for spot in file.spots:
            if len(spot.path) == 1 and spot.kind == "map" and spot.style == "block" and spot.key:
                more = lines.get(spot.name, "  more: {}\n")
                at = len(file.text)
                also = (file.line(spot.key[0]),)
                new = f"\n{spot.name}:\n{more}"
                yield edit(library, "fourth: section written twice", file, at, at, new, also=also)


@kind("fourth: section in the other number")
def other_number(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """One trigger for triggers, agents for the agent."""
    for file in library.mutable:
        for spot in file.spots:
            if len(spot.path) == 1 and spot.key and spot.kind != "scalar":
                new = spot.name[:-1] if spot.name.endswith("s") else spot.name + "s"
                yield edit(library, "fourth: section in the other number", file, *spot.key, new, meant=spot.name)


@kind("fourth: section under another's name")
def under_anothers_name(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A whole section is called what another is, which the file does not have."""
    swaps = {"triggers": "shifts", "shifts": "triggers", "rules": "parameters", "check": "rules", "tasks": "personas",
             "personas": "concerns", "concerns": "personas", "acts": "events", "words": "types", "events": "acts",
             "parameters": "world", "world": "parameters", "types": "world"}  # fmt: skip
    for file in library.mutable:
        for spot in file.spots:
            if len(spot.path) == 1 and spot.key and spot.name in swaps and (swaps[spot.name],) not in file.at:
                also = tuple(range(file.line(spot.start), file.line(spot.end) + 1))
                new = swaps[spot.name]
                yield edit(library, "fourth: section under another's name", file, *spot.key, new, also=also)


NEIGHBOURS = {
    "replies": {"to": "when", "do": "go", "if": "when"},
    "feels": {"to": "when", "set": "do"},
    "tasks": {"when": "to", "go": "do", "after": "within", "set": "with"},
    "stream": {"emit": "do", "at": "after", "every": "after", "set": "go"},
    "triggers": {"expect": "do", "until": "unless", "within": "after", "otherwise": "else", "when": "if"},
    "shifts": {"as": "do", "when": "to", "chance": "likely", "after": "since"},
    "concerns": {"surfaces": "when", "eased": "until", "hardens": "if", "says": "say"},
    "acts": {"kind": "type", "with": "fields", "about": "says", "takes": "lasts"},
}


@kind("fourth: key of the neighbour")
def key_of_neighbour(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The key that means nearly the same somewhere else in the language."""
    for file in library.mutable:
        for spot in file.spots:
            part = next((p for p in ("replies", "feels", "acts", *map(str, spot.path[:1])) if p in spot.path[:-1]), "")
            if spot.key is None or part not in NEIGHBOURS or spot.name not in NEIGHBOURS[part]:
                continue
            if spot.up in ("with", "set") or (part == "tasks" and not transition(file.at[spot.path[:-1]])):
                continue
            new = NEIGHBOURS[part][spot.name]
            if (*spot.path[:-1], new) not in file.at:
                yield edit(library, "fourth: key of the neighbour", file, *spot.key, new)


@kind("fourth: key with a blank or a hyphen")
def key_with_blank(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.key and spot.name in ("if_over", "per_turn", "on_entry", "on_exit", "instead_of"):
                for sign in " -":
                    new = spot.name.replace("_", sign)
                    yield edit(library, "fourth: key with a blank or a hyphen", file, *spot.key, new, meant=spot.name)


@kind("fourth: line of a list twice", deep=True)
def line_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A line that can only be taken once, below itself."""
    for file in library.mutable:
        for spot in file.spots:
            if (transition(spot) or fits(spot.path, "**", "replies", "*")) and spot.style == "flow":
                start, end = spot.entry
                if (*spot.path, "chance") not in file.at and file.text[start:end].endswith("\n"):
                    also = (file.line(start),)
                    new = file.text[start:end]
                    yield edit(library, "fourth: line of a list twice", file, end, end, new, also=also)
