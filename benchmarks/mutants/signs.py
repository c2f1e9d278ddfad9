"""Signs and words of expressions: an operator for one of another sort, the halves of a phrase, parentheses that close elsewhere.

Each edit changes a token, or moves one, such that no reading of the line fits what its place asks for.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from benchmarks.mutants.exchanges import entries, expressions
from benchmarks.mutants.library import Library, is_declaration, is_guard, is_pattern, is_template
from benchmarks.mutants.mutant import Mutant, edit, kind, plain

SORTS = (
    (r"(?<=\S) (?:<=|>=|==|!=|<|>) (?=\S)", (" + ", " and ", " .. ", " since ", " | ")),
    (r" and ", (" + ", " <= ", " .. ", " in ", " * ")),
    (r" or ", (" - ", " > ", " .. ", " in ", " / ")),
    (r" implies ", (" + ", " >= ", " .. ", " | ")),
    (r" [+-] (?=\d)", (" and ", " == ", " is ", " since ")),
    (r" leads to ", (" + ", " .. ", " in ")),
    (r" since ", (" + ", " < ", " .. ")),
)


@kind("operator of another sort")
def another_sort(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A comparison becomes a sum, a junction a comparison, a sum a junction: the types of the sides do not fit."""
    for file in library.mutable:
        for spot in expressions(file):
            for start, end in plain(file, spot):
                for pattern, others in SORTS:
                    for match in re.compile(pattern).finditer(file.text, start, end):
                        yield edit(library, "operator of another sort", file, *match.span(), rng.choice(others))


PHRASES = {
    "leads to": ("to leads", "leads into", "lead to"),
    "one of": ("of one", "any of", "one"),
    "condition on": ("on condition", "conditions on", "condition of"),
    "in last": ("last in", "in the last", "within last"),
    "is not": ("not is", "isnt", "is no"),
    "up to": ("to up", "at most", "up"),
    "not once": ("once no", "never once", "not one"),
    "yes/no": ("no/yes", "yes|no", "yes or no"),
    "matches": ("match", "like"),
    "else": ("otherwise", "or else"),
    "step": ("steps", "by"),
    "earlier": ("before", "previously"),
    "since": ("after", "sinds"),
    "implies": ("implied by", "means"),
}


@kind("phrase in other words")
def phrases(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The halves of a phrase exchanged, or a phrase that means the same in English and nothing in the language."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.kind != "scalar" or spot.style == "block":
                continue
            if not (is_guard(spot) or is_pattern(spot) or is_declaration(spot) or spot.name == "per_turn"):
                continue
            for start, end in plain(file, spot):
                for phrase, others in PHRASES.items():
                    for match in re.compile(rf"\b{phrase}\b").finditer(file.text, start, end):
                        yield edit(library, "phrase in other words", file, *match.span(), rng.choice(others))


@kind("parenthesis that closes too soon")
def too_soon(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``agent.hold(leg == train)`` becomes ``agent.hold(leg) == train``."""
    for file in library.mutable:
        for spot in expressions(file):
            for match in re.compile(r"[a-z]\((\w+)( [^()]+)\)").finditer(file.text, spot.start, spot.end):
                new = f"{match[0][0]}({match[1]}){match[2]}"
                yield edit(library, "parenthesis that closes too soon", file, *match.span(), new)


@kind("parenthesis that opens elsewhere")
def elsewhere(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``agent.hold(leg == train)`` becomes ``(agent.hold leg == train)``, and ``count(x) > 1`` becomes ``(count x) > 1``."""
    for file in library.mutable:
        for spot in expressions(file):
            for match in re.compile(r"\b([a-z][a-z_.]+)\(([^()]+)\)").finditer(file.text, spot.start, spot.end):
                yield edit(
                    library,
                    "parenthesis that opens elsewhere",
                    file,
                    *match.span(),
                    f"({match[1]} {match[2]})",
                )


@kind("claim inside a claim")
def nested(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What a claim says holds of a moment; that another claim holds is none of what can."""
    for file in library.mutable:
        for spot in entries(file):
            if len(spot.path) == 2 and spot.path[0] in ("check", "rules") and is_guard(spot):
                match = re.compile(r"(always|never|possible|winnable|eventually) ").match(file.text, spot.start)
                if match:
                    new = rng.choice(("eventually ", "possible ", "winnable ", "always "))
                    yield edit(library, "claim inside a claim", file, match.end(), match.end(), new)


@kind("limit on a condition")
def limit(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``within`` limits a claim; a condition is asked now."""
    for file in library.mutable:
        for spot in entries(file):
            if spot.name in ("if", "when", "until", "surfaces", "eased") and is_guard(spot) and spot.style == "plain":
                yield edit(library, "limit on a condition", file, spot.end, spot.end, " within 10m")


CONSTANT = re.compile(
    r"(?<=[=<>] )(\d+[smhdw]|\d+(?: EUR)?|yes|no)(?![\w.%])|(?<=== )[a-z_]+(?![\w.(])|(?<= is )[a-z_]+(?![\w.(])"
)


@kind("constant of another type")
def constants(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A number for a choice, a duration for money, a choice for a number."""
    for file in library.mutable:
        for spot in expressions(file):
            for start, end in plain(file, spot):
                for match in CONSTANT.finditer(file.text, start, end):
                    word = match[0]
                    if word in ("known", "not", "voiced", "eased", "open", "done", "undone", "absent", "idle"):
                        continue
                    amount = word[0].isdigit()
                    if not amount and re.search(rf"\b{word}: ", file.text):  # a name, and perhaps a number
                        continue
                    same = {"EUR": "40 EUR", "m": "10m"}
                    other = [c for u, c in same.items() if not (amount and word.endswith(u))]
                    other += ["30%", "08:30", '"soon"' if spot.style == "plain" and amount else "30%"]
                    if not amount:
                        other += ["7"]
                    if amount and word[-1] in "smhdw":
                        other.remove("10m") if "10m" in other else None
                    yield edit(library, "constant of another type", file, *match.span(), rng.choice(other))


@kind("variable of another type")
def variables(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """In a comparison or a calculation a variable stands for one of another family."""
    name = "variable of another type"
    for file in library.mutable:
        families: dict[str, str] = {}
        for where in (("world", "*"), ("parameters", "*"), ("tasks", "*", "slots", "*"), ("user", "stance", "*")):
            for one, spot in library.declared(file, *where).items():
                if spot.kind == "scalar" and (found := re.match(r"[a-z/]+(\([A-Z]+\))?", spot.text)):
                    families[one] = spot.text if found[0] == "one" else found[0]
        for spot in expressions(file):
            for start, end in plain(file, spot):
                for match in re.compile(r"(?<![\w.])([a-z_]+)(?= (?:<=|>=|<|>|\+|-) )").finditer(file.text, start, end):
                    family = families.get(match[1])
                    others = [n for n, f in families.items() if f != family]
                    if family and others:
                        yield edit(library, name, file, *match.span(), rng.choice(others))


TAGS = {
    r"\{% if ": ("{{ if ", "{% when ", "{ if "),
    r"\{% elif ": ("{% else if ", "{% elseif ", "{% elsif "),
    r"\{% else %\}": ("{{ else }}", "{% otherwise %}", "{% else }"),
    r"\{% endif %\}": ("{% end %}", "{% fi %}", "{{ endif }}", "{% end if %}"),
    r" \| money ": (" : money ", " || money ", ".money "),
    r"\}\}": ("}", "%}", "})"),
    r"\{\{": ("{", "{%", "${"),
    r" == ": (" equals ", " === ", " is "),
}


@kind("tag of a template in another form")
def tags(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """The words and signs of other template engines, or half of the right ones."""
    for file in library.mutable:
        for spot in entries(file):
            if not is_template(spot):
                continue
            for pattern, others in TAGS.items():
                for match in re.compile(pattern).finditer(file.text, spot.start, spot.end):
                    new = rng.choice(others)
                    yield edit(library, "tag of a template in another form", file, *match.span(), new)
