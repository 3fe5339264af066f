"""How far a measured share may be from the true one."""

import numpy as np
from numpy.typing import ArrayLike

from gradlab.errors import BadValueError
from gradlab.types import FloatArray

NORMAL_975 = 1.959963984540054


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
