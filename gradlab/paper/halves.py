"""One half of the images to choose an epsilon, the other half to report what it comes to.

The lowest accuracy of a curve, read off the images that it was found on, is too low: the epsilon was chosen for just
these images. So it is chosen on one half and reported on the other, whose interval then means what it says. (Varma,
Simon 2006, https://doi.org/10.1186/1471-2105-7-91, measure the bias that this avoids.) Where curves were measured more
closely was decided on all images; that changes which epsilons there are, not which one is chosen.
"""

import numpy as np

from gradlab.paper.aims import Aim
from gradlab.paper.points import Point, point
from gradlab.types import Curve, IntArray, SweepResult

BLOCK = (
    100  # images that stand next to each other: crops of one photograph, as in SVHN, are not parted but at the edges
)


def halves(result: SweepResult) -> tuple[IntArray, IntArray]:
    """The rows of a result to choose on, and those to report on: every other block, in the order of the split."""
    order = np.argsort(result.indices, kind="stable")
    block = max(1, min(BLOCK, len(order) // 10))
    even = np.arange(len(order)) // block % 2 == 0
    return np.sort(order[even]), np.sort(order[~even])


def found(result: SweepResult, aim: Aim) -> Point | None:
    """What is looked for: where it is by one half of the images, and what it comes to on the other."""
    choose, report = halves(result)
    if not len(report):
        return None
    there = aim.find(result.part(choose))
    if there is None or there.rule is None:
        return None
    curve = result.curve(there.rule)
    return point(result.part(report), _part(result, curve, report), place_of(curve, there.epsilon))


def place_of(curve: Curve, epsilon: float) -> int:
    """Which point of a curve has this very epsilon."""
    return int(np.flatnonzero(curve.epsilons == epsilon)[0])


def _part(result: SweepResult, curve: Curve, rows: IntArray) -> Curve:
    return result.part(rows).curves[result.curves.index(curve)]
