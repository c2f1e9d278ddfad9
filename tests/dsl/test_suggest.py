"""Did you mean: one slip of the finger is understood, and nonsense is not."""

from __future__ import annotations

import random
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from dramaturg.dsl.expressions.suggest import closest
from tests.clock import within

KEYS = re.findall(
    r"\w+",
    """
    scenario about domain family horizon turns pace uses parameters world events stream agent user cast concerns
    tasks triggers shifts words rules check types persona needs moves opens replies stance feels story says weight
    surfaces eased hardens lasts slots when until within expect otherwise again allow after chance every emit with
    play wakes acts kind returns takes staged proactive per_turn if_over end regions history on_entry on_exit do go
    to if set first at as role
    """,
)


def typos(word: str) -> list[str]:
    """Every word that one edit makes of ``word``."""
    letters = string.ascii_lowercase
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    out = {a + b[1:] for a, b in cuts if b} | {a + c + b for a, b in cuts for c in letters}
    out |= {a + c + b[1:] for a, b in cuts if b for c in letters} | {
        a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1
    }
    return sorted(out - set(KEYS))


def test_one_edit_is_understood_in_nineteen_of_twenty() -> None:
    """Over all keys of a scenario, a typo of each kind; words of three letters and more, which have something to recognise."""
    chosen = random.Random(7)
    tried = right = 0
    for word in KEYS:
        if len(word) < 3:
            continue
        for typo in chosen.sample(typos(word), 40):
            tried += 1
            right += closest(typo, KEYS) == word
    assert right / tried >= 0.95


@pytest.mark.parametrize(
    ("word", "candidates", "expected"),
    [
        ("replys", KEYS, "replies"),
        ("Horizon", KEYS, "horizon"),
        ("per-turn", KEYS, "per_turn"),
        ("if over", KEYS, "if_over"),
        ("hten", ["then", "when"], "then"),
        ("agnet", ["user", "agent"], "agent"),
        ("task.trp", ["task.trip", "task.flight"], "task.trip"),
        ("hsotel", ["hotel", "hostel"], "hostel"),
        ("wordl", ["words", "world"], "world"),
        ("completely_else", KEYS, None),
        ("xyz", KEYS, None),
        ("", KEYS, None),
        ("q", ["a", "b"], None),
        ("trip", [], None),
        ("x" * 1000, ["x" * 999], None),
    ],
)
def test_what_was_meant(word: str, candidates: list[str], expected: str | None) -> None:
    assert closest(word, candidates) == expected


def test_the_order_of_candidates_decides_only_ties() -> None:
    assert closest("mood", ["moon", "food", "mode"]) == closest("mood", ["mode", "food", "moon"]) == "moon"


def reference(left: str, right: str) -> int:
    """The textbook's recursion (optimal string alignment), slow and plain."""
    if not left or not right:
        return len(left) + len(right)
    best = min(
        reference(left[1:], right) + 1,
        reference(left, right[1:]) + 1,
        reference(left[1:], right[1:]) + (left[0] != right[0]),
    )
    if len(left) > 1 and len(right) > 1 and left[0] == right[1] and left[1] == right[0]:
        best = min(best, reference(left[2:], right[2:]) + 1)
    return best


@settings(max_examples=100, deadline=None)
@given(st.text("abc", max_size=5), st.text("abc", max_size=5), st.integers(0, 6))
def test_the_distance_is_the_textbooks(left: str, right: str, limit: int) -> None:
    """The restricted form is meant, in which ``abc`` is three edits from ``ca`` and not two."""
    assert OSA.distance(left, right, score_cutoff=limit) == min(reference(left, right), limit + 1)


def test_a_thousand_unknown_words_among_a_thousand_known_ones() -> None:
    known = [f"offer_number_{number}" for number in range(1000)]
    unknown = [f"ofer_number_{number}" for number in range(1000)]
    assert within(1, lambda: [closest(word, known) for word in unknown]) == known
