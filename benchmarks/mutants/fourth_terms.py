"""The fourth batch, second part: slips inside of expressions, declarations and amounts."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from benchmarks.mutants.library import File, Library, Spot, fits, is_declaration, is_guard, is_pattern, is_template
from benchmarks.mutants.mutant import Mutant, edit, kind, plain
from benchmarks.mutants.naming import expressions
from benchmarks.mutants.third import enums, fields


def found(library: Library, pattern: str) -> Iterator[tuple[File, Spot, re.Match[str]]]:
    """Matches of a pattern in expressions, outside of quoted words."""
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(pattern).finditer(file.text, start, end):
                yield file, spot, match


@kind("fourth: letters of a keyword exchanged")
def letters_exchanged(library: Library, rng: random.Random) -> Iterator[Mutant]:
    words = (
        "and|or|not|since|once|earlier|implies|always|never|possible|winnable|until|within|leads|matches|known|count"
    )
    for file, _, match in found(library, rf"(?<![\w.])({words})(?![\w:])"):
        word = match[0]
        at = rng.randrange(len(word) - 1)
        new = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if new not in library.words:
            yield edit(library, "fourth: letters of a keyword exchanged", file, *match.span(), new, meant=word)


@kind("fourth: sign of comparison turned round")
def sign_turned(library: Library, rng: random.Random) -> Iterator[Mutant]:
    turned = {
        "<=": ("=<", "≤≤"),
        ">=": ("=>",),
        "!=": ("=!", "<>"),
        "==": ("===", "= ="),
        "<": ("<<",),
        ">": (">>",),
    }
    for file, _, match in found(library, r"(?<= )(<=|>=|!=|==|<|>)(?= )"):
        new = rng.choice(turned[match[0]])
        yield edit(library, "fourth: sign of comparison turned round", file, *match.span(), new)


@kind("fourth: sign of comparison left out")
def sign_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"(?<=[\w)])( (?:<=|>=|!=|==|<|>))(?= )"):
        yield edit(library, "fourth: sign of comparison left out", file, *match.span(1), "")


@kind("fourth: unit on a plain number")
def unit_on_number(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"(?<=[<>=] )\d+(?![\w%]| EUR)"):
        yield edit(
            library, "fourth: unit on a plain number", file, match.end(), match.end(), rng.choice((" EUR", "m", "%"))
        )
    for file in library.mutable:
        for spot in file.spots:
            if spot.name in ("turns", "weight", "times") and spot.kind == "scalar" and spot.text.isdigit():
                unit = rng.choice((" EUR", "m", "%"))
                yield edit(library, "fourth: unit on a plain number", file, spot.end, spot.end, unit)


@kind("fourth: state in small letters")
def state_in_small(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"task\.\w+ is (?:not )?([A-Z]\w*)"):
        yield edit(library, "fourth: state in small letters", file, *match.span(1), match[1].lower(), meant=match[1])
    for file in library.mutable:
        for spot in file.spots:
            if spot.name == "go" and spot.kind == "scalar":
                new = spot.text.lower()
                yield edit(library, "fourth: state in small letters", file, spot.start, spot.end, new, meant=spot.text)


@kind("fourth: state of another machine")
def state_of_another(library: Library, rng: random.Random) -> Iterator[Mutant]:
    own = {"trigger": ("voiced", "eased", "done"), "concern": ("open", "served", "done"), "shift": ("open", "eased", "served"),
           "task": ("open", "done", "voiced")}  # fmt: skip
    for file, _, match in found(library, r"\b(task|trigger|concern|shift)\.\w+ is (?:not )?(\w+)"):
        new = rng.choice(own[match[1]])
        yield edit(library, "fourth: state of another machine", file, *match.span(2), new)


@kind("fourth: equals sign before a state")
def equals_a_state(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"\b(?:task|trigger|concern|shift)\.\w+ (is)(?= \w)(?! not)"):
        yield edit(library, "fourth: equals sign before a state", file, *match.span(1), rng.choice(("==", "=", "in")))


@kind("fourth: is left out")
def is_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"\b(?:task|trigger|concern|shift)\.\w+( is)(?= \w)(?! not)"):
        yield edit(library, "fourth: is left out", file, *match.span(1), "")


@kind("fourth: length left out")
def length_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """How long is not said: `for`, `within` or `in last` and nothing behind it."""
    for file, _, match in found(library, r"\b(?:for|within|in last)( \d+ ?(?:ms|s|m|h|d|w|turns?))\b"):
        yield edit(library, "fourth: length left out", file, *match.span(1), "")


@kind("fourth: length without a unit")
def length_without_unit(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"\b(?:for|within|in last) \d+( ?(?:ms|s|m|h|d|w|turns?))\b"):
        yield edit(library, "fourth: length without a unit", file, *match.span(1), "")


@kind("fourth: length in money")
def length_in_money(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"\b(?:for|within|in last) \d+( ?(?:ms|s|m|h|d|w|turns?))\b"):
        yield edit(library, "fourth: length in money", file, *match.span(1), rng.choice((" EUR", "%", " kg")))


@kind("fourth: since what is left out")
def since_nothing(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"\bsince( [\w.]+)"):
        yield edit(library, "fourth: since what is left out", file, *match.span(1), "")


@kind("fourth: hyphen for the low line")
def hyphen_in_name(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"(?<![\w\"])[a-z]\w*(?:\.\w+)*"):
        at = match[0].find("_")
        if at > 0:
            start = match.start() + at
            yield edit(library, "fourth: hyphen for the low line", file, start, start + 1, "-", meant=match[0])


@kind("fourth: blank for the low line")
def blank_in_name(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"(?<![\w\"])[a-z]\w*(?:\.\w+)*"):
        at = match[0].find("_")
        if at > 0:
            start = match.start() + at
            yield edit(library, "fourth: blank for the low line", file, start, start + 1, " ", meant=match[0])


@kind("fourth: blank behind a dot")
def blank_behind_dot(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The two halves of a name, with something between them that no name has."""
    for file, _, match in found(library, r"(?<![\w.])(?:user|agent|task|concern|trigger|shift|persona)(\.)(?=[a-z])"):
        yield edit(library, "fourth: blank behind a dot", file, *match.span(1), rng.choice(("..", ":", " ", "/")))


@kind("fourth: field of an event that has none")
def field_of_none(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot, match in found(library, r"(?<![\w.])(?:user|agent|customer|rep)\.(\w+)(?![\w.(])"):
        known = fields(library, file)
        if known.get(match[1]) == set() and is_guard(spot):
            others = sorted(set().union(*known.values())) or ["price"]
            yield edit(
                library,
                "fourth: field of an event that has none",
                file,
                match.end(),
                match.end(),
                f"({rng.choice(others)} == 3)",
            )


@kind("fourth: latest field misspelt")
def latest_field(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"(?<![\w.])(?:user|customer|rep|activity)\.\w+\.(\w+)"):
        new = match[1][:-1] + "x" if rng.random() < 0.5 else "colour"
        yield edit(library, "fourth: latest field misspelt", file, *match.span(1), new)


@kind("fourth: not before a value")
def not_before_value(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot, match in found(
        library, r"(?<![\w.+*-] )(?<![\w.])(fare|delay|trust|emotion|cooperation|seats|unwanted) (?=[<>=])"
    ):
        end = re.compile(r"[<>=!]+ [\w.]+( EUR)?( [+-] \d+( EUR)?)?").match(file.text, match.end())
        if is_guard(spot) and end:
            yield edit(library, "fourth: not before a value", file, match.start(), end.end(), f"not {match[1]}")


@kind("fourth: begins with and")
def begins_with_and(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_guard(spot) and spot.style == "plain" and spot.path[0] not in ("rules", "check"):
                yield edit(
                    library,
                    "fourth: begins with and",
                    file,
                    spot.start,
                    spot.start,
                    rng.choice(("and ", "or ", "implies ")),
                )


@kind("fourth: comma between two conditions")
def comma_between(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """As in the arguments of a function. Between the parentheses of a pattern a comma is legal."""
    for file, spot, match in found(library, r"(?<=[\w)])( and)(?= )"):
        if not spot.flow and file.text.count("(", spot.start, match.start()) == file.text.count(
            ")", spot.start, match.start()
        ):
            yield edit(library, "fourth: comma between two conditions", file, *match.span(1), ",")


@kind("fourth: pattern without its end")
def pattern_unended(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"\.\w+(\()\w"):
        yield edit(library, "fourth: pattern without its end", file, *match.span(1), rng.choice(("", " ", "((")))


@kind("fourth: square brackets for a pattern")
def square_pattern(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, _, match in found(library, r"\.\w+\(([\w.]+ [=!<>]+ [\w.]+)\)"):
        start, end = match.start(1) - 1, match.end(1) + 1
        yield edit(library, "fourth: square brackets for a pattern", file, start, end, f"[{match[1]}]")


@kind("fourth: colon in a pattern")
def colon_in_pattern(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """`agent.ask(topic: purpose)`, as arguments are given elsewhere."""
    for file, _, match in found(library, r"\.\w+\(\w+( ==) [\w.]+\)"):
        yield edit(library, "fourth: colon in a pattern", file, *match.span(1), ":")


@kind("fourth: two values at once", deep=True)
def two_values(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot, match in found(library, r"(?<![\w.])(\w+) (?:==|is) ([a-z]\w*)(?![\w.])"):
        known = enums(library, file).get(match[1], [])
        others = [m for m in known if m != match[2]]
        if match[2] in known and others and is_guard(spot) and spot.path[0] not in ("check", "rules"):
            new = f"{match[0]} and {match[1]} == {rng.choice(others)}"
            yield edit(library, "fourth: two values at once", file, *match.span(), f"({new})")


@kind("fourth: and with its opposite", deep=True)
def with_its_opposite(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A condition that asks for something and its opposite."""
    for file in library.mutable:
        for spot in file.spots:
            state = is_guard(spot) and spot.name == "if" and spot.style == "plain" and "(" not in spot.text
            if state and not re.search(r" or |judged|#", spot.text):
                new = f"{spot.text} and not ({spot.text})"
                yield edit(library, "fourth: and with its opposite", file, spot.start, spot.end, new)


@kind("fourth: an event that lasts")
def event_that_lasts(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """An event is over as it happens; it cannot hold for ten minutes."""
    for file in library.mutable:
        for spot in file.spots:
            if fits(spot.path, "triggers", "*", "when") and re.fullmatch(r"(user|customer)\.\w+", spot.text):
                yield edit(library, "fourth: an event that lasts", file, spot.end, spot.end, " for 10m")


@kind("fourth: start off the step")
def start_off_step(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            match = is_declaration(spot) and re.compile(r"\.\.\d+(m|h| EUR) step (\d+)\1 = (\d+)\1$").search(spot.text)
            if match and int(match[2]) > 1:
                at = spot.start + match.start(3)
                new = str(int(match[3]) + 1)
                yield edit(library, "fourth: start off the step", file, at, at + len(match[3]), new)


@kind("fourth: exactly what lies between the steps", deep=True)
def between_steps(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Equal to an amount that the variable never has."""
    for file, spot, match in found(
        library, r"(?<![\w.+*-] )(?<![\w.])(fare|delay|to|limit) ([<>=!]+ [\w.]+(?: EUR)?)(?! [+*-])"
    ):
        if is_guard(spot) and spot.path[0] not in ("check", "rules"):
            new = "== 15m" if match[1] == "delay" else "== 33 EUR"
            yield edit(library, "fourth: exactly what lies between the steps", file, *match.span(2), new)


@kind("fourth: type of another family")
def another_family(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A value is declared as something else than what it is used as. The lines that use it may be shown."""
    for file in library.mutable:
        for spot in file.spots:
            if not is_declaration(spot) or spot.path[0] == "recordings" or spot.style != "plain":
                continue
            old = re.match(r"(money\(EUR\) \d+ EUR\.\.\d+ EUR|duration \w+\.\.\w+|yes/no|int \d+\.\.\d+)", spot.text)
            if old is None:
                continue
            sort = old[1].split(" ")[0].split("(")[0]
            new = rng.choice(
                [
                    t
                    for t in ("money(EUR) 0 EUR..500 EUR", "duration 0m..6h", "yes/no", "int 0..9")
                    if not t.startswith(sort)
                ]
            )
            mention = re.compile(rf"\b{spot.name}\b")
            also = tuple(n for n, line in enumerate(file.text.splitlines(), 1) if mention.search(line))
            yield edit(
                library, "fourth: type of another family", file, spot.start, spot.start + len(old[1]), new, also=also
            )


@kind("fourth: member misspelt in a wording")
def member_in_wording(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """`{% if topic == "purpos" %}`: a branch that is never chosen."""
    for file in library.mutable:
        for spot in file.spots:
            if is_template(spot):
                for match in re.compile(r'== "(\w+)"').finditer(file.text, spot.start, spot.end):
                    yield edit(
                        library,
                        "fourth: member misspelt in a wording",
                        file,
                        *match.span(1),
                        match[1][:-1],
                        meant=match[1],
                    )


@kind("fourth: one equals sign in a wording")
def one_equals_in_wording(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_template(spot):
                for match in re.compile(r'(==) "\w+"').finditer(file.text, spot.start, spot.end):
                    yield edit(library, "fourth: one equals sign in a wording", file, *match.span(1), "=")


@kind("fourth: one brace in a wording")
def one_brace(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """One of the two braces around a placeholder is missing, on either side."""
    for file in library.mutable:
        for spot in file.spots:
            if is_template(spot):
                for match in re.compile(r"\{\{|\}\}").finditer(file.text, spot.start, spot.end):
                    yield edit(library, "fourth: one brace in a wording", file, match.start(), match.start() + 1, "")


@kind("fourth: pattern for a condition")
def pattern_negated(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What is expected, allowed or answered is an event, not a condition."""
    for file in library.mutable:
        for spot in file.spots:
            if (
                is_pattern(spot)
                and spot.name in ("expect", "to", "as")
                and spot.style == "plain"
                and "(" not in spot.text
            ):
                new = rng.choice((f"not {spot.text}", f"once {spot.text}", f"count({spot.text}) >= 2"))
                yield edit(library, "fourth: pattern for a condition", file, spot.start, spot.end, new)
