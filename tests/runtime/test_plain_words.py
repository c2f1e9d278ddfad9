"""Moves without words of their own: English verbs in the third person, other languages as they are written."""

from __future__ import annotations

from dramaturg.compiler.chance import Stream
from dramaturg.dsl.load import load
from dramaturg.dsl.scenario import Scenario
from dramaturg.runtime.wording import words
from tests.checkout import ROOT


def scenario(path: str) -> Scenario:
    read = load(ROOT / path).scenario
    assert read is not None
    return read


def test_an_english_move_is_told_of_somebody() -> None:
    given = scenario("scenarios/travel/delayed-train.yaml")
    assert words(given, "agent.keep_silent", (), {}, Stream(0), 0) == "keeps silent"


def test_where_any_name_is_of_another_language_no_name_gets_an_english_ending() -> None:
    given = scenario("tests/dsl/languages/deutsch.yaml")
    silent = next(f"agent.{act.name}" for act in given.agent.acts if act.kind == "silent")
    assert silent.isascii()
    assert words(given, silent, (), {}, Stream(0), 0) == silent.partition(".")[2].replace("_", " ")
