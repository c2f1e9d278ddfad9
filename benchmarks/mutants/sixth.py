"""A sixth batch of kinds, written after the fifth had been mended and before it was run once: a last look from another side.

Most are edits of one word or one line, chosen without a look at what is mended.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.mutants.fourth_terms import found
from benchmarks.mutants.library import Library, fits, is_declaration, is_guard, is_template
from benchmarks.mutants.mutant import Mutant, edit, kind, typo, without
from benchmarks.mutants.structure import transition


@kind("sixth: state twice")
def state_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A state is declared a second time, below the first one's lines."""
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "tasks", "*", "*") and spot.name.isupper() and spot.key:
                start = file.text.rfind("\n", 0, spot.key[0]) + 1
                end = file.text.find("\n", start) + 1
                new = f"{' ' * (spot.key[0] - start)}{spot.name}: {{}}\n{file.text[start:end]}"
                yield edit(library, "sixth: state twice", file, start, end, new)


@kind("sixth: event where its field is")
def event_for_field(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.up in ("set", "with")
                and spot.kind == "scalar"
                and spot.path[0] in ("stream", "tasks", "user", "shifts")
            ):
                new = rng.choice(("user.accept", "agent", "world", "PENDING", "x"))
                yield edit(library, "sixth: event where its field is", file, spot.start, spot.end, new)


@kind("sixth: move with a field too few")
def field_too_few(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A field that others give or read is not declared."""
    for file in library.mutable:
        for spot in file.spots:
            if (fits(spot.path, "**", "moves", "*", "*") or fits(spot.path, "events", "*", "*")) and spot.flow:
                if not re.search(rf"\b{spot.name}: |\b{spot.name}\b [<>=]", file.text[spot.end :]):
                    continue
                yield without(
                    library, "sixth: move with a field too few", file, spot, also=_lines(file.text, spot.name)
                )


def _lines(text: str, word: str) -> tuple[int, ...]:
    return tuple(n for n, line in enumerate(text.splitlines(), 1) if re.search(rf"\b{word}\b", line))


@kind("sixth: unit misspelt")
def unit_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.kind == "scalar"
                and spot.style == "plain"
                and (is_guard(spot) or is_declaration(spot) or spot.name in ("after", "at", "within", "every"))
            ):
                for match in re.compile(r"(?<=\d )(EUR|turns?)\b|(?<=\d)(m|h|d|s)\b").finditer(
                    file.text, spot.start, spot.end
                ):
                    word = match[0]
                    new = {"EUR": "EURO", "turns": "trns", "turn": "trun"}.get(
                        word, rng.choice(("mn", "x", "hrs", "dd"))
                    )
                    yield edit(library, "sixth: unit misspelt", file, *match.span(), new)


@kind("sixth: operand taken from the line below")
def operand_from_below(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The right side of a comparison is a name of another kind of thing."""
    for file, spot, match in found(library, r"(?<=[<>=] )([a-z_]+)(?= |$)(?! [+*/-])"):
        others = sorted(library.declared(file, "events", "*")) + sorted(library.declared(file, "triggers", "*"))
        if is_guard(spot) and others and match[1] not in ("not", "one"):
            yield edit(library, "sixth: operand taken from the line below", file, *match.span(1), rng.choice(others))


@kind("sixth: key of a line misspelt")
def key_of_line(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Keys of transitions, replies and stream lines, where the line has several."""
    for file in library.mutable:
        for owner in file.spots:
            if transition(owner) or fits(owner.path, "**", "replies", "*") or fits(owner.path, "stream", "*"):
                for spot in file.children(owner):
                    if spot.key:
                        new = typo(spot.name, library.words, rng)
                        yield edit(library, "sixth: key of a line misspelt", file, *spot.key, new, meant=spot.name)


@kind("sixth: wording becomes a map")
def wording_map(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A wording loses its quotes and holds a colon; or its placeholder its bars."""
    for file in library.mutable:
        for spot in file.spots:
            if is_template(spot) and spot.style == "quoted":
                for match in re.compile(r" \| (money|duration)").finditer(file.text, spot.start, spot.end):
                    new = rng.choice((f" {match[1]}", f".{match[1]}", f" | {match[1]}()", f" || {match[1]}"))
                    yield edit(library, "sixth: wording becomes a map", file, *match.span(), new)


@kind("sixth: flag is no flag")
def no_flag(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.kind == "scalar"
                and spot.text in ("yes", "no")
                and spot.name in ("proactive", "staged", "again", "first", "opens")
            ):
                for new in ("ja", "2", "[yes]", "yes no", "user"):
                    yield edit(library, "sixth: flag is no flag", file, spot.start, spot.end, new)


@kind("sixth: act without what it was about", deep=True)
def act_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """An act that lines, windows or rules speak of is taken out of the vocabulary."""
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "acts", "*") or fits(spot.path, "agent", "acts", "*"):
                near = library.around(file)
                used = [(f, n) for f in near for n in _lines(f.text, f"agent.{spot.name}")]
                twice = [
                    s
                    for f in near
                    for s in f.spots
                    if s.name == spot.name and s.up == "acts" and (f, s) != (file, spot)
                ]
                if used and not twice:
                    also = tuple(n for f, n in used if f is file)
                    made = without(library, "sixth: act without what it was about", file, spot, also=also)
                    yield replace(made, elsewhere=frozenset((f.name, n) for f, n in used if f is not file))


@kind("sixth: claim of the wrong kind", deep=True)
def wrong_claim(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """`always` where only some runs come there, `winnable` where a state is to be kept out of."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("check",) and spot.kind == "scalar":
                match = re.match(r"(possible|winnable) task\.\w+ is [A-Z_]+", spot.text)
                if match:
                    at = spot.start
                    yield edit(
                        library,
                        "sixth: claim of the wrong kind",
                        file,
                        at,
                        at + len(match[1]),
                        rng.choice(("always", "never", "eventually")),
                    )


@kind("sixth: condition of another scenario")
def foreign_condition(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) and spot.name in ("if", "when", "until") and spot.style == "plain":
                new = rng.choice(
                    (
                        "humidity > 40%",
                        "user.nods",
                        "task.garden is WATERED",
                        "agent.waves(hand == left)",
                        "weather is sunny",
                    )
                )
                yield edit(library, "sixth: condition of another scenario", file, spot.start, spot.end, new)
