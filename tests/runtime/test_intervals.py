"""Intervals against scipy and numpy, and what is undefined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dramaturg.runtime.intervals import Measure, bootstrap, share, wilson


@given(st.integers(1, 500), st.data())
def test_wilson_agrees_with_scipy(count: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, count))
    ours = wilson(hits, count)
    theirs = stats.binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_nothing_of_nothing_is_undefined() -> None:
    assert wilson(0, 0) is None
    assert share(0, 0) == Measure(None)
    assert bootstrap([], []) == Measure(None)
    assert bootstrap([0, 0], [0, 0]).value is None


def test_one_episode_has_no_interval() -> None:
    assert bootstrap([3], [4]) == Measure(0.75, None, None, hits=3, count=4)


def test_the_bootstrap_is_the_percentile_bootstrap_of_a_ratio() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(3, 12, 60)
    sums = np.array([rng.uniform(0, n) for n in lengths])
    ours = bootstrap(sums.tolist(), lengths.tolist())
    theirs = stats.bootstrap(
        (sums, lengths),
        lambda s, n, axis: s.sum(axis=axis) / n.sum(axis=axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=4000,
        random_state=np.random.default_rng(1),
    ).confidence_interval
    assert ours.value == pytest.approx(sums.sum() / lengths.sum())
    # two independent sets of resamples: the ends agree up to their own noise
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_the_bootstrap_gives_the_same_interval_again() -> None:
    assert bootstrap([1, 0, 1, 1], [1, 2, 1, 3]) == bootstrap([1, 0, 1, 1], [1, 2, 1, 3])
