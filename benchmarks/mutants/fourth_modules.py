"""The fourth batch, last part: slips between files (what a module needs, is given and may hold), and in recordings."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.mutants.fourth_wholes import mentions
from benchmarks.mutants.library import Library
from benchmarks.mutants.mutant import Mutant, edit, kind, without


@kind("fourth: module is not given what it needs")
def not_given(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("uses",) and spot.up == "with":
                yield without(library, "fourth: module is not given what it needs", file, spot)


@kind("fourth: module is given something else")
def given_another(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """An amount for an act, an act for a condition."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("uses",) and spot.up == "with" and spot.kind == "scalar":
                for new in ("20 EUR", "gold", "user.resistance", "task.flight", "horizon"):
                    yield edit(library, "fourth: module is given something else", file, spot.start, spot.end, new)


@kind("fourth: need is renamed in its module")
def need_renamed(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What a module needs is called otherwise. The lines of the module and of whoever gives it may be shown."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("needs",) and len(spot.path) == 2 and spot.key:
                here, there = mentions(library, file, spot.name)
                made = edit(library, "fourth: need is renamed in its module", file, *spot.key, "wanted", also=here)
                yield replace(made, elsewhere=there)


@kind("fourth: head of a scenario in a module")
def head_in_module(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        if library.users[file.name] != file.name:
            at = file.lines[0]
            for line in (
                "horizon: 8h",
                "turns: 12",
                "agent: {wakes: [user]}",
                "user: {moves: {}}",
                "domain: travel",
                "pace: 10s",
            ):
                yield edit(library, "fourth: head of a scenario in a module", file, at, at, line + "\n")


@kind("fourth: uses a scenario")
def uses_a_scenario(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("uses",) and spot.kind == "scalar" and spot.up == "uses":
                for new in ("travel/weekend-trip", "/etc/passwd", "../personas/travellers", f"{spot.text}.yaml"):
                    yield edit(library, "fourth: uses a scenario", file, spot.start, spot.end, new)


@kind("fourth: row of a recording is wrong")
def row_is_wrong(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A field is missing, unheard of, or of another type; a row is earlier than the one before."""
    for file in library.mutable:
        for spot in file.spots:
            if len(spot.path) == 5 and spot.path[2] == "rows":
                yield without(library, "fourth: row of a recording is wrong", file, spot)
                if spot.name == "at":
                    yield edit(
                        library,
                        "fourth: row of a recording is wrong",
                        file,
                        spot.start,
                        spot.end,
                        rng.choice(("-3s", "9", "soon", "3 EUR")),
                    )
                elif spot.name != "text":
                    yield edit(
                        library,
                        "fourth: row of a recording is wrong",
                        file,
                        spot.start,
                        spot.end,
                        rng.choice(("maybe", "desktop", "3 EUR")),
                    )
                assert spot.key
                yield edit(library, "fourth: row of a recording is wrong", file, *spot.key, "note")
