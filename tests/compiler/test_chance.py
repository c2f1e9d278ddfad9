"""The generator: known words, independence of order, fair picks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramaturg.compiler.chance import GOLDEN, Stream, key, mix, stream
from dramaturg.runtime.intervals import words


def test_words_are_those_of_the_published_generator() -> None:
    # The first outputs of splitmix64.c (Vigna) for seed 1234567.
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert [Stream(1234567).word(n) for n in range(4)] == published


def test_many_words_at_once_are_the_same_words() -> None:
    assert words(99, 50).tolist() == [Stream(99).word(n) for n in range(50)]


@given(st.integers(0, 2**64 - 1))
def test_mix_stays_within_64_bits(word: int) -> None:
    assert 0 <= mix(word) < 2**64


def test_keys_tell_parts_apart() -> None:
    assert len({key("ab", "c"), key("a", "bc"), key("abc"), key("a", "b", "c"), key(1), key("1")}) == 6


def test_a_number_depends_on_nothing_but_its_key_and_counter() -> None:
    one = stream("digest", "{}", 7, "moves")
    backwards = [one.unit(n) for n in reversed(range(5))]
    assert backwards == [stream("digest", "{}", 7, "moves").unit(n) for n in reversed(range(5))]
    assert one.unit(0) != stream("digest", "{}", 8, "moves").unit(0)
    assert one.unit(0) != stream("digest", "{}", 7, "words").unit(0)


def test_units_are_uniform() -> None:
    sample = [stream("d", "{}", 0, "moves").unit(n) for n in range(20_000)]
    counts = np.histogram(sample, bins=20, range=(0, 1))[0]
    # chi-square with 19 degrees of freedom: 43.8 is its 99.9 % point
    assert ((counts - 1000) ** 2 / 1000).sum() < 43.8


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.integers(0, 1000))
def test_what_has_no_chance_is_never_picked(chances: list[float], counter: int) -> None:
    if sum(chances) == 0:
        with pytest.raises(ValueError, match="no alternative"):
            Stream(1).pick(counter, chances)
    else:
        assert chances[Stream(1).pick(counter, chances)] > 0


def test_picks_follow_the_chances() -> None:
    picks = [Stream(5).pick(n, [0.5, 0.3, 0.2]) for n in range(10_000)]
    assert [abs(picks.count(i) / 10_000 - p) < 0.02 for i, p in enumerate([0.5, 0.3, 0.2])] == [True] * 3


def test_below_is_uniform_and_in_range() -> None:
    drawn = [Stream(3).below(n, 7) for n in range(7000)]
    assert set(drawn) == set(range(7))
    assert max(drawn.count(i) for i in range(7)) < 1150
    assert (mix(GOLDEN) * 7) >> 64 == Stream(0).below(0, 7)
