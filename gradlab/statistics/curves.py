"""What a curve over signed epsilons says: where images flip, how high it runs, where two of them meet."""

import numpy as np

from gradlab.errors import BadValueError
from gradlab.types import FloatArray, IntArray


def first_flip(epsilons: FloatArray, predictions: IntArray, clean: IntArray) -> tuple[FloatArray, FloatArray]:
    """The epsilon at which each image first gets another class than the clean image, on each side of 0.

    "First" goes outward from 0 and is of the epsilons that were tried: the true threshold lies between it and the
    epsilon before it. An image may come back to its clean class further out.

    Args:
        epsilons: (K,), signed, in any order.
        predictions: (K, N), the class of each of N images at each epsilon.
        clean: (N,), the class of each clean image.

    Returns:
        float64 (N,) above 0, and float64 (N,) below 0; NaN where no epsilon of that side changes the class.

    Raises:
        BadValueError: for shapes that don't fit each other.
    """
    if predictions.shape != (len(epsilons), len(clean)):
        raise BadValueError(f"expected predictions {(len(epsilons), len(clean))}, got {predictions.shape}")
    changed = predictions != clean
    return _first_change(epsilons, changed, 1), _first_change(epsilons, changed, -1)


def _first_change(epsilons: FloatArray, changed: np.ndarray, side: int) -> FloatArray:
    outward = [k for k in np.argsort(np.abs(epsilons), kind="stable") if np.sign(epsilons[k]) == side]
    if not outward:
        return np.full(changed.shape[1], np.nan)
    ordered = changed[outward]
    found: FloatArray = np.where(ordered.any(axis=0), epsilons[outward][ordered.argmax(axis=0)], np.nan)
    return found


def normalised_area(epsilons: FloatArray, accuracy: FloatArray, clean: float) -> tuple[float, float]:
    """The area under accuracy over epsilon on each side of 0, divided by its width: the mean accuracy there.

    Trapezoids on a linear axis from 0 to the largest epsilon, and from the smallest to 0. The number depends on how far
    the epsilons reach, and hardly on how many there are: compare curves of one rule and one reach.

    Args:
        epsilons: (K,), signed, ascending.
        accuracy: (K,), in [0, 1].
        clean: the accuracy at epsilon 0, which stands in where 0 is not among the epsilons.

    Returns:
        The mean accuracy above 0 and below 0, each in [0, 1]; NaN for a side without an epsilon.

    Raises:
        BadValueError: for shapes that don't fit each other, or epsilons that don't ascend.
    """
    if epsilons.ndim != 1 or epsilons.shape != accuracy.shape:
        raise BadValueError(f"expected as many accuracies as epsilons, got {accuracy.shape} and {epsilons.shape}")
    if np.any(np.diff(epsilons) <= 0):
        raise BadValueError(f"expected epsilons that ascend, got {epsilons.tolist()}")
    if 0 not in epsilons:
        place = int(np.searchsorted(epsilons, 0))
        epsilons, accuracy = np.insert(epsilons, place, 0.0), np.insert(accuracy, place, clean)
    return _mean_height(epsilons, accuracy, epsilons >= 0), _mean_height(epsilons, accuracy, epsilons <= 0)


def _mean_height(x: FloatArray, y: FloatArray, part: np.ndarray) -> float:
    if part.sum() < 2:
        return float("nan")
    return float(np.trapezoid(y[part], x[part]) / (x[part][-1] - x[part][0]))


def match_epsilon(measure: float, epsilons: FloatArray, measures: FloatArray, sign: float) -> int:
    """Where another rule has spent the same: the epsilon whose mean measure comes nearest to a given one.

    For comparing two rules at equal L2 (or L∞, or PSNR) instead of equal epsilon. Say how near it came: between the
    epsilons of a grid there may be none that fits.

    Args:
        measure: the mean measure of the first rule at its epsilon.
        epsilons: (K,), signed, of the second rule.
        measures: (K,), the second rule's mean measure at each of them.
        sign: on which side of 0 to look; any number of that sign. With 0, at epsilon 0 itself.

    Returns:
        The epsilon's place, from 0 to K - 1; of two that are as near, the first.

    Raises:
        BadValueError: for shapes that don't fit each other, or no epsilon on that side.
    """
    if epsilons.ndim != 1 or epsilons.shape != measures.shape:
        raise BadValueError(f"expected as many measures as epsilons, got {measures.shape} and {epsilons.shape}")
    there = np.flatnonzero(np.sign(epsilons) == np.sign(sign))
    if not len(there):
        raise BadValueError(f"expected an epsilon with the sign of {sign}, got {epsilons.tolist()}")
    return int(there[np.abs(measures[there] - measure).argmin()])
