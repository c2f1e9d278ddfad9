"""A second batch of kinds, written after the diagnostics had been improved against the others and before it was run once.

What it showed on its first run stands in the decision page on the harness. Slips of people who come from other tools: words
of YAML and of programming, notations of spreadsheets, things said twice or half.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from benchmarks.mutants.library import Library, fits, is_declaration, is_guard, is_template, is_value
from benchmarks.mutants.mutant import Mutant, edit, kind, plain, without
from benchmarks.mutants.naming import expressions
from benchmarks.mutants.structure import keyed, transition


@kind("later: true and false")
def true_and_false(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Yes and no as other languages have them."""
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and spot.text in ("yes", "no"):
            yield edit(
                library,
                "later: true and false",
                file,
                spot.start,
                spot.end,
                rng.choice(("true", "True", "y", "on", "1")),
            )


@kind("later: not as a function")
def not_as_a_function(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(r"\b(once|earlier) ([a-z]+\.\w+)(?![\w.(])").finditer(file.text, start, end):
                new = f"{match[1].upper()}({match[2]})" if rng.random() < 0.5 else f"has_been({match[2]})"
                yield edit(library, "later: not as a function", file, *match.span(), new)


@kind("later: comparison with a text")
def comparison_with_a_text(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        if spot.style == "plain":
            for match in re.compile(r"(?:==|!=|is) ([a-z]\w*)(?![\w.(])").finditer(file.text, spot.start, spot.end):
                if match[1] not in ("known", "not", "price", "fare", "worry"):
                    yield edit(library, "later: comparison with a text", file, *match.span(1), f"'{match[1]}'")


@kind("later: chained comparison")
def chained_comparison(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(r"\b(fare|delay|trust|cooperation|seats) (<=|>=|<|>) \w+").finditer(
                file.text, start, end
            ):
                low = "0 EUR" if match[1] == "fare" else "0m" if match[1] == "delay" else "0"
                yield edit(
                    library, "later: chained comparison", file, match.start(), match.start(), f"{low} {match[2]} "
                )


@kind("later: assignment with a sign")
def assignment_with_a_sign(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_value(spot) and spot.up == "set" and spot.style == "plain":
                yield edit(
                    library,
                    "later: assignment with a sign",
                    file,
                    spot.start,
                    spot.start,
                    rng.choice(("= ", "+= ", ":= ")),
                )


@kind("later: name with its section")
def name_with_its_section(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        names = set(library.declared(file, "parameters", "*")) | set(library.declared(file, "world", "*"))
        for start, end in plain(file, spot):
            for match in re.compile(r"(?<![\w.])[a-z]\w+(?![\w(.])").finditer(file.text, start, end):
                if match[0] in names:
                    section = rng.choice(("world", "parameters", "self", "state"))
                    yield edit(
                        library, "later: name with its section", file, match.start(), match.start(), f"{section}."
                    )


@kind("later: duration in words")
def duration_in_words(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and re.fullmatch(r"\d+(ms|s|m|h|d)", spot.text):
            word = {"ms": "msec", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[
                re.sub(r"\d", "", spot.text)
            ]
            digits = re.sub(r"\D", "", spot.text)
            yield edit(library, "later: duration in words", file, spot.start, spot.end, f"{digits} {word}")


@kind("later: clock for a duration")
def clock_for_duration(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and re.fullmatch(r"\d+(ms|s|m|h|d)", spot.text):
            yield edit(
                library,
                "later: clock for a duration",
                file,
                spot.start,
                spot.end,
                rng.choice(("00:20:00", "0:20", "P1D", "20'")),
            )


@kind("later: money with a sign")
def money_with_a_sign(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) or is_value(spot) or is_declaration(spot):
                for match in re.compile(r"\b(\d+) EUR\b").finditer(file.text, spot.start, spot.end):
                    yield edit(
                        library,
                        "later: money with a sign",
                        file,
                        *match.span(),
                        rng.choice((f"{match[1]}€", f"€{match[1]}", f"EUR {match[1]}")),
                    )


@kind("later: number with a comma")
def number_with_a_comma(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (is_guard(spot) or is_declaration(spot)) and not spot.flow:
                for match in re.compile(r"\b(\d+) EUR\b").finditer(file.text, spot.start, spot.end):
                    yield edit(library, "later: number with a comma", file, *match.span(1), f"{match[1]},50")


@kind("later: transition with an arrow")
def transition_with_an_arrow(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                transition(spot)
                and (*spot.path, "when") in file.at
                and (*spot.path, "go") in file.at
                and spot.style == "flow"
            ):
                when, go = file.at[(*spot.path, "when")], file.at[(*spot.path, "go")]
                yield edit(
                    library,
                    "later: transition with an arrow",
                    file,
                    spot.start,
                    spot.end,
                    f"{file.raw(when)} -> {file.raw(go)}",
                )


@kind("later: half a line")
def half_a_line(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """An expression that stops after a word of the language."""
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(r" (and|or|since|implies|<=|==)(?= )").finditer(file.text, start, end):
                yield (
                    edit(library, "later: half a line", file, match.end(), spot.end, "")
                    if spot.style == "plain"
                    else edit(library, "later: half a line", file, match.end(), spot.end - 1, "")
                )


@kind("later: same trigger act twice")
def same_line_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Two commas' worth: an argument given twice."""
    for file in library.mutable:
        for spot in file.spots:
            if (
                spot.up == "with"
                and spot.flow
                and spot.kind == "scalar"
                and spot.key
                and spot.path[0] in ("user", "cast", "stream", "shifts")
            ):
                yield edit(
                    library,
                    "later: same trigger act twice",
                    file,
                    spot.end,
                    spot.end,
                    f", {spot.name}: {file.raw(spot)}",
                )


@kind("later: placeholder of another language")
def foreign_placeholder(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_template(spot):
                for match in re.compile(r"\{\{ ([\w.]+)( \| \w+)? \}\}").finditer(file.text, spot.start, spot.end):
                    new = rng.choice(
                        (
                            f"{{{{ {match[1]}.upper() }}}}",
                            f"{{{{ {match[1]} | round }}}}",
                            f"{{{{ {match[1]}: money }}}}",
                            f"{{{{ ${match[1]} }}}}",
                        )
                    )
                    yield edit(library, "later: placeholder of another language", file, *match.span(), new)


@kind("later: persona left out of the cast")
def user_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The moves of a person are gone."""
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "**", "moves") and spot.key and file.name == library.users[file.name]:
                near = tuple(range(1, file.text.count("\n") + 1))
                yield without(library, "later: persona left out of the cast", file, spot, also=near)
