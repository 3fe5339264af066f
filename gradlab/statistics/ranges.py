"""Ranges: in which a true share lies, and in which most of some values do."""

import numpy as np
from numpy.typing import ArrayLike

from gradlab.errors import BadValueError
from gradlab.types import FloatArray

NORMAL_975 = 1.959963984540054
SHARES = (0.05, 0.5, 0.95)


def wilson_interval(successes: ArrayLike, trials: int) -> tuple[FloatArray, FloatArray]:
    """The 95 % score interval of a proportion.

    Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953; recommended over the textbook interval, which has no
    width at 0 and 1, by Brown, Cai, DasGupta 2001, https://doi.org/10.1214/ss/1009213286.

    Args:
        successes: counts, any shape, from 0 to `trials`.
        trials: how many were tried, at least 1.

    Returns:
        The lower and the upper end, each of the shape of `successes`, in [0, 1].

    Raises:
        BadValueError: without trials, or with more successes than trials.
    """
    counts = np.asarray(successes, dtype=np.float64)
    if trials < 1 or np.any(counts < 0) or np.any(counts > trials):
        raise BadValueError(f"expected 0 to {trials} successes of at least 1 trial, got {successes!r} of {trials}")
    share, square = counts / trials, NORMAL_975**2
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    half = NORMAL_975 / (1 + square / trials) * np.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    # At 0 and at `trials` an end is exactly 0 or 1; rounding would leave it at 1e-18.
    low = np.where(counts == 0, 0.0, np.clip(centre - half, 0, 1))
    high = np.where(counts == trials, 1.0, np.clip(centre + half, 0, 1))
    return low, high


def clopper_pearson(successes: ArrayLike, trials: int, tail: float = 0.025) -> tuple[FloatArray, FloatArray]:
    """The exact interval of a proportion, whose ends solve the binomial tails.

    Clopper, Pearson 1934, https://doi.org/10.1093/biomet/26.4.404. At the upper end so few successes, or fewer, come
    with the probability `tail`; at the lower one so many, or more. It never covers less than it says, and mostly more:
    for an accuracy, `wilson_interval` is the shorter one.

    Args:
        successes: counts, any shape, from 0 to `trials`.
        trials: how many were tried, at least 1.
        tail: above 0, at most 0.5: how often each end may miss the true share. 0.025 makes a 95 % interval of the two;
            with 0.05, each end alone is a one-sided 95 % bound.

    Returns:
        The lower and the upper end, each of the shape of `successes`, in [0, 1].

    Raises:
        BadValueError: without trials, with more successes than trials, with a part of one, or for another tail.
    """
    counts = np.asarray(successes, dtype=np.float64)
    if trials < 1 or np.any(counts % 1 != 0) or np.any(counts < 0) or np.any(counts > trials):
        raise BadValueError(f"expected 0 to {trials} successes of at least 1 trial, got {successes!r} of {trials}")
    if not 0 < tail <= 0.5:
        raise BadValueError(f"expected a tail above 0 and up to 0.5, got {tail}")
    ends = {count: _ends(int(count), trials, tail) for count in counts.flat}
    low, high = (np.array([ends[count][k] for count in counts.flat]).reshape(counts.shape) for k in (0, 1))
    return low, high


def _ends(successes: int, trials: int, tail: float) -> tuple[float, float]:
    if 2 * successes > trials:  # fewer terms, and so less rounding, on the other side
        low, high = _ends(trials - successes, trials, tail)
        return 1 - high, 1 - low
    low = _share(successes - 1, trials, 1 - tail) if successes else 0.0
    return low, _share(successes, trials, tail)


def _share(most: int, trials: int, chance: float) -> float:
    """The share at which so many successes, or fewer, have this chance: by halving until nothing is left to halve."""
    few = np.arange(most + 1.0)
    # The logarithm of "trials over k", for each k: factorials themselves are too large.
    ways = np.concatenate([[0.0], np.cumsum(np.log((trials - few[:-1]) / few[1:]))])
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        likely = np.exp(ways + few * np.log(middle) + (trials - few) * np.log1p(-middle)).sum() > chance
        low, high = (middle, high) if likely else (low, middle)
    return high


def spread(values: ArrayLike) -> tuple[float, float, float]:
    """The 5th percentile, the median and the 95th percentile: nine images of ten lie between the first and the last.

    Each is one of the values (the smallest that so many do not exceed), so that values may be infinite: nothing is
    interpolated. Hyndman, Fan 1996, definition 1, https://doi.org/10.1080/00031305.1996.10473566.

    Args:
        values: (N,), N at least 1; with a NaN among them, all three are NaN.

    Raises:
        BadValueError: without values.
    """
    known = np.sort(np.asarray(values, np.float64).ravel())
    if not known.size:
        raise BadValueError("expected at least one value, got none")
    if np.isnan(known).any():
        return np.nan, np.nan, np.nan
    # 0.95 · 20 is 19 apart from rounding in float64, and the 19th value is the one that is meant.
    low, middle, high = (float(known[max(0, int(np.ceil(share * known.size - 1e-9)) - 1)]) for share in SHARES)
    return low, middle, high
