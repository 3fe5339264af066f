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
    return width_factors(right, places, reach)[0]


def width_factors(right: BoolArray, places: IntArray, reach: int | None = None) -> tuple[float, FloatArray]:
    """The same, and that of each point by itself: (K,), noisier; arguments and errors as for `width_factor`."""
    rows = np.atleast_2d(right)
    if rows.shape[1:] != places.shape or (reach is not None and reach < 1):
        raise BadValueError(
            f"expected right (K, {len(places)}) and a reach of 1 or more, got {right.shape} and {reach}"
        )
    if len(places) < _FEWEST:
        return np.nan, np.full(len(rows), np.nan)
    span = int(np.ptp(places)) + 1
    most = reach or max(1, int(4 * (span / 100) ** (2 / 9)))
    order = np.argsort(places)
    near = np.zeros_like(places)  # the same places, with gaps no wider than a window, across which nothing counts
    near[order[1:]] = np.minimum(np.diff(places[order]), most + 1).cumsum()
    squares, products = np.array([_sums(row, near, most) for row in rows]).T
    with np.errstate(invalid="ignore"):
        return float(np.sqrt(products.sum() / squares.sum())), np.sqrt(products / squares)


def _sums(right: BoolArray, places: IntArray, most: int) -> tuple[float, float]:
    """Of one point c(0), and c(0) with twice the weighted sum of c(1) to c(L).

    Of all windows of L + 1 places, two images l places apart are together in L + 1 − l. So the squares of the windows'
    sums hold the product of each pair as often as its weight says. Places without an image count as 0.
    """
    deviations = right - right.mean()
    width = most + 1
    sums = np.pad(np.bincount(places, deviations), (width, most)).cumsum()
    windows = sums[width:] - sums[:-width]
    return float(deviations @ deviations), float(windows @ windows) / width
