"""One diagnostic for all that has one cause, at the cause: a declaration that several lines disagree with is the odd one out."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.load import load

STAGE = Path(__file__).parent / "stage"
MAIN = STAGE / "travel" / "delayed-train.yaml"
TEXT = MAIN.read_text(encoding="utf-8")


def said(*edits: tuple[str, str]) -> list[tuple[str, str, int]]:
    text = TEXT
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return [(it.name, it.span.text, len(it.labels)) for it in load(MAIN, STAGE, {MAIN: text.encode()}).diagnostics]


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("  fare: money(EUR)", "  fair: money(EUR)", "fair"),
        ("  fare: money(EUR)", "  seat: money(EUR)", "seat"),
        ("  delay: duration", "  dealy: duration", "dealy"),
        ("  train.delayed: {", "  train.delaid: {", None),
        ("    slots: {max_price:", "    slots: {max_prise:", "max_prise"),
        ("    COMPLETED: {", "    COMPLETTED: {", "COMPLETTED"),
    ],
)
def test_a_declaration_that_nobody_speaks_of_is_the_one_that_is_misspelt(old: str, new: str, at: str | None) -> None:
    found = said((old, new))
    assert len(found) == 1, found
    if at is not None:
        assert found[0][1] == at


@pytest.mark.parametrize("kind", ["yes/no = no", "duration 0m..6h step 5m = 0m", "int 0..500 = 10"])
def test_a_type_that_no_line_agrees_with_is_told_where_it_is_declared(kind: str) -> None:
    found = said(("  fare: money(EUR) 0 EUR..500 EUR step 10 EUR = budget + 60 EUR", f"  fare: {kind}"))
    assert [(name, text) for name, text, _ in found] in (
        [("type-mismatch", "fare")],
        [("mixed-units", "fare")],
        [("not-yes-no", "fare")],
    ), found
    assert found[0][2] >= 2


def test_a_start_of_another_type_hides_what_the_lines_say_of_it() -> None:
    found = said(("  delay: duration 0m..6h step 5m = 0m", "  delay: yes/no = 0m"))
    assert len(found) == 1, found


def test_one_line_against_its_declaration_is_told_where_it_stands() -> None:
    ((name, text, _),) = said(("until: fare > max_price", "until: fare > 20m"))
    assert (name, text) == ("mixed-units", "fare > 20m")


def test_a_move_that_several_lines_know_under_another_name() -> None:
    found = said(("moves: {ask_status: {}, accept: {}", "moves: {ask_status: {}, akcept: {}"))
    assert [(name, text) for name, text, _ in found] == [("unknown-move", "akcept")] or len(found) == 1, found
