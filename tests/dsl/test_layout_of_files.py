"""The formatter: order for whatever is in disorder, and not a word or a comment of the author's lost."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.dsl.editing.layout import layout
from dramaturg.dsl.editing.spacing import canonical
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.reading.trivia import comments, leaves
from dramaturg.dsl.spans import Source
from dramaturg.dsl.tree import Node, Scalar
from tests.checkout import ROOT
from tests.dsl.test_codes import EXAMPLES

SHIPPED = sorted((ROOT / "scenarios").rglob("*.yaml"))
STAGE = sorted((Path(__file__).parent / "stage").rglob("*.yaml"))
TEXTS = [path.read_text(encoding="utf-8") for path in SHIPPED + STAGE if path.stat().st_size < 20_000]
TEXTS += [example.text for example in EXAMPLES if example.text.strip()]


def tree(text: str) -> Node | None:
    node, problems = read(Source("x.yaml", text.encode()))
    return None if problems else node


READABLE = [text for text in TEXTS if tree(text) is not None]


def formatted(text: str) -> str:
    laid = layout(Source("x.yaml", text.encode()))
    assert laid.problems == ()
    assert laid.reason == ""
    return laid.data.decode()


def solid(node: Node | None) -> list[str]:
    """The texts of a tree without their blanks: those of expressions may change."""
    assert node is not None
    return [f"{leaf.style} {re.sub(r'[ ]', '', leaf.text)}" for leaf in leaves(node)]


def remarks(text: str) -> list[tuple[str, str]]:
    node = tree(text)
    assert node is not None
    return [(remark, re.sub(r"\s", "", at)) for remark, at in comments(Source("x.yaml", text.encode()), node)]


def test_there_is_enough_to_try() -> None:
    assert len(READABLE) > 200


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_ships_is_in_order(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(text) == text, "run: python -m dramaturg fmt scenarios"


@pytest.mark.parametrize("number", range(0, len(READABLE), 25))
def test_every_text_is_kept_and_once_is_enough(number: int) -> None:
    for text in READABLE[number : number + 25]:
        once = formatted(text)
        assert formatted(once) == once
        assert solid(tree(once)) == solid(tree(text))
        assert remarks(once) == remarks(text)


# --- disorder ---------------------------------------------------------------------------------------------------------


def gaps(text: str) -> list[bool]:
    """For each character of an ASCII text, whether it stands between texts and not in one."""
    node = tree(text)
    if node is None:
        return [False] * (len(text) + 1)
    free = [True] * (len(text) + 1)
    for leaf in leaves(node):
        for at in range(leaf.span.start, leaf.span.end):
            free[at] = False
    return free


def bare(text: str) -> str:
    """An ASCII text without its comments."""
    free = gaps(text)
    out, at = [], 0
    while at < len(text):
        if text[at] == "#" and free[at]:
            at = text.find("\n", at) % (len(text) + 1)
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def wider(text: str, chance: random.Random) -> str:
    """Every level indented by more."""
    times = chance.choice([2, 3])

    def more(found: re.Match[str]) -> str:
        return f"{' ' * (times * len(found[1]))}{found[2].replace(' ', ' ' * (2 * times - 1))}"

    return re.sub(r"^( *)((?:- )*)", more, text, flags=re.MULTILINE)


def looser(text: str, chance: random.Random) -> str:
    """More blanks, or fewer, wherever blanks mean nothing."""
    free = gaps(text)
    out = []
    for at, char in enumerate(text):
        out.append(char)
        after = text[at + 1 : at + 2]
        if free[at] and (at + 1 == len(text) or free[at + 1] or char in " ,{[") and chance.random() < 0.3:
            if char in ",{[" or (char == " " and text[max(0, at - 1)] in ",:-" and not after.isspace()):
                out.append(" " * chance.randint(1, 3))
            elif after in ("}", "]", "\n", ","):
                out.append(" ")
    return "".join(out)


def blanker(text: str, chance: random.Random) -> str:
    """More blank lines where there is one already, and at both ends."""
    free = gaps(text)
    out = []
    for at, char in enumerate(text):
        out.append(char)
        if char == "\n" and free[at] and text[at - 1 : at] == "\n" and chance.random() < 0.5:
            out.append(chance.choice(["\n", "  \n", "\n\n"]))
    return "\n" * chance.randint(0, 2) + "".join(out) + "\n" * chance.randint(0, 2)


def foreign(text: str, chance: random.Random) -> str:
    return text.replace("\n", "\r\n")


DISORDER: list[Callable[[str, random.Random], str]] = [wider, looser, blanker]
PLAIN = [text for text in READABLE if text.isascii()]


@given(st.sampled_from(PLAIN), st.lists(st.sampled_from(DISORDER), min_size=1, max_size=3), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_disorder_is_undone(text: str, ways: list[Callable[[str, random.Random], str]], seed: int) -> None:
    text = bare(text)
    chance = random.Random(seed)
    spoilt = text
    for way in ways:
        spoilt = way(spoilt, chance)
    if tree(spoilt) is None or solid(tree(spoilt)) != solid(tree(text)):
        return
    assert formatted(spoilt) == formatted(text)


def remarked(text: str, chance: random.Random) -> str:
    """Comments at the ends of lines and between lines, wherever one may stand."""
    free, number = gaps(text), 0
    out = []
    for at, char in enumerate(text):
        if char == "\n" and free[at] and chance.random() < 0.6:
            if "#" not in text[text.rfind("\n", 0, at) + 1 : at] and text[text.rfind("\n", 0, at) + 1 : at].strip():
                out.append(f"{' ' * chance.randint(1, 4)}# {number}")
                number += 1
            if chance.random() < 0.3:
                out.append(f"\n{' ' * chance.randint(0, 8)}# line {number}")
                number += 1
        out.append(char)
    return "".join(out)


@given(st.sampled_from(PLAIN), st.sampled_from([None, wider, foreign]), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_no_comment_is_lost(text: str, way: Callable[[str, random.Random], str] | None, seed: int) -> None:
    chance = random.Random(seed)
    spoilt = remarked(text, chance)
    if tree(spoilt) is None:
        return
    if way is not None:
        spoilt = way(spoilt, chance)
        if tree(spoilt) is None:
            return
    once = formatted(spoilt)
    assert formatted(once) == once
    assert remarks(once) == remarks(spoilt)
    assert ("\r" in once) == ("\r" in spoilt)


def battered(text: str, chance: random.Random) -> bytes:
    """The text with some of its bytes changed, doubled, gone or swapped for others of YAML's own."""
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.choice(b" \n\t#:-,{}[]'\"|>?&*!%@`a0\xc3\x80")
            case 1:
                del data[at : at + chance.randint(1, 9)]
            case 2:
                data[at:at] = data[max(0, at - 20) : at]
            case _:
                data[at:at] = chance.choice([b"# c\n", b"\n", b"  ", b"\n- ", b": ", b"|2\n", b"---\n", b"\r\n", b"? "])
        if not data:
            break
    return bytes(data)


@given(st.sampled_from(TEXTS), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_whatever_is_in_a_file_nothing_is_lost(text: str, seed: int) -> None:
    data = battered(text, random.Random(seed))
    laid = layout(Source("x.yaml", data))
    if laid.problems or laid.reason:
        assert laid.data == data
    else:
        again = layout(Source("x.yaml", laid.data))
        assert again.data == laid.data
        assert not again.problems


# --- one rule at a time -----------------------------------------------------------------------------------------------

RULES = {
    "indentation": ("a:\n    b:\n        c: 1\n    d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n"),
    "dashes": ("a:\n- x: 1\n  y: 2\n-   z\n", "a:\n  - x: 1\n    y: 2\n  - z\n"),
    "brackets": ("a: { b:  1 ,c: [ d,e ] }\n", "a: {b: 1, c: [d, e]}\n"),
    "lines in brackets": ("a: {b: 1,\n      c: 2\n}\n", "a: {b: 1,\n  c: 2\n  }\n"),
    "blank lines": ("\n\na: 1\n\n\n\nb: 2\n\n", "a: 1\n\nb: 2\n"),
    "sections": ("a: 1\nb:\n  c: 1\n# of d\nd: 2\n", "a: 1\n\nb:\n  c: 1\n\n# of d\nd: 2\n"),
    "no end": ("a: 1", "a: 1\n"),
    "columns": ("a:   1    # x\nbcd: 2    # y\n", "a: 1      # x\nbcd: 2    # y\n"),
    "columns that move": ("a:\n        b: 1  # x\n        cc: 2 # y\n", "a:\n  b: 1  # x\n  cc: 2 # y\n"),
    "a fold": ("a: >-\n       x\n         y\n\nb: 1\n", "a: >-\n  x\n    y\n\nb: 1\n"),
    "a fold with a digit": ("a:\n    b: |2\n          x\n", "a:\n  b: |2\n        x\n"),
    "what is kept of a fold": ("a: |+\n   x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"),
    "lines of a text": ("a: x\n      y\nb: 'p\n\n     q'\n", "a: x\n  y\nb: 'p\n\n  q'\n"),
    "a text below": ("a:\n      x\nb: 1\n", "a:\n  x\nb: 1\n"),
    "comments of a level": ("a:\n    b: 1\n    # of b\n# of a\nc: 1\n", "a:\n  b: 1\n  # of b\n\n# of a\nc: 1\n"),
    "nothing": ("a:\nb: { c: , d: ~ }\n", "a:\nb: {c: , d: ~}\n"),
    "a mark at the top": ("---\na: 1\n", "---\na: 1\n"),
    "lists in lists": ("a:\n- - 1\n  - 2\n-\n  - 3\n", "a:\n  - - 1\n    - 2\n  - - 3\n"),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule(rule: str) -> None:
    before, after = RULES[rule]
    assert formatted(before) == after
    assert formatted(after) == after


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("a<3 and b==c", "a < 3 and b == c"),
        ("x  is  A|B", "x is A | B"),
        ("agent.offer( price<=3 , seat==aisle )", "agent.offer(price <= 3, seat == aisle)"),
        ('judged "a  b" else  no', 'judged "a  b" else no'),
        ("(a) and b", None),
        ("a and", None),
    ],
)
def test_expressions_get_canonical_blanks(text: str, better: str | None) -> None:
    assert canonical(text, "guard") == better


def test_a_condition_is_respaced_where_it_stands() -> None:
    text = "scenario: x\nstream:\n  - {when: a<3, emit: e}   # why\n  - when:  b>=2\n    set: {c: c+1}\n"
    assert "{when: a < 3, emit: e} # why\n" in re.sub(" +#", " #", formatted(text))
    assert "  - when: b >= 2\n    set: {c: c + 1}\n" in formatted(text)


def test_what_cannot_be_read_is_left_alone() -> None:
    source = Source("x.yaml", b"a:   1\nb: [\n")
    laid = layout(source)
    assert laid.data == source.data
    assert [problem.name for problem in laid.problems] == ["unclosed"]


@pytest.mark.parametrize("text", ["? a\n:   1\n", "a:   1\n...\n"])
def test_what_no_author_writes_is_left_alone_with_a_reason(text: str) -> None:
    laid = layout(Source("x.yaml", text.encode()))
    assert laid.data == text.encode()
    assert laid.reason


def test_a_leaf_knows_its_place() -> None:
    """The formatter copies texts by their spans, so a span must hold the whole text, quotes included."""
    node = tree("a: 'x'\nb: |\n  y\n")
    assert node is not None
    assert [leaf.span.text for leaf in leaves(node) if isinstance(leaf, Scalar)] == ["a", "'x'", "b", "|\n  y\n"]
