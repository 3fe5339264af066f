"""Which images a limit draws: seeded, class-balanced, and nested (a smaller draw is the beginning of a larger one)."""

import numpy as np
from numpy.typing import NDArray


def balanced_order(labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Put a split into an order of which every beginning is class-balanced.

    In each round every class that has images left gives one of its own, at random; so the first n images hold n // K
    or one more of each of K classes, as far as a class has that many.

    Args:
        labels: int64 (N,), each at least 0, or -1 for an unknown one: these count as one class more.
        seed: the same seed gives the same order.

    Returns:
        int64 (N,), a permutation of the places 0 to N - 1.
    """
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(labels))
    classes = labels[shuffled] - min(0, labels.min(initial=0))
    counts = np.bincount(classes)
    # Sorted by class (stably, so still at random within one), an image's round is its distance from its class's start.
    by_class = np.argsort(classes, kind="stable")
    rounds = np.empty(len(labels), dtype=np.int64)
    rounds[by_class] = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    turn = rng.permutation(len(counts))[classes]  # or the first classes would always get the odd image out
    order: NDArray[np.int64] = shuffled[np.lexsort((turn, rounds))]
    return order
