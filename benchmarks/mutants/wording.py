"""Mistakes in expressions and in templates: operators, keywords, brackets, and what may not stand where it does."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from benchmarks.mutants.library import Library, fits, is_guard, is_pattern, is_template
from benchmarks.mutants.mutant import Mutant, edit, kind, plain, tokens, typo
from benchmarks.mutants.naming import expressions

FOREIGN = {
    "and": ("&&", "&", "AND", "plus"), "or": ("||", "OR", "|"), "not": ("!", "NOT", "~"), "==": ("=", "===", "is equal to", "eq"),
    "!=": ("<>", "=/=", "≠", "=!"), "<=": ("=<", "≤", "<==", "< ="), ">=": ("=>", "≥", "> ="), "implies": ("->", "=>", "therefore"),
}  # fmt: skip


@kind("operator of another language")
def foreign_operator(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(r"(?<=[ (])(and|or|not|implies|==|!=|<=|>=)(?= )|(?<![^ ])(not)(?= )").finditer(
                file.text, start, end
            ):
                if spot.flow and spot.style == "plain":
                    new = rng.choice([f for f in FOREIGN[match[0]] if not re.search(r"[&!|~>]", f[0])] or [""])
                else:
                    new = rng.choice(FOREIGN[match[0]])
                if not new or (match.start() == spot.start and spot.style == "plain" and new[0] in "!&~|>"):
                    continue
                if (match[0] == "or" and new == "|") or (match[0] == "and" and new == "plus"):
                    continue
                yield edit(library, "operator of another language", file, *match.span(), new)


@kind("keyword misspelt")
def keyword_misspelt(library: Library, rng: random.Random) -> Iterator[Mutant]:
    words = "and or not since once earlier matches judged else implies always never eventually possible winnable within leads"
    words += " known in is for"
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(rf"(?<![\w.])({'|'.join(words.split())})(?= )").finditer(file.text, start, end):
                if len(match[0]) > 1:
                    yield edit(
                        library,
                        "keyword misspelt",
                        file,
                        *match.span(),
                        typo(match[0], library.words, rng),
                        meant=match[0],
                    )


@kind("keyword in capitals")
def keyword_in_capitals(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(
                r"(?<![\w.])(and|or|since|once|earlier|implies|always|never|winnable|possible)(?= )"
            ).finditer(file.text, start, end):
                yield edit(library, "keyword in capitals", file, *match.span(), match[0].upper(), meant=match[0])


@kind("keyword left out")
def keyword_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Two things side by side with nothing between them."""
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(r"(?<=[\w)]) (and|or|implies|since|is|==|<=|>=|!=)(?= [a-z(])").finditer(
                file.text, start, end
            ):
                yield edit(library, "keyword left out", file, *match.span(), "")


@kind("operand left out")
def operand_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(r"(?:==|<=|>=|!=|\+|\bis\b|\band\b|\bor\b) ([\w.]+(?: EUR)?)$").finditer(
                file.text, start, end
            ):
                yield edit(library, "operand left out", file, match.start(1) - 1, match.end(1), "")


@kind("parenthesis left out")
def parenthesis_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(r"[()]").finditer(file.text, start, end):
                yield edit(library, "parenthesis left out", file, *match.span(), "")


@kind("parenthesis too many")
def parenthesis_too_many(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        if spot.style == "plain":
            yield edit(library, "parenthesis too many", file, spot.end, spot.end, ")")
            yield edit(library, "parenthesis too many", file, spot.start, spot.start, "(")


@kind("types that do not compare")
def types_that_do_not_compare(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """An order between choices, a number against a choice, money against time."""
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(r"(?<=\w )(==|!=)(?= [a-z]+\b(?!\.))").finditer(file.text, start, end):
                if re.search(
                    r"(?:topic|branch|worry|session|caller|about|level|app) $", file.text[start : match.start()]
                ):
                    yield edit(library, "types that do not compare", file, *match.span(), rng.choice(("<=", ">", "<")))
            for match in re.compile(
                r"(?:topic|branch|worry|session|caller|about) (?:==|!=) ([a-z]\w*)\b(?!\.)"
            ).finditer(file.text, start, end):
                yield edit(
                    library, "types that do not compare", file, *match.span(1), rng.choice(("5", "3 EUR", "yes", "10m"))
                )
            for match in re.compile(
                r"(?:fare|delay|price|max_price|seats) (?:<=|>=|<|>|==) (\d+\w*(?: EUR)?|\w+)"
            ).finditer(file.text, start, end):
                yield edit(
                    library,
                    "types that do not compare",
                    file,
                    *match.span(1),
                    rng.choice(("yes", '"cheap"' if spot.style == "plain" else "no", "user.accept")),
                )


@kind("sum of what cannot be added")
def sum_of_what_cannot_be_added(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            for match in re.compile(
                r"\b(fare|delay|max_price|trust|emotion|cooperation|seats)\b(?= (?:<|>|=|\+|-))"
            ).finditer(file.text, start, end):
                wrong = "5m" if match[0] in ("fare", "max_price") else "5 EUR"
                yield edit(library, "sum of what cannot be added", file, match.end(), match.end(), f" + {wrong}")


@kind("else of judged left out")
def else_left_out(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for match in tokens(file, spot, r" else [\w.]+"):
            for new in ("", " else", " otherwise no", " else maybe", " or no else"):
                yield edit(library, "else of judged left out", file, *match.span(), new)


@kind("judged without quotes")
def judged_without_quotes(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for match in tokens(file, spot, r'judged ("[^"]*")'):
            yield edit(library, "judged without quotes", file, *match.span(1), match[1].strip('"'))
            yield edit(library, "judged without quotes", file, *match.span(1), match[1][:-1])
            yield edit(library, "judged without quotes", file, *match.span(1), match[1].replace('"', "'"))


@kind("looks forward in a condition")
def looks_forward(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        if is_guard(spot) and spot.path[0] not in ("check", "rules"):
            word = rng.choice(("eventually ", "always ", "never ", "possible ", "winnable "))
            yield edit(library, "looks forward in a condition", file, spot.start, spot.start, word)


@kind("draw in a condition")
def draw_in_a_condition(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        if is_guard(spot) and spot.style == "plain":
            for start, end in plain(file, spot):
                for match in re.compile(r"(?:<=|>=|==|<|>) (\d+\w*(?: EUR)?)").finditer(file.text, start, end):
                    yield edit(library, "draw in a condition", file, match.end(), match.end(), f" +- {match[1]}")
                    yield edit(library, "draw in a condition", file, *match.span(1), f"{match[1]}..{match[1]}")


@kind("condition where a value is")
def condition_where_value(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What has happened, or for how long, where an amount is wanted."""
    for file, spot in expressions(library):
        if (
            spot.up in ("set", "with")
            and spot.style == "plain"
            and ".." not in spot.text
            and "+-" not in spot.text
            and "one of" not in spot.text
        ):
            new = rng.choice(("once agent", f"({spot.text}) for 10m", "earlier agent", "agent", "not yes and no"))
            yield edit(library, "condition where a value is", file, spot.start, spot.end, new)


@kind("either of two as or")
def is_a_or_b(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        if is_guard(spot) or is_pattern(spot):
            for match in tokens(file, spot, r"\b(is(?: not)? )([A-Za-z_]\w*)"):
                if match[2] not in ("not", "known", "A"):
                    other = "LOST_IT" if match[2].isupper() else "other_one"
                    yield edit(library, "either of two as or", file, match.end(), match.end(), f" or {other}")


@kind("name without its owner")
def name_without_owner(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """``follow_up`` for ``agent.follow_up``."""
    for file, spot in expressions(library):
        for match in tokens(
            file, spot, r"(?<![\w.])((?:agent|user|rep|customer|result|task|trigger|concern)\.)[a-z]\w*(?![\w.])"
        ):
            if not file.text[match.end() :].startswith(" is ") or True:
                yield edit(library, "name without its owner", file, *match.span(1), "")


@kind("dots misplaced")
def dots_misplaced(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        for match in tokens(file, spot, r"(?<![\w.])(?:agent|user|rep|customer|result|task|trigger|concern)(\.)[a-z]"):
            yield edit(
                library, "dots misplaced", file, *match.span(1), rng.choice(("..", " ", "/", "->", "::", ":", ""))
            )


@kind("signs from a word processor")
def smart_signs(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """Curly quotes, dashes for minus, signs of mathematics, hard blanks, letters of another alphabet."""
    swaps = {
        "-": "–−",
        " ": "\u00a0\u2009",
        '"': "“”",
        "<=": "≤",
        ">=": "≥",
        "!=": "≠",
        "a": "а",
        "e": "е",
        "o": "о",
        "..": "…",
        "+": "＋",
        "(": "（",
    }
    for file, spot in expressions(library):
        for start, end in plain(file, spot):
            found = list(
                re.compile(r"(?<= )-(?= )| |<=|>=|!=|(?<=\w)[aeo](?=\w)|\.\.|\+(?= )|\(").finditer(
                    file.text, start, end
                )
            )
            if found:
                match = rng.choice(found)
                yield edit(library, "signs from a word processor", file, *match.span(), rng.choice(swaps[match[0]]))


@kind("two deadlines or none")
def deadlines(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file, spot in expressions(library):
        if spot.path[0] == "check" or spot.path[0] == "rules":
            for new in (" within", " within soon", " within 5", " within 5 EUR", " for", " for ever"):
                if not ("within" in spot.text and new.startswith(" within")):
                    yield edit(library, "two deadlines or none", file, spot.end, spot.end, new)


@kind("not a claim")
def not_a_claim(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """A rule or check that is only an amount or a name."""
    for file in library.mutable:
        for spot in file.spots:
            if spot.kind == "scalar" and spot.path[:1] in (("rules",), ("check",)) and len(spot.path) == 2:
                for new in ("5", "10m", "task", "never", "always", "agent.follow_up.price", '"it works"'):
                    yield edit(library, "not a claim", file, spot.start, spot.end, new)


@kind("rule that looks forward")
def rule_that_looks_forward(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if spot.kind == "scalar" and spot.path[:1] == ("rules",) and len(spot.path) == 2:
                match = re.compile(r"never|always").match(file.text, spot.start)
                if match:
                    yield edit(
                        library,
                        "rule that looks forward",
                        file,
                        *match.span(),
                        rng.choice(("eventually", "possible", "winnable")),
                    )


# templates


@kind("template left open")
def template_left_open(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_template(spot):
                for match in tokens(file, spot, r"\}\}|%\}|\{\{|\{%"):
                    at = match.start() + rng.randrange(2)
                    yield edit(library, "template left open", file, at, at + 1, "")


@kind("template without its end")
def template_without_end(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_template(spot):
                for match in tokens(file, spot, r"\{% endif %\}"):
                    yield edit(library, "template without its end", file, *match.span(), "")
                for match in tokens(file, spot, r"\{% (if|elif|else|endif)\b"):
                    yield edit(
                        library, "template without its end", file, *match.span(1), typo(match[1], library.words, rng)
                    )


@kind("program in a template")
def program_in_a_template(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_template(spot):
                for match in tokens(file, spot, r"\{\{ ([\w.]+)[^}]* \}\}"):
                    for new in (
                        f"{match[1]} + 1",
                        f"{match[1]}()",
                        f"{match[1]}[0]",
                        "9 * 9",
                        f"{match[1]} ~ {match[1]}",
                        f"{match[1]} | safe",
                    ):
                        yield edit(library, "program in a template", file, match.start() + 3, match.end() - 3, new)


@kind("filter that does not fit")
def filter_that_does_not_fit(library: Library, rng: random.Random) -> Iterator[Mutant]:
    for file in library.mutable:
        for spot in file.spots:
            if is_template(spot):
                for match in tokens(file, spot, r"\| (money|duration)\b"):
                    yield edit(
                        library,
                        "filter that does not fit",
                        file,
                        *match.span(1),
                        "duration" if match[1] == "money" else "money",
                    )


@kind("hidden name said aloud")
def hidden_name_said_aloud(library: Library, rng: random.Random) -> Iterator[Mutant]:
    """What only the world or the person knows, in words that everybody hears."""
    for file in library.mutable:
        around = library.around(file)
        shown = {i.text for f in around for s in f.spots if s.name == "returns" for i in f.children(s)}
        hidden = sorted(
            s.name
            for f in around
            for s in f.spots
            if (fits(s.path, "world", "*") and s.kind == "scalar" and s.name not in shown)
            or fits(s.path, "**", "stance", "*")
        )
        for spot in file.spots:
            if is_template(spot) and spot.style == "quoted" and hidden and not re.search(r"[{]", spot.text):
                yield edit(
                    library,
                    "hidden name said aloud",
                    file,
                    spot.end - 1,
                    spot.end - 1,
                    f" {{{{ {rng.choice(hidden)} }}}}",
                )
