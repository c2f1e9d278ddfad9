"""Wordings in a list: a comma that cuts a sentence in two is told from one between two wordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.diagnostics import Diagnostic
from dramaturg.dsl.load import load
from dramaturg.dsl.messages.repair import edited

SCENARIO = """\
scenario: tea
domain: home
family: tea
horizon: 1h
turns: 4
agent:
  wakes: [user]
  acts:
    tell: {kind: says}
user:
  moves: {ask: {}}
  opens: {do: ask}
words:
  user.ask: ["What now?"]
tasks:
  tea:
    OPEN: [{when: agent.tell, go: DONE}]
    DONE: {end: good}
"""


def said(tmp_path: Path, listed: str) -> tuple[bytes, tuple[Diagnostic, ...]]:
    path = tmp_path / "tea.yaml"
    path.write_text(SCENARIO.replace('["What now?"]', listed))
    return path.read_bytes(), load(path, tmp_path).diagnostics


@pytest.mark.parametrize(
    ("listed", "meant"),
    [
        ("[Yes, take it.]", '["Yes, take it."]'),
        ("[Hello there., Yes, take it]", '[Hello there., "Yes, take it"]'),
        ("[„Yes, take it.“]", '["Yes, take it."]'),
    ],
)
def test_a_sentence_cut_by_a_comma_is_pointed_out(tmp_path: Path, listed: str, meant: str) -> None:
    data, (found,) = said(tmp_path, listed)
    assert found.name == "split-wording"
    assert found.span.text == ","
    assert meant in edited(data, found.fixes[0].edits).decode()


@pytest.mark.parametrize(
    "listed",
    [
        "[What now?, and then?]",
        "[yes please, no problem]",
        '["Yes", take it.]',
        "[Hello, Good morning]",
        "[Tell me when the tea is ready., Please call me.]",
    ],
)
def test_two_wordings_are_two(tmp_path: Path, listed: str) -> None:
    assert said(tmp_path, listed)[1] == ()
