"""The reader: trees with exact places, and one diagnostic in the author's words for every slip."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dramaturg.dsl.diagnostics import Diagnostic, Fix
from dramaturg.dsl.limits import DEFAULT, Limits, from_environment
from dramaturg.dsl.messages.repair import edited
from dramaturg.dsl.reading.offsets import place
from dramaturg.dsl.reading.reader import open_source, read
from dramaturg.dsl.spans import Source
from dramaturg.dsl.tree import Map, Node, Scalar, Seq
from tests.clock import within


def reading(text: str | bytes, limits: Limits = DEFAULT) -> tuple[Node | None, list[Diagnostic]]:
    return read(Source("x.yaml", text.encode() if isinstance(text, str) else text), limits)


def tree(text: str) -> Node:
    node, diagnostics = reading(text)
    assert diagnostics == []
    assert node is not None
    return node


def scalar(node: Node | None) -> Scalar:
    assert isinstance(node, Scalar)
    return node


def value_of(text: str, key: str = "a") -> Scalar:
    node = tree(text)
    assert isinstance(node, Map)
    return scalar(node.get(key))


def repaired(text: str, fix: Fix) -> str:
    data = text.encode()
    for span, replacement in sorted(fix.edits, key=lambda edit: (edit[0].start, edit[0].end), reverse=True):
        data = data[: span.start] + replacement.encode() + data[span.end :]
    return data.decode()


# --- trees ------------------------------------------------------------------------------------------------------------


def test_scalars_stay_text() -> None:
    node = tree("a: no\nb: 12:30\nc: 017\nd: 1e3\ne: null\nf: ~\ng:\nh: 2020-01-01\n")
    assert isinstance(node, Map)
    assert [scalar(entry.value).text for entry in node.entries] == [
        "no",
        "12:30",
        "017",
        "1e3",
        "null",
        "~",
        "",
        "2020-01-01",
    ]


def test_every_node_knows_its_bytes() -> None:
    text = "café: [ä, {b: 'c'}]\nnext:\n  - one\n  - two: three\n\nlast: |\n  x\n"
    node = tree(text)
    assert isinstance(node, Map)
    assert [entry.key.span.text for entry in node.entries] == ["café", "next", "last"]
    assert node.entries[0].value.span.text == "[ä, {b: 'c'}]"
    block = node.entries[1].value
    assert isinstance(block, Seq)
    assert block.span.text == "- one\n  - two: three"
    assert block.items[1].span.text == "two: three"
    assert not block.flow
    assert node.entries[0].value == node.get("café")


def test_an_empty_value_stands_after_its_colon() -> None:
    value = value_of("a:\nb: 1\n")
    assert (value.text, value.span.start, value.span.end) == ("", 2, 2)


def test_a_byte_order_mark_moves_nothing() -> None:
    node, diagnostics = reading(b"\xef\xbb\xbfa: \xc3\xa9x\n")
    assert isinstance(node, Map)
    assert diagnostics == []
    assert scalar(node.get("a")).part(1, 2).text == "x"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('a: "t\\u00e9 \\"x\\" \\\n   end"\n', {"té": "t\\u00e9", '"x"': '\\"x\\"', "end": "end"}),
        ("a: 'it''s  fine'\n", {"it's": "it''s", "fine": "fine"}),
        ("a: one\n  two\n\n  three\n", {"one": "one", "two": "two", "three": "three"}),
        ("a: |\n   one\n     two é\n\n   three\n", {"one": "one", "  two é": "  two é", "three": "three"}),
        (
            "a: >-\n  one\n  two\n\n    kept\n  three\n",
            {"one": "one", "two": "two", "  kept": "  kept", "three": "three"},
        ),
        ("a: >2+\n    deep\n  low\n\n", {"  deep": "  deep", "low": "low"}),
        ('a: "x\r\n  y"\r\n', {"x": "x", "y": "y"}),
        ("a: |\r\n  x\r\n  y\r\n", {"x": "x", "y": "y"}),
    ],
)
def test_a_part_of_a_text_is_found_where_it_was_written(text: str, parts: dict[str, str]) -> None:
    value = value_of(text)
    for part, written in parts.items():
        at = value.text.index(part)
        assert value.part(at, at + len(part)).text == written


_PIECES = st.lists(
    st.sampled_from(
        ["a", "b", "é", "東", "🙂", " ", "  ", "\n", "\n\n", "'", '"', "\\", "#", ":", "-", "\t", "x y", "{", "%"]
    ),
    max_size=14,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(_PIECES, st.sampled_from(["'", '"', "|", ">", ""]), st.sampled_from([10, 1000]), st.integers(2, 6))
def test_offsets_agree_with_the_parser_on_what_it_writes(text: str, style: str, width: int, indent: int) -> None:
    written = yaml.dump({"key": text}, default_style=style, width=width, allow_unicode=True, indent=indent)
    check_offsets(written)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(["|", ">", "|-", ">-", "|+", ">+", "|1", ">2", ">2-", "| # note"]),
    st.lists(st.sampled_from(["", " ", "  ", "   ", " a", "  b", "   é c ", "  # d", "  \t e", "  - f"]), max_size=7),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
@example("|", [" a"], "\n", False)
def test_offsets_agree_with_the_parser_on_blocks(header: str, lines: list[str], end: str, ended: bool) -> None:
    check_offsets(f"key: {header}{end}" + end.join(lines) + (end if ended else ""))


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(["'", '"']),
    st.lists(
        st.sampled_from(
            ["a", "é", " ", "\n", "\n ", "\r\n", "''", "\\n", "\\\n", '\\"', "\\x41", "\\U0001F642", "\\ ", "\\t"]
        ),
        max_size=9,
    ),
)
def test_offsets_agree_with_the_parser_on_quotes(quote: str, pieces: list[str]) -> None:
    check_offsets(f"key: {quote}{''.join(pieces)}{quote}\n")


def check_offsets(written: str) -> None:
    """Whatever the parser accepts is followed exactly: each character stands where its offset says, or is folded or escaped."""
    try:
        events = list(yaml.parse(written, Loader=yaml.CLoader))
    except yaml.YAMLError:
        return
    for event in events:
        if not isinstance(event, yaml.ScalarEvent):
            continue
        assert event.start_mark is not None
        assert event.end_mark is not None
        raw = written[event.start_mark.index : event.end_mark.index]
        places = place(raw, event.style, event.value)
        assert places is not None, (raw, event.value)
        assert places == sorted(places)
        assert len(places) == len(event.value) + 1
        for char, at in zip(event.value, places):
            assert raw[at] in (char, "\\", "\n", "\r"), (raw, event.value, at)


# --- slips ------------------------------------------------------------------------------------------------------------

SLIPS = [
    # text, name, (line, column), text under the caret, whether a repair is offered
    ("a: {when: x in {A, B}}\n", "needs-quotes", (1, 16), "{", True),
    ("a: {when: x[1], b: 2}\n", "needs-quotes", (1, 12), "[", True),
    ("says: Well: yes\n", "text-cut-short", (1, 11), ":", True),
    ("a: {says: Well: yes, b: c}\n", "text-cut-short", (1, 15), ":", True),
    ("a: {b: f(x #1), c: d}\n", "text-cut-short", (1, 12), "#", True),
    ("a: f(x #1)\n", "text-cut-short", (1, 8), "#", True),
    ('a: x == "seat #4"\n', "text-cut-short", (1, 15), "#", True),
    ('a: "abc\nb: c\n', "unclosed", (1, 4), '"', False),
    ("a: 'it's fine'\n", "needs-quotes", (1, 7), "'", True),
    ('a: "x" or "y"\nb: 1\n', "needs-quotes", (1, 8), 'or "y"', True),
    ("a: {b: \"x\" or 'y', c: d}\n", "needs-quotes", (1, 12), "or 'y'", True),
    ("says: [laughs] hello\nb: 1\n", "needs-quotes", (1, 16), "hello", True),
    ("a: {{ x }} hi\n", "unquoted-template", (1, 4), "{{", True),
    ("w: [{{ a }}, b]\n", "unquoted-template", (1, 5), "{{", True),
    ("a: *bold* x\n", "needs-quotes", (1, 4), "*", True),
    ("a: @x\n", "needs-quotes", (1, 4), "@", True),
    ("a: `x`\n", "needs-quotes", (1, 4), "`", True),
    ("a: > 5\nb: 1\n", "needs-quotes", (1, 4), ">", True),
    ("a: ? b\n", "needs-quotes", (1, 4), "?", True),
    ("a: [- b]\n", "needs-quotes", (1, 5), "-", True),
    ("a: |x\n b\n", "yaml-syntax", (1, 5), "x", False),
    ("%x\na: b\n", "yaml-syntax", (1, 1), "%x", False),
    ("a: !x y\n", "tag", (1, 4), "!x", True),
    ("a: b\nfoo\nc: d\n", "yaml-syntax", (2, 1), "foo", False),
    ("a:b\nc: d\n", "yaml-syntax", (1, 2), ":", True),
    ("c: d\na:b\ne: f\n", "yaml-syntax", (2, 2), ":", True),
    ("c:\n  a:b\n  e: f\n", "yaml-syntax", (2, 4), ":", True),
    ("{b:c, d: e}\n", "key-without-value", (1, 2), "b:c", True),
    ("{a, d: e}\n", "key-without-value", (1, 2), "a", False),
    ("a: {x:}\n", "yaml-syntax", (1, 6), ":", True),
    ("a:\n  b: 1\n c: 2\n", "bad-indentation", (3, 2), "c: 2", False),
    ("a:\n  b: 1\n   c: 2\n", "bad-indentation", (3, 4), "c", False),
    ("a:\n  b: 1\n  - c\n", "bad-indentation", (3, 3), "-", False),
    ("a:\n  - b\n  c: 1\n", "bad-indentation", (3, 3), "c: 1", False),
    (" a: 1\nb: 2\n", "bad-indentation", (1, 2), "a: 1", True),
    ('a: "x"\n  b: c\n  d: e\n', "bad-indentation", (2, 3), "b: c", False),
    ('a: "x\nb: "y"\n', "unclosed", (1, 4), '"', False),
    ("a: - b\n", "yaml-syntax", (1, 4), "-", False),
    ("a: {b: 1\nc: 2\n", "unclosed", (1, 4), "{", False),
    ("a: [b, c\n", "unclosed", (1, 4), "[", False),
    ("a: [b, {c: d]}\n", "unclosed", (1, 13), "]", False),
    ("a: {b: c}}\n", "unclosed", (1, 10), "}", False),
    ("{a: b,, c: d}\n", "yaml-syntax", (1, 7), ",", False),
    ('a: "\\q"\n', "yaml-syntax", (1, 5), "\\q", False),
    (": b\n", "key-not-text", (1, 1), ":", False),
    ("? [a]\n: b\n", "key-not-text", (1, 3), "[", False),
    ("{[a]: b}\n", "key-not-text", (1, 2), "[", False),
    ("a: 1\n---\nb: 2\n", "several-documents", (2, 1), "---", False),
    ("a: 1\n...\nb: 2\n", "several-documents", (3, 1), "b", False),
    ("a: 1\nb: 2\na: 3\n", "duplicate-key", (3, 1), "a", False),
    ("{a: 1, 'a': 3}\n", "duplicate-key", (1, 8), "'a'", False),
    ("a: &x 1\nb: *x\n", "anchor-or-alias", (1, 4), "&x", False),
    ("a: *x\n", "anchor-or-alias", (1, 4), "*x", False),
    ("a: &x {b: 1}\nc:\n  <<: *x\n", "merge-key", (3, 3), "<<", False),
    ("a: !!int 5\n", "tag", (1, 4), "!!int", True),
    ("a: !!python/object/apply:os.system [x]\n", "tag", (1, 4), "!!python/object/apply:os.system", True),
    ("a:\n\tb: 1\n", "tab-indentation", (2, 1), "\t", True),
    ("a:\n  b: 1\n\tc: 2\n", "tab-indentation", (3, 1), "\t", True),
    ("a:\n  b: 1\n  \tc: 2\n", "tab-indentation", (3, 3), "\t", False),
    ("a: {\n\tb: 1}\n", "tab-indentation", (2, 1), "\t", True),
    ("a: |\n\tfoo\n", "tab-indentation", (2, 1), "\t", True),
    ("", "empty-file", (1, 1), "", False),
    ("# nothing\n", "empty-file", (1, 1), "", False),
    ("---\n", "empty-file", (1, 1), "", False),
    ("a: x\0y\n", "not-text", (1, 5), "\0", False),
    ("a: x\x1b[31m\n", "control-character", (1, 5), "\x1b", True),
    ("a: x\u2028y\n", "control-character", (1, 5), "\u2028", True),
    ("a: 1\rb: 2\n", "control-character", (1, 5), "\r", True),
    ("é: \u202ex\n", "hidden-direction", (1, 4), "\u202e", True),
]


@pytest.mark.parametrize(("text", "name", "at", "under", "fixed"), SLIPS)
def test_a_slip_is_one_diagnostic_at_its_place(
    text: str, name: str, at: tuple[int, int], under: str, fixed: bool
) -> None:
    _, diagnostics = reading(text)
    assert [diagnostic.name for diagnostic in diagnostics] == [name]
    (diagnostic,) = diagnostics
    assert (diagnostic.span.line, diagnostic.span.column) == at
    assert diagnostic.span.text == under
    if fixed:
        again = repaired(text, diagnostic.fixes[0])
        assert reading(again)[1] == [], again


JARGON = (
    "token",
    "scalar",
    "mapping",
    "sequence",
    "node",
    "parser",
    "scanner",
    "stream",
    "simple key",
    "None",
    "Error",
)


@pytest.mark.parametrize("text", [slip[0] for slip in SLIPS])
def test_messages_speak_the_authors_language(text: str) -> None:
    for diagnostic in reading(text)[1]:
        said = " ".join([diagnostic.message, *diagnostic.notes, *(label.text for label in diagnostic.labels)])
        assert not [word for word in JARGON if word in said]


def test_a_duplicate_key_shows_both_places_and_the_first_counts() -> None:
    node, (diagnostic,) = reading("a: 1\nb: 2\na: 3\n")
    assert isinstance(node, Map)
    assert scalar(node.get("a")).text == "1"
    assert len(node.entries) == 2
    assert [label.span.line for label in diagnostic.labels] == [1]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("a:\n    b: c\n\td: e\n", "a:\n    b: c\n    d: e\n"),
        ("a:\n\tb: c\n\td: e\n", "a:\n  b: c\n  d: e\n"),
        ("a:\n  b:\n\t\tc: d\n    e: f\n", "a:\n  b:\n    c: d\n    e: f\n"),
        ("a:\n    b: c\n   d: e\n    f: g\n", "a:\n    b: c\n    d: e\n    f: g\n"),
        ("a:\n  - b\n  -{c: d}\n", "a:\n  - b\n  - {c: d}\n"),
        ("a: {b: 30,5%, c: d}\n", "a: {b: 30.5%, c: d}\n"),
        ("a: {b: 120,50 EUR}\n", "a: {b: 120.50 EUR}\n"),
        ("a: {b: “No, c.”, d: e}\n", 'a: {b: "No, c.", d: e}\n'),
        ("a: {b: „No, c.“, d: e}\n", 'a: {b: "No, c.", d: e}\n'),
        ("a: {if: b == c, go:D}\n", "a: {if: b == c, go: D}\n"),
    ],
)
def test_a_slip_of_form_has_the_repair_that_was_meant(wrong: str, right: str) -> None:
    _, (slip,) = read(Source("x.yaml", wrong.encode()))
    (fix,) = slip.fixes
    assert fix.safe
    assert edited(wrong.encode(), fix.edits).decode() == right


def test_several_slips_of_one_file_are_all_said() -> None:
    text = "a: 1\na: 2\nb: {when: f(x, y), go: X}\nc: {d: e, d: f}\n"
    _, diagnostics = reading(text)
    assert [diagnostic.name for diagnostic in diagnostics] == ["duplicate-key", "comma-in-flow-text", "duplicate-key"]


# --- the comma in flow maps -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{when: f(a, b), go: X}", {"when": "f(a, b)", "go": "X"}),
        ("{when: f(a, b, c)}", {"when": "f(a, b, c)"}),
        ("{with: uniform(5m, 30m), by: 3}", {"with": "uniform(5m, 30m)", "by": "3"}),
        ('{if: x == "a, b", go: X}', {"if": 'x == "a, b"', "go": "X"}),
        ("{if: x is A, B}", {"if": "x is A, B"}),
        ("{if: f(a: 1, b)}", None),
        ("{go: X, when: f(a,\n    b)}", {"go": "X", "when": "f(a, b)"}),
    ],
)
def test_a_text_cut_by_a_comma_is_put_together_again(text: str, expected: dict[str, str] | None) -> None:
    node, diagnostics = reading(f"a: {text}\n")
    if expected is None:
        assert [diagnostic.name for diagnostic in diagnostics] == ["text-cut-short"]
        return
    assert [diagnostic.name for diagnostic in diagnostics] == ["comma-in-flow-text"]
    assert isinstance(node, Map)
    inner = node.get("a")
    assert isinstance(inner, Map)
    assert {entry.key.text: scalar(entry.value).text for entry in inner.entries} == expected
    again = repaired(f"a: {text}\n", diagnostics[0].fixes[0])
    assert isinstance((quoted := tree(again)), Map)
    assert isinstance((inner := quoted.get("a")), Map)
    assert {entry.key.text: scalar(entry.value).text for entry in inner.entries} == expected


def test_a_list_item_cut_by_a_comma_is_put_together_again() -> None:
    node, (diagnostic,) = reading("[f(a, b), c]\n")
    assert isinstance(node, Seq)
    assert [scalar(item).text for item in node.items] == ["f(a, b)", "c"]
    assert diagnostic.name == "comma-in-flow-text"


@pytest.mark.parametrize(
    "text",
    [
        "{a: b, c: {}, d: [], e: }\n",
        "says: I was sad :( but then (see above)\n",
        "a: b # (a remark)\n",
        "a: f(x) # f(y\n",
        "a: [x, y (z), w]\n",
        "a: 'f(a' # )\n",
        "a: {b: 'f(a', c: d}\n",
        "1) first: a\n",
    ],
)
def test_what_is_no_trap_is_left_alone(text: str) -> None:
    tree(text)


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "text", "name", "setting"),
    [
        (Limits(size=10), "a: 1234567890\n", "file-too-large", "size=16"),
        (Limits(depth=3), "a: [[[]]]\n", "too-deep", "depth=4"),
        (Limits(nodes=5), "a: [b, c, d, e, f]\n", "too-many-nodes", "nodes=8"),
        (Limits(text=5), "a: abcdefgh\n", "text-too-long", "text=16"),
    ],
)
def test_each_limit_says_how_to_raise_it(limits: Limits, text: str, name: str, setting: str) -> None:
    node, (diagnostic,) = reading(text, limits)
    assert node is None
    assert diagnostic.name == name
    assert any(f"DRAMATURG_LIMITS={setting}" in note for note in diagnostic.notes)
    raised = from_environment({"DRAMATURG_LIMITS": setting}, limits)
    assert reading(text, raised)[1] == []


def test_the_environment_raises_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: " + "[" * 70 + "]" * 70
    source = Source("x.yaml", text.encode())
    assert [diagnostic.name for diagnostic in read(source)[1]] == ["too-deep"]
    monkeypatch.setenv("DRAMATURG_LIMITS", "depth=80, size=2000000")
    assert read(source)[1] == []
    monkeypatch.setenv("DRAMATURG_LIMITS", "depth=many")
    (diagnostic,) = read(source)[1]
    assert diagnostic.name == "bad-limits"
    assert "`depth=many`" in diagnostic.message


HEAVY = {
    "brackets": "[" * 100_000,
    "closed brackets": "[" * 100_000 + "]" * 100_000,
    "braces": "{a: " * 100_000,
    "indentation": "".join(" " * i + "a:\n" for i in range(1400)),
    "dashes": "- " * 100_000,
    "questions": "? " * 100_000,
    "items": "- a\n" * 250_000,
    "flow items": "[" + "a," * 500_000 + "]",
    "commas": "{a: f(" + "x," * 20_000 + ")}",
    "open brackets": "[" + "(a," * 24_000 + "}",
    "hashes": "- (a #)\n" * 100_000,
    "colons": "a: b: " * 150_000,
    "quote": 'a: "' + "x\n" * 500_000,
    "duplicates": "k: v\n" * 24_000,
    "tabs": "\t\n" * 500_000,
    "anchors": "- &a x\n" * 24_000,
    "wide characters": "é: ü\n" * 24_000,
}


@pytest.mark.parametrize("name", HEAVY)
def test_nothing_takes_long(name: str) -> None:
    _, diagnostics = within(1, lambda: reading(HEAVY[name]))
    assert 1 <= len(diagnostics) <= 100


def test_an_alias_bomb_is_one_diagnostic() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefghi", "bcdefghij"))
    _, (diagnostic,) = reading(bomb)
    assert (diagnostic.name, diagnostic.span.line) == ("anchor-or-alias", 1)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(str.encode)
    | st.lists(
        st.sampled_from([*"ab:,-#&*!|>'\"%@`{}[]()?<\t\n \\", ": ", " #", "\n  ", "{{", "<<: ", "---\n"]),
        max_size=25,
    )
    .map("".join)
    .map(str.encode)
)
def test_whatever_the_bytes_there_is_a_tree_or_a_reason(data: bytes) -> None:
    node, diagnostics = reading(data)
    assert node is not None or len(diagnostics) == 1
    for diagnostic in diagnostics:
        assert 0 <= diagnostic.span.start <= len(data)
        assert diagnostic.span.end <= len(data)
        for fix in diagnostic.fixes:
            assert all(span.start <= span.end for span, _ in fix.edits)


# --- files ------------------------------------------------------------------------------------------------------------


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_bytes(b"x" * 2_000_000)
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    for path, name in (
        ("big", "file-too-large"),
        ("folder", "unreadable-file"),
        ("pipe", "unreadable-file"),
        ("no", "unreadable-file"),
    ):
        found = open_source(tmp_path / f"{path}.yaml", f"{path}.yaml")
        assert isinstance(found, Diagnostic)
        assert found.name == name
        assert str(tmp_path) not in found.message
    found = open_source(Path("nul\0name"), "nul")
    assert isinstance(found, Diagnostic)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_forbidden_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n")
    path.chmod(0)
    found = open_source(path, "x.yaml")
    assert isinstance(found, Diagnostic)
    assert "permissions" in found.message


def test_a_hundred_thousand_brackets_do_not_kill_the_process() -> None:
    program = (
        "from dramaturg.dsl.reading.reader import read; from dramaturg.dsl.spans import Source\n"
        "for text in ('[' * 100_000, '[' * 100_000 + ']' * 100_000, '{a: ' * 100_000):\n"
        "    print([d.code for d in read(Source('x', text.encode()))[1]])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout.split("\n")[:3]) == (0, ["['E110']"] * 3), done.stderr


def test_what_is_too_deep_for_the_parser_itself() -> None:
    """A limit that was raised beyond that of the parser (libyaml's has one from 0.2.6 on): still said in so many words."""
    limits = Limits(depth=100_000)
    for text, without_one in (("a: " + "[" * 3_000, ["unclosed"]), ("a: " + "[" * 3_000 + "]" * 3_000, [])):
        node, problems = reading(text, limits)
        said = [problem.name for problem in problems]
        assert said in (["too-deep"], without_one)
        assert (node is None) == bool(said)
        assert all(problem.span.text == "[" for problem in problems)
