"""A fifth batch of kinds, written after the fourth had been mended and before it was run once: does the cure reach further?

What is planted here happens to people who type, paste and rearrange: half lines, joined lines, comments without their sign, words
in another order, the right word in the wrong place.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise

from benchmarks.mutants.fourth_layout import entries, texts, tree
from benchmarks.mutants.fourth_terms import found
from benchmarks.mutants.fourth_wholes import declarations, mentions
from benchmarks.mutants.library import Library, fits, is_declaration, is_guard, is_pattern
from benchmarks.mutants.mutant import Mutant, edit, kind, typo


@kind("fifth: misspelt where it is declared")
def misspelt_at_home(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Where two lines or more speak of the name, only the declaration is the place."""
    for file, spot in declarations(library):
        last = spot.name.rpartition(".")[2]
        same = [
            s for f in library.around(file) for s in f.spots if s.name == spot.name and s.key and s.path != spot.path
        ]
        here, there = mentions(library, file, spot.name if "." in spot.name else last)
        uses = [n for n in here if n != file.line(spot.start)]
        machine = len(spot.path) == 2 and spot.path[0] in ("triggers", "shifts", "tasks")
        if same or machine or len(uses) + len(there) < 2 or not spot.key or last in ("to", "by"):
            continue
        start = spot.key[1] - len(last)
        new = typo(last, library.words, rng)
        yield edit(library, "fifth: misspelt where it is declared", file, start, spot.key[1], new)


@kind("fifth: heading left out")
def heading_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The line above a block is gone, and what it headed stands there."""
    for file in library.mutable:
        for spot, start, _ in entries(file):
            if spot.kind != "scalar" and spot.style == "block" and not texts(spot) and spot.up != "words":
                end = file.text.find("\n", start) + 1
                also = (file.line(start) - 1, file.line(start))
                yield edit(library, "fifth: heading left out", file, start, end, "", also=tuple(n for n in also if n))


@kind("fifth: line cut in half")
def cut_in_half(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The end of a line in brackets is missing."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.style == "flow" and spot.kind == "map" and not spot.flow and spot.end - spot.start > 12:
                at = rng.randrange(spot.start + 4, spot.end - 2)
                yield edit(library, "fifth: line cut in half", file, at, spot.end, "")


@kind("fifth: two lines joined")
def joined(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for (one, _, end), (two, start, _) in pairwise(entries(file)):
            if one.kind == two.kind == "scalar" and one.style == two.style == "plain" and end == start and two.key:
                at = end - 1
                if "#" not in file.text[one.end : at]:
                    yield edit(library, "fifth: two lines joined", file, at, two.key[0], " ")


@kind("fifth: line broken in two")
def broken_in_two(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A break in the middle of a condition, and the rest at the margin."""
    for file in library.mutable:
        for spot in file.spots:
            blanks = [m.start() for m in re.finditer(" ", file.raw(spot))]
            if is_guard(spot) and spot.style == "plain" and not spot.flow and blanks and spot.key:
                at = spot.start + rng.choice(blanks)
                also = (file.line(at) + 1,)
                margin = " " * rng.choice((0, 2))
                yield edit(library, "fifth: line broken in two", file, at, at + 1, "\n" + margin, also=also)


@kind("fifth: comment without its sign")
def unsigned_comment(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.kind == "scalar" and spot.style == "plain" and not texts(spot):
                match = re.compile(r" +(# )(?=\S)").match(file.text, spot.end)
                if match:
                    yield edit(library, "fifth: comment without its sign", file, *match.span(1), "")


@kind("fifth: wide punctuation")
def wide_punctuation(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """As an input method for Chinese or Japanese writes it."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.key is None or "words" in spot.path or "recordings" in spot.path:
                continue
            yield edit(library, "fifth: wide punctuation", file, spot.key[1], spot.key[1] + 1, "：")
    for file, _, match in found(library, r"(?<=\w)\((?=\w)"):
        yield edit(library, "fifth: wide punctuation", file, *match.span(), "（")


@kind("fifth: declaration in another order")
def another_order(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot) and spot.style == "plain":
                match = re.compile(r"(money\(EUR\)|duration|int) (\S+( EUR)?\.\.\S+( EUR)?)").match(
                    file.text, spot.start, spot.end
                )
                if match:
                    new = rng.choice((f"{match[2]} {match[1]}", f"{match[1]}: {match[2]}", f"{match[1]}({match[2]})"))
                    yield edit(library, "fifth: declaration in another order", file, *match.span(), new)


@kind("fifth: dots of a range left out")
def dots_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot) and spot.style == "plain":
                for match in re.compile(r"(?<=\w)\.\.(?=\w)").finditer(file.text, spot.start, spot.end):
                    new = rng.choice((" ", ".", "...", ". ."))
                    yield edit(library, "fifth: dots of a range left out", file, *match.span(), new)


@kind("fifth: ends of a range of two kinds")
def two_kinds_of_ends(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot) and spot.style == "plain":
                for match in re.compile(r"(?<=\.\.)\d+( EUR|[mhd])?(?= step|\b)").finditer(
                    file.text, spot.start, spot.end
                ):
                    new = "300m" if match[1] == " EUR" else "300 EUR"
                    yield edit(library, "fifth: ends of a range of two kinds", file, *match.span(), new)


@kind("fifth: starts from itself")
def starts_from_itself(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "world", "*") and spot.style == "plain":
                match = re.search(r"= (.+)$", spot.text)
                if match and spot.text.startswith(("money", "duration", "int")):
                    at = spot.start + match.start(1)
                    yield edit(library, "fifth: starts from itself", file, at, spot.end, spot.name)


@kind("fifth: compound assignment")
def compound(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            match = (
                re.fullmatch(r"(\w+) ([+-]) (.+)", spot.text) if spot.up == "set" and spot.kind == "scalar" else None
            )
            if match and match[1] == spot.name:
                new = rng.choice(
                    (f"{match[2]}= {match[3]}", f"{match[1]} {match[2]}= {match[3]}", f"{match[1]}{match[2]}{match[2]}")
                )
                yield edit(library, "fifth: compound assignment", file, spot.start, spot.end, new)


@kind("fifth: state in quotes")
def state_in_quotes(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot, match in found(library, r"task\.\w+ is (?:not )?([A-Z]\w*)"):
        if spot.style == "plain":
            yield edit(library, "fifth: state in quotes", file, *match.span(1), f"'{match[1]}'")


@kind("fifth: not in the wrong place")
def not_misplaced(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"(?<= )is not(?= \w)"):
        yield edit(
            library,
            "fifth: not in the wrong place",
            file,
            *match.span(),
            rng.choice(("not is", "isnt", "is no", "is not not")),
        )
    for file, _, match in found(library, r"\bnot (once|earlier) (?=\w)"):
        yield edit(library, "fifth: not in the wrong place", file, *match.span(), f"{match[1]} not ")


@kind("fifth: another word for a keyword")
def another_word(library: Library, rng: random.Random) -> Iterator[Mutant]:
    others = {"since": "after", "once": "ever", "earlier": "before", "leads to": "leads", "within": "in", "implies": "then",
              "winnable": "can", "possible": "maybe", "in last": "within last", "for": "during", "matches": "like",
              "count": "number"}  # fmt: skip
    for file, _, match in found(library, rf"(?<![\w.])({'|'.join(others)})(?![\w:])"):
        yield edit(library, "fifth: another word for a keyword", file, *match.span(), others[match[1]])


@kind("fifth: reply to a state of affairs")
def reply_to_state(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What is replied to, or expected, is no event at all."""
    for file in library.mutable:
        states = sorted(
            {s.name for f in library.around(file) for s in f.spots if s.path[:1] == ("tasks",) and s.name.isupper()}
        )
        triggers = sorted(library.declared(file, "triggers", "*"))
        for spot in file.spots:
            if is_pattern(spot) and spot.name in ("to", "expect", "as") and states and triggers:
                new = rng.choice((f"{states[0]}", f"trigger.{triggers[0]} is open", triggers[0], "20m", "yes"))
                yield edit(library, "fifth: reply to a state of affairs", file, spot.start, spot.end, new)


@kind("fifth: trigger for an event")
def trigger_for_event(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        triggers = sorted(library.declared(file, "triggers", "*"))
        moves = {s.name for f in library.around(file) for s in f.spots if fits(s.path, "**", "moves", "*")}
        free = [name for name in triggers if name not in moves]
        for spot in file.spots:
            if spot.name == "when" and is_guard(spot) and free and spot.path[0] in ("tasks", "shifts", "triggers"):
                new = rng.choice((free[0], f"trigger.{free[0]}", f"{free[0]}.opens"))
                yield edit(library, "fifth: trigger for an event", file, spot.start, spot.end, new)


@kind("fifth: resistance of the wrong one")
def wrong_resistance(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"(user)\.(resistance)"):
        new = rng.choice(
            ("agent.resistance", "persona.resistance", "resistance", "user.resistence", "concern.resistance")
        )
        yield edit(library, "fifth: resistance of the wrong one", file, *match.span(), new)


@kind("fifth: count of a time")
def count_of_time(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"count\([^)]*\) [<>=]+ (\d+)"):
        yield edit(
            library,
            "fifth: count of a time",
            file,
            *match.span(1),
            rng.choice((f"{match[1]}m", f"{match[1]} EUR", "many")),
        )
    for file, _, match in found(library, r"count\(([^)]*)\)"):
        yield edit(library, "fifth: count of a time", file, match.start(), match.end(), f"count {match[1]}")


@kind("fifth: values of two keys exchanged")
def exchanged(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Two neighbours, of which neither can have the other's value."""
    pairs = {("until", "within"), ("when", "within"), ("within", "expect"), ("expect", "within"), ("when", "go"),
             ("after", "go"), ("if", "go"), ("chance", "do"), ("chance", "as"), ("kind", "about"), ("horizon", "turns"),
             ("turns", "pace")}  # fmt: skip
    for file in library.mutable:
        for owner in file.spots:
            if owner.kind != "map":
                continue
            for one, two in pairwise(file.children(owner)):
                if (one.name, two.name) in pairs and one.kind == two.kind == "scalar":
                    new = file.raw(two) + file.text[one.end : two.start] + file.raw(one)
                    yield edit(library, "fifth: values of two keys exchanged", file, one.start, two.end, new)


@kind("fifth: neighbours of two sections")
def pasted_elsewhere(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The first entry of one section, pasted below the heading of another."""
    for file in library.mutable:
        sections = [s for s in file.spots if len(s.path) == 1 and s.kind == "map" and s.style == "block" and s.key]
        sort = {
            "rules": 1,
            "check": 1,
            "tasks": 2,
            "triggers": 3,
            "shifts": 4,
            "world": 5,
            "personas": 6,
            "words": 7,
            "types": 8,
        }
        for target in sections:
            for source in sections:
                if target.name in sort and source.name in sort and sort[target.name] != sort[source.name]:
                    first = file.children(source)[0]
                    start = file.text.rfind("\n", 0, first.key[0] if first.key else first.start) + 1
                    block = file.text[start : file.text.find("\n", first.end) + 1]
                    block = re.sub(r"^( *)[\w.]+:", r"\1pasted_here:", block)
                    at = file.text.find("\n", target.key[0] if target.key else target.start) + 1
                    changed = tree(file.text[:at] + block + file.text[at:])
                    if changed is not None:
                        yield edit(library, "fifth: neighbours of two sections", file, at, at, block)


@kind("fifth: a letter typed into a sign")
def stray_letter(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A stray character in an expression, where no name or number stands."""
    for file, spot, match in found(library, r"(?<= )(<=|>=|==|!=|<|>|\+|-)(?= )"):
        if is_guard(spot):
            yield edit(
                library, "fifth: a letter typed into a sign", file, match.end(), match.end(), rng.choice("x;,:?@")
            )
