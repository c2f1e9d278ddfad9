"""What is said of broken expressions is said in the author's words: no name of a parser's terminal, no type or error of Python.

Every expression of the shipped scenarios is broken at once, in many ways, and the files are checked as an author's are; each
text of each diagnostic is read.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.expressions.mistakes import words
from dramaturg.dsl.format import shapes
from dramaturg.dsl.format.shapes import Each, Forms, Line, Names, Record, Shape
from dramaturg.dsl.load import load, understand
from dramaturg.dsl.modules import shelf
from dramaturg.dsl.tree import Map, Node, Scalar, Seq
from tests.checkout import ROOT

SCENARIOS = ROOT / "scenarios"
READ = ("guard", "pattern", "check", "norm", "value", "declaration", "gap", "duration", "wait", "chance", "limit")
ROUNDS = 18
LEAST = 5_000

BITS = (
    *"()|{}[],.+-*/<>=!?&^%$#@~:;'\"\\`€£…→≤「」",
    *("and", "or", "not", "is", "in", "for", "since", "once", "earlier", "known", "else", "judged", "matches", "implies"),
    *("always", "never", "until", "within", "leads to", "one of", "yes", "no", "none", "null", "if", "then", "&&", "=="),
    *("..", "+-", "<=", "<>", "//", "**", "20", "20m", "1,5", "0x1f", "1e9", "20 EUR", "99999999999999999999", "12:61"),
    *('"text"', '"open', "agent.", ".accept", "x(", "count(", "f(x)(y)", "lambda", "{{ a }}", "${a}", "\u00a0", "é", "东京"),
)  # fmt: skip
"""What is put among the words of an expression."""

TERMINALS = frozenset(
    re.findall(
        r"^_?([A-Z][A-Z_]+)(?=\.\d|\s*:)",
        (ROOT / "grammars" / "expression.lark").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)
PARSERS = re.compile(
    r"\$END|\bEND\b|\bToken\b|\bTree\(|\bExpected\b|\bexpected one of\b|Unexpected(?:Input|Token|Characters|EOF)|[Ll]ark\b|__\w+__"
)
PYTHONS = re.compile(
    r"\b(?:NoneType|None|True|False|dict|tuple|str|float|bytes|frozenset|re\.Match|Traceback|\w+Error|\w*Exception)\b"
    r"|<class|<function|object at 0x|\b(?:Scalar|Surface|Mistake|Span)\b"
)


def test_the_grammar_has_terminals() -> None:
    assert {"LPAR", "QUANTITY", "NAME", "LEADS_TO", "STRING"} <= TERMINALS


def expressions(node: Node, shape: Shape, read: Sequence[str] = READ) -> Iterator[Scalar]:
    """Every expression of a tree that stands on one line."""
    match shape, node:
        case Line(reads), Scalar():
            if reads in read and node.style != "block" and "\n" not in node.span.text:
                yield node
        case Each(item), Seq():
            for one in node.items:
                yield from expressions(one, item, read)
        case Record(), Map():
            for entry in node.entries:
                key = shape.key(entry.key.text)
                if key is not None:
                    yield from expressions(entry.value, key.shape, read)
                elif shape.rest is not None:
                    yield from expressions(entry.value, shape.rest.value, read)
        case Names(value), Map():
            for entry in node.entries:
                yield from expressions(entry.value, value, read)
        case Forms(), _:
            form = shape.line if isinstance(node, Scalar) else shape.list if isinstance(node, Seq) else shape.map
            if form is not None:
                yield from expressions(node, form, read)


def broken(text: str, chosen: random.Random) -> str:
    """The expression with one to three things wrong with it."""
    parts = [word.text for word in words(text)] or [text]
    for _ in range(chosen.choice((1, 1, 1, 2, 3))):
        at = chosen.randrange(len(parts))
        match chosen.randrange(7):
            case 0:
                parts.insert(at, chosen.choice(BITS))
            case 1:
                parts[at] = chosen.choice(BITS)
            case 2 if len(parts) > 1:
                del parts[at]
            case 3:
                parts.insert(at, parts[at])
            case 4 if at:
                parts[at - 1], parts[at] = parts[at], parts[at - 1]
            case 5:
                cut = chosen.randrange(len(parts[at]) + 1)
                parts[at] = parts[at][:cut] + chosen.choice(BITS) + parts[at][cut:]
            case _:
                parts = parts[: at + 1] if chosen.random() < 0.5 else parts[at:]
    return chosen.choice((" ", " ", " ", "")).join(parts)


@cache
def found() -> tuple[int, tuple[tuple[Diagnostic, str], ...]]:
    """How many expressions were broken, and everything said of them, each with the text of all the files."""
    chosen = random.Random("plain speech")
    tried = 0
    said: list[tuple[Diagnostic, str]] = []
    for path in sorted(SCENARIOS.rglob("*.yaml")):
        seen = understand(path, SCENARIOS)
        if seen.loaded.scenario is None or seen.tree is None:
            continue
        own = seen.loaded.sources[0]
        declared = {line.span for line in expressions(seen.tree, shapes.SCENARIO, ("declaration",))}
        places = [line for line in expressions(seen.tree, shapes.SCENARIO) if line.span.source is own]
        for round in range(ROUNDS):
            data = own.data
            for line in sorted(places, key=lambda line: line.span.start, reverse=True):
                # What hangs on a broken declaration is not complained about: those have a round of their own.
                if (line.span in declared) != (round % 4 == 0):
                    continue
                # In quotes, YAML lets everything through.
                wrong = json.dumps(broken(line.text, chosen), ensure_ascii=False).encode()
                data = data[: line.span.start] + wrong + data[line.span.end :]
                tried += 1
            text = data.decode() + "".join(source.data.decode() for source in seen.loaded.sources[1:])
            with pytest.MonkeyPatch.context() as patch:
                # Modules that are not in `uses` would be tried one after the other for each unknown name.
                patch.setattr(shelf, "LARGEST", 0)
                said += [(one, text) for one in load(path, SCENARIOS, {path: data}).diagnostics]
    return tried, tuple(said)


def texts(one: Diagnostic) -> list[str]:
    return [one.message, *one.notes, *(label.text for label in one.labels), *(fix.title for fix in one.fixes)]


def test_enough_is_broken_and_much_is_said() -> None:
    tried, said = found()
    assert tried >= LEAST
    codes = Counter(one.code for one, _ in said)
    assert len(codes) >= 15
    assert codes["E301"] >= 2_000
    assert len({one.message for one, _ in said}) >= 1_200


def test_no_name_of_the_parser_reaches_a_person() -> None:
    for one, written in found()[1]:
        for text in texts(one):
            # What the author wrote himself may be repeated.
            strange = [
                word for word in re.findall(r"\b[A-Z][A-Z_]+\b", text) if word in TERMINALS and word not in written
            ]
            assert not strange, (one.code, text)
            assert not [word for word in PARSERS.findall(text) if word not in written], (one.code, text)


def test_nothing_of_python_reaches_a_person() -> None:
    for one, written in found()[1]:
        for text in texts(one):
            assert not [word for word in PYTHONS.findall(text) if word not in written], (one.code, text)


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "🚆", "(" * 200, "a" * 30_000, "a." * 5_000, "1" * 5_000, "\u202e x", "\\"]
)
def test_nor_of_what_is_hardly_a_text(text: str) -> None:
    path = SCENARIOS / "travel" / "delayed-train.yaml"
    data = path.read_text(encoding="utf-8")
    place = "    until: fare > max_price"
    assert place in data
    changed = data.replace(place, f"    until: {json.dumps(text, ensure_ascii=False)}", 1)
    said = load(path, SCENARIOS, {path: changed.encode()}).diagnostics
    assert said
    for one in said:
        for part in texts(one):
            assert not PARSERS.search(part), part
            assert not PYTHONS.search(part), part
            assert TERMINALS.isdisjoint(re.findall(r"\b[A-Z][A-Z_]+\b", part)), part
