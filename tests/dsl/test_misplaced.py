"""What stands one level too far in or out, or under the wrong heading, is one mistake, and is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.load import load

STAGE = Path(__file__).parent / "stage"
MAIN = STAGE / "travel" / "delayed-train.yaml"
ACTS = STAGE / "acts" / "assistant.yaml"
TEXT = MAIN.read_text(encoding="utf-8")


def said(text: str, path: Path = MAIN) -> list[tuple[str, str]]:
    return [(one.name, one.span.text) for one in load(MAIN, STAGE, {path: text.encode()}).diagnostics]


def block(start: str, end: str) -> str:
    """The lines from the one that begins with ``start`` up to the one that begins with ``end``."""
    first = TEXT.index("\n" + start) + 1
    return TEXT[first : TEXT.index("\n" + end, first) + 1]


def shifted(part: str, by: int) -> str:
    lines = part.splitlines(keepends=True)
    return "".join(line if not line.strip() else " " * by + line if by > 0 else line[-by:] for line in lines)


def test_what_stands_among_the_triggers_belongs_to_the_window_above_it() -> None:
    line = "    again: yes\n"
    assert TEXT.count(line) == 1
    assert said(TEXT.replace(line, line[2:])) == [("misplaced-entry", "again")]


@pytest.mark.parametrize("section", ["parameters", "world", "events", "stream", "rules", "check"])
def test_a_section_inside_the_one_above_it_is_one_mistake(section: str) -> None:
    start = TEXT.index(f"\n{section}:") + 1
    rest = TEXT[start:]
    lines = rest.splitlines(keepends=True)
    size = next((n for n, line in enumerate(lines) if n and line.strip() and line[0] not in " #"), len(lines))
    part = "".join(lines[:size])
    mutant = TEXT.replace(part, shifted(part, 2))
    found = said(mutant)
    assert len(found) == 1, found
    if found[0][0] == "misplaced-entry":  # elsewhere YAML itself cannot read it
        assert found[0][1] == section


@pytest.mark.parametrize(
    ("heading", "other"),
    [("triggers", "personas"), ("tasks", "personas"), ("check", "types"), ("words", "types")],
)
def test_a_section_under_the_heading_of_another_is_read_as_what_it_is(heading: str, other: str) -> None:
    assert f"\n{other}:" not in TEXT
    found = said(TEXT.replace(f"\n{heading}:", f"\n{other}:", 1))
    assert [name for name, _ in found] == ["misplaced-entry"], found


def test_acts_that_a_module_calls_events_are_acts() -> None:
    text = ACTS.read_text(encoding="utf-8")
    assert said(text.replace("acts:", "events:", 1), ACTS) == [("misplaced-entry", "events")]


def test_the_repair_moves_the_lines() -> None:
    line = next(line for line in block("user:", "concerns:").splitlines() if line.startswith("  replies:"))
    part = block("user:", "concerns:")
    moved = part[part.index(line) :]
    mutant = TEXT.replace(moved, shifted(moved, -2))
    found = load(MAIN, STAGE, {MAIN: mutant.encode()}).diagnostics
    assert [one.name for one in found] == ["misplaced-entry"]
    ((title, edits),) = [(fix.title, fix.edits) for fix in found[0].fixes]
    assert title.endswith("to the right")
    data = mutant.encode()
    for span, new in sorted(edits, key=lambda it: -it[0].start):
        data = data[: span.start] + new.encode() + data[span.end :]
    assert data.decode() == TEXT


def test_a_word_that_nobody_knows_is_not_called_misplaced() -> None:
    for more in ("version: 2\n", "author: Ada Lovelace\n", "notes: [one, two]\n", "limits: {retries: 3}\n"):
        assert [name for name, _ in said(TEXT + more)] == ["unknown-key"], more


SLIPS = {
    # what: (old, new, the code, what it points to)
    "an equals sign": ("    within: 30m ", "    within = 30m ", "yaml-syntax", "="),
    "an equals sign in brackets": ("slots: {max_price: money", "slots: {max_price = money", "key-without-value", None),
    "two colons": ("    until: fare", "    until:: fare", "bad-name", ":"),
    "two colons behind a name": ("  delay: duration", "  delay:: duration", "bad-name", ":"),
    "a semicolon": ("{when: user.decline, go", "{when: user.decline; go", "yaml-syntax", ";"),
    "a bracket never opened": ("- {when: user.decline, go", "- when: user.decline, go", "unclosed", "}"),
    "a bracket never opened behind a name": ("  opens: {do:", "  opens: do:", "unclosed", "}"),
    "a dash": ("    until: fare > max_price", "    - until: fare > max_price", "bad-indentation", "-"),
    "a wide colon": ("    until: fare", "    until： fare", "yaml-syntax", "："),
    "two lines joined": ("fare > max_price\n    within: 30m", "fare > max_price within: 30m", "yaml-syntax", "within"),
    "half a line": ("{when: user.decline, go: FAILED}", "{when: user.decl", "unclosed", "{"),
    "half a line without a value": ("{when: user.decline, go: FAILED}", "{when:", "unclosed", "{"),
    "values exchanged": (
        "when: user.decline, go: FAILED",
        "when: FAILED, go: user.decline",
        "exchanged-values",
        "FAILED",
    ),
    "values of two lines exchanged": (
        "    within: 30m                    # the window: [opens, opens + 30m], or until it closes\n    expect: agent.follow_up",
        "    within: agent.follow_up\n    expect: 30m",
        "exchanged-values",
        "agent.follow_up",
    ),
    "a dash before the first name": ("    when: (fare", "    - when: (fare", "bad-indentation", "-"),
}


@pytest.mark.parametrize("what", SLIPS)
def test_a_slip_of_punctuation_is_one_mistake_where_it_is(what: str) -> None:
    old, new, name, at = SLIPS[what]
    assert TEXT.count(old) == 1
    found = said(TEXT.replace(old, new))
    assert [it[0] for it in found] == [name], found
    assert at is None or found[0][1] == at


def test_a_key_as_far_in_as_the_text_above_it_is_no_part_of_the_text() -> None:
    role = "  role: >-\n    You look after a trip.\n    wakes: [user, result, reminder]\n"
    start = TEXT.index("  wakes: [")
    end = TEXT.index("\n", start) + 1
    assert said(TEXT[:start] + role + TEXT[end:]) == [("bad-indentation", "wakes")]


def test_moods_among_the_moves_are_moods() -> None:
    mood = "    stance:\n      trust: int 0..5 = 3\n"
    old = "  moves: {ask_status: {}, accept: {}, decline: {}}\n"
    assert old in TEXT
    moves = "  moves:\n    ask_status: {}\n    accept: {}\n    decline: {}\n"
    assert ("misplaced-entry", "stance") in said(TEXT.replace(old, moves + mood))


def test_a_name_that_is_missing_above_its_entries_is_one_mistake() -> None:
    more = "  other:\n    when: fare > max_price\n    within: 1 turn\n    expect: agent.follow_up\n    again: yes\n"
    text = TEXT.replace("    again: yes\n", "    again: yes\n" + more)
    assert [name for name, _ in said(text)] in ([], ["plain-words"])
    assert [name for name, _ in said(text.replace("  other:\n", ""))] == ["duplicate-key"]


def test_several_keys_that_nobody_knows_in_one_map_are_one_mistake() -> None:
    """They were pasted there, or the heading above them is gone."""
    pasted = "  pasted:\n    when: user.ask_status\n    expect: agent.follow_up\n    otherwise: agent.keep_silent\n"
    start = TEXT.index("\nworld:")
    at = TEXT.index("\n", start + 1) + 1
    assert [name for name, _ in said(TEXT[:at] + pasted + TEXT[at:])] == ["unknown-key"]


def test_a_key_that_belongs_where_it_stands_is_not_called_misplaced_for_its_value() -> None:
    start = "  delay: "
    line = next(it for it in TEXT.splitlines() if it.startswith(start))
    wrong = f"  delay: {{type: '{line[len(start) :]}', view: pubic}}"
    assert said(TEXT.replace(line, wrong)) == [("unknown-choice", "pubic")]
