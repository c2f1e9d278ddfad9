"""How good the diagnostics are, on a sample: single mistakes planted in the shipped files are told, in their place, once.

The whole of it is `python -m benchmarks.mutants`; this is a seeded sample of every kind that the front end can tell.
"""

from __future__ import annotations

import pytest
from benchmarks.mutants.__main__ import make
from benchmarks.mutants.library import Library, library
from benchmarks.mutants.mutant import KINDS
from benchmarks.mutants.verdict import Verdict, judge


@pytest.fixture(scope="module")
def known() -> Library:
    return library()


@pytest.fixture(scope="module")
def verdicts(known: Library) -> list[Verdict]:
    kinds = [kind for kind in KINDS.values() if not kind.deep and not kind.legal]
    assert len(kinds) >= 100
    return [judge(known, mutant, deep=False) for kind in kinds for mutant in make(known, kind.name, 11, 6)]


def test_the_originals_are_clean(known: Library) -> None:
    from benchmarks.mutants.library import SCENARIOS

    from dramaturg.dsl.load import load

    for name in sorted(set(known.users.values())):
        assert load(SCENARIOS / name, SCENARIOS).diagnostics == (), name


def test_mistakes_are_told(verdicts: list[Verdict]) -> None:
    assert len(verdicts) > 500
    assert sum(v.reported for v in verdicts) >= 0.98 * len(verdicts)


def test_they_are_told_in_their_place(verdicts: list[Verdict]) -> None:
    assert sum(v.placed for v in verdicts) >= 0.95 * len(verdicts)
    assert not any(v.nowhere for v in verdicts)


def test_they_are_told_once(verdicts: list[Verdict]) -> None:
    assert sum(v.single for v in verdicts) >= 0.90 * len(verdicts)


def test_the_right_word_is_suggested(verdicts: list[Verdict]) -> None:
    guesses = [v.guessed for v in verdicts if v.guessed is not None]
    assert len(guesses) > 100
    assert sum(guesses) >= 0.95 * len(guesses)


def test_nothing_falls_over(verdicts: list[Verdict]) -> None:
    assert [v.crash for v in verdicts if v.crash] == []
