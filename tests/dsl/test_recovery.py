"""Reading on past a slip: everything that is wrong with a file is said in one run, each thing at its place."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dramaturg.dsl.load import load
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.reading.recovery import read_on
from dramaturg.dsl.reading.trivia import leaves
from dramaturg.dsl.spans import Source
from tests.dsl.test_layout_of_files import TEXTS, battered

TEA = """\
scenario: tea
about: @home, a story
domain: home
family: tea
horizon: 1h
turns: 4
agent:
  wakes: [user
  acts:
    tell: {kind: sayz}
user:
  moves: {ask: {}, thank: {}}
  opens: {do: akk}
  replies:
    - {to: agent.tell, do: thank
tasks:
  tea:
    OPEN:
      - {when: agent.tell, if: once user.tahnk, go: DONE}
    DONE: {end: good}
"""


def test_all_mistakes_are_said_in_one_run_each_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    path.write_text(TEA, encoding="utf-8")
    said = [(item.code, item.span.line, item.span.text) for item in load(path).diagnostics if item.severity == "error"]
    assert said == [
        ("E123", 2, "@"),
        ("E122", 8, "["),
        ("E204", 10, "sayz"),
        ("E462", 13, "akk"),
        ("E122", 15, "{"),
        ("E401", 19, "user.tahnk"),
    ]


def test_every_repair_is_one_of_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    path.write_text(TEA, encoding="utf-8")
    for item in load(path).diagnostics:
        for fix in item.fixes:
            assert all(span.source.data == TEA.encode() for span, _ in fix.edits)


def test_what_is_not_beyond_doubt_is_not_read_past() -> None:
    tree, said = read_on(Source("x.yaml", b"a: &x 1\nb: *x\n"))
    assert tree is None
    assert len(said) == 1


def test_a_file_that_can_be_read_is_read_as_ever() -> None:
    for text in TEXTS:
        source = Source("x.yaml", text.encode())
        tree, said = read(source)
        if tree is not None:
            assert read_on(source) == (tree, said)


@pytest.mark.parametrize("slip", ["domain: @home\n", "domain: `home`\n", "domain: [home\n", 'domain: "home\n'])
def test_places_behind_a_slip_are_those_of_the_file(slip: str) -> None:
    source = Source("x.yaml", f"{slip}é: 東京 x\nlong: one\n  two\nquoted: 'it''s'\n".encode())
    tree, said = read_on(source)
    assert tree is not None
    assert len(said) == 1
    texts = {leaf.text: leaf for leaf in leaves(tree)}
    assert texts["東京 x"].span.text == "東京 x"
    assert texts["東京 x"].part(1, 2).text == "京"
    assert texts["one two"].part(4, 7).text == "two"
    assert texts["it's"].part(3, 4).text == "s"


@given(st.sampled_from(TEXTS), st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_whatever_is_in_a_file_places_lie_in_it(text: str, seed: int) -> None:
    source = Source("x.yaml", battered(text, random.Random(seed)))
    tree, said = read_on(source)
    for item in said:
        assert item.span.source is source or item.span.source.data == source.data
        assert 0 <= item.span.start <= item.span.end <= len(source.data)
        for fix in item.fixes:
            assert all(0 <= span.start <= span.end <= len(source.data) for span, _ in fix.edits)
    if tree is not None:
        for leaf in leaves(tree):
            assert 0 <= leaf.span.start <= leaf.span.end <= len(source.data)
            assert leaf.offsets is None or len(leaf.offsets) == len(leaf.text) + 1
