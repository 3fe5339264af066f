"""What a finished sweep already says of the images of a gallery, so that nobody has to wait for it: numpy only."""

import numpy as np

from gradlab.errors import UnknownNameError
from gradlab.statistics import first_flip
from gradlab.steps.epsilon import of_default_grid
from gradlab.types import Curve, FloatArray, IntArray, Rule, SweepResult


def known_predictions(
    result: SweepResult, indices: IntArray, labels: IntArray, rule: Rule, epsilon: float
) -> tuple[IntArray, IntArray | None] | None:
    """The classes of some images before a step and after it.

    Args:
        result: of a sweep over these images, and others.
        indices: (N,), their places in the split.
        labels: (N,), their true classes: a split may come in another order elsewhere, which its labels tell.
        rule: the direction.
        epsilon: the signed step.

    Returns:
        Two int64 (N,), the second None where the sweep lacks the rule or the epsilon; None where it lacks an image.
    """
    columns, curve = _columns(result, indices, labels), _curve(result, rule)
    if columns is None:
        return None
    before = result.clean_predictions[columns]
    if curve is None or epsilon not in curve.epsilons:
        return before, None
    k = int(np.flatnonzero(curve.epsilons == epsilon)[0])
    return before, curve.predictions[k, columns].astype(np.int64)


def known_flips(result: SweepResult, indices: IntArray, labels: IntArray, rule: Rule, side: int) -> FloatArray | None:
    """Where some images first change their class over the rule's default grid, on one side of 0.

    Args:
        result: as for `known_predictions`, and so are `indices`, `labels` and `rule`.
        indices: (N,).
        labels: (N,).
        rule: the direction.
        side: above or below 0.

    Returns:
        float64 (N,), NaN where no epsilon of that side does; None where the sweep lacks an image or an epsilon.
    """
    columns, curve = _columns(result, indices, labels), _curve(result, rule)
    if columns is None or curve is None:
        return None
    rows = of_default_grid(rule, curve.epsilons, side)
    if rows is None:
        return None
    up, down = first_flip(
        curve.epsilons[rows], curve.predictions[rows][:, columns], result.clean_predictions[columns]
    )  # fmt: skip
    return up if side > 0 else down


def _curve(result: SweepResult, rule: Rule) -> Curve | None:
    try:
        return result.curve(rule)
    except UnknownNameError:
        return None


def _columns(result: SweepResult, indices: IntArray, labels: IntArray) -> IntArray | None:
    """Where in the result the images are; None where it lacks one, or says that it is of another class."""
    order = np.argsort(result.indices, kind="stable")
    found = np.searchsorted(result.indices[order], indices)
    if not len(result.indices) or (len(found) and found.max() >= len(order)):
        return None
    columns: IntArray = order[found]
    same = np.array_equal(result.indices[columns], indices) and np.array_equal(result.labels[columns], labels)
    return columns if same else None
