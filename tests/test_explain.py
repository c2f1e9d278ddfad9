"""``explain`` and the page that lists every diagnostic."""

from __future__ import annotations

import pytest

from dramaturg.cli import run
from dramaturg.dsl.diagnostics import codes
from dramaturg.dsl.messages.explain import AREAS, index, listed
from tests.diagnostics import PAGE


def test_the_list_in_the_documentation_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == index(), "run: python -m tests.diagnostics"


def test_every_diagnostic_is_listed_with_a_sentence() -> None:
    entries = listed()
    assert {code for code, _, _ in entries} == set(codes().values())
    for code, _, gist in entries:
        assert code[1] in AREAS
        assert 15 < len(gist) < 300
        assert gist.endswith((".", "?"))
        assert "\n" not in gist


def test_list_and_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(codes())
    assert lines[0].startswith("E101 unreadable-file ")
    assert run(["explain", "--all"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n# ") + 1 >= len(codes())


@pytest.mark.parametrize("wanted", ["E201", "unknown-key", "e201", "unknown_key"])
def test_a_page_by_code_or_name(wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", wanted]) == 0
    assert capsys.readouterr().out.startswith("# E201 unknown-key\n")


@pytest.mark.parametrize(("wanted", "near"), [("E2001", "`E201`"), ("unkown-key", "`unknown-key`")])
def test_an_unknown_code_is_2_with_a_suggestion(wanted: str, near: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", wanted]) == 2
    assert near in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["explain"], ["explain", "E201", "--list"]])
def test_one_thing_at_a_time(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert "give a CODE" in capsys.readouterr().err
