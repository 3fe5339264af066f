"""Two classifications of the same images, compared image by image: of one network, of two, or after a transfer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gradlab.errors import BadValueError
from gradlab.statistics.ranges import NORMAL_975
from gradlab.types import BoolArray, FloatArray, TransferResult


@dataclass(frozen=True)
class McNemar:
    """What `mcnemar` found.

    Attributes:
        only_a: how many images only the first got right.
        only_b: how many only the second got right.
        p_value: in [0, 1]: how often chance alone would split the images on which the two differ at least as unevenly;
            0 only where float64 holds nothing so small.
    """

    only_a: int
    only_b: int
    p_value: float


def mcnemar(right_a: BoolArray, right_b: BoolArray) -> McNemar:
    """Whether one of two classifications of the same images is right more often, by McNemar's exact test.

    Only the images count on which the two differ; were they equally good, each of these would go either way with
    probability 1/2. Two-sided: twice the smaller tail of that binomial distribution, and at most 1. Exact for any
    number of images.

    Source: McNemar 1947, https://doi.org/10.1007/BF02295996

    Args:
        right_a: bool (N,), which images the first got right.
        right_b: bool (N,), which the second got right.

    Raises:
        BadValueError: for arrays of different shapes.
    """
    only_a, only_b = discordant(right_a, right_b)
    return McNemar(only_a, only_b, _two_sided(min(only_a, only_b), only_a + only_b))


def _two_sided(least: int, trials: int) -> float:
    """min(1, 2 · P(X ≤ least)) for X of Binomial(trials, 1/2).

    In Python's whole numbers, which have no largest: nothing is rounded before the one division at the end.
    """
    term = total = 1
    for k in range(least):
        term = term * (trials - k) // (k + 1)
        total += term
    return min(1.0, 2 * total / (1 << trials))


@dataclass(frozen=True)
class PairedDifference:
    """By how much one of two classifications of the same images is right more often, and how sure that is.

    Attributes:
        only_a: how many images only the first got right.
        only_b: how many only the second got right.
        images: how many there are in all.
        difference: (only_a − only_b) / images: the first's accuracy minus the second's, in [-1, 1].
        low: lower end of its 95 % interval, `paired_interval`.
        high: its upper end.
    """

    only_a: int
    only_b: int
    images: int
    difference: float
    low: float
    high: float


def paired_difference(right_a: BoolArray, right_b: BoolArray) -> PairedDifference:
    """The difference of two accuracies on the same images, with its 95 % interval.

    Args:
        right_a: bool (N,), N at least 1: which images the first got right.
        right_b: bool (N,), which the second got right.

    Raises:
        BadValueError: for arrays of different shapes, or without images.
    """
    only_a, only_b = discordant(right_a, right_b)
    return paired_difference_of_counts(only_a, only_b, right_a.size)


def paired_difference_of_counts(only_a: int, only_b: int, images: int) -> PairedDifference:
    """The same, where only the counts are known.

    Raises:
        BadValueError: without images, or with more images on which the two differ than there are.
    """
    low, high = paired_interval(only_a, only_b, images)
    return PairedDifference(only_a, only_b, images, (only_a - only_b) / images, float(low), float(high))


def paired_interval(only_a: ArrayLike, only_b: ArrayLike, images: int) -> tuple[FloatArray, FloatArray]:
    """The 95 % score interval of the difference of two proportions of the same images.

    Tango 1998, https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B: all differences that
    the score test does not reject. It rests on nothing but the images on which the two differ, and on how many there
    are. The interval that adds the squares of two Wilson intervals (Newcombe 1998, method 10,
    https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I) has a closed form, but is too
    narrow where the two hardly ever differ, as before and after rounding: of 10,000 images, half of them right, it
    covers a difference of a few images in 86 % at worst, this one in 93 %.

    Args:
        only_a: counts, any shape: how many images only the first got right.
        only_b: counts of the same shape: how many only the second got right.
        images: how many there are in all, at least 1.

    Returns:
        The lower and the upper end, each of that shape, in [-1, 1], on either side of (only_a − only_b) / images.

    Raises:
        BadValueError: without images, or with more images on which the two differ than there are.
    """
    a, b = np.broadcast_arrays(np.asarray(only_a, np.float64), np.asarray(only_b, np.float64))
    if images < 1 or np.any(a < 0) or np.any(b < 0) or np.any(a + b > images):
        raise BadValueError(
            f"expected at least 1 image and at most {images} on which the two differ, got {only_a!r} and {only_b!r}"
        )
    return np.asarray(-_upper(b, a, images)), _upper(a, b, images)


def discordant(right_a: BoolArray, right_b: BoolArray) -> tuple[int, int]:
    """How many images only the first gets right, and how many only the second.

    Raises:
        BadValueError: for arrays of different shapes.
    """
    if right_a.shape != right_b.shape:
        raise BadValueError(f"expected as many images in both, got {right_a.shape} and {right_b.shape}")
    return int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())


_HALVINGS = 60  # from a width of 2 to below what float64 tells from the ends themselves


def _upper(a: FloatArray, b: FloatArray, images: int) -> FloatArray:
    """The last difference that is not rejected, on the way from the one observed to 1: bisected."""
    inside, outside = np.asarray((a - b) / images), np.ones(a.shape)
    for _ in range(_HALVINGS):
        middle = np.asarray((inside + outside) / 2)
        kept = (a - b - images * middle) ** 2 <= NORMAL_975**2 * _variance(a, b, images, middle)
        inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
    return np.asarray(inside)


def _variance(a: FloatArray, b: FloatArray, images: int, difference: FloatArray) -> FloatArray:
    """The variance of a − b at that difference, with the likeliest share of images that only the second gets right."""
    linear = (2 * images - a + b) * difference - a - b
    root = np.sqrt(np.maximum(linear**2 + 8 * images * b * difference * (1 - difference), 0.0))
    share = (root - linear) / (4 * images)
    return np.asarray(images * (2 * share + difference * (1 - difference)))


def against_own(result: TransferResult, made_on: int, tested_on: int) -> PairedDifference:
    """The accuracy of one network minus that of the network that the images were perturbed on, on these same images.

    Networks differ before anything is done, too: their clean accuracies stand in the same matrix.

    Args:
        result: a transfer.
        made_on: the place of the network that the images were perturbed on.
        tested_on: that of the one that classifies them.
    """
    right = result.predictions[made_on] == result.expected
    return paired_difference(right[tested_on], right[made_on])
