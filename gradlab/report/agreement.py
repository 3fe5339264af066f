"""Two studies of one network, the shipped one and a fresh one: do they say the same of the same images?"""

import numpy as np

from gradlab.types import Curve, SweepResult


def agreement(first: SweepResult, second: SweepResult) -> tuple[int, int]:
    """How many predictions are the same, and how many were compared.

    Compared is each image that is in both, clean and at each epsilon that both have of a rule, before rounding.
    """
    _, a, b = np.intersect1d(first.indices, second.indices, return_indices=True)
    pairs = [(first.clean_predictions[a], second.clean_predictions[b])]
    others = {(curve.rule, curve.equal_to): curve for curve in second.curves}
    for curve in first.curves:
        if other := others.get((curve.rule, curve.equal_to)):
            pairs.append(_shared(curve, other, a, b))
    return sum(int((x == y).sum()) for x, y in pairs), sum(x.size for x, _ in pairs)


def _shared(first: Curve, second: Curve, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, rows, others = np.intersect1d(first.epsilons, second.epsilons, return_indices=True)
    return first.predictions[np.ix_(rows, a)], second.predictions[np.ix_(others, b)]
