import numpy as np
import pytest

from gradlab.images.draw import balanced_order

UNEVEN = np.repeat(np.arange(4), (3, 50, 20, 27))


def test_it_is_a_permutation() -> None:
    assert sorted(balanced_order(UNEVEN, seed=0)) == list(range(100))


@pytest.mark.parametrize("limit", [1, 7, 10, 25, 99, 300])
def test_every_beginning_is_balanced(limit: int) -> None:
    labels = np.random.default_rng(1).permutation(np.arange(1_000) % 10)
    counts = np.bincount(labels[balanced_order(labels, seed=3)[:limit]], minlength=10)
    assert set(counts) <= {limit // 10, limit // 10 + 1}


@pytest.mark.parametrize("limit", [12, 13, 40, 63, 80])
def test_a_short_class_gives_all_it_has_and_the_others_share_the_rest(limit: int) -> None:
    counts = np.bincount(UNEVEN[balanced_order(UNEVEN, seed=3)[:limit]], minlength=4)
    unfinished = counts[counts < np.bincount(UNEVEN)]
    assert counts.max() - unfinished.min() <= 1


def test_a_class_without_images_is_no_trouble() -> None:
    labels = np.array([0, 2, 2, 5])
    assert sorted(labels[balanced_order(labels, seed=0)[:3]]) == [0, 2, 5]


def test_the_seed_decides() -> None:
    labels = np.arange(1_000) % 10
    assert np.array_equal(balanced_order(labels, seed=5), balanced_order(labels, seed=5))
    assert not np.array_equal(balanced_order(labels, seed=5), balanced_order(labels, seed=6))


def test_the_odd_images_out_are_not_always_of_the_first_classes() -> None:
    labels = np.arange(1_000) % 10
    firsts = {int(labels[balanced_order(labels, seed=seed)[0]]) for seed in range(50)}
    assert len(firsts) > 5


def test_images_of_a_class_are_equally_likely() -> None:
    labels = np.zeros(20, dtype=np.int64)
    hits = sum(np.bincount(balanced_order(labels, seed)[:5], minlength=20) for seed in range(2_000))
    assert np.abs(hits - 500).max() < 5 * np.sqrt(2_000 * 0.25 * 0.75)  # five standard deviations
