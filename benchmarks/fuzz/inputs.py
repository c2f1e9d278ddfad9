"""Inputs, each a function of the seed and its number: bytes changed, words put in, trees and expressions grown."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache

from lark import Lark
from lark.grammar import NonTerminal, Terminal

from benchmarks.fuzz.material import BYTES, HERE, WORDS, based, examples, naughty, shipped
from dramaturg.dsl.format import shapes


def mutated(data: bytes, rng: random.Random) -> bytes:
    """One change: a byte, a chunk, a line."""
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + 1 + int(rng.expovariate(0.15)))
    lines = data.splitlines(keepends=True)
    match rng.randrange(9):
        case 0:
            return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        case 1:
            return data[:at] + bytes([rng.choice(b"{}[]():,.|&*!?-#\"'%@`<>=+/ \t\n~\\_09azAZ")]) + data[at:]
        case 2:
            return data[:at] + data[end:]
        case 3:
            other = rng.choice(examples())
            start = rng.randrange(len(other))
            return data[:at] + other[start : start + rng.randrange(1, 60)] + data[end:]
        case 4:
            return data[:at] + data[at:end] * rng.randrange(2, 40) + data[end:]
        case 5:
            return data[:at]
        case 6 if len(lines) > 1:
            one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[one], lines[two] = lines[two], lines[one]
            return b"".join(lines)
        case 7 if lines:
            line = rng.randrange(len(lines))
            lines[line] = b" " * rng.randrange(9) + lines[line].lstrip(b" ")
            return b"".join(lines)
        case _:
            return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :] if at < len(data) else data


def by_bytes(rng: random.Random) -> dict[str, bytes]:
    files, name = based(rng)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        files[name] = mutated(files[name], rng)
    return files


def by_dictionary(rng: random.Random) -> dict[str, bytes]:
    files, name = based(rng)
    for _ in range(rng.choice((1, 1, 2, 5))):
        data = files[name]
        places = [m.span() for m in re.finditer(rb"[\w.]+|[^\w\s]+", data)]
        word = (
            rng.choice(WORDS.split()).encode()
            if rng.random() < 0.6
            else rng.choice(BYTES)
            if rng.random() < 0.6
            else rng.choice(naughty())
        )
        start, end = rng.choice(places) if places else (0, 0)
        files[name] = data[:start] + word + (data[end:] if rng.random() < 0.7 else b" " + data[start:])
    return files


@cache
def grammar() -> tuple[dict[str, list[list[str]]], dict[str, int]]:
    """The rules of the expressions' grammar, and how deep the shallowest derivation of each symbol is."""
    parser = Lark(
        (HERE / "grammars" / "expression.lark").read_text(encoding="utf-8"),
        start=["guard", "check", "value"],
        parser="lalr",
    )
    rules: dict[str, list[list[str]]] = {}
    for rule in parser.rules:
        rules.setdefault(rule.origin.name, []).append([symbol.name for symbol in rule.expansion])
    assert all(isinstance(symbol, NonTerminal | Terminal) for rule in parser.rules for symbol in rule.expansion)
    depth = dict.fromkeys(rules, 1000)
    for _ in range(60):
        for name, choices in rules.items():
            depth[name] = min(1 + max((depth.get(s, 0) for s in choice), default=0) for choice in choices)
    return rules, depth


NAMES = r"""
fare delay seats trip user agent task trigger concern persona result world topic limit price ask thank answer accept
help OPEN DONE LOST open idle voiced eased cost effort greeting resistance small count a b c x
"""


def token(name: str, rng: random.Random) -> str:
    match name:
        case "NAME":
            return rng.choice(NAMES.split())
        case "QUANTITY":
            return rng.choice(
                ("10m", "20 EUR", "3 turns", "5%", "2h", "0m", "99999999999d", "7 USD", "3kg", "12parsecs")
            )
        case "NUMBER":
            return rng.choice(("0", "1", "3", "0.5", "12.345678", "9" * 40))
        case "TIME":
            return rng.choice(("08:30", "24:00", "99:99"))
        case "STRING":
            return rng.choice(('"x"', '""', '"a \\" b"', '"' + "long " * 50 + '"'))
        case "CMP":
            return rng.choice(("==", "!=", "<=", ">=", "<", ">"))
        case "LEADS_TO" | "IN_LAST" | "NOT_IN" | "IS_NOT" | "ONE_OF":
            return name.lower().replace("_", " ")
    signs = {
        "SPREAD": "+-",
        "PLUS": "+",
        "MINUS": "-",
        "STAR": "*",
        "SLASH": "/",
        "DOTS": "..",
        "DOT": ".",
        "LPAR": "(",
        "RPAR": ")",
        "LBRACE": "{",
        "RBRACE": "}",
        "COMMA": ",",
        "BAR": "|",
    }
    return signs.get(name, name.lower())


@cache
def within(name: str, left: int) -> list[list[str]]:
    """The expansions of a symbol that can end ``left`` levels further down; where there are none, the shallowest."""
    rules, depth = grammar()
    deep = [(max((depth.get(symbol, 0) for symbol in choice), default=0), choice) for choice in rules[name]]
    least = min(level for level, _ in deep)
    return [choice for level, choice in deep if level < max(left, least + 1)]


def derived(start: str, rng: random.Random, most: int = 18) -> str:
    """A random derivation of the grammar from ``start``."""
    rules, _ = grammar()

    def expand(name: str, left: int) -> Iterator[str]:
        if name not in rules:
            yield token(name, rng)
            return
        for symbol in rng.choice(within(name, left)):
            yield from expand(symbol, left - 1)

    return " ".join(expand(start, most)).replace(" . ", ".")


def by_grammar(rng: random.Random) -> dict[str, bytes]:
    """An expression of an example replaced by one derived from the grammar, in quotes that hold it."""
    files, name = based(rng)
    data = files[name]
    lines = list(
        re.finditer(
            rb"\b(when|if|until|to|expect|surfaces|eased|as|hardens|do|with|set|within)(: )([^,{}\[\]\n]+)", data
        )
    )
    lines += list(
        re.finditer(rb"^  (\w+)(: )((?:never|always|possible|winnable|money|int|duration)[^\n]*)", data, re.M)
    )
    for match in rng.sample(lines, min(len(lines), rng.choice((1, 1, 2)))):
        kind = "guard" if match[1] in (b"when", b"if", b"until") else rng.choice(("guard", "check", "value"))
        text = derived(kind, rng, rng.choice((9, 14, 18, 22)))
        quoted = "'" + text.replace("'", "''") + "'"
        files[name] = data[: match.start(3)] + quoted.encode() + data[match.end(3) :]
    return files


def by_template(rng: random.Random) -> dict[str, bytes]:
    """Words made of pieces of templates."""
    pieces = (
        "{{ ",
        " }}",
        "{% if ",
        "{% else %}",
        "{% elif ",
        "{% endif %}",
        " %}",
        "limit",
        "persona.x",
        " | money",
        " | lower",
        "== ",
        '"a"',
        "text ",
        "{#",
        "#}",
        "()",
        "[0]",
        "9**9",
        "{%- ",
        "-}}",
        "not ",
        " and ",
        ".",
        "\\n",
        "é",
        "{% raw %}",
        "{{{",
        "}}}",
    )
    files, name = based(rng)
    text = "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 25)))
    event = rng.choice(("user.ask", "user.thank", "agent.answer", "fare.changed"))
    files[name] += b"words:\n  " + event.encode() + b": " + json.dumps([text]).encode() + b"\n"
    return files


def grown(shape: shapes.Shape, rng: random.Random, left: int) -> object:
    """A value in this shape, or now and then in another."""
    if rng.random() < 0.04 or left < 0:
        return rng.choice(("x", "", [], {}, ["a"], {"a": "b"}, "5", None, [[["a"]]], {"x": {"y": []}}))
    match shape:
        case shapes.Line(reads, choices):
            return rng.choice(choices) if choices else line(reads, rng)
        case shapes.Each(item):
            return [grown(item, rng, left - 1) for _ in range(rng.randrange(4))]
        case shapes.Record(keys=keys, rest=rest):
            out = {key.name: grown(key.shape, rng, left - 1) for key in keys if key.required or rng.random() < 0.5}
            if rest is not None:
                out |= {
                    rng.choice((*NAMES.split(), "PENDING", "S2")): grown(rest.value, rng, left - 1)
                    for _ in range(rng.randrange(4))
                }
            return out
        case shapes.Names(value, pattern=pattern):
            names = NAMES.split() if pattern != shapes.STATE else ["OPEN", "DONE", "LOST", "S4"]
            found = rng.sample(names, rng.randrange(min(4, len(names))))
            return {name if rng.random() < 0.9 else f"user.{name}": grown(value, rng, left - 1) for name in found}
        case _:
            forms = [form for form in (shape.line, shape.list, shape.map) if form is not None]
            return grown(rng.choice(forms), rng, left)


def line(reads: str, rng: random.Random) -> str:
    """What a field that reads this might hold."""
    match reads:
        case "guard" | "norm" | "check" | "value":
            return derived(reads if reads in ("guard", "value") else "check", rng, rng.choice((8, 12, 16)))
        case "declaration" | "type":
            kinds = (
                "int 0..9 = 4",
                "yes/no = no",
                "money(EUR) 0 EUR..90 EUR step 10 EUR = 20 EUR",
                "one of a | b",
                "text",
                "duration 0m..1h",
                "condition on fare",
                "set of topic",
                "list of int 0..3",
                "text?",
                "time of day",
                "percent 0%..100% step 5%",
                "int",
                "topic",
            )
            return rng.choice(kinds)
        case "pattern":
            return rng.choice(
                ("agent", "agent.ask", "agent.answer(topic == cost)", "user.thank", "agent.ask(price <= 10 EUR)")
            )
        case "state":
            return rng.choice(("OPEN", "DONE", "LOST"))
        case "template":
            return rng.choice(("Hello.", "{{ limit }}", "{{ limit | money }}", "{% if x %}a{% endif %}"))
        case _:
            return rng.choice(
                (
                    shapes.READINGS[reads][1] if reads in shapes.READINGS else "x",
                    rng.choice(NAMES.split()),
                    "10m",
                    "2 turns",
                    "yes",
                    "40%",
                )
            )


def by_shape(rng: random.Random) -> dict[str, bytes]:
    """A file grown from the format itself, written as YAML in flow style (JSON)."""
    tree = grown(shapes.SCENARIO, rng, 7)
    if isinstance(tree, dict):
        tree["horizon"], tree["turns"] = "1h", "4"
        tree.pop("uses", None)
        if rng.random() < 0.3:
            tree["uses"] = ["acts/assistant"]
    text = json.dumps(tree, ensure_ascii=False, indent=rng.choice((None, 1)))
    return {"small.yaml": text.encode(), "acts/assistant.yaml": shipped()["acts/assistant.yaml"]}


GENERATORS: tuple[tuple[Callable[[random.Random], dict[str, bytes]], int], ...] = (
    (by_bytes, 8),
    (by_dictionary, 5),
    (by_grammar, 4),
    (by_template, 2),
    (by_shape, 3),
)


def made(seed: int, number: int) -> tuple[str, dict[str, bytes]]:
    """Input ``number``: what made it, and the files, the scenario first."""
    rng = random.Random(f"{seed} {number}")
    generator = rng.choices([g for g, _ in GENERATORS], [weight for _, weight in GENERATORS])[0]
    return generator.__name__, generator(rng)
