"""Each statistic against scipy's, statsmodels', or a plain count, image by image."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar as theirs_mcnemar

from gradlab.errors import BadValueError
from gradlab.statistics import (
    McNemar,
    class_accuracy,
    confusion,
    first_flip,
    match_epsilon,
    mcnemar,
    normalised_area,
    spread,
    wilson_interval,
)


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


def test_class_accuracy_is_that_of_a_count() -> None:
    chance = np.random.default_rng(0)
    labels = chance.integers(7, size=200)
    predictions = chance.integers(7, size=(5, 200)).astype(np.int16)
    ours = class_accuracy(predictions, labels, 7)
    assert ours.shape == (5, 7)
    for k in range(5):
        for c in range(7):
            own = [p == c for p, label in zip(predictions[k], labels, strict=True) if label == c]
            assert ours[k, c] == sum(own) / len(own)


def test_a_class_without_images_has_no_accuracy() -> None:
    ours = class_accuracy(np.array([[0, 3, 3]], np.int16), np.array([0, 0, 3]), 5)
    assert ours[0, [0, 3]].tolist() == [0.5, 1.0]
    assert np.isnan(ours[0, [1, 2, 4]]).all()
    assert np.isnan(class_accuracy(np.empty((2, 0), np.int16), np.empty(0, np.int64), 3)).all()


def test_the_confusion_is_that_of_a_count() -> None:
    chance = np.random.default_rng(1)
    before, after = chance.integers(6, size=300), chance.integers(6, size=300).astype(np.int16)
    ours = confusion(before, after, 8)
    pairs = list(zip(before.tolist(), after.tolist(), strict=True))
    assert ours.tolist() == [[pairs.count((b, a)) for a in range(8)] for b in range(8)]
    assert ours.sum() == 300
    assert confusion(np.array([0, 0]), np.array([1, 1]), 2).tolist() == [[0, 2], [0, 0]]


def test_the_confusion_of_a_hundred_classes_does_not_overflow() -> None:
    last = np.array([199], np.int16)  # 199 · 200 + 199 is beyond int16
    assert confusion(last, last, 200)[199, 199] == 1


@pytest.mark.parametrize("stray", [-1, 3])
def test_a_class_that_does_not_exist_is_refused(stray: int) -> None:
    good, bad = np.array([0, 1, 2]), np.array([0, 1, stray])
    low, high = min(0, stray), max(2, stray) if stray > 0 else 1
    for before, after, what in ((bad, good, "before"), (good, bad, "after")):
        with pytest.raises(BadValueError, match=f"^expected {what} from 0 to 2, got {low} to {high}$"):
            confusion(before, after, 3)
    with pytest.raises(BadValueError, match=f"^expected labels from 0 to 2, got {low} to {high}$"):
        class_accuracy(good[None], bad, 3)


def test_shapes_that_do_not_fit_are_refused() -> None:
    three, two = np.zeros(3, np.int64), np.zeros(2, np.int64)
    with pytest.raises(BadValueError, match=r"^expected as many classes before as after, got 3 and 2$"):
        confusion(three, two, 1)
    with pytest.raises(BadValueError, match=r"^expected before \(N,\) and at least one class, got \(1, 3\) and 1$"):
        confusion(three[None], three[None], 1)
    with pytest.raises(BadValueError, match=r"^expected labels \(N,\) and at least one class, got \(3,\) and 0$"):
        class_accuracy(three[None], three, 0)
    with pytest.raises(BadValueError, match=r"^expected predictions \(K, 3\), got \(1, 2\)$"):
        class_accuracy(two[None], three, 1)
    with pytest.raises(BadValueError, match=r"^expected predictions \(K, 3\), got \(3,\)$"):
        class_accuracy(three, three, 1)


def test_the_first_flip_is_the_smallest_on_its_side() -> None:
    epsilons = np.array([-0.3, -0.1, 0.0, 0.1, 0.2, 0.4])
    clean = np.array([0, 1, 2, 0])
    predictions = np.array(
        [
            [0, 2, 2, 1],
            [0, 2, 0, 1],
            [0, 1, 2, 1],  # at 0 nothing counts, whatever stands there
            [0, 1, 2, 1],
            [1, 1, 0, 0],
            [2, 1, 2, 0],
        ],
        np.int16,
    )
    up, down = first_flip(epsilons, predictions, clean)
    assert up[[0, 2, 3]].tolist() == [0.2, 0.2, 0.1]
    assert down[[1, 2, 3]].tolist() == [-0.1, -0.1, -0.1]
    assert np.isnan([up[1], down[0]]).all()


def test_the_first_flip_by_brute_force_in_any_order() -> None:
    chance = np.random.default_rng(2)
    epsilons = chance.permutation(np.linspace(-1, 1, 11))
    clean, predictions = chance.integers(4, size=50), chance.integers(4, size=(11, 50))
    predictions[chance.random((11, 50)) < 0.7] = 0
    up, down = first_flip(epsilons, predictions, clean)
    for n in range(50):
        flips = [e for e, p in zip(epsilons, predictions[:, n], strict=True) if p != clean[n]]
        assert up[n] == pytest.approx(min((e for e in flips if e > 1e-9), default=math.nan), nan_ok=True)
        assert down[n] == pytest.approx(max((e for e in flips if e < -1e-9), default=math.nan), nan_ok=True)


def test_a_side_without_epsilons_flips_nothing() -> None:
    up, down = first_flip(np.array([0.5]), np.array([[1, 0]]), np.array([0, 0]))
    assert up[0] == 0.5
    assert np.isnan(up[1])
    assert np.isnan(down).all()
    assert down.shape == (2,)


def test_flips_of_another_shape_are_refused() -> None:
    with pytest.raises(BadValueError, match=r"^expected predictions \(2, 3\), got \(3, 2\)$"):
        first_flip(np.zeros(2), np.zeros((3, 2), np.int64), np.zeros(3, np.int64))


def test_the_area_is_the_mean_of_the_lines_between_the_points() -> None:
    epsilons, accuracy = np.array([-2.0, -0.5, 0.0, 0.25, 1.0]), np.array([0.5, 1.0, 0.75, 0.25, 0.0])
    up, down = normalised_area(epsilons, accuracy, 0.75)
    fine = np.linspace(0, 1, 200_001)
    assert up == pytest.approx(np.interp(fine, epsilons, accuracy).mean(), abs=1e-5)
    assert down == pytest.approx(np.interp(-2 * fine, epsilons, accuracy).mean(), abs=1e-5)
    assert normalised_area(epsilons, np.full(5, 0.3), 0.3) == pytest.approx((0.3, 0.3))


def test_the_area_takes_the_clean_accuracy_for_a_missing_zero() -> None:
    with_zero = normalised_area(np.array([-1.0, 0.0, 1.0]), np.array([0.9, 0.6, 0.2]), 0.1)
    without = normalised_area(np.array([-1.0, 1.0]), np.array([0.9, 0.2]), 0.6)
    assert without == with_zero == pytest.approx((0.4, 0.75))


def test_a_side_without_epsilons_has_no_area() -> None:
    up, down = normalised_area(np.array([0.5, 1.0]), np.array([0.5, 0.5]), 1.0)
    assert up == pytest.approx(0.625)
    assert math.isnan(down)
    assert all(map(math.isnan, normalised_area(np.array([0.0]), np.array([0.5]), 0.5)))


@pytest.mark.parametrize(
    ("epsilons", "accuracy", "message"),
    [
        ([0.0, 1.0], [0.5], r"expected as many accuracies as epsilons, got \(1,\) and \(2,\)"),
        ([1.0, 0.0], [0.5, 0.5], r"expected epsilons that ascend, got \[1.0, 0.0\]"),
        ([1.0, 1.0], [0.5, 0.5], r"expected epsilons that ascend, got \[1.0, 1.0\]"),
    ],
)
def test_an_area_of_nonsense_is_refused(epsilons: list[float], accuracy: list[float], message: str) -> None:
    with pytest.raises(BadValueError, match=f"^{message}$"):
        normalised_area(np.array(epsilons), np.array(accuracy), 1.0)


def paired(both: int, only_a: int, only_b: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    right_a = np.repeat([True, True, False, False], [both, only_a, only_b, neither])
    return right_a, np.repeat([True, False, True, False], [both, only_a, only_b, neither])


@pytest.mark.parametrize(
    ("only_a", "only_b"), [(0, 0), (0, 1), (1, 0), (3, 7), (12, 12), (40, 90), (4900, 5100), (4600, 5400), (0, 2000)]
)
def test_mcnemar_is_that_of_statsmodels_and_scipy(only_a: int, only_b: int) -> None:
    ours = mcnemar(*paired(11, only_a, only_b, 5))
    assert (ours.only_a, ours.only_b) == (only_a, only_b)
    theirs = theirs_mcnemar([[11, only_a], [only_b, 5]], exact=True)
    # statsmodels does not cap what is twice a half: its p-value of an even split is above 1.
    assert ours.p_value == pytest.approx(min(1.0, theirs.pvalue), rel=1e-9, abs=0)
    if only_a + only_b:
        assert ours.p_value == pytest.approx(binomtest(only_a, only_a + only_b).pvalue, rel=1e-9, abs=0)


def test_mcnemar_of_the_same_predictions_sees_nothing() -> None:
    right = np.array([True, False, True])
    assert mcnemar(right, right) == McNemar(0, 0, 1.0)
    assert mcnemar(np.empty(0, bool), np.empty(0, bool)) == McNemar(0, 0, 1.0)


def test_mcnemar_compares_like_with_like() -> None:
    with pytest.raises(BadValueError, match=r"^expected as many images in both, got \(2,\) and \(3,\)$"):
        mcnemar(np.zeros(2, bool), np.zeros(3, bool))


def test_the_match_is_the_nearest_on_its_side() -> None:
    epsilons = np.array([-0.2, -0.1, 0.0, 0.1, 0.2, 0.4])
    measures = np.array([2.0, 1.0, 0.0, 1.2, 2.1, 3.0])
    assert match_epsilon(2.4, epsilons, measures, 0.03) == 4
    assert match_epsilon(2.4, epsilons, measures, -1) == 0
    assert match_epsilon(0.1, epsilons, measures, 1) == 3
    assert match_epsilon(9.0, epsilons, measures, 0) == 2
    assert match_epsilon(1.5, epsilons, np.array([1.5, 1.0, 0.0, 2.0, 1.0, 1.0]), 1) == 3  # all three as near


def test_there_is_no_match_without_an_epsilon() -> None:
    with pytest.raises(BadValueError, match=r"^expected an epsilon with the sign of -0.5, got \[0.0, 0.1\]$"):
        match_epsilon(1.0, np.array([0.0, 0.1]), np.array([0.0, 1.0]), -0.5)
    with pytest.raises(BadValueError, match=r"^expected as many measures as epsilons, got \(1,\) and \(2,\)$"):
        match_epsilon(1.0, np.array([0.0, 0.1]), np.array([1.0]), 1)


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 200])
def test_the_spread_is_numpys_inverted_distribution(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count)
    expected = np.quantile(values, [0.05, 0.5, 0.95], method="inverted_cdf")
    assert spread(values) == tuple(expected)


def test_of_twenty_values_the_spread_is_the_first_the_tenth_and_the_nineteenth() -> None:
    assert spread(np.arange(20)[::-1]) == (0, 9, 18)


def test_the_spread_of_infinite_values_and_of_none() -> None:
    assert spread([1.0, np.inf, np.inf]) == (1, np.inf, np.inf)
    assert all(np.isnan(spread([1.0, np.nan])))
    with pytest.raises(BadValueError, match="^expected at least one value, got none$"):
        spread([])
