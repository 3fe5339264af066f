"""Which classes suffer, and what they are taken for."""

import numpy as np

from gradlab.errors import BadValueError
from gradlab.types import FloatArray, IntArray


def class_accuracy(predictions: IntArray, labels: IntArray, classes: int) -> FloatArray:
    """The share of each class's own images that are classified as it (its recall), at each epsilon.

    Args:
        predictions: (K, N), the class that each of N images was given at each of K epsilons.
        labels: (N,), the true classes.
        classes: how many classes there are, C.

    Returns:
        float64 (K, C), in [0, 1]; NaN for a class of which there is no image.

    Raises:
        BadValueError: for shapes that don't fit each other, or a label outside of 0 to C - 1.
    """
    _check_classes("labels", labels, classes)
    if predictions.ndim != 2 or predictions.shape[1:] != labels.shape:
        raise BadValueError(f"expected predictions (K, {len(labels)}), got {predictions.shape}")
    members = labels[:, None] == np.arange(classes)
    right = (predictions == labels).astype(np.float64) @ members.astype(np.float64)
    with np.errstate(invalid="ignore"):  # 0 / 0 for a class without images
        shares: FloatArray = right / members.sum(axis=0)
    return shares


def confusion(before: IntArray, after: IntArray, classes: int) -> IntArray:
    """How many images of each class went to each class: clean predictions to perturbed ones, or truth to prediction.

    Args:
        before: (N,), each from 0 to C - 1.
        after: (N,), likewise, of the same images.
        classes: how many classes there are, C.

    Returns:
        int64 (C, C), which sums to N; entry [b, a] counts the images that were b before and are a after.

    Raises:
        BadValueError: for shapes that don't fit each other, or a class outside of 0 to C - 1.
    """
    _check_classes("before", before, classes)
    _check_classes("after", after, classes)
    if before.shape != after.shape:
        raise BadValueError(f"expected as many classes before as after, got {len(before)} and {len(after)}")
    pairs = before.astype(np.int64) * classes + after
    counts: IntArray = np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
    return counts


def _check_classes(what: str, values: IntArray, classes: int) -> None:
    """Refuse a stray class: it would be counted as another one, or not at all."""
    if values.ndim != 1 or classes < 1:
        raise BadValueError(f"expected {what} (N,) and at least one class, got {values.shape} and {classes}")
    if len(values) and not (values.min() >= 0 and values.max() < classes):
        raise BadValueError(f"expected {what} from 0 to {classes - 1}, got {values.min()} to {values.max()}")
