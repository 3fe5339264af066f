"""The interval, against scipy's."""

import numpy as np
import pytest
from scipy.stats import binomtest

from gradlab.errors import BadValueError
from gradlab.statistics import wilson_interval


@pytest.mark.parametrize("trials", [1, 2, 3, 10, 512, 2000])
def test_wilson_is_scipys(trials: int) -> None:
    counts = np.unique(np.linspace(0, trials, 9).astype(int))
    low, high = wilson_interval(counts, trials)
    for k, count in enumerate(counts):
        theirs = binomtest(int(count), trials).proportion_ci(0.95, method="wilson")
        assert (low[k], high[k]) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert bool(np.all((low <= counts / trials) & (counts / trials <= high) & (low < high)))


def test_the_ends_are_exact_and_have_width() -> None:
    low, high = wilson_interval([0, 7], 7)
    assert low[0] == 0
    assert 0 < high[0] < 1
    assert 0 < low[1] < 1
    assert high[1] == 1


def test_the_shape_is_kept() -> None:
    low, high = wilson_interval(np.arange(6).reshape(2, 3), 5)
    assert low.shape == high.shape == (2, 3)
    assert wilson_interval(2, 5)[0].shape == ()


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (1, 0), (-1, 5), (6, 5), ([0, 6], 5), (0, -1)])
def test_nonsense_is_refused(successes: int | list[int], trials: int) -> None:
    with pytest.raises(
        BadValueError, match=f"^expected 0 to {trials} successes of at least 1 trial, got .* of {trials}$"
    ):
        wilson_interval(successes, trials)
