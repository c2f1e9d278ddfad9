"""Exchanges: what stands in one place put in another, where both places know what they read and the other thing is none of it.

Keys of one record for each other, kinds of names for each other, sides of an operator, lines that are neighbours.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from benchmarks.mutants.library import File, Library, Spot, fits, is_guard, is_pattern, is_template, is_value
from benchmarks.mutants.mutant import Mutant, edit, kind, plain

KEYS = {
    "go": ("emit", "do"),
    "emit": ("go", "to"),
    "when": ("after", "at"),
    "after": ("when", "if"),
    "until": ("within",),
    "within": ("until", "when"),
    "chance": ("if", "when"),
    "if": ("chance",),
    "weight": ("eased", "lasts"),
    "takes": ("returns",),
    "returns": ("takes",),
    "history": ("states", "on_entry"),
    "if_over": ("end",),
    "at": ("if", "emit"),
    "every": ("if", "play"),
    "horizon": ("turns",),
    "turns": ("horizon", "pace"),
    "pace": ("turns",),
    "lasts": ("weight",),
    "again": ("within", "until"),
    "on_entry": ("history",),
    "expect": ("within",),
}
"""Keys whose records know the keys to the right as well, and whose values are none that those read."""


def entries(file: File) -> Iterator[Spot]:
    """Every value but the file itself."""
    yield from (spot for spot in file.spots if spot.path)


def expressions(file: File) -> Iterator[Spot]:
    yield from (s for s in file.spots if is_guard(s) or is_pattern(s) or is_value(s))


def mentions(library: Library, file: File, word: str) -> tuple[tuple[int, ...], frozenset[tuple[str, int]]]:
    """The lines of the file that speak of a word, and those of the files around it."""
    here: list[int] = []
    there: set[tuple[str, int]] = set()
    for other in {f.name: f for f in (*library.around(file), file)}.values():
        for number, line in enumerate(other.text.splitlines(), 1):
            if re.search(rf"(?<![A-Za-z0-9_]){re.escape(word)}(?![A-Za-z0-9_])", line):
                if other.name == file.name:
                    here.append(number)
                else:
                    there.add((other.name, number))
    return tuple(here), frozenset(there)


def siblings(file: File, spot: Spot) -> frozenset[str]:
    owner = file.owner(spot)
    return frozenset(s.name for s in file.children(owner)) if owner is not None else frozenset()


@kind("key for another key of its record")
def another_key(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What the new key reads is of another type, and often the old key has to be there."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.key is None or spot.name not in KEYS or "words" in spot.path or "with" in spot.path[:-1]:
                continue
            if spot.name == "chance" and spot.up == "with":
                continue
            free = [key for key in KEYS[spot.name] if key not in siblings(file, spot)]
            if free:
                yield edit(library, "key for another key of its record", file, *spot.key, rng.choice(free))


PREFIXES = ("agent", "user", "task", "trigger", "concern", "shift", "persona", "result")


@kind("name under another heading")
def another_prefix(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``agent.ask`` becomes ``task.ask``: nothing of that kind has the name."""
    for file in library.mutable:
        for spot in expressions(file):
            for start, end in plain(file, spot):
                for match in re.compile(r"\b(" + "|".join(PREFIXES) + r")\.([a-z_]+)\b").finditer(
                    file.text, start, end
                ):
                    others = [p for p in PREFIXES if p != match[1] and not known(library, file, p, match[2])]
                    if others:
                        yield edit(library, "name under another heading", file, *match.span(1), rng.choice(others))


def known(library: Library, file: File, prefix: str, name: str) -> bool:
    sections = {
        "agent": (("agent", "acts"), ("acts",)),
        "user": (("user", "moves"),),
        "task": (("tasks",),),
        "trigger": (("triggers",),),
        "concern": (("concerns",),),
        "shift": (("shifts",),),
        "persona": (("personas", "*", "traits"),),
        "result": (("agent", "acts"), ("acts",)),
    }[prefix]
    return name in ("resistance", "voice") or any(name in library.declared(file, *path, "*") for path in sections)


@kind("sides exchanged around is, in or for")
def sides(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A state, a range or a length of time cannot stand on the left."""
    name = "sides exchanged around is, in or for"
    pattern = re.compile(
        r"([a-z][a-z_.]*) (is not|is|in) ((?:[A-Z_]+|\d+\.\.\d+)(?: \| [A-Z_]+)*)\b|(\([^()]*\)) (for) (\d+[smhd])\b"
    )
    for file in library.mutable:
        for spot in expressions(file):
            for match in pattern.finditer(file.text, spot.start, spot.end):
                left, sign, right = (g for g in match.groups() if g is not None)
                yield edit(library, name, file, match.start(), match.end(), f"{right} {sign} {left}")


@kind("heading below its first line")
def heading_below(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A key that stands alone on its line and the first line below it are exchanged, so nothing hangs where it belongs."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.key is None or spot.style != "block" or spot.kind == "scalar":
                continue
            owner = file.owner(spot)
            lists = [s for s in file.children(owner) if s.kind == "list"] if owner is not None else []
            if spot in lists[1:]:
                continue  # the item goes to the list above, which may have it
            first = file.line(spot.key[0])
            a, b, c = file.lines[first - 1], file.lines[first], file.lines[min(first + 1, len(file.lines) - 1)]
            if not re.search(r":\s*(#.*)?$", file.text[a : b - 1]) or not file.text[b:c].strip():
                continue
            made = edit(library, "heading below its first line", file, a, c, file.text[b:c] + file.text[a:b])
            yield replace(made, lines=frozenset({first, first + 1, first + 2}))


@kind("rows of a recording exchanged")
def rows(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Time would run backwards."""
    for file in library.mutable:
        found = [s for s in file.spots if fits(s.path, "recordings", "*", "rows", "*")]
        for one, two in pairwise(found):
            if one.path[1] == two.path[1]:
                (a, b), (c, d) = one.entry, two.entry
                new = file.text[c:d] + file.text[b:c] + file.text[a:b]
                yield edit(library, "rows of a recording exchanged", file, a, d, new)


@kind("end before everything", deep=True)
def end_first(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The first state is where a task starts: now it starts at its end, and nothing of it ever happens."""
    for file in library.mutable:
        for task in (s for s in file.spots if fits(s.path, "tasks", "*") and s.kind == "map"):
            states = [s for s in file.children(task) if s.name.isupper()]
            ends = [s for s in states if re.fullmatch(r"\{end: (good|bad)\}", file.raw(s))]
            if not ends or states[0] in ends:
                continue
            for end in ends:
                a, (b, c) = states[0].entry[0], end.entry
                new = file.text[b:c] + file.text[a:b]
                made = edit(library, "end before everything", file, a, c, new)
                line = file.line(a)
                yield replace(made, lines=frozenset({line, line + 1, file.line(task.key[0]) if task.key else line}))


@kind("emits what is not the world's")
def emits(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A line of the stream or of a task emits an act, a move, a task, a trigger or a variable."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.name == "emit" and spot.kind == "scalar" and spot.path[0] in ("stream", "tasks"):
                acts = list(library.declared(file, "agent", "acts", "*") | library.declared(file, "acts", "*"))
                moves = list(library.declared(file, "user", "moves", "*"))
                triggers = list(library.declared(file, "triggers", "*"))
                for new in (
                    *(f"agent.{a}" for a in rng.sample(acts, min(1, len(acts)))),
                    *(f"user.{m}" for m in rng.sample(moves, min(1, len(moves)))),
                    *(f"trigger.{t}" for t in rng.sample(triggers, min(1, len(triggers)))),
                    *list(library.declared(file, "world", "*"))[:1],
                    *list(library.declared(file, "tasks", "*"))[:1],
                ):
                    yield edit(library, "emits what is not the world's", file, spot.start, spot.end, new)


@kind("name of another kind by itself")
def another_kind(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Where a name stands by itself (``go``, ``do``, ``persona``, ``play``, ``from``), one of another sort does."""
    name = "name of another kind by itself"
    for file in library.mutable:
        kinds = {
            "state": [n for n in library.declared(file, "tasks", "*", "*") if n.isupper()],
            "move": list(library.declared(file, "user", "moves", "*")),
            "act": list(library.declared(file, "agent", "acts", "*") | library.declared(file, "acts", "*")),
            "trigger": list(library.declared(file, "triggers", "*")),
            "task": list(library.declared(file, "tasks", "*")),
            "type": list(library.declared(file, "types", "*")),
            "variable": list(library.declared(file, "world", "*") | library.declared(file, "parameters", "*")),
            "shift": list(library.declared(file, "shifts", "*")),
        }
        for spot in entries(file):
            if spot.kind != "scalar" or spot.path[0] in ("words", "uses") or "with" in spot.path:
                continue
            own = next(
                (
                    own
                    for own, here in {
                        "state": spot.name == "go",
                        "move": spot.name == "do" and spot.text != "nothing",
                        "persona": spot.name == "persona",
                        "recording": spot.name == "play",
                        "concern": spot.up == "from",
                        "shift": spot.path[0] == "shifts" and spot.name in ("after", "undoes", "instead_of"),
                        "variable": spot.up == "returns",
                    }.items()
                    if here
                ),
                None,
            )
            if own is None:
                continue
            mine = set(kinds.get(own, ())) | (set(kinds["move"]) if own == "move" else set())
            other = [n for k, names in kinds.items() if k != own for n in names if n not in mine]
            if other:
                yield edit(library, name, file, spot.start, spot.end, rng.choice(other))


@kind("braces for brackets, brackets for braces")
def brackets(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Both signs of a list or a map of one line become those of the other."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.style != "flow" or not spot.path or spot.end - spot.start < 3 or is_template(spot):
                continue
            if spot.kind == "map" and len(file.children(spot)) > 1:  # a list of one pair may be read as the pair
                new = "[" + file.text[spot.start + 1 : spot.end - 1] + "]"
            elif spot.kind == "list" and spot.name not in ("likely",):
                new = "{" + file.text[spot.start + 1 : spot.end - 1] + "}"
            else:
                continue
            yield edit(library, "braces for brackets, brackets for braces", file, spot.start, spot.end, new)
