"""Presentation: what people and tools read, held against golden files (``DRAMATURG_GOLDEN=write`` writes them anew)."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.dsl.diagnostics import Diagnostic, Fix, Label, diagnose
from dramaturg.dsl.messages.explain import explain
from dramaturg.dsl.messages.present import FORMS, colour_wanted, full, present, summary
from dramaturg.dsl.reading.reader import read
from dramaturg.dsl.spans import NOWHERE, Source, Span

GOLDEN = Path(__file__).parent / "golden_present"

SCENARIO = Source(
    "travel/trip.yaml",
    """scenario: trip
turns: 4
user:
  needs: 東京へ行く, déjà vu
  replys:
    - {to: agent.offer, do: accept}
turns: 5
tasks: {trip: {OPEN: [{when: agent.offer(price <= 3, seat == aisle), go: DONE}]}}
words:
\tuser.accept: [Yes.]
""".encode(),
)
MODULE = Source("personas/people.yaml", b"personas:\n  traveller: {background: rich}\n")


def at(text: str, source: Source = SCENARIO, nth: int = 0) -> Span:
    start = -1
    for _ in range(nth + 1):
        start = source.data.index(text.encode(), start + 1)
    return Span(source, start, start + len(text.encode()))


DIAGNOSTICS: list[Diagnostic] = [
    diagnose(
        "unknown-key",
        at("replys"),
        "there is no `replys` in a user; did you mean `replies`?",
        fixes=[Fix("write `replies`", ((at("replys"), "replies"),))],
    ),
    diagnose(
        "duplicate-key",
        at("turns", nth=1),
        "`turns` is already written in this map",
        labels=[Label(at("turns"), "first written here")],
    ),
    diagnose(
        "module-clash",
        at("user"),
        "two things are called `traveller`",
        labels=[
            Label(at("traveller", MODULE), "declared here"),
            Label(at("déjà vu"), "and wanted here"),
            Label(at("東京"), "there"),
        ],
        notes=["a name is declared once"],
    ),
    diagnose("unused-module", at("déjà vu"), "nothing is used of `déjà vu`, 100% of it"),
    diagnose("plain-words", at("user:\n  needs"), "nothing says how `user` words `accept`"),
    diagnose(
        "tab-indentation",
        at("\t"),
        "this line is indented with a tab; indent with spaces",
        fixes=[Fix("replace each tab by two spaces", ((at("\t"), "  "),))],
    ),
    diagnose("unreadable-file", Span(Source("gone.yaml", b""), 0, 0), "there is no file `gone.yaml`"),
]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_the_golden_one(form: str) -> None:
    text = present(DIAGNOSTICS, form)
    if form == "sarif":  # the pages of the rules change for reasons of their own
        log = json.loads(text)
        for rule in log["runs"][0]["tool"]["driver"]["rules"]:
            del rule["help"], rule["fullDescription"]
        text = json.dumps(log, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    golden(f"{form}.txt", text)


def test_colours_are_the_golden_ones() -> None:
    golden("colour.txt", present(DIAGNOSTICS[:3], colour=True).replace("\x1b", "ESC"))


def golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("DRAMATURG_GOLDEN") == "write":
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text


@pytest.mark.parametrize("form", FORMS)
def test_the_order_given_does_not_matter(form: str) -> None:
    assert present(DIAGNOSTICS, form) == present(reversed(DIAGNOSTICS), form)


def test_an_unknown_form_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="xml"):
        present(DIAGNOSTICS, "xml")


def test_nothing_to_say() -> None:
    assert [present([], form) for form in ("full", "concise", "github", "json")] == ["", "", "", "[]\n"]
    assert json.loads(present([], "sarif"))["runs"][0]["results"] == []
    assert summary([]) == ""
    assert summary(DIAGNOSTICS) == "5 errors, 1 warning, 1 note"


def test_no_color_wins() -> None:
    assert colour_wanted({}, terminal=True)
    assert not colour_wanted({}, terminal=False)
    assert not colour_wanted({"NO_COLOR": "1", "FORCE_COLOR": "1"}, terminal=True)
    assert colour_wanted({"NO_COLOR": "", "FORCE_COLOR": "1"}, terminal=False)
    assert not colour_wanted({"TERM": "dumb"}, terminal=True)


# --- carets -----------------------------------------------------------------------------------------------------------


def columns(text: str) -> int:
    """Terminal columns, said independently: wide is two, combining none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@given(
    st.text("ab é東京한🙂e\u0301", max_size=12),
    st.text("xy東é", min_size=1, max_size=6),
    st.text("z 東", max_size=6),
)
def test_carets_stand_under_what_they_mark(before: str, marked: str, after: str) -> None:
    source = Source("x.yaml", (before + marked + after).encode())
    start = len(before.encode())
    lines = full(diagnose("tag", Span(source, start, start + len(marked.encode())), "m")).split("\n")
    under = lines[4].removeprefix("  | ")
    assert len(under) - len(under.lstrip(" ")) == columns(before)
    assert under.strip() == "^" * columns(marked)


@pytest.mark.parametrize("marked", [0, 500, 5_000, 999_999])
def test_a_long_line_is_cut_around_its_mark(marked: int) -> None:
    source = Source("x.yaml", b"a" * marked + b"X" + b"b" * (1_000_000 - marked))
    lines = full(diagnose("tag", Span(source, marked, marked + 1), "m")).split("\n")
    assert all(len(line) < 140 for line in lines)
    assert lines[3][lines[4].index("^")] == "X"


def test_a_span_of_several_lines_is_marked_on_its_first() -> None:
    source = Source("x.yaml", b"a: [b,\n  c,\n  d]\n")
    lines = full(diagnose("tag", Span(source, 3, 16), "m", labels=[Label(Span(source, 3, 16), "all")])).split("\n")
    assert lines[4].strip("| ") == "^^^ (to line 3)"
    assert lines[5].strip("| ") == "--- all (to line 3)"


def test_a_file_cannot_command_the_terminal() -> None:
    text = "a: \x1b[31mred\x07 \u202eback\u2066\x9b\n"
    source = Source("ev\x1bil.yaml", text.encode())
    said = present(
        [diagnose("tag", Span(source, 0, 1), f"see {text}", notes=[text], labels=[Label(Span(source, 1, 2), text)])]
    )
    assert not [char for char in said if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]


# --- tools ------------------------------------------------------------------------------------------------------------


def test_json_is_canonical_and_places_are_consistent() -> None:
    text = present(DIAGNOSTICS, "json")
    records = json.loads(text)
    assert text == json.dumps(records, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    duplicate = next(record for record in records if record["name"] == "duplicate-key")
    assert duplicate["start"] == {"line": 7, "column": 1, "offset": at("turns", nth=1).start}
    assert duplicate["labels"][0]["start"]["line"] == 2


def test_sarif_refers_to_rules_and_regions_that_are_there() -> None:
    (run,) = json.loads(present(DIAGNOSTICS, "sarif"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({diagnostic.code for diagnostic in DIAGNOSTICS})
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        for location in [*result["locations"], *result.get("relatedLocations", [])]:
            region = location["physicalLocation"]["region"]
            assert min(region["startLine"], region["startColumn"], region["endColumn"]) >= 1
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])


def test_sarif_has_the_structure_that_the_standard_asks_for() -> None:
    """SARIF 2.1.0: the properties that are required, and those that code scanning reads (sections 3.13 to 3.57)."""
    log = json.loads(present([*DIAGNOSTICS, diagnose("tag", NOWHERE, "nobody wrote this")], "sarif"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert driver["name"] == "dramaturg"
    for rule in driver["rules"]:
        assert rule["help"]["markdown"] == explain(rule["id"])
        assert rule["fullDescription"]["text"].endswith((".", "?", "!", ":"))
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        assert result["message"]["text"]
        for location in result["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert not re.search(r"^/|^\w+:|[ \\\\<]", uri)
        for fix in result.get("fixes", []):
            assert fix["description"]["text"]
            for change in fix["artifactChanges"]:
                assert change["artifactLocation"]["uri"]
                assert all("startLine" in one["deletedRegion"] for one in change["replacements"])
    assert [result["locations"] for result in run["results"] if result["message"]["text"].startswith("nobody")] == [[]]


def test_sarif_paths_are_escaped_as_uris() -> None:
    source = Source("a b\\c/ü:%.yaml", b"x\n")
    (result,) = json.loads(present([diagnose("tag", Span(source, 0, 1), "m")], "sarif"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/c/%C3%BC%3A%25.yaml"


def test_github_commands_escape_what_would_end_them() -> None:
    source = Source("a,b:c%.yaml", b"x\n")
    line = present([diagnose("tag", Span(source, 0, 1), "50% ::\nmore", notes=["and, so: on"])], "github")
    assert line == (
        "::error file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=1,endColumn=1,title=E114 tag::50%25 ::%0Amore. and, so: on.\n"
    )


def test_marks_on_one_line_stand_side_by_side() -> None:
    source = Source("x.yaml", b"one two three\n")
    spans = {
        word: Span(source, at := source.data.index(word.encode()), at + len(word)) for word in ("one", "two", "three")
    }
    labels = [Label(spans["one"], "first"), Label(spans["three"], "last")]
    lines = full(diagnose("tag", spans["two"], "m", labels=labels)).split("\n")
    assert lines[3:8] == ["1 | one two three", "  | --- ^^^ ----- last", "  | |", "  | first", ""]


def test_marks_that_overlap_have_rows_of_their_own() -> None:
    source = Source("x.yaml", b"one two three\n")
    said = diagnose("tag", Span(source, 0, 7), "m", labels=[Label(Span(source, 4, 13), "so far")])
    assert full(said).split("\n")[4:6] == ["  | ^^^^^^^", "  |     --------- so far"]


def shown_fix(text: str, edits: list[tuple[int, int, str]], safe: bool = True) -> list[str]:
    source = Source("x.yaml", text.encode())
    fix = Fix("mend it", tuple((Span(source, start, end), new) for start, end, new in edits), safe)
    said = full(diagnose("tag", Span(source, 0, 1), "m", fixes=[fix])).rstrip("\n").split("\n")
    return said[next(at for at, line in enumerate(said) if "= fix:" in line) :]


def test_a_repair_of_several_lines_is_shown_whole() -> None:
    assert shown_fix("a: 1\nb: 2\nc: 3\n", [(5, 10, "")]) == ["  = fix: mend it", "2 - b: 2"]
    assert shown_fix("a: 1\nb: 2\n", [(0, 1, "x"), (5, 6, "y")]) == [
        "  = fix: mend it",
        "1 - a: 1",
        "2 - b: 2",
        "1 + x: 1",
        "2 + y: 2",
    ]
    assert shown_fix("a: 1\n" * 9, [(5 * line, 5 * line + 1, "b") for line in range(9)]) == ["  = fix: mend it"]


def test_a_repair_that_must_be_asked_for_says_so() -> None:
    assert shown_fix("a: 1\n", [(0, 1, "b")], safe=False)[0] == "  = fix: mend it (only with --unsafe-fixes)"


def test_a_repair_of_a_long_line_is_cut_around_it() -> None:
    (_, line) = shown_fix("a: " + "x" * 500 + "\n", [(400, 401, "Y")])
    assert len(line) < 130
    assert "Y" in line


def test_repairs_are_shown_as_the_line_would_be() -> None:
    source = Source("x.yaml", "é: {when: f(a, b)}\n".encode())
    (diagnostic,) = read(source)[1]
    assert '1 + é: {when: "f(a, b)"}' in full(diagnostic).split("\n")
