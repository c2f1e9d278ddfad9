"""Mistakes in amounts, types and declaration lines."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from benchmarks.mutants.library import DURATIONS, Library, is_declaration, is_guard, is_pattern, is_value
from benchmarks.mutants.mutant import Mutant, edit, kind, plain, typo
from benchmarks.mutants.structure import keyed

AMOUNT = r"(?<![\w.])(\d+(?:\.\d+)?)( ?)(EUR|ms|s|m|h|d|w|%)(?!\w)"


@kind("other currency")
def other_currency(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) or is_pattern(spot) or is_value(spot) or is_declaration(spot):
                for start, end in plain(file, spot):
                    for match in re.compile(r"\bEUR\b").finditer(file.text, start, end):
                        yield edit(library, "other currency", file, *match.span(), rng.choice(("USD", "GBP", "CHF")))


@kind("other kind of unit")
def other_kind_of_unit(library: Library, rng: random.Random) -> Iterator[Mutant]:
    others = {
        "EUR": ("m", "%", "km"),
        "s": (" EUR", "kg", "%"),
        "m": (" EUR", "km", "%"),
        "h": (" EUR", "kg"),
        "d": (" EUR", "km"),
        "%": ("m", " EUR"),
    }
    for file in library.mutable:
        for spot in file.spots:
            if (
                is_guard(spot)
                or is_pattern(spot)
                or is_value(spot)
                or is_declaration(spot)
                or (
                    spot.kind == "scalar"
                    and spot.name in (*DURATIONS, "within", "every", "chance")
                    and "words" not in spot.path
                )
            ):
                for start, end in plain(file, spot):
                    for match in re.compile(AMOUNT).finditer(file.text, start, end):
                        unit = match[3]
                        if unit in others:
                            yield edit(
                                library, "other kind of unit", file, match.end(1), match.end(), rng.choice(others[unit])
                            )


@kind("unknown unit")
def unknown_unit(library: Library, rng: random.Random) -> Iterator[Mutant]:
    others = {
        "EUR": ("euros", "Eur", "EURO"),
        "s": ("sek", "secs"),
        "m": ("mins", "mn"),
        "h": ("hrs", "std"),
        "d": ("tg", "dy"),
        "%": ("pct",),
    }
    for file in library.mutable:
        for spot in file.spots:
            if (
                is_guard(spot)
                or is_value(spot)
                or is_declaration(spot)
                or (spot.kind == "scalar" and spot.name in (*DURATIONS, "within", "every") and "words" not in spot.path)
            ):
                for start, end in plain(file, spot):
                    for match in re.compile(AMOUNT).finditer(file.text, start, end):
                        if match[3] in others:
                            yield edit(
                                library,
                                "unknown unit",
                                file,
                                match.start(3),
                                match.end(3),
                                rng.choice(others[match[3]]),
                            )


@kind("unit left out")
def unit_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                is_guard(spot)
                or is_value(spot)
                or is_declaration(spot)
                or (
                    spot.kind == "scalar"
                    and spot.name in (*DURATIONS, "within", "every", "chance")
                    and "words" not in spot.path
                )
            ):
                for start, end in plain(file, spot):
                    for match in re.compile(AMOUNT).finditer(file.text, start, end):
                        if not is_number_one(file.text, match.start()):
                            yield edit(library, "unit left out", file, match.end(1), match.end(), "")


def is_number_one(text: str, at: int) -> bool:
    """A factor may stand without a unit."""
    return text[max(0, at - 2) : at].strip() in ("*", "/")


@kind("range the wrong way round")
def range_wrong_way(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot) or (spot.path[:1] == ("stream",) and is_value(spot)) or is_guard(spot):
                for match in re.compile(r"(\d[\w%]*(?: EUR)?)\.\.(\d[\w%]*(?: EUR)?)").finditer(
                    file.text, spot.start, spot.end
                ):
                    yield edit(library, "range the wrong way round", file, *match.span(), f"{match[2]}..{match[1]}")


@kind("range with other signs")
def range_with_other_signs(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot):
                at = file.text.find("..", spot.start, spot.end)
                if at >= 0:
                    yield edit(
                        library,
                        "range with other signs",
                        file,
                        at,
                        at + 2,
                        rng.choice((" to ", "-", "...", " – ", ":", ". .")),
                    )


@kind("step that does not fit")
def step_that_does_not_fit(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A step larger than the range, or one that does not divide it."""
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot):
                match = re.compile(r"step (\d+)").search(file.text, spot.start, spot.end)
                if match:
                    yield edit(library, "step that does not fit", file, *match.span(1), rng.choice(("7", "9000", "0")))


@kind("start outside of the range")
def start_outside(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot):
                match = re.compile(r"= (\d+)").search(file.text, spot.start, spot.end)
                if match and ".." in spot.text:
                    yield edit(library, "start outside of the range", file, *match.span(1), "99999")


@kind("start of another type")
def start_of_another_type(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot) and " = " in spot.text:
                at = file.text.find(" = ", spot.start) + 3
                kinds = {
                    "yes/no": ("5", '"no"'),
                    "int": ("yes", "5m"),
                    "money": ("12", "yes"),
                    "duration": ("3 EUR", "yes"),
                }
                for word, values in kinds.items():
                    if spot.text.startswith(word):
                        yield edit(library, "start of another type", file, at, spot.end, rng.choice(values))


@kind("unknown type")
def unknown_type(library: Library, rng: random.Random) -> Iterator[Mutant]:
    foreign = {
        "money": ("price", "cash", "mony"),
        "duration": ("timespan", "minutes", "durration"),
        "int": ("integer", "Integer", "whole"),
        "yes/no": ("bool", "boolean", "yes_no"),
        "text": ("string", "str", "txet"),
        "one": ("any", "enum", "oen"),
    }
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot) or (spot.path[:1] == ("types",) and len(spot.path) == 2):
                match = re.compile(r"yes/no|[A-Za-z_]+").match(file.text, spot.start)
                if match:
                    new = rng.choice(foreign.get(match[0]) or (typo(match[0], library.words, rng),))
                    yield edit(
                        library, "unknown type", file, *match.span(), new, meant="" if match[0] in foreign else match[0]
                    )


@kind("currency left out")
def currency_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot) and spot.text.startswith("money(EUR)"):
                at = file.text.find("(EUR)", spot.start)
                yield edit(
                    library, "currency left out", file, at, at + 5, rng.choice(("", "()", " EUR", "[EUR]", "(EURO)"))
                )


@kind("start left out")
def start_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot) and " = " in spot.text and spot.path[0] in ("world", "tasks", "user"):
                at = file.text.find(" = ", spot.start)
                yield edit(library, "start left out", file, at, spot.end, "")


@kind("start where none may be")
def start_where_none(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                is_declaration(spot)
                and spot.style == "plain"
                and (spot.path[0] in ("parameters", "events") or "moves" in spot.path)
            ) and ("money" in spot.text or "int" in spot.text or spot.text == "yes/no"):
                value = "100 EUR" if "money" in spot.text else "2" if "int" in spot.text else "no"
                yield edit(library, "start where none may be", file, spot.end, spot.end, f" = {value}")


@kind("parameter without a range")
def parameter_without_range(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("parameters",) and len(spot.path) == 2 and ".." in spot.text:
                at = file.text.find(" ", spot.start)
                yield edit(library, "parameter without a range", file, at, spot.end, "")


@kind("number where an amount is")
def number_where_amount(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A whole value of another type is assigned or passed."""
    for file in library.mutable:
        for spot in file.spots:
            passed = is_value(spot) and spot.path[0] in ("user", "stream", "tasks", "shifts", "concerns")
            if passed and re.search(r"EUR|[+-]|limit|max_price|to\b|by\b", spot.text):
                money = "EUR" in spot.text or spot.name in ("limit", "to", "fare", "max_price")
                wrong = ("5m", "yes", "12") if money else ("7 EUR", "yes")
                yield edit(library, "number where an amount is", file, spot.start, spot.end, rng.choice(wrong))


@kind("amount below nothing")
def amount_below_nothing(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if (
            spot.kind == "scalar"
            and spot.name in ("turns", "weight", "within", *DURATIONS, "lasts")
            and spot.text[:1].isdigit()
        ):
            yield edit(library, "amount below nothing", file, spot.start, spot.start, "-")


@kind("nothing where something is")
def nothing_where_something(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """No turn, no time: a window or a story that cannot be."""
    for file, _, spot in keyed(library):
        if (
            spot.kind == "scalar"
            and spot.name in ("turns", "within", "horizon", "every", "lasts")
            and spot.text[:1].isdigit()
        ):
            match = re.compile(r"\d+(\.\d+)?").match(file.text, spot.start)
            assert match is not None
            yield edit(library, "nothing where something is", file, *match.span(), "0")


@kind("part of a turn")
def part_of_a_turn(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.kind == "scalar" and (
            spot.name in ("turns", "weight", "lasts") or ("turn" in spot.text and spot.name in ("within", "per_turn"))
        ):
            match = re.compile(r"\d+").search(file.text, spot.start, spot.end)
            if match:
                yield edit(library, "part of a turn", file, *match.span(), match[0] + ".5")


@kind("chance that is none")
def chance_that_is_none(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, spot in keyed(library):
        if spot.name == "chance":
            for new in ("140%", "-5%", "often", "0.4", "40", "4 EUR", "1/3", "40 percent", "%40", "101%", "50m"):
                yield edit(library, "chance that is none", file, spot.start, spot.end, new)


BOUNDED = r"(?:fare|delay|seats|trust|cooperation|emotion|max_price|limit|price)"


@kind("constant out of range")
def constant_out_of_range(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A comparison with an amount that the variable can never reach."""
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) or is_pattern(spot):
                found = re.compile(rf"\b{BOUNDED} (?:>=|>|==) (\d+)").finditer(file.text, spot.start, spot.end)
                for match in found:
                    yield edit(library, "constant out of range", file, *match.span(1), "98760")
                for match in re.compile(rf"\b{BOUNDED} (<=|<) (\d+)").finditer(file.text, spot.start, spot.end):
                    yield edit(library, "constant out of range", file, match.start(1), match.end(), "== 98760")


@kind("bound beyond the range", legal=True)
def bound_beyond(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A comparison that always holds."""
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) or is_pattern(spot):
                for match in re.compile(rf"\b{BOUNDED} (?:<=|<) (\d+)").finditer(file.text, spot.start, spot.end):
                    yield edit(library, "bound beyond the range", file, *match.span(1), "98760")


@kind("step left out where drawn")
def step_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.path[:1] == ("events",) and is_declaration(spot) and " step " in spot.text:
                event, name = spot.path[1], spot.path[2]
                drawn = any(
                    s.name == name
                    and (".." in s.text or "+-" in s.text)
                    and file.at[(*s.path[:2], "emit")].text == event
                    for s in file.spots
                    if s.path[:1] == ("stream",) and s.up == "with"
                )
                if drawn:
                    at = file.text.find(" step ", spot.start)
                    yield edit(
                        library,
                        "step left out where drawn",
                        file,
                        at,
                        spot.end,
                        "",
                        also=tuple(
                            file.line(s.start)
                            for s in file.spots
                            if s.path[:1] == ("stream",) and s.up == "with" and s.name == name
                        ),
                    )


@kind("choices written otherwise")
def choices_written_otherwise(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (
                (is_declaration(spot) or spot.path[:1] == ("types",))
                and spot.text.startswith("one of ")
                and not spot.flow
            ):
                match = re.compile(r" \| ").search(file.text, spot.start, spot.end)
                if match:
                    yield edit(
                        library,
                        "choices written otherwise",
                        file,
                        *match.span(),
                        rng.choice((", ", " / ", " or ", " || ", " ")),
                    )


@kind("choice written twice")
def choice_written_twice(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if (is_declaration(spot) or spot.path[:1] == ("types",)) and spot.text.startswith("one of "):
                word = re.compile(r"one of (\w+)").match(file.text, spot.start)
                if word:
                    at = file.text.find(" | ", spot.start)
                    if 0 < at < spot.end:
                        yield edit(library, "choice written twice", file, at, at, f" | {word[1]}")


@kind("gap and spread")
def gap_and_spread(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A spread as wide as its gap, or written with other signs."""
    for file, _, spot in keyed(library):
        if spot.name == "every" and "+-" in spot.text:
            at = file.text.find("+-", spot.start)
            for new in ("±", "+/-", "+", "-+", "or", "..", "+- 2h +-"):
                yield edit(library, "gap and spread", file, at, at + 2, new)
            yield edit(library, "gap and spread", file, at + 3, spot.end, "9h")
            yield edit(library, "gap and spread", file, at + 3, spot.end, "10 EUR")


@kind("declaration without a type")
def declaration_without_type(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_declaration(spot) and ".." in spot.text:
                match = re.compile(r"\w+(\(\w+\))? ").match(file.text, spot.start)
                if match:
                    yield edit(library, "declaration without a type", file, *match.span(), "")
