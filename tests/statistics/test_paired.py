"""The interval of a paired difference, against published examples and by counting how often it holds; what is said."""

import numpy as np
import pytest
from scipy.stats import binom, multinomial, norm

from gradlab.errors import BadValueError
from gradlab.statistics import (
    Outcome,
    PairedDifference,
    compare,
    difference_text,
    paired_difference,
    paired_difference_of_counts,
    paired_interval,
)


def classified(both: int, only_a: int, only_b: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    right_a = np.repeat([True, True, False, False], [both, only_a, only_b, neither])
    return right_a, np.repeat([True, False, True, False], [both, only_a, only_b, neither])


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Tango 1999, https://doi.org/10.1002/(SICI)1097-0258(19991230)18:24<3511::AID-SIM303>3.0.CO;2-A
        ((4, 9, 3, 16), -0.027, 0.390),
        # Bentur et al. 2009, as in Fagerland, Lydersen, Laake 2014, https://doi.org/10.1002/sim.6148
        ((1, 1, 7, 12), -0.517, -0.026),
    ],
)
def test_the_interval_is_that_of_published_examples(table: tuple[int, int, int, int], low: float, high: float) -> None:
    found = paired_difference(*classified(*table))
    assert (found.only_a, found.only_b, found.images) == (table[1], table[2], sum(table))
    assert found.difference == pytest.approx((table[1] - table[2]) / sum(table))
    assert (round(found.low, 3), round(found.high, 3)) == (low, high)


@pytest.mark.parametrize("counts", [(0, 0, 40), (16, 6, 40), (0, 9, 40), (3, 0, 10_000), (1500, 1600, 10_000)])
def test_at_its_ends_the_score_test_is_as_good_as_rejected(counts: tuple[int, int, int]) -> None:
    a, b, images = counts
    for end in paired_interval(*counts):
        # The likeliest share of images on which only the second is right, found by trying, were the difference `end`.
        least, most = max(0.0, -float(end)), (1 - float(end)) / 2
        shares = least + (most - least) * np.geomspace(1e-8, 0.999_999, 400_000)
        likely = a * np.log(shares + end) + b * np.log(shares) + (images - a - b) * np.log1p(-2 * shares - end)
        share = shares[likely.argmax()]
        score = (a - b - images * end) / np.sqrt(images * (2 * share + end * (1 - end)))
        assert abs(score) == pytest.approx(norm.ppf(0.975), rel=2e-3)


def test_nothing_differs_and_everything_does() -> None:
    square = norm.ppf(0.975) ** 2
    same = paired_difference(*classified(30, 0, 0, 10))
    assert (same.low, same.high) == pytest.approx((-square / (40 + square), square / (40 + square)))
    all_a = paired_difference(*classified(0, 40, 0, 0))
    assert (all_a.difference, all_a.high) == (1.0, 1.0)
    assert all_a.low == pytest.approx((40 - square) / (40 + square))
    all_b = paired_difference(*classified(0, 0, 40, 0))
    assert (all_b.low, all_b.high) == (-1.0, -all_a.low)


def test_the_two_may_change_places() -> None:
    chance = np.random.default_rng(0)
    tables = chance.multinomial(60, [0.3, 0.2, 0.1, 0.4], size=50)
    low, high = paired_interval(tables[:, 1], tables[:, 2], 60)
    swapped_low, swapped_high = paired_interval(tables[:, 2], tables[:, 1], 60)
    np.testing.assert_allclose((low, high), (-swapped_high, -swapped_low), atol=1e-12)
    difference = (tables[:, 1] - tables[:, 2]) / 60
    assert bool(np.all((low < difference) & (difference < high) & (low >= -1) & (high <= 1)))


def test_of_40_images_the_interval_covers_the_difference_as_often_as_it_says() -> None:
    a, b = (grid.ravel() for grid in np.mgrid[:41, :41])
    a, b = a[a + b <= 40], b[a + b <= 40]
    low, high = paired_interval(a, b, 40)
    covered = []
    for shares in np.random.default_rng(0).dirichlet([0.5] * 4, size=500):  # of both, only a, only b, neither
        chance = multinomial.pmf(np.stack([a, b, 40 - a - b], 1), 40, [shares[1], shares[2], shares[0] + shares[3]])
        difference = shares[1] - shares[2]
        covered.append(chance[(low <= difference) & (difference <= high)].sum())
    assert min(covered) > 0.92
    assert 0.945 < np.mean(covered) < 0.965


@pytest.mark.parametrize(
    ("only_a", "only_b"), [(0.05, 0.05), (0.2, 0.1), (0.1, 0.0), (0.011, 0.022), (0.0, 0.0), (1.0, 0.0), (0.5, 0.5)]
)
@pytest.mark.parametrize("images", [40, 10_000])
def test_drawn_at_random_it_covers_as_well(images: int, only_a: float, only_b: float) -> None:
    draws = np.random.default_rng(1).multinomial(images, [only_a, only_b, max(0.0, 1 - only_a - only_b)], size=5000)
    low, high = paired_interval(draws[:, 0], draws[:, 1], images)
    covered = ((low <= only_a - only_b) & (only_a - only_b <= high)).mean()
    assert covered > 0.935  # 0.95 less five standard errors of 5,000 draws


def test_a_few_images_of_10000_that_only_one_gets_wrong_are_covered_too() -> None:
    counts = np.arange(100)
    low, high = paired_interval(counts, np.zeros(100), 10_000)
    for expected in np.arange(0.25, 30, 0.25):
        share = expected / 10_000
        assert binom.pmf(counts, 10_000, share)[(low <= share) & (share <= high)].sum() > 0.93


@pytest.mark.parametrize("counts", [(0, 0, 0), (-1, 0, 5), (3, 3, 5), ([0, 4], [2, 2], 5)])
def test_impossible_counts_are_refused(counts: tuple) -> None:
    with pytest.raises(BadValueError, match="^expected at least 1 image and at most . on which the two differ, got "):
        paired_interval(*counts)


def test_arrays_of_different_images_are_refused() -> None:
    with pytest.raises(BadValueError, match=r"^expected as many images in both, got \(2,\) and \(3,\)$"):
        paired_difference(np.zeros(2, bool), np.zeros(3, bool))


def differs(low: float, high: float) -> PairedDifference:
    return PairedDifference(3, 2, 100, (low + high) / 2, low, high)


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (0.001, 0.3, Outcome.A),
        (0.001, 0.009, Outcome.A),
        (-0.3, -0.001, Outcome.B),
        (-0.01, 0.01, Outcome.ALIKE),
        (-0.001, 0.002, Outcome.ALIKE),
        (-0.02, 0.001, Outcome.UNKNOWN),
        (-0.001, 0.011, Outcome.UNKNOWN),
        (0.0, 0.5, Outcome.UNKNOWN),
    ],
)
def test_what_may_be_said_of_an_interval(low: float, high: float, outcome: Outcome) -> None:
    assert compare(differs(low, high)).outcome == outcome


def test_the_issue_s_examples_are_told_apart() -> None:
    # 15 against 40 % of 40 images: no interval of a paired difference that is compatible with it makes them alike.
    for both in range(7):
        of_forty = compare(paired_difference(*classified(both, 6 - both, 16 - both, 18 + both)))
        assert of_forty.outcome == Outcome.B
    # 26.0 against 27.1 % of 10,000.
    of_many = compare(paired_difference(*classified(2600, 0, 110, 7290)))
    assert of_many.outcome == Outcome.B


def test_the_margin_is_stated_and_decides() -> None:
    few = paired_difference_of_counts(150, 140, 10_000)
    assert compare(few).outcome == Outcome.ALIKE
    assert "about as many images right, within ±1 percentage point: A − B = +0.1" in compare(few).words("A", "B")
    assert compare(few, margin=0.002).outcome == Outcome.UNKNOWN
    assert "within ±2.5 percentage points" in compare(few, margin=0.025).words("A", "B")
    for margin in (0.0, 1.0, -0.1, float("nan")):
        with pytest.raises(BadValueError, match="^expected a margin above 0 and below 1, got "):
            compare(few, margin)


def test_the_sentence_has_its_figures() -> None:
    assert compare(paired_difference_of_counts(6, 16, 40)).words("sign", "raw") == (
        "raw has more images right than sign: sign − raw = −25.0 percentage points (95 % interval of the paired "
        "difference −45.2 to −2.1); right only with sign: 6, only with raw: 16, of 40 images"
    )
    assert (
        compare(paired_difference_of_counts(2, 2, 40))
        .words("sign", "raw")
        .startswith("whether sign or raw has more images right cannot be told: sign − raw = 0.0 percentage points")
    )
    sure_and_small = compare(paired_difference_of_counts(20, 2, 10_000)).words("sign", "raw")
    assert sure_and_small.startswith("sign has more images right than raw, though within ±1 percentage point: ")


def test_no_end_beside_0_is_written_as_0() -> None:
    assert "−0.04 to +0.04" in difference_text(paired_difference_of_counts(0, 0, 10_000))
    assert "+0.003 to +0.2)" not in difference_text(differs(0.00003, 0.002))
    assert "+0.003 to +0.200)" in difference_text(differs(0.00003, 0.002))
    assert difference_text(differs(-1.0, 1.0)).startswith("0.0 percentage points")
