"""Two classifications of the same images, compared image by image."""

from dataclasses import dataclass

from gradlab.errors import BadValueError
from gradlab.types import BoolArray


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
    if right_a.shape != right_b.shape:
        raise BadValueError(f"expected as many images in both, got {right_a.shape} and {right_b.shape}")
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
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
