"""Intervals: how far a measured figure can be trusted, at 95 %.

A share of independent trials gets Wilson's score interval. Whatever is no plain share (a mean, an F1, a share pooled
over turns that belong together) gets a percentile bootstrap that draws whole episodes, with a generator of our own,
so that the same traces give the same interval everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
import numpy.typing as npt

from dramaturg.compiler.chance import GOLDEN, key

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured figure. ``value`` None: it is not defined here (0 of 0), which is not 0."""

    value: float | None
    low: float | None = None
    high: float | None = None
    hits: float | None = None
    """What was counted, where the figure is a share or a mean: the numerator,"""
    count: int = 0
    """and the denominator."""
    note: str = ""


def wilson(hits: int, count: int) -> tuple[float, float] | None:
    """Wilson's score interval (1927) of ``hits`` of ``count``; None for 0 of 0.

    Centre (p + z²/2n) / (1 + z²/n), half width z·sqrt(p(1−p)/n + z²/4n²) / (1 + z²/n).
    """
    if count == 0:
        return None
    p, zz = hits / count, Z * Z
    centre = (p + zz / (2 * count)) / (1 + zz / count)
    half = Z * sqrt(p * (1 - p) / count + zz / (4 * count * count)) / (1 + zz / count)
    # At 0 and at all hits the interval touches 0 and 1 exactly; rounding must not say otherwise.
    return (0.0 if hits == 0 else max(centre - half, 0.0)), (1.0 if hits == count else min(centre + half, 1.0))


def share(hits: int, count: int, note: str = "") -> Measure:
    """``hits`` of ``count`` independent trials."""
    bounds = wilson(hits, count)
    if bounds is None:
        return Measure(None, note=note)
    return Measure(hits / count, *bounds, hits=hits, count=count, note=note)


def bootstrap(numerators: Sequence[float], denominators: Sequence[float], note: str = "", seed: int = 0) -> Measure:
    """A ratio of sums over episodes and its percentile interval over ``RESAMPLES`` resamples of whole episodes.

    One number each per episode. A mean over turns has the turns in the denominator; F1 is 2·TP over 2·TP + FP + FN.
    Resamples whose denominator is 0 are left out; fewer than two episodes give no interval.
    """
    top, bottom = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    whole = float(bottom.sum())
    if whole == 0:
        return Measure(None, note=note)
    value, n = float(top.sum()) / whole, len(top)
    measure = Measure(value, hits=float(top.sum()), count=round(whole), note=note)
    if n < 2:
        return measure
    drawn = (words(key("bootstrap", seed), RESAMPLES * n) % np.uint64(n)).astype(np.int64).reshape(RESAMPLES, n)
    tops, bottoms = top[drawn].sum(axis=1), bottom[drawn].sum(axis=1)
    defined = bottoms > 0
    low, high = np.quantile(tops[defined] / bottoms[defined], (0.025, 0.975))
    return replace(measure, low=float(low), high=float(high))


def words(stream: int, count: int) -> npt.NDArray[np.uint64]:
    """The first ``count`` numbers of ``chance.Stream(stream)``, at once."""
    with np.errstate(over="ignore"):
        word = np.uint64(stream) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN)
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return word ^ (word >> np.uint64(31))
