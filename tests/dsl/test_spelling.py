"""Names in every script are names; what looks like one and is another is said, with the letters that differ."""

from __future__ import annotations

import unicodedata
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.expressions import lookalikes, spelling
from dramaturg.dsl.expressions.parser import RESERVED, parse
from dramaturg.dsl.expressions.surface import Path as Name
from dramaturg.dsl.load import load
from dramaturg.dsl.messages.repair import Seen, repair
from dramaturg.dsl.reading.characters import Characters, characters
from dramaturg.dsl.spans import Source, Span
from dramaturg.dsl.tree import Scalar

KSHA = "\u0915\u094d\u200d\u0937"
WANT = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"

NAMES = ["größe", "Größe", "हिन्दी_में", KSHA, WANT, "价格", "السعر", "цена", "код_URL", "Δt", "ตำแหน่ง", "x٣", "이름", "é"]
NO_NAMES = ["a\u200db", "\u200cab", "x²", "a😀", "e\u0301", "x\u200b", "x\ufe0f", "٣x", "", "a b", "ㅤ"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_may_be_of_any_script(name: str) -> None:
    assert spelling.is_name(name)
    assert parse(name, "guard") == Name((name,))


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name(name: str) -> None:
    assert not spelling.is_name(name)


def test_the_grammar_and_the_checks_read_the_same_words() -> None:
    grammar = files("dramaturg.grammars").joinpath("expression.lark").read_text("utf-8").replace("\\/", "/")
    for name, written in {"_LETTER": spelling.LETTER, "_GOES_ON": spelling.GOES_ON, "_END": spelling.END}.items():
        (line,) = [line for line in grammar.splitlines() if line.startswith(f"{name}:")]
        assert line.partition("/")[2].removesuffix("/") == written


@pytest.mark.parametrize("word", sorted(RESERVED))
@pytest.mark.parametrize("letter", ["é", "ß", "क", "ि", "ر", "语", "x", "_", "\u0301"])
def test_a_keyword_ends_at_a_word_boundary(word: str, letter: str) -> None:
    assert parse(word + letter, "guard") == Name((word + letter,))
    assert parse(letter + word, "guard") == Name((letter + word,))


def scalar(text: str) -> Scalar:
    data = f"if: {text}\n".encode()
    return Scalar(text, Span(Source("t.yaml", data), 4, 4 + len(text.encode())))


SLIPS = [
    ("e\u0301tat < 3", "not-normalized", "e\u0301tat", "état < 3"),
    ("a < 2 and f\u0430re > 3", "mixed-alphabets", "f\u0430re", "a < 2 and fare > 3"),
    ("\u0441\u0430p < 3", "mixed-alphabets", "\u0441\u0430p", "сар < 3"),
    ("fa\u200bre < 3", "control-character", "\u200b", "fare < 3"),
    ("fare\u200f < 3", "hidden-direction", "\u200f", "fare < 3"),
    ("fa\u200dre < 3", "control-character", "\u200d", "fare < 3"),
    ("fare < ٣٠", "foreign-digit", "٣٠", "fare < 30"),
    ("delay < ३०m", "foreign-digit", "३०m", "delay < 30m"),
    ("ｆａｒｅ < 3", "not-normalized", "ｆａｒｅ", "fare < 3"),
    ("fare😀 < 3", "not-a-letter", "😀", None),
    ("\u0441\u043e\u0440 < 3", "look-alike-name", "\u0441\u043e\u0440", "cop < 3"),
]


@pytest.mark.parametrize(("text", "code", "where", "meant"), SLIPS)
def test_a_slip_is_placed_and_read_as_what_was_meant(text: str, code: str, where: str, meant: str | None) -> None:
    sink: list[Diagnostic] = []
    found = spelling.spelled(scalar(text), sink, lambda: {"cop": None, "fare": None})
    assert [(it.name, it.span.text) for it in sink] == [(code, where)]
    assert (None if found is None else found.text) == meant
    if found is not None:
        data = sink[0].span.source.data
        for span, new in sorted(sink[0].fixes[0].edits, key=lambda edit: edit[0].start, reverse=True):
            data = data[: span.start] + new.encode() + data[span.end :]
        assert data == f"if: {meant}\n".encode()
        assert found.part(0, len(found.text)).text.endswith(text[-1])
        end = found.text.index(" ")
        assert found.part(end, end + 2).text == text[text.index(" ") : text.index(" ") + 2]


def test_texts_in_quotes_are_left_alone() -> None:
    sink: list[Diagnostic] = []
    text = 'name == "Zoe\u0301 \u200f٣ fаre"'
    found = spelling.spelled(scalar(text), sink)
    assert sink == []
    assert found is not None
    assert found.text == text


def test_what_two_alphabets_make_of_one_word_is_said_with_both_letters() -> None:
    sink: list[Diagnostic] = []
    spelling.spelled(scalar("f\u0430re < 3"), sink)
    assert "(U+0430, Cyrillic small letter a) is not `a` (U+0061, Latin small letter a)" in sink[0].message


@given(st.lists(st.sampled_from("aAоАἀᾳόӥᾧαв"), min_size=1, max_size=5).map("".join))
def test_a_letter_with_marks_of_another_alphabet_has_no_single_shape(word: str) -> None:
    """Its shape may be of several characters, which have no alphabet."""
    lookalikes.unmixed(word)


def test_skeletons_of_what_looks_alike_are_equal_and_nothing_else_is_compared() -> None:
    assert lookalikes.alike("сор", "cop")
    assert lookalikes.alike("ёж", "ë\u0436")
    assert lookalikes.alike("کتاب", "كتاب")
    assert not lookalikes.alike("l1", "ll")
    assert not lookalikes.alike("größe", "grosse")
    assert not lookalikes.alike("état", "etat")


def test_a_skeleton_is_its_own_skeleton() -> None:
    for code in range(0x80, 0x3000):
        once = lookalikes.skeleton(chr(code))
        assert lookalikes.skeleton(once) == once, unicodedata.name(chr(code), hex(code))


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("says: \u202eabc\n", True),
        ("# \u202a comment\n", True),
        ("says: \u2067مرحبا\u2069 there\n", False),
        ("says: \u2067مرحبا there\n", True),
        ("says: \u2067a\nb: c\u2069\n", True),
        ("says: a\u2069\n", True),
        ("says: مرحبا\u200f!\n", False),
        ("says: می\u200cخواهم\n", False),
    ],
)
def test_marks_of_direction_that_turn_a_line_are_refused(text: str, refused: bool) -> None:
    found = characters(Source("t.yaml", text.encode()))
    assert isinstance(found, Characters) is not refused
    if isinstance(found, Diagnostic):
        assert found.name == "hidden-direction"
        data = text.encode()
        for span, new in sorted(found.fixes[0].edits, key=lambda edit: edit[0].start, reverse=True):
            data = data[: span.start] + new.encode() + data[span.end :]
        assert isinstance(characters(Source("t.yaml", data)), Characters)


SMALL = """\
scenario: small
domain: demo
family: demo
horizon: 1h
turns: 4
world:
  größe: int 0..9 = 0
agent:
  wakes: [user]
  acts:
    grüße: {kind: says, with: {laune: one of fröhlich | müde}}
user:
  moves: {frage: {}, danke: {}}
  opens: {do: frage}
  replies:
    - {to: agent.grüße(laune == fröhlich), if: größe < 3, do: danke}
tasks:
  hilfe:
    ÖFFNUNG: [{when: user.danke, go: GRÖẞE}]
    GRÖẞE: {end: good}
words:
  user.frage: [Wie geht es?]
  user.danke: [Danke!]
"""


def found_in(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    (tmp_path / "t.yaml").write_text(text, "utf-8")
    return [(it.name, it.span.text) for it in load(tmp_path / "t.yaml").diagnostics]


def test_a_scenario_in_german_has_no_findings(tmp_path: Path) -> None:
    assert found_in(tmp_path, SMALL) == []


@pytest.mark.parametrize(
    ("before", "after", "meant"),
    [
        ("turns: 4", "turns: ٤", "turns: 4"),
        ("horizon: 1h", "horizon: १h", "horizon: 1h"),
        ("do: danke}", "do: danke, chance: ٥٠%}", "chance: 50%}"),
        ("do: danke}", "do: danke, chance: ٥٠٪}", "chance: 50%}"),
        ("do: danke}", "do: danke, chance: 50％}", "chance: 50%}"),
        ("go: GRÖẞE}", "go: GRÖẞE}, {after: ２ turns, go: GRÖẞE}", "after: 2 turns,"),
        ("  wakes: [user]", "  wakes: [user]\n  per_turn: up to ٣ acts", "per_turn: up to 3 acts"),
        ("{kind: says, ", "{kind: does, takes: ۵m, ", "takes: 5m,"),
        ("agent:\n", "events: {bus: {}}\nstream:\n  - {every: ５m..１５m, emit: bus}\nagent:\n", "every: 5m..15m,"),
    ],
)
def test_digits_of_another_script_are_told_and_mended_wherever_a_number_stands(
    tmp_path: Path, before: str, after: str, meant: str
) -> None:
    assert SMALL.count(before) == 1
    text = SMALL.replace(before, after)
    path = tmp_path / "t.yaml"
    path.write_text(text, "utf-8")
    found = load(path).diagnostics
    assert {it.name for it in found if it.severity == "error"} == {"foreign-digit"}
    repaired = repair(lambda texts: Seen(load(path, overlay=texts).diagnostics, tmp_path), {path: text.encode()})
    assert meant in repaired.files[path].decode()


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("turns: 4", "turns： 4", "："),
        ("turns: 4", "turns:\u30004", "\u3000"),
        ("turns: 4", "turns:\u00a04", "\u00a0"),
        ("  wakes: [user]", "\u3000wakes: [user]", "\u3000"),
        ("  wakes: [user]", "\u00a0\u00a0wakes: [user]", "\u00a0\u00a0"),
        ("{frage: {}, danke", "{frage: {}， danke", "，"),
        ("{frage: {}, danke", "{frage: {}، danke", "،"),
        ("user.danke, go:", "user.danke、go:", "、"),
        ("kind: says, ", "kind：says, ", "kind：says"),
        ("    - {to:", "    • {to:", "•"),
        ("    - {to:", "    – {to:", "–"),
    ],
)
def test_signs_of_other_keyboards_are_told_and_mended(tmp_path: Path, before: str, after: str, where: str) -> None:
    assert SMALL.count(before) == 1
    path = tmp_path / "t.yaml"
    data = SMALL.replace(before, after).encode()
    path.write_bytes(data)
    (found,) = load(path).diagnostics
    assert found.span.text == where
    repaired = repair(lambda texts: Seen(load(path, overlay=texts).diagnostics, tmp_path), {path: data}).files[path]
    assert repaired.decode().split() == SMALL.split()
    path.write_bytes(repaired)
    assert load(path).diagnostics == ()


@pytest.mark.parametrize(
    ("before", "after", "code", "where"),
    [
        ("  größe: int", "  gro\u0308ße: int", "not-normalized", "gro\u0308ße"),
        ("do: frage}", "do: fr\u0430ge}", "mixed-alphabets", "fr\u0430ge"),
        ("go: GRÖẞE", "go: GR\u041eẞE", "mixed-alphabets", "GR\u041eẞE"),
        ("if: größe", "if: größe\u200e", "hidden-direction", "\u200e"),
        ("  hilfe:", "  Öffner:", "bad-name", "Öffner"),
        ("    ÖFFNUNG:", "    öffnung:", "bad-name", "öffnung"),
        ("  größe: int 0..9 = 0", "  größe: int 0..9 = 0\n  größe\u2764: int 0..9 = 0", "not-a-letter", "\u2764"),
        ("  größe: int 0..9", "  größe: int 0..٩", "foreign-digit", "٩"),
        (
            "  größe: int 0..9 = 0",
            "  größe: int 0..9 = 0\n  cop: int 0..9 = 0\n  сор: int 0..9 = 0",
            "look-alike-name",
            "сор",
        ),
    ],
)
def test_one_slip_in_a_file_is_one_diagnostic(tmp_path: Path, before: str, after: str, code: str, where: str) -> None:
    assert SMALL.count(before) == 1
    assert found_in(tmp_path, SMALL.replace(before, after)) == [(code, where)]
