"""The rules where they change the images as much on average: read off the curves, between their points."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradlab.statistics import wilson_interval
from gradlab.types import Curve, Rule, SweepResult


@dataclass(frozen=True)
class Budget:
    """A measure of how much a step changes the images.

    Attributes:
        title: as the page shows it, with what it is over the images.
        unit: of its value.
        grows: whether a larger change has a larger value.
        form: how its values are written.
    """

    title: str
    unit: str
    grows: bool
    form: str


BUDGETS: Mapping[str, Budget] = {
    "l2": Budget("mean L2", "", True, ".3g"),
    "linf": Budget("mean L∞", "", True, ".3g"),
    "psnr": Budget("median PSNR", "dB", False, ".1f"),
    "ssim": Budget("mean SSIM", "", False, ".3f"),
}


@dataclass(frozen=True)
class Share:
    """An accuracy between two points of a curve.

    Attributes:
        accuracy: interpolated.
        low: lower end of its Wilson 95 % interval.
        high: its upper end.
    """

    accuracy: float
    low: float
    high: float


def at_equal_budget(
    result: SweepResult, measure: str, value: float, side: int = 1, rounded: bool = False
) -> dict[Rule, Share]:
    """The accuracy of each rule where the measure has that value, on one side of 0.

    Interpolated linearly between the two measured points around it, the nearest to 0 where there are several; a rule
    that never spends as much is left out.

    Args:
        result: a sweep.
        measure: a key of BUDGETS.
        value: of that measure, over all images.
        side: 1 for the epsilons above 0, −1 below.
        rounded: after rounding to 8 bit; the measure is still that of the images before rounding.

    Raises:
        BadValueError: where the sweep did not measure SSIM, or did not round.
    """
    found = {}
    for curve in result.curves:
        accuracy = _crossing(result, curve, measure, value, side, rounded)
        if accuracy is not None:
            low, high = wilson_interval(accuracy * result.images, result.images)
            found[curve.rule] = Share(accuracy, float(low), float(high))
    return found


def _crossing(result: SweepResult, curve: Curve, measure: str, value: float, side: int, rounded: bool) -> float | None:
    right = result.correct_rounded(curve) if rounded else result.correct(curve)
    outward = np.flatnonzero((np.sign(curve.epsilons) == side) & np.isfinite(right))[::side]
    spent, correct = curve.level(measure)[outward], right[outward] / result.images
    if not BUDGETS[measure].grows:
        spent, value = -spent, -value
    after = np.flatnonzero(spent >= value)
    if not len(after):
        return None
    k = int(after[0])
    if spent[k] == value:
        return float(correct[k])
    if k == 0:
        return None  # between 0 and the smallest epsilon nothing was measured
    share = (value - spent[k - 1]) / (spent[k] - spent[k - 1])
    return float(correct[k - 1] + share * (correct[k] - correct[k - 1]))
