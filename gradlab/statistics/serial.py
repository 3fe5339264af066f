"""How far neighbours in a split go right together, and what that does to an interval that takes them for strangers."""

import numpy as np

from gradlab.errors import BadValueError
from gradlab.types import BoolArray, FloatArray, IntArray

_FEWEST = 30  # images; of fewer the covariances are noise


def width_factor(right: BoolArray, places: IntArray, reach: int | None = None) -> float:
    """By which factor the interval of a share should be wider, because images near each other go right together.

    A Wilson interval takes N images for N independent ones. Where neighbours are crops of one photograph they are not,
    and the variance of the share is larger than p (1 − p) / N by

        1 + 2 · Σ over distances l = 1 … L of (1 − l / (L + 1)) · c(l) / c(0),

    with c(l) the sum, over all pairs of images l places apart, of the products of their deviations from p, and c(0)
    that of the squares. These are Newey and West's weights, 1987, https://doi.org/10.2307/1913610; L is that of their
    paper of 1994, https://doi.org/10.2307/2297912, ⌊4 (n / 100)^(2/9)⌋, n being as many places as the images span. The
    factor is the square root. Images left out of a draw leave their pairs out, so that a thin draw has a factor near 1.
    Over several points of curves the sums are taken together, which steadies the factor: it is one for all of them.

    What it does not cover: images of one photograph that are further apart than L, and whatever makes this split differ
    from others of its kind. With 10,000 independent images it is 1 apart from chance, which is about 0.02 at one point.

    Args:
        right: bool (N,) or (K, N), which images are right, at each of K points.
        places: int64 (N,), each image's place in the split, each once, in any order.
        reach: L, at least 1; None chooses it.

    Returns:
        At least 0; NaN where there are fewer than 30 images, or no point at which some are right and some are wrong.

    Raises:
        BadValueError: for shapes that don't fit each other, or a reach below 1.
    """
    squares, together = _sums(right, places, reach)
    return float(_factor(squares.sum(keepdims=True), together.sum(keepdims=True))[0])


def width_factors(right: BoolArray, places: IntArray, reach: int | None = None) -> FloatArray:
    """The same of each point by itself: (K,), noisier; arguments and errors as for `width_factor`."""
    return _factor(*_sums(right, places, reach))


def _factor(squares: FloatArray, together: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = np.sqrt(np.maximum(0.0, 1 + 2 * together / squares))
    return found


def _sums(right: BoolArray, places: IntArray, reach: int | None) -> tuple[FloatArray, FloatArray]:
    """For each point c(0) and the weighted sum of c(1) to c(L), each (K,); 0 and 0 of too few images."""
    rows = np.atleast_2d(right)
    if rows.shape[1:] != places.shape or (reach is not None and reach < 1):
        raise BadValueError(
            f"expected right (K, {len(places)}) and a reach of 1 or more, got {right.shape} and {reach}"
        )
    if len(places) < _FEWEST:
        return np.zeros(len(rows)), np.zeros(len(rows))
    order = np.argsort(places, kind="stable")
    there, deviations = places[order], rows[:, order] - rows.mean(axis=1, keepdims=True)
    most = reach or max(1, int(4 * ((there[-1] - there[0] + 1) / 100) ** (2 / 9)))
    weighted = [(1 - n / (most + 1)) * _products(deviations, there, n) for n in range(1, most + 1)]
    return (deviations**2).sum(axis=1), np.sum(weighted, axis=0)


def _products(deviations: FloatArray, places: IntArray, distance: int) -> FloatArray:
    """Over all pairs of images that far apart, the sum of the products of their deviations: (K,)."""
    after = np.searchsorted(places, places + distance)
    paired = after < len(places)
    paired[paired] = places[after[paired]] == places[paired] + distance
    sums: FloatArray = np.einsum("kn,kn->k", deviations[:, paired], deviations[:, after[paired]])
    return sums
