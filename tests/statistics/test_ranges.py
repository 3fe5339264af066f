"""The exact interval of a proportion: scipy's and statsmodels', and what it promises."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from gradlab.errors import BadValueError
from gradlab.statistics import clopper_pearson


@pytest.mark.parametrize("trials", [1, 2, 3, 10, 298, 2_000, 54_321])
def test_the_interval_is_scipys_and_statsmodels(trials: int) -> None:
    counts = np.unique([0, min(1, trials), *np.linspace(0, trials, 9).astype(int), trials - 1])
    low, high = clopper_pearson(counts, trials)
    for k, count in enumerate(counts):
        assert (low[k], high[k]) == pytest.approx(proportion_confint(count, trials, method="beta"), rel=1e-9)
        theirs = binomtest(int(count), trials).proportion_ci(0.95, method="exact")  # found to 2e-12 only
        assert (low[k], high[k]) == pytest.approx((theirs.low, theirs.high), rel=1e-9, abs=3e-12)


def test_with_a_tail_of_5_percent_the_upper_end_is_a_one_sided_bound() -> None:
    for count, trials in ((0, 1), (0, 300), (3, 300), (299, 300), (12, 100_000)):
        theirs = binomtest(count, trials, alternative="less").proportion_ci(0.95, method="exact")
        assert clopper_pearson(count, trials, tail=0.05)[1] == pytest.approx(theirs.high, rel=1e-9)
    assert clopper_pearson(0, 300, tail=0.05)[1] == pytest.approx(1 - 0.05 ** (1 / 300), rel=1e-12)


def test_the_ends_are_exact_and_the_shape_is_kept() -> None:
    low, high = clopper_pearson([[0, 7]], 7)
    assert low.shape == high.shape == (1, 2)
    assert (low[0, 0], high[0, 1]) == (0, 1)
    assert clopper_pearson(2, 5)[0].shape == ()
    assert all(end.size == 0 for end in clopper_pearson([], 5))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.03, 0.5, 1.0])
@pytest.mark.parametrize("trials", [20, 400])
def test_it_never_covers_less_than_it_says(share: float, trials: int) -> None:
    """Summed over all that may come out, not drawn."""
    counts = np.arange(trials + 1)
    chances = binom.pmf(counts, trials, share)
    low, high = clopper_pearson(counts, trials)
    assert chances[(low <= share) & (share <= high)].sum() >= 0.95
    assert chances[share <= clopper_pearson(counts, trials, tail=0.05)[1]].sum() >= 0.95 - 1e-12


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5), ([0, 6], 5), (0.5, 5), (0, -1)])
def test_nonsense_is_refused(successes: float | list[int], trials: int) -> None:
    with pytest.raises(
        BadValueError, match=f"^expected 0 to {trials} successes of at least 1 trial, got .* of {trials}$"
    ):
        clopper_pearson(successes, trials)


@pytest.mark.parametrize("tail", [0.0, -0.1, 0.6, float("nan")])
def test_a_tail_that_is_none_is_refused(tail: float) -> None:
    with pytest.raises(BadValueError, match="^expected a tail above 0 and up to 0.5, got "):
        clopper_pearson(1, 5, tail)
