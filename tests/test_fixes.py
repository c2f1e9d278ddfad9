"""Repairs on real files: a part of ``benchmarks/fixes.py``, which makes every slip in every shipped scenario."""

from __future__ import annotations

import pytest
from benchmarks.fixes import SCENARIOS, Slip, measure, slipped, sprinkled

TRIP = SCENARIOS / "travel" / "delayed-train.yaml"
NO_FIX = {"E304", "E305"}
"""Whose fixes are made for other slips than these."""


@pytest.fixture(scope="module")
def tallies() -> dict[tuple[str, str], tuple[int, int, int]]:
    found = measure([TRIP], places=2)
    return {key: (tally.made, tally.mended, tally.lost) for key, tally in found.items()}


def test_slips_are_made_at_all(tallies: dict[tuple[str, str], tuple[int, int, int]]) -> None:
    assert sum(made for made, _, _ in tallies.values()) > 60
    assert len({code for (code, _), (made, _, _) in tallies.items() if made}) >= 25


def test_no_comment_is_lost(tallies: dict[tuple[str, str], tuple[int, int, int]]) -> None:
    assert [key for key, (_, _, lost) in tallies.items() if lost] == []


def test_slips_are_mended(tallies: dict[tuple[str, str], tuple[int, int, int]]) -> None:
    made = sum(made for (code, _), (made, _, _) in tallies.items() if code not in NO_FIX)
    mended = sum(mended for (code, _), (_, mended, _) in tallies.items() if code not in NO_FIX)
    assert mended >= 0.95 * made


def test_a_slip_is_never_made_in_a_comment() -> None:
    text = "horizon: 1h  # turns: 4\n# turns: 5\nturns: 6\n"
    slip = Slip("E201", r"(turns)", lambda _: "truns")
    assert list(slipped(text, slip)) == ["horizon: 1h  # turns: 4\n# turns: 5\ntruns: 6\n"]


def test_comments_are_sprinkled_where_they_are_comments() -> None:
    assert sprinkled("a: >-\n  x\n  y\nb: 'p\n  q'\n") == "a: >-\n  x\n  y\nb: 'p\n  q'  # 0\n"
